"""The doctor finds what is wrong, says what to do, and changes nothing; with a bot and without."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from telegram import WebhookInfo

from bot.backups import making, noting
from bot.channels.telegram import doctor as telegram_doctor
from bot.doctor import backups, certificate, checks, database, machine, pages, program
from bot.doctor.looking import Look
from bot.findings import Finding, Level
from bot.keys import Keys
from bot.operators.speech import LANGUAGES, words
from bot.settings import Settings
from bot.store.sqlite import maintenance
from bot.web import seen
from tests.house import house
from tests.program import ROOT, Running, free_port, run, running
from tests.recorded import number
from tests.telegram_server import TOKEN, TelegramServer
from tests.test_upgrade import left_by

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the program has talked with somebody."""
    made = tmp_path_factory.mktemp("once") / "data"
    made.mkdir(mode=0o700)
    assert run("chat", data=made, said="/help\n").returncode == 0
    return made


@pytest.fixture
def lived(once: Path, data: Path) -> Path:
    """A copy of it."""
    shutil.copytree(once, data, dirs_exist_ok=True)
    data.chmod(0o700)
    return data


def look(data: Path, *, runs: bool = False, **settings: Any) -> Look:
    told = Settings(_env_file=None, data_dir=data, content=ROOT / "content", **settings)
    kept = data.parent / "backups"
    return Look(told, ROOT, data.parent / ".env", kept, NOW, 7 if runs else None)


async def found(check: Callable[[Look], Awaitable[Any]], at: Look) -> dict[str, Finding]:
    return {one.name: one for one in await check(at)}


def as_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(done.stdout)
    return told


async def doctor(data: Path, *more: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(run, "doctor", *more, data=data, **settings)


# -- the real program ------------------------------------------------------------------------------


async def test_beside_a_running_bot_all_is_well_and_nothing_is_changed(
    server: TelegramServer, data: Path
) -> None:
    port = free_port()
    told = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": server.root,
        "BOT_STAFF": "111=owner:Anna",
        "BOT_PORT": str(port),
    }
    with running(data, server.root, **told) as bot:
        bot.has_said("bot_started")
        server.start(7)
        await server.answer(7)
        backups = data.parent / "backups"
        made = await asyncio.to_thread(run, "backup", str(backups), data=data, **told)
        assert made.returncode == 0, made.stderr
        before = {file: file.read_bytes() for file in data.glob("keys/*")}
        done = await doctor(data, "--json", "--backups", str(backups), **told)
        assert done.returncode == 0, done.stdout + done.stderr
        report = as_json(done)
        names = {one["name"]: one for one in report["findings"]}
        for name in ("packages", "rights", "clock", "database", "keys.fit", "port", "telegram"):
            assert names[name]["level"] == "well", names[name]
        assert names["backup.restored"]["values"]["supporters"] == 1
        assert {file: file.read_bytes() for file in data.glob("keys/*")} == before
        assert not list(data.glob("trying*"))
        # The look at the updates that wait has taken none of them, and the bot goes on.
        count = server.answered[7]
        server.text(7, "/help")
        await server.answer(7, count)


async def test_what_is_wrong_is_told_in_the_operators_language_with_what_to_do(data: Path) -> None:
    done = await doctor(data, LANG="fr_FR.UTF-8", BOT_POTR="1", BOT_RATE="many")
    assert done.returncode == 1
    assert "PANNE" in done.stdout
    for words_ in ("BOT_POTR", "did you mean BOT_PORT", "BOT_RATE", "→ Corrigez"):
        assert words_ in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


async def test_a_token_that_telegram_does_not_know_is_wrong_and_is_not_shown(
    server: TelegramServer, data: Path
) -> None:
    token = TOKEN.replace("TEST", "NONE")
    told = {"BOT_TOKEN": token, "BOT_API_URL": server.root}
    done = await doctor(data, "--json", **told)
    assert done.returncode == 1
    [refused] = [one for one in as_json(done)["findings"] if one["check"] == "channels"][:1]
    assert (refused["level"], "@BotFather" in refused["do"]) == ("wrong", True)
    assert token not in done.stdout + done.stderr


# -- the database ----------------------------------------------------------------------------------


async def test_a_damaged_database_is_wrong(data: Path) -> None:
    async with house(data) as opened:
        await opened.take(*(opened.event(str(who)) for who in range(30)))
    file = data / "campaign.sqlite3"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 5] = os.urandom(4096 * 2)
    file.write_bytes(bytes(content))
    told = await found(database.look, look(data))
    assert {one.level for one in told.values()} == {Level.WRONG}
    assert "database.damaged" in told


async def test_an_older_database_is_looked_at_and_not_changed(data: Path) -> None:
    left_by("0.1.0", data)
    told = await found(database.look, look(data))
    assert told["database.older"].level is Level.WARNING
    assert number(data, "select count(*) from alembic_version where version_num = '0005'") == 1


async def test_keys_of_another_database_are_wrong(lived: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    Keys.open(other / "keys", database_exists=False)
    shutil.rmtree(lived / "keys")
    shutil.copytree(other / "keys", lived / "keys")
    told = await found(database.look, look(lived))
    assert told["keys"].level is Level.WRONG
    assert "other keys" in told["keys"].detail


async def test_a_lost_database_beside_its_keys_is_wrong(lived: Path) -> None:
    assert {one.level for one in (await found(database.look, look(lived))).values()} == {Level.WELL}
    (lived / "campaign.sqlite3").unlink()
    told = await found(database.look, look(lived))
    assert told["database.unusable"].level is Level.WRONG


async def test_before_the_first_start_there_is_no_database_and_that_is_well(data: Path) -> None:
    told = await found(database.look, look(data))
    assert told["database.none"].level is Level.WELL


# -- the machine -----------------------------------------------------------------------------------


async def test_rights_that_others_have_are_named_with_the_command(lived: Path) -> None:
    assert set(await found(machine.rights, look(lived))) == {"rights"}
    lived.chmod(0o755)
    (lived.parent / ".env").write_text("BOT_RATE=30\n")
    (lived.parent / ".env").chmod(0o644)
    key = next((lived / "keys").glob("sealing-*.key"))
    key.chmod(0o640)
    told = list(await machine.rights(look(lived)))
    named = {str(one.values["path"]): one.level for one in told}
    assert named == {
        str(lived): Level.WARNING,
        str(lived.parent / ".env"): Level.WARNING,
        str(key): Level.WRONG,
    }
    assert key.stat().st_mode & 0o777 == 0o640, "the doctor changes nothing"


@pytest.mark.parametrize(
    ("ahead", "name", "level"),
    [
        (2, "clock", Level.WELL),
        (-31, "clock.behind", Level.WARNING),
        (120, "clock.ahead", Level.WARNING),
        (-86_400, "clock.behind", Level.WRONG),
    ],
)
def test_a_clock_is_judged_by_what_depends_on_it(ahead: float, name: str, level: Level) -> None:
    told = machine.judged(ahead)
    assert (told.name, told.level) == (name, level)


async def test_the_clock_is_compared_with_that_of_the_api_server(data: Path) -> None:
    async def late(_: web.Request) -> web.Response:
        return web.Response(headers={"Date": "Mon, 02 Mar 2020 12:00:00 GMT"})

    async with served(late) as url:
        told = await found(machine.clock, look(data, api_url=url))
    assert told["clock.ahead"].level is Level.WRONG
    told = await found(machine.clock, look(data, api_url="http://127.0.0.1:9"))
    assert told["clock.unknown"].level is Level.WARNING


@pytest.mark.parametrize(
    ("free", "level"),
    [(50e9, Level.WELL), (9e9, Level.WARNING), (2e9, Level.WARNING), (0.5e9, Level.WRONG)],
)
def test_room_is_judged_by_the_size_of_the_database(free: float, level: Level) -> None:
    assert machine.room(Path("/"), int(free), 100_000_000_000, 1_000_000_000).level is level


# -- the pages -------------------------------------------------------------------------------------


@asynccontextmanager
async def served(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """A server of one answer; its address."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    scheme = "https" if context else "http"
    try:
        yield f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def proxy(port: int, told: dict[str, str]) -> Any:
    """A proxy before the bot's port, which adds these headers."""

    async def passing(request: web.Request) -> web.StreamResponse:
        headers = {**request.headers, **told}
        async with (
            ClientSession() as session,
            session.request(
                request.method,
                f"http://127.0.0.1:{port}{request.path}",
                headers={name: value for name, value in headers.items() if value},
                data=await request.read(),
                allow_redirects=False,
            ) as answer,
        ):
            body = await answer.read()
            kept = {"Content-Security-Policy", "Content-Type"} & set(answer.headers)
            shown = {name: answer.headers[name] for name in kept}
            return web.Response(status=answer.status, body=body, headers=shown)

    return passing


@pytest.fixture
async def bot(server: TelegramServer, data: Path) -> AsyncIterator[tuple[Running, int]]:
    port = free_port()
    with running(data, server.root, BOT_PORT=str(port)) as started:
        await asyncio.to_thread(started.has_said, "bot_started")
        yield started, port


async def test_what_a_proxy_makes_of_addresses_is_seen_by_asking_through_it(
    bot: tuple[Running, int], data: Path
) -> None:
    _, port = bot
    for forwarded, name, level in (
        ("192.168.7.7", "proxy.tells_no_scheme", Level.WARNING),
        ("", "proxy.tells_no_address", Level.WRONG),
        (pages.FORGED, "proxy.believes_visitors", Level.WRONG),
    ):
        told = {"X-Forwarded-For": forwarded, "Host": "127.0.0.1"}
        async with served(proxy(port, told)) as url:
            at = look(data, runs=True, public_url=url)
            shown = await found(pages.public, replace(at, at=datetime.now(UTC)))
        assert shown["public"].level is Level.WELL
        assert shown[name].level is level


async def test_a_proxy_that_leads_elsewhere_is_told_from_the_bot(data: Path) -> None:
    async def another(_: web.Request) -> web.Response:
        return web.Response(text="Welcome to nginx!")

    async with served(another) as url:
        told = await found(pages.public, look(data, runs=True, public_url=url))
        assert told["public.not_ours"].level is Level.WRONG
    told = await found(pages.public, look(data, runs=True, public_url="http://127.0.0.1:9"))
    assert told["public.no_answer"].level is Level.WRONG


async def test_how_a_request_arrives_is_told_to_nobody_without_the_keys(
    bot: tuple[Running, int], data: Path
) -> None:
    _, port = bot
    keys = Keys.open(data / "keys", database_exists=True)
    now = datetime.now(UTC)
    right, old = seen.mark(keys, now), seen.mark(keys, now - timedelta(minutes=5))
    async with ClientSession() as session:
        for shown, status in ((right, 200), (old, 404), (f"{right}0", 404), ("", 404), ("²", 404)):
            url = f"http://127.0.0.1:{port}{seen.PATH}"
            async with session.get(url, headers={seen.SHOWN_IN: shown}) as answer:
                assert answer.status == status, shown


async def test_a_port_is_free_or_taken_or_ours(bot: tuple[Running, int], data: Path) -> None:
    _, port = bot
    assert set(await found(pages.port, look(data, runs=True, port=port))) == {"port"}
    taken = look(data, port=port, public_url="https://chat.example.org")
    assert (await found(pages.port, taken))["port.taken"].level is Level.WRONG
    assert set(await found(pages.port, look(data, port=free_port()))) == {"port.free"}
    silent = look(data, runs=True, port=free_port())
    assert (await found(pages.port, silent))["port.silent"].level is Level.WRONG


# -- certificates ----------------------------------------------------------------------------------


def signed(place: Path, name: str, begins: datetime, ends: datetime) -> ssl.SSLContext:
    """A server's certificate of an authority of our own, made by openssl."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=place)

    if not (place / "ca.pem").exists():
        new = ("-newkey", "rsa:2048", "-nodes", "-days", "3650")
        openssl("req", "-x509", *new, "-subj", "/CN=ours", "-keyout", "ca.key", "-out", "ca.pem")
        (place / "ca.conf").write_text(
            "[ca]\ndefault_ca=here\n[here]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
            "default_md=sha256\npolicy=any\nunique_subject=no\ncopy_extensions=copy\n"
            "[any]\ncommonName=supplied\n"
        )
        (place / "index").touch()
        (place / "serial").write_text("01\n")
    new = ("-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}")
    openssl(
        "req", *new, "-addext", f"subjectAltName=DNS:{name}", "-keyout", "key.pem", "-out", "asked"
    )
    span = (f"{begins:%Y%m%d%H%M%SZ}", f"{ends:%Y%m%d%H%M%SZ}")
    openssl(
        *("ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key"),
        *("-in", "asked", "-out", "cert.pem", "-startdate", span[0], "-enddate", span[1]),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "cert.pem", place / "key.pem")
    return context


@pytest.mark.parametrize(
    ("host", "begins", "ends", "name", "level"),
    [
        ("localhost", -1, 60, "certificate", Level.WELL),
        ("localhost", -1, 9, "certificate.ends_soon", Level.WARNING),
        ("localhost", -9, -1, "certificate.expired", Level.WRONG),
        ("localhost", 1, 9, "certificate.not_yet", Level.WRONG),
        ("chat.example.org", -1, 60, "certificate.other_host", Level.WRONG),
    ],
)
async def test_a_real_certificate_is_judged_as_a_browser_does(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    begins: int,
    ends: int,
    name: str,
    level: Level,
) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response()

    now = datetime.now(UTC)
    span = (now + timedelta(days=begins), now + timedelta(days=ends, hours=1))
    context = await asyncio.to_thread(signed, tmp_path, host, *span)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with served(page, context) as url:
        told = await certificate.look("localhost", int(url.rpartition(":")[2]), now)
    assert (told.name, told.level) == (name, level), told


async def test_a_certificate_that_no_browser_takes_and_none_at_all_are_wrong(
    tmp_path: Path,
) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response()

    now = datetime.now(UTC)
    span = (now - timedelta(days=1), now + timedelta(days=60))
    context = await asyncio.to_thread(signed, tmp_path, "localhost", *span)
    async with served(page, context) as url:
        told = await certificate.look("localhost", int(url.rpartition(":")[2]), now)
    assert told.name == "certificate.untrusted"
    async with served(page) as url:
        told = await certificate.look("localhost", int(url.rpartition(":")[2]), now)
    assert told.name == "certificate.no_tls"
    assert (await certificate.look("localhost", 9, now)).name == "public.unreachable"


# -- backups, platforms, the program ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "level"), [(3, Level.WELL), (30, Level.WARNING), (200, Level.WRONG)]
)
async def test_the_newest_backup_is_told_by_its_age_and_put_back_on_trial(
    lived: Path, hours: int, level: Level
) -> None:
    kept = lived.parent / "backups"
    at = NOW - timedelta(hours=hours)
    file = lived / "campaign.sqlite3"
    making.make(maintenance, file, kept, timedelta(days=30), at)
    making.make(maintenance, file, kept, timedelta(days=300), at - timedelta(days=40))
    aged, tried = await backups.look(look(lived))
    assert (aged.level, tried.name) == (level, "backup.restored")
    assert tried.values["supporters"] == 1


async def test_a_backup_that_cannot_be_put_back_is_wrong(lived: Path) -> None:
    assert set(await found(backups.look, look(lived))) == {"backup.unreadable"}
    kept = lived.parent / "backups"
    kept.mkdir()
    assert set(await found(backups.look, look(lived))) == {"backup.none"}
    file = lived / "campaign.sqlite3"
    made = making.make(maintenance, file, kept, timedelta(days=30), NOW).file
    content = bytearray(made.read_bytes())
    content[4096 * 2 : 4096 * 4] = bytes(4096 * 2)
    made.write_bytes(bytes(content))
    told = await found(backups.look, look(lived))
    assert told["backup.useless"].level is Level.WRONG
    shutil.copyfile(lived / "content.proof", made)
    assert "backup.useless" in await found(backups.look, look(lived))


async def test_of_a_backup_that_is_elsewhere_its_age_is_known(lived: Path) -> None:
    at = replace(look(lived), backups=None)
    assert set(await found(backups.look, at)) == {"backup.unknown"}
    noting.note(lived, NOW - timedelta(hours=30))
    assert set(await found(backups.look, at)) == {"backup.late"}


async def test_an_encrypted_backup_is_told_by_its_hash(lived: Path) -> None:
    import pyrage

    kept = lived.parent / "backups"
    key = str(pyrage.x25519.Identity.generate().to_public())
    file = lived / "campaign.sqlite3"
    made = making.make(maintenance, file, kept, timedelta(days=30), NOW, key).file
    told = await found(backups.look, look(lived))
    digest = subprocess.run(["sha256sum", made], capture_output=True, text=True, check=True)
    assert told["backup.sealed"].values["digest"] == digest.stdout.split()[0]


@pytest.mark.parametrize(
    ("told", "wanted", "names"),
    [
        ({"url": ""}, "", ["telegram.hears"]),
        ({"url": "https://x.org/telegram"}, "", ["telegram.posts_elsewhere"]),
        ({"url": ""}, "https://x.org/telegram", ["telegram.posts_nowhere"]),
        ({"url": "", "pending_update_count": 3000}, "", ["telegram.many_wait"]),
        (
            {
                "url": "https://x.org/telegram",
                "pending_update_count": 4,
                "last_error_date": NOW - timedelta(minutes=2),
                "last_error_message": "SSL error",
            },
            "https://x.org/telegram",
            ["telegram.complains"],
        ),
    ],
)
def test_what_telegram_says_of_its_posts_is_judged(
    told: dict[str, Any], wanted: str, names: list[str]
) -> None:
    info = WebhookInfo(
        **{"has_custom_certificate": False, "pending_update_count": 0, "url": "", **told}
    )
    assert [one.name for one in telegram_doctor.posting(info, wanted, NOW)] == names


def test_packages_are_compared_with_the_lock(tmp_path: Path) -> None:
    assert program.packages(ROOT / program.LOCK).level is Level.WELL
    lock = tmp_path / "lock"
    lock.write_text("typer==0.0.1 \\\n    --hash=sha256:1\nnosuch==1 ; sys_platform == 'x' \\\n")
    other = program.packages(lock)
    assert (other.name, "typer" in str(other.values["packages"])) == ("packages.other", True)
    lock.write_text("nosuchpackage==1 \\\n")
    assert program.packages(lock).name == "packages.missing"
    assert program.packages(tmp_path / "none").name == "packages.no_lock"


@pytest.mark.parametrize(
    ("version", "level"),
    [("3.11", Level.WELL), ("3.13", Level.WELL), ("3.10", Level.WARNING), ("3.14", Level.WARNING)],
)
def test_python_is_one_that_the_packages_are_locked_for(version: str, level: Level) -> None:
    assert program.python(version.split(".")).level is level


async def test_a_check_that_fails_is_a_finding_and_the_others_go_on(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: Look) -> list[Finding]:
        raise KeyError("somebody's name")

    monkeypatch.setattr(checks, "CHECKS", {"first": fails, "then": pages.port})
    told = [one async for one in checks.findings(look(data, port=0))]
    assert [(name, one.name) for name, one in told] == [
        ("first", "check.failed"),
        ("then", "port.any"),
    ]
    assert "name" not in told[0][1].detail.replace("__name__", "")


def test_operators_read_the_same_in_every_language() -> None:
    import re

    first, *others = (words(language) for language in LANGUAGES)
    for other in others:
        assert list(other) == list(first)
        for name, text in first.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", other[name])), name


def test_every_finding_has_its_words_and_what_is_wrong_a_remedy() -> None:
    import re

    there = words(LANGUAGES[0])
    files = [*(ROOT / "bot" / "doctor").glob("*.py"), *(ROOT / "bot/channels").glob("*/doctor.py")]
    source = "\n".join(file.read_text() for file in [*files, ROOT / "bot/cli/doctor.py"])
    told = set(re.findall(r'(?:well|warning|wrong|tell)\(\s*"([a-z_.]+)"', source))
    assert len(told) > 60
    assert told <= set(there)
    broken = set(re.findall(r'(?:warning|wrong|tell)\(\s*"([a-z_.]+)"', source))
    for name in broken:
        assert f"{name}.do" in there, name
