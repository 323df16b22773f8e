"""Listed names that only the organisation's own machine can read."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pypdf import PdfReader
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.app import App
from bot.handover import HandoverTrouble, final_pack, hand_over, open_pack, to_moderate
from bot.handover.tables import table_again
from bot.keys import SEAL_SIZE, closed
from bot.privacy import closing, resealing
from bot.privacy.closing import close_names, tell_of_other_keys
from bot.privacy.kinds import Who, sealed_columns
from bot.privacy.my_data import MyData, rows_of
from bot.settings import SettingsTrouble, load
from bot.store import dead_letters, sizes
from bot.store.every_table import metadata
from bot.store.people import erasing
from bot.store.petitions.tables import signatures
from bot.store.schema import is_packed, row_of
from tests.chat_page import opened_page
from tests.house import CAMPAIGN, PETITION, WORDING, House, house
from tests.program import run

PAIR = pyrage.x25519.Identity.generate()
PUBLIC = str(PAIR.to_public())
NAMES = {"anna": "Anna Petrowna", "ben": '=HYPERLINK("x")', "chloe": "Chloé ʻAbd al-Karīm"}


async def list_name(opened: House, who: str, name: str) -> str:
    await opened.press(who, f"listed:{PETITION}")
    await opened.press(who, f"namerisk:{PETITION}:no")
    return (await opened.say(who, name)).text


async def listed(opened: House) -> None:
    await opened.sign(*NAMES)
    for who, name in NAMES.items():
        await list_name(opened, who, name)


async def everything(opened: House | App) -> str:
    """All that the database holds, with every seal opened that the bot's keys open."""
    told = []
    async with opened.store.reading() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                for column in table.c:
                    value = row._mapping[column]
                    purpose = sealed_columns().get((table.name, column.name))
                    if purpose and value is not None:
                        value = opened.keys.unseal(value, purpose, row_of(table, row))
                        value = sizes.unpacked(value) if is_packed(column) else value
                    told.append(value.decode("latin-1") if isinstance(value, bytes) else str(value))
    return "\n".join(told)


async def not_cleared(opened: House) -> int:
    async with opened.store.reading() as connection:
        return await erasing.not_cleared(connection)


async def sealed_names(opened: House) -> list[bytes]:
    async with opened.store.reading() as connection:
        found = await connection.execute(select(signatures.c.name_sealed))
        return [value for (value,) in found if value is not None]


async def pack(opened: House, out: Path) -> list[str]:
    day = opened.now.date()
    paths = await hand_over(
        opened.store, opened.keys, CAMPAIGN, WORDING, PETITION, out, day, opened.now
    )
    return [path.name for path in paths]


def private_key(directory: Path, pair: pyrage.x25519.Identity = PAIR) -> Path:
    file = directory / "key.txt"
    file.write_text(f"# created by hand\n{pair}\n")
    return file


def the_names(directory: Path) -> list[str]:
    table = (directory / "names.csv").read_text("utf-8-sig")
    return [row[1] for row in csv.reader(io.StringIO(table))][1:]


def marked(table: Path, *names: str) -> Path:
    """The table with no for these names, as a spreadsheet saves it that writes semicolons."""
    rows = list(csv.reader(io.StringIO(table.read_text("utf-8-sig"))))
    file = table.parent.parent / "moderated.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as new:
        writer = csv.writer(new, delimiter=";")
        for row in rows:
            writer.writerow([*row[:3], " Non" if row[2] in names else row[3]])
    return file


async def test_with_the_database_and_all_keys_of_the_bot_no_name_is_found(data: Path) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        opened_up = await everything(opened)
        assert len(await sealed_names(opened)) == len(NAMES)
    for name in NAMES.values():
        assert name not in opened_up
        assert name.encode().decode("latin-1") not in opened_up


async def test_a_name_typed_on_the_page_is_shown_there_and_kept_nowhere(data: Path) -> None:
    async with opened_page(data, handover_key=PUBLIC) as page, page.visitor() as alice:
        await alice.looks()
        for step in (f"sign:{PETITION}:fr", f"listed:{PETITION}", f"namerisk:{PETITION}:no"):
            await alice.does("choose", data=step, label="–")
        await alice.does("say", text="Zébulon " * 10)
        asked_again = alice.answers[-1]["message"]["text"]
        assert "60 caractères" in asked_again
        noted = await alice.does("say", text="Zébulon des Essarts")
        assert "C’est noté" in noted["message"]["text"]
        assert alice.own[-1]["text"] == "Zébulon des Essarts"
        opened_up = await everything(page.app)
        async with page.visitor(alice.key) as again:
            await again.looks()
            assert [one["text"] for one in again.own] == ["–", "–", "–", "…", "…"]
            assert again.answers[-1] == noted
        async with page.app.store.reading() as connection:
            listed = await connection.scalar(select(signatures.c.name_sealed))
        assert listed is not None
    assert "C’est noté" in opened_up.encode("latin-1", "ignore").decode("utf-8", "ignore")
    assert "bulon" not in opened_up
    assert b"bulon" not in b"".join(file.read_bytes() for file in data.glob("campaign*"))


async def test_what_is_closed_has_one_size_whatever_the_name(data: Path) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await opened.sign("anna", "ben")
        await list_name(opened, "anna", "A")
        await list_name(opened, "ben", "ᚠ" * 60)
        sizes = {len(one) for one in await sealed_names(opened)}
    assert sizes == {closed.SIZE + SEAL_SIZE}
    assert {len(closed.close(b"x" * 320, PUBLIC)) for _ in range(300)} == {closed.SIZE}


async def test_names_from_before_the_key_are_closed_at_the_next_start(data: Path) -> None:
    async with house(data) as opened:
        await listed(opened)
        before = await sealed_names(opened)
    async with house(data, names_to=PUBLIC) as opened:
        assert await close_names(opened.store, opened.keys) == len(NAMES)
        assert await close_names(opened.store, opened.keys) == 0
        assert {len(one) for one in await sealed_names(opened)} == {closed.SIZE + SEAL_SIZE}
    files = b"".join(file.read_bytes() for file in data.glob("campaign*"))
    assert not any(one in files for one in before), "an older seal is left in the file"


async def test_what_closing_was_cut_off_from_is_closed_later_and_cleared_away(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 2)
    async with house(data) as opened:
        await listed(opened)
    async with house(data, names_to=PUBLIC) as opened:
        cleared = await not_cleared(opened)
        assert await close_names(opened.store, opened.keys) == len(NAMES)
        assert await not_cleared(opened) == cleared + 2, "a kill before the end is noticed"
        assert {len(one) for one in await sealed_names(opened)} == {closed.SIZE + SEAL_SIZE}


async def test_names_under_another_key_are_told_at_each_start(data: Path) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        with capture_logs() as told:
            await tell_of_other_keys(opened.store, opened.keys)
        assert told == []
    mark = closed.mark_of(PUBLIC)
    other = str(pyrage.x25519.Identity.generate().to_public())
    for key, event in ((other, "names_under_another_key"), ("", "names_no_longer_closed")):
        async with house(data, names_to=key) as opened:
            with capture_logs() as told:
                await tell_of_other_keys(opened.store, opened.keys)
        assert [(one["event"], one["number"], one["key"]) for one in told] == [(event, 3, mark)]


async def test_what_is_sealed_anew_stays_closed_and_can_be_opened(
    data: Path, tmp_path: Path
) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        await resealing.rotate(opened.store, opened.keys, opened.now)
        await resealing.reseal(opened.store, opened.keys)
        await pack(opened, tmp_path / "pack")
    found = open_pack(tmp_path / "pack", private_key(tmp_path)).names
    assert {one.name for one in found} == set(NAMES.values())


async def test_a_supporter_reads_that_we_cannot_read_the_name(data: Path) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await opened.sign("anna")
        await opened.press("anna", f"listed:{PETITION}")
        asked = (await opened.press("anna", f"namerisk:{PETITION}:no")).text
        assert "ce bot ne peut plus le relire" in asked
        said = (await opened.say("anna", "Anna Petrowna")).text
        assert "ne peut plus le relire" in said
        assert "Anna" not in said
        assert "fermé aussi pour nous" in (await opened.command("anna", "privacy")).text
        who = Who.of(opened.keys, "telegram", "anna")
        async with opened.store.reading() as connection:
            held = await rows_of(connection, opened.keys, who)
        assert held["signature"][0]["name_closed"] is True
        my_data = MyData(opened.store, opened.keys, lambda: (CAMPAIGN, WORDING), lambda: opened.now)
        attachment = (await opened.command("anna", "mydata")).attachment
        assert attachment is not None
        french, machine = await my_data(attachment, "fr")
        english, _ = await my_data(attachment, "en")
        assert "un nom que nous ne pouvons pas lire" in french.content.decode()
        assert "a name that we cannot read" in english.content.decode()
        assert json.loads(machine.content)["held"]["signature"][0]["name_closed"] is True


async def test_a_name_whose_answer_failed_stays_in_no_dead_letter(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await opened.sign("anna")
        await opened.press("anna", f"listed:{PETITION}")
        await opened.press("anna", f"namerisk:{PETITION}:no")
        with monkeypatch.context() as broken:
            broken.setattr("bot.engine.batch.apply", lambda *_: 1 / 0)
            said = await opened.say("anna", "Anna Petrowna")
        assert "essayez encore" in said.text
        async with opened.store.reading() as connection:
            assert len(await dead_letters.find(connection, opened.keys, limit=9)) == 1
        assert "Petrowna" not in await everything(opened)
        assert "C’est noté" in (await opened.say("anna", "Anna Petrowna")).text


async def test_without_the_key_nothing_is_said_of_it(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign("anna")
        assert "Anna Petrowna" in await list_name(opened, "anna", "Anna Petrowna")
        assert "fermé aussi pour nous" not in (await opened.command("anna", "privacy")).text


async def test_a_closed_name_is_changed_taken_off_and_forgotten_as_ever(
    data: Path, tmp_path: Path
) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        await list_name(opened, "anna", "Anna B.")
        await opened.press("ben", f"unlist:{PETITION}")
        await opened.press("chloe", "forget:all")
        await pack(opened, tmp_path / "pack")
    found = open_pack(tmp_path / "pack", private_key(tmp_path)).names
    assert [one.name for one in found] == ["Anna B."]


async def test_the_pack_of_the_server_shows_no_name_and_is_opened_and_moderated_elsewhere(
    data: Path, tmp_path: Path
) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        made = await pack(opened, tmp_path / "pack")
    assert made == [
        *("petition.pdf", "countries.csv", "totals.json", "names-closed.json", "SHA256SUMS")
    ]
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "pack/petition.pdf").pages)
    assert "Petrowna" not in text
    assert "handover open" in text.replace("\n", "")
    assert not any(b"Petrowna" in file.read_bytes() for file in (tmp_path / "pack").iterdir())

    found = open_pack(tmp_path / "pack", private_key(tmp_path))
    table = to_moderate(found, tmp_path / "names")
    assert table.stat().st_mode & 0o077 == 0
    assert "'=HYPERLINK" in table.read_text("utf-8-sig")
    final = tmp_path / "final"
    paths = await final_pack(found, marked(table, "Chloé ʻAbd al-Karīm"), final)
    assert [path.name for path in paths] == [
        *("petition.pdf", "countries.csv", "names.csv", "totals.json", "SHA256SUMS")
    ]
    assert the_names(final) == ["Anna Petrowna", "'" + NAMES["ben"]]
    assert json.loads((final / "totals.json").read_bytes())["signers"]["account"]["names"] == 2
    document = " ".join(page.extract_text() for page in PdfReader(final / "petition.pdf").pages)
    assert "Anna Petrowna" in document
    assert "Chloé" not in document
    for line in (final / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((final / name).read_bytes()).hexdigest() == digest


async def test_names_of_a_time_without_the_key_are_in_the_same_list(
    data: Path, tmp_path: Path
) -> None:
    """The key was taken out of the settings: nothing that was closed is lost."""
    async with house(data, names_to=PUBLIC) as opened:
        await opened.sign("anna", "ben")
        await list_name(opened, "anna", "Anna")
    async with house(data) as opened:
        await list_name(opened, "ben", "Ben")
        assert "names-closed.json" in await pack(opened, tmp_path / "pack")
    found = open_pack(tmp_path / "pack", private_key(tmp_path))
    assert [one.name for one in found.names] == ["Anna", "Ben"]


async def test_names_of_two_keys_are_opened_with_both(data: Path, tmp_path: Path) -> None:
    other = pyrage.x25519.Identity.generate()
    async with house(data, names_to=PUBLIC) as opened:
        await opened.sign("anna", "ben")
        await list_name(opened, "anna", "Anna")
    async with house(data, names_to=str(other.to_public())) as opened:
        await list_name(opened, "ben", "Ben")
        await pack(opened, tmp_path / "pack")
    file = private_key(tmp_path)
    other_mark = closed.mark_of(str(other.to_public()))
    assert open_pack(tmp_path / "pack", file).unopened == {other_mark: 1}
    file.write_text(f"{PAIR}\n{other}\n")
    found = open_pack(tmp_path / "pack", file)
    assert ([one.name for one in found.names], found.unopened) == (["Anna", "Ben"], {})


async def test_what_does_not_fit_is_said_and_nothing_is_left_out_by_mistake(
    data: Path, tmp_path: Path
) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        await pack(opened, tmp_path / "pack")
    key = private_key(tmp_path)
    found = open_pack(tmp_path / "pack", key)
    table = to_moderate(found, tmp_path / "names")
    lines = table.read_text("utf-8-sig").splitlines(keepends=True)
    for wrong, said in (
        (lines[:-1], "is missing"),
        ([*lines, lines[1]], "is there twice"),
        ([line.replace("Petrowna", "Other") for line in lines], "has not the name"),
        ([], "is missing"),
        ([line.replace('"yes"', '"perhaps"') for line in lines], "neither yes nor no"),
        ([line.replace('"yes"', '""') for line in lines], "neither yes nor no"),
    ):
        file = tmp_path / "moderated.csv"
        file.write_text("".join(wrong), "utf-8-sig")
        with pytest.raises(HandoverTrouble, match=said):
            await final_pack(found, file, tmp_path / "final")
    assert not (tmp_path / "final").exists()
    with pytest.raises(HandoverTrouble, match="opens none of the 3"):
        open_pack(tmp_path / "pack", private_key(tmp_path, pyrage.x25519.Identity.generate()))
    with pytest.raises(HandoverTrouble, match="holds no private key"):
        open_pack(tmp_path / "pack", table)
    with pytest.raises(HandoverTrouble, match="no pack that can be read"):
        open_pack(tmp_path / "names", private_key(tmp_path))
    with (tmp_path / "pack" / "totals.json").open("ab") as file_:
        file_.write(b" ")
    with pytest.raises(HandoverTrouble, match="not as it was made"):
        open_pack(tmp_path / "pack", private_key(tmp_path))


@pytest.mark.parametrize("wrong", ["private", "short", "mistyped"])
def test_only_a_public_key_that_age_takes_is_one(
    wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mistyped = PUBLIC[:-1] + ("q" if PUBLIC[-1] != "q" else "p")
    key = {"private": str(PAIR), "short": PUBLIC[:-1], "mistyped": mistyped}[wrong]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_HANDOVER_KEY", key)
    with pytest.raises(SettingsTrouble, match="BOT_HANDOVER_KEY: this is no public key") as told:
        load()
    assert key not in str(told.value)


async def test_a_forged_pack_brings_neither_a_formula_nor_a_file_of_its_own(
    data: Path, tmp_path: Path
) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        await pack(opened, tmp_path / "pack")
    honest = (tmp_path / "pack" / "countries.csv").read_bytes()
    formula = b'signer,code,country,signatures\r\naccount,FR,=HYPERLINK("x"),3\r\n'
    (tmp_path / "pack" / "countries.csv").write_bytes(formula)
    (tmp_path / "pack" / "open-me.html").write_bytes(b"<script>")
    files = [file for file in (tmp_path / "pack").iterdir() if file.name != "SHA256SUMS"]
    sums = (f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in files)
    (tmp_path / "pack" / "SHA256SUMS").write_text("".join(sums))
    found = open_pack(tmp_path / "pack", private_key(tmp_path))
    table = to_moderate(found, tmp_path / "names")
    await final_pack(found, table, tmp_path / "final")
    assert not (tmp_path / "final" / "open-me.html").exists()
    assert "'=HYPERLINK" in (tmp_path / "final" / "countries.csv").read_text("utf-8-sig")

    assert table_again("countries.csv", honest).content == honest, "an honest one stays as it is"


async def test_a_pack_of_somebody_else_writes_nowhere_outside(data: Path, tmp_path: Path) -> None:
    async with house(data, names_to=PUBLIC) as opened:
        await listed(opened)
        await pack(opened, tmp_path / "pack")
    (tmp_path / "planted").write_bytes(b"x")
    with (tmp_path / "pack" / "SHA256SUMS").open("a") as sums:
        sums.write(f"{hashlib.sha256(b'x').hexdigest()}  ../planted\n")
    (tmp_path / "pack" / "planted").write_bytes(b"x")
    with pytest.raises(HandoverTrouble, match="outside of the pack"):
        open_pack(tmp_path / "pack", private_key(tmp_path))


@pytest.mark.slow
def test_from_the_pair_of_keys_to_the_list_with_the_real_program(
    data: Path, tmp_path: Path
) -> None:
    office, key = tmp_path / "office", tmp_path / "handover-key.txt"
    office.mkdir()
    # Settings that would stop everything else: nothing of them is read.
    broken: dict[str, Any] = {"BOT_TOKEN": "wrong", "BOT_CONTENT": "nowhere", "BOT_KEYS": "wrong"}
    pair = run("handover", "key", "--out", str(key), data=office, **broken)
    assert pair.returncode == 0, pair.stderr
    assert "never goes to the server" in pair.stdout
    assert key.stat().st_mode & 0o077 == 0
    [public] = [one for one in pair.stdout.splitlines() if one.startswith("BOT_HANDOVER_KEY=")]
    given: dict[str, Any] = {"BOT_HANDOVER_KEY": public.partition("=")[2]}

    said = "/start mamat-sign\n1\nMa signature\nAjouter mon nom à la liste\nNon\nAnna Petrowna\n"
    told = run("chat", "--language", "fr", data=data, said=said, **given)
    assert "ne peut plus le relire" in told.stdout, told.stdout
    pack = tmp_path / "pack"
    made = run("handover", PETITION, "--out", str(pack), data=data, **given)
    assert "names-closed.json" in made.stdout
    assert "nobody can read or moderate them on this machine" in made.stderr
    there = ("handover", "open", str(pack), "--key", str(key))
    refused = run(*there, "--out", str(tmp_path / "no"), data=data, **given)
    assert refused.returncode == 2
    assert "on another machine" in refused.stderr
    assert run("handover", "key", "--out", str(tmp_path / "no"), data=data).returncode == 2
    assert not (tmp_path / "no").exists()

    found = json.loads(run("doctor", "--json", data=data, **given).stdout)["findings"]
    assert {one["name"] for one in found if "names." in one["name"]} == {"names.closed"}
    found = json.loads(run("doctor", "--json", data=data).stdout)["findings"]
    (lost,) = (one for one in found if "names." in one["name"])
    assert (lost["name"], lost["level"]) == ("names.another_key", "warning")
    assert lost["values"]["count"] == 1

    names, final = tmp_path / "names", tmp_path / "final"
    first = run(*there, "--out", str(names), data=office, **broken)
    assert first.returncode == 0, first.stderr
    assert "1 names" in first.stdout
    table = str(names / "names-to-moderate.csv")
    last = run(*there, "--moderated", table, "--out", str(final), data=office, **broken)
    assert last.returncode == 0, last.stderr
    assert the_names(final) == ["Anna Petrowna"]
    again = run(*there, "--out", str(names), data=office, **broken)
    assert again.returncode == 2
    assert "choose an empty directory" in again.stderr
    assert {file.name for file in office.iterdir()} <= {"content.proof"}
