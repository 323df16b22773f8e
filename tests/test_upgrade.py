"""Each released version's data are brought up to date whole, after a backup that leads back."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from structlog.testing import capture_logs

from bot.backups import trying, upgrading
from bot.backups.restoring import Target
from bot.clock import utc_now
from bot.store import migrations
from bot.store.database import DatabaseBusy, DatabaseTrouble
from bot.store.migrations import HEAD
from bot.store.opening import open_database
from bot.store.sqlite import maintenance
from tests.program import ROOT, run
from tests.recorded import number

RELEASED = ROOT / "tests" / "released"
VERSIONS = sorted(file.stem for file in RELEASED.glob("*.sql"))
STAFF = {"BOT_STAFF": "111=owner:Anna,222=editor:Boris"}
Usage = namedtuple("Usage", "total used free")


def left_by(version: str, data: Path) -> None:
    """A data directory as that version has left it."""
    database = sqlite3.connect(data / "campaign.sqlite3")
    database.executescript((RELEASED / f"{version}.sql").read_text())
    database.execute("PRAGMA journal_mode = WAL")
    database.close()
    (data / "campaign.sqlite3").chmod(0o600)
    (data / "keys").mkdir(mode=0o700)
    for name, content in json.loads((RELEASED / f"{version}.json").read_text()).items():
        file = data / "keys" / name
        file.write_bytes(base64.b64decode(content))
        file.chmod(0o600)


def counted(database: Path) -> dict[str, int]:
    """The rows of what nobody may lose."""
    found = {}
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    for table in ("supporters", "signatures", "acts", "reminders", "subscriptions", "broadcasts"):
        [(found[table],)] = connection.execute(f"SELECT count(*) FROM {table}")
    connection.close()
    return found


def revision(database: Path) -> str:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    [(told,)] = connection.execute("SELECT version_num FROM alembic_version")
    connection.close()
    return str(told)


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_released_version_has_recorded_is_all_there_after_an_upgrade(
    data: Path, version: str
) -> None:
    left_by(version, data)
    database = data / "campaign.sqlite3"
    before = counted(database)
    told = run("upgrade", data=data, **STAFF)
    assert told.returncode == 0, told.stderr
    assert (counted(database), revision(database)) == (before, HEAD)
    assert before["supporters"] > 5
    for command in (("recount",), ("audit", "verify")):
        proven = run(*command, data=data, **STAFF)
        assert proven.returncode == 0, proven.stdout + proven.stderr
    assert "News" in run("broadcast", "list", data=data, **STAFF).stdout


def test_a_start_backs_an_older_database_up_before_it_changes_the_tables(data: Path) -> None:
    left_by("0.1.0", data)
    before = counted(data / "campaign.sqlite3")
    assert run("chat", data=data, said="/help\n").returncode == 0
    assert revision(data / "campaign.sqlite3") == HEAD
    [backup] = (data / "before-upgrade").glob("campaign-*.sqlite3")
    assert (counted(backup), revision(backup)) == (before, "0005")
    assert backup.stat().st_mode & 0o077 == 0
    # Who goes on finds everything, and nothing more is backed up.
    again = run("upgrade", data=data)
    assert (again.returncode, "nothing was changed" in again.stdout) == (0, True)
    assert list((data / "before-upgrade").glob("campaign-*")) == [backup]


@pytest.mark.slow
def test_the_backup_leads_back(data: Path) -> None:
    left_by("0.1.0", data)
    signed = number(data, "select count(*) from signatures")
    assert run("chat", "--case", "mamat", data=data, said="/start mamat-sign\n1\n").returncode == 0
    assert number(data, "select count(*) from signatures") == signed + 1
    [backup] = (data / "before-upgrade").glob("campaign-*.sqlite3")
    restored = run("restore", str(backup), data=data)
    assert restored.returncode == 0, restored.stderr
    assert number(data, "select count(*) from signatures") == signed


def test_a_command_beside_the_bot_does_not_change_the_tables_under_an_older_one(
    data: Path,
) -> None:
    left_by("0.1.0", data)
    for command in (("recount",), ("staff", "list")):
        refused = run(*command, data=data)
        assert (refused.returncode, "older version" in refused.stderr) == (3, True), refused.stderr
    assert revision(data / "campaign.sqlite3") == "0005"


def test_a_dry_run_tells_the_steps_and_changes_nothing(data: Path) -> None:
    left_by("0.1.0", data)
    files = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    told = run("upgrade", "--dry-run", data=data)
    assert told.returncode == 0, told.stderr
    for step in ("0006 ", "0007 ", "0008 ", "bound to its row", "Nothing would be lost"):
        assert step in told.stdout
    assert "signatures: 4 before, 4 afterwards" in told.stdout
    assert {file: file.read_bytes() for file in files} == files
    left = {file for file in data.rglob("*") if file.is_file()} - set(files)
    logs = {"campaign.sqlite3-shm", "campaign.sqlite3-wal"}  # of who has read the database
    assert {file.name for file in left} <= {".trying.lock", "content.proof"} | logs
    assert not (data / "campaign.sqlite3-wal").stat().st_size


def test_nothing_to_do_is_told_without_a_copy(data: Path) -> None:
    told = run("upgrade", "--dry-run", data=data)
    assert (told.returncode, "no database" in told.stdout) == (0, True)
    assert run("chat", data=data, said="/help\n").returncode == 0
    told = run("upgrade", "--dry-run", data=data)
    assert (told.returncode, "up to date" in told.stdout) == (0, True)
    assert not (data / ".trying.lock").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give away")
@pytest.mark.parametrize("command", [("upgrade",), ("init", "--yes")])
def test_root_is_sent_to_the_account_that_the_data_belong_to(
    data: Path, command: tuple[str, ...]
) -> None:
    left_by("0.1.0", data)
    for one in (data, *data.rglob("*")):
        os.chown(one, 65534, 65534)
    told = run(*command, data=data)
    assert told.returncode == 3
    assert "sudo -u nobody" in told.stderr
    assert revision(data / "campaign.sqlite3") == "0005"
    assert not [one for one in data.rglob("*") if not one.stat().st_uid and one.suffix != ".proof"]


async def test_a_migration_that_would_lose_rows_is_told_by_the_dry_run(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by("0.1.0", data)
    real = migrations.upgrade

    def loses(connection, *more, **how):  # type: ignore[no-untyped-def]
        result = real(connection, *more, **how)
        connection.exec_driver_sql("DELETE FROM acts")
        return result

    monkeypatch.setattr(migrations, "upgrade", loses)
    target = Target(data, data / "campaign.sqlite3", maintenance)
    tried = await trying.upgrade(target, utc_now())
    assert tried.lost == ["acts"]
    assert number(data, "select count(*) from acts") == 3


async def opened(data: Path, key: str = "", backups: Path | None = None) -> None:
    guard = upgrading.before_upgrade(None, data, key, backups)
    await (await open_database(data, before_upgrade=guard)).close()


async def test_without_room_the_tables_stay_and_the_remedy_is_told(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by("0.1.0", data)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 10_000_000))
    with pytest.raises(DatabaseBusy, match=r"takes 1\d MB of room .* --backup DIRECTORY"):
        await opened(data)
    assert revision(data / "campaign.sqlite3") == "0005"
    assert not list((data / "before-upgrade").iterdir())


async def test_a_migration_that_fails_leaves_the_tables_and_is_no_reason_to_try_again(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by("0.1.0", data)

    def fails(*_: object, **__: object) -> bool:
        raise KeyError("somebody's name")

    monkeypatch.setattr(migrations, "upgrade", fails)
    for _ in range(2):
        with pytest.raises(DatabaseTrouble, match="it is as it was") as told:
            await opened(data)
        assert not isinstance(told.value, DatabaseBusy)
        assert "name" not in str(told.value)
    assert revision(data / "campaign.sqlite3") == "0005"
    # Not one more for each try.
    assert len(list((data / "before-upgrade").glob("campaign-*.sqlite3"))) == 1


async def test_a_damaged_database_is_not_brought_up_to_date(data: Path) -> None:
    left_by("0.1.0", data)
    file = data / "campaign.sqlite3"
    connection = sqlite3.connect(file)
    named = "SELECT rootpage FROM sqlite_master WHERE name = 'events_seen_by_time'"
    [(root,)] = connection.execute(named)
    connection.close()
    content = bytearray(file.read_bytes())
    # An index that says less than its table: only a look at every index finds it.
    content[(root - 1) * 4096 + 3 : (root - 1) * 4096 + 5] = b"\0\1"
    file.write_bytes(bytes(content))
    with pytest.raises(DatabaseTrouble):
        await opened(data)
    assert not list(data.glob("before-upgrade/campaign-*"))


async def test_the_backup_is_encrypted_where_backups_are(data: Path) -> None:
    left_by("0.1.0", data)
    key = str(pyrage.x25519.Identity.generate().to_public())
    await opened(data, key)
    [backup] = (data / "before-upgrade").glob("campaign-*")
    assert backup.name.endswith(".age")
    assert backup.read_bytes().startswith(b"age-encryption.org/v1")


async def test_the_backup_goes_where_there_is_room(data: Path, tmp_path: Path) -> None:
    left_by("0.1.0", data)
    with capture_logs() as logs:
        await opened(data, backups=tmp_path / "other")
    [backup] = (tmp_path / "other").glob("campaign-*.sqlite3")
    [told] = [one for one in logs if one["event"] == "upgrading_tables"]
    assert (told["of"], told["to"], told["backup"]) == ("0005", HEAD, str(backup))


@pytest.mark.parametrize(("days", "left"), [(1, 1), (4, 0)])
async def test_the_copy_from_before_is_gone_after_a_few_days(
    data: Path, days: int, left: int
) -> None:
    left_by("0.1.0", data)
    await opened(data)
    upgrading.tidy(None, data, utc_now() + timedelta(days=days))
    assert len(list((data / "before-upgrade").glob("campaign-*.sqlite3"))) == left


async def test_a_copy_that_a_killed_dry_run_has_left_is_cleared_away(data: Path) -> None:
    left_by("0.1.0", data)
    (data / "trying.sqlite3").write_bytes(b"everybody")
    (data / "trying.sqlite3-wal").write_bytes(b"everybody")
    trying.drop_left(None, data)
    assert not list(data.glob("trying*"))


def test_every_released_version_is_recorded() -> None:
    told = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = [line.split()[1] for line in told.splitlines() if line.startswith("## ")]
    assert sorted(set(released) - {"Unreleased"}) == VERSIONS
