"""A restore takes only what is whole and fits the keys, keeps what was there, repeats nothing."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pyrage
import pytest

from bot.backups import restoring
from bot.backups.restoring import Restored, Target
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import STOPPED, Broadcast, State
from bot.keys import Keys, KeysMissing, KeyTrouble
from bot.store import audit, counters, key_marks
from bot.store.broadcasts import records
from bot.store.database import DataDirectoryTaken
from bot.store.maintenance import BackupTrouble
from bot.store.people import reminders
from bot.store.people.reminders import Reminder
from bot.store.petitions import milestones
from bot.store.sqlite import maintenance
from bot.store.sqlite.database import SqliteDatabase
from bot.upkeep import recounting
from tests.house import PETITION, house
from tests.program import run
from tests.recorded import number, rows
from tests.test_backups import NOW, database, lived, make

LATER = NOW + timedelta(days=1)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


async def back(data: Path, file: Path, identity: Path | None = None) -> Restored:
    return await restoring.restore(Target(data, database(data), maintenance), file, identity, LATER)


def state(data: Path) -> dict[str, bytes]:
    """Every file of the data directory but the locks."""
    files = (file for file in data.rglob("*") if file.is_file() and "bot." not in file.name)
    return {str(file.relative_to(data)): file.read_bytes() for file in files}


async def test_what_was_backed_up_is_there_again_and_what_was_there_is_kept(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna", "boris")
    made = make(data, backups).file
    await lived(data, "clara")
    former = database(data).read_bytes()
    restored = await back(data, made)
    assert restored.made_at == NOW
    assert number(data, "select count(*) from signatures") == 2
    assert restored.aside is not None
    assert restored.aside.read_bytes() == former
    assert database(data).stat().st_mode & 0o777 == 0o600
    assert not list(data.glob("*.restoring*"))
    async with house(data) as opened:
        assert (await recounting.recount(opened.store, NOW.date())).is_right
        async with opened.store.reading() as connection:
            assert await audit.verify(connection, opened.keys) == (1, None)
        await opened.sign("clara")
        async with opened.store.reading() as connection:
            assert (await counters.values(connection, ["supporters"]))["supporters"] == 3


async def test_a_damaged_database_is_replaced_and_its_log_goes_with_it(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna")
    made = make(data, backups).file
    database(data).write_bytes(b"damaged")
    log = database(data).with_name("campaign.sqlite3-wal")
    log.write_bytes(b"of the damaged one")
    restored = await back(data, made)
    assert restored.aside is not None
    assert restored.aside.read_bytes() == b"damaged"
    assert restored.undone.people is None, "a damaged database tells nothing"
    assert not log.exists()
    assert restored.aside.with_name(f"{restored.aside.name}-wal").exists()
    assert number(data, "select count(*) from signatures") == 1


async def test_on_a_new_machine_there_is_nothing_to_put_aside(
    data: Path, backups: Path, tmp_path: Path
) -> None:
    await lived(data, "anna")
    made = make(data, backups).file
    new = tmp_path / "new"
    new.mkdir()
    shutil.copytree(data / "keys", new / "keys")
    restored = await back(new, made)
    assert restored.aside is None
    async with house(new) as opened:
        await opened.start("anna")
    assert number(new, "select count(*) from supporters") == 1


@pytest.mark.parametrize("spoil", ["empty", "text", "cut", "page", "other"])
async def test_what_is_no_whole_backup_is_refused_and_changes_nothing(
    data: Path, backups: Path, spoil: str
) -> None:
    await lived(data, *map(str, range(100)))
    file = make(data, backups).file
    whole = file.read_bytes()
    if spoil == "other":
        file.unlink()
        with sqlite3.connect(file) as raw:
            raw.execute("create table shopping (what)")
        raw.close()
    else:
        middle = len(whole) // 8192 * 4096
        file.write_bytes(
            {
                "empty": b"",
                "text": b"Dear all, " * 1000,
                "cut": whole[:-4096],
                "page": whole[:middle] + b"\xff" * 4096 + whole[middle + 4096 :],
            }[spoil]
        )
    before = state(data)
    with pytest.raises(BackupTrouble) as refused:
        await back(data, file)
    assert str(file) in str(refused.value) or spoil == "other"
    assert ".restoring" not in str(refused.value), "a name that nobody gave it"
    assert state(data) == before


async def test_while_the_bot_runs_nothing_is_restored(data: Path, backups: Path) -> None:
    await lived(data, "anna")
    made = make(data, backups).file
    async with house(data):
        with pytest.raises(DataDirectoryTaken, match="stop that one first"):
            await back(data, made)


async def test_without_the_keys_that_belong_to_it_nothing_is_restored(
    data: Path, backups: Path, tmp_path: Path
) -> None:
    await lived(data, "anna")
    made = make(data, backups).file
    petition = data / "keys" / f"petition-{PETITION}.key"
    aside = petition.rename(tmp_path / "petition.key")
    before = state(data)
    with pytest.raises(KeysMissing, match=rf"{PETITION}\. Put the keys back first"):
        await back(data, made)
    assert state(data) == before, "and no new key is made in its place"
    aside.rename(petition)
    (data / "keys").rename(tmp_path / "keys")
    with pytest.raises(KeysMissing, match="Put the keys back first"):
        await back(data, made)
    assert not (data / "keys").exists()
    Keys.open(data / "keys", database_exists=False).petition_pseudonym(PETITION, "telegram", "1")
    before = state(data)
    with pytest.raises(KeyTrouble, match="other keys"):
        await back(data, made)
    assert state(data) == before


async def test_what_was_under_way_then_does_not_happen_a_second_time(
    data: Path, backups: Path
) -> None:
    ahead = LATER + timedelta(days=3)
    async with house(data) as opened:
        await opened.sign("anna")
        whose = opened.keys.pseudonym("telegram", "anna")
        async with opened.store.writing() as connection:
            for standing in (State.DRAFT, State.APPROVED, State.SENDING, State.DONE):
                one = Broadcast(audience=Audience(topic="cases"), state=standing, author="111")
                await records.add(connection, opened.keys, one, NOW)
            await reminders.add(
                connection,
                opened.keys,
                [
                    Reminder(whose, "mamat", "letter", due.date(), due)
                    for due in (NOW + timedelta(hours=2), ahead)
                ],
            )
            await milestones.reached(connection, PETITION, [100], NOW.date())
    assert number(data, "select count(*) from outbox") > 0
    restored = await back(data, make(data, backups).file)
    undone = restored.undone
    assert (undone.paused, undone.reminders, undone.milestones) == ((2, 3), 1, 1)
    assert undone.messages > 0
    assert rows(data, "select id, state from broadcasts order by id") == [
        (1, "draft"),
        (2, "paused"),
        (3, "paused"),
        (4, "done"),
    ]
    assert number(data, "select count(*) from outbox") == 0
    assert rows(data, "select action from reminders") == [("letter",)]
    async with house(data) as opened, opened.store.reading() as connection:
        untold = await records.not_shown(connection, STOPPED, NOW)
    assert [one.broadcast.id for one in untold if one.broadcast.reason] == [2, 3], (
        "staff hear of it"
    )
    assert rows(data, "select who, act, broadcast, detail from audit order by number")[1:] == [
        ("bot", "pause", 2, "restored"),
        ("bot", "pause", 3, "restored"),
    ]


async def test_who_has_left_since_leaves_again_where_the_former_database_tells(
    data: Path, backups: Path
) -> None:
    people = ("anna", "boris", "clara", "diane", "emil")
    async with house(data) as opened:
        await opened.sign(*people)
        for who in people:
            await opened.press(who, "topic:cases:on")
        taken = number(data, "select count(*) from subscriptions")
        made = make(data, backups).file
        await opened.press("anna", "forget:all")
        await opened.press("boris", "forget:keep")
        await opened.press("clara", f"unsign:{PETITION}")
        await opened.press("diane", "topics:off")
        await opened.sign("fanny")
    wanted = (
        {who for (who,) in rows(data, "select pseudonym from supporters")},
        number(data, "select count(*) from subscriptions"),
    )
    restored = await back(data, made)
    assert restored.undone.people == 2
    there = {who for (who,) in rows(data, "select pseudonym from supporters")}
    keys = Keys.open(data / "keys", database_exists=True)
    assert wanted[0] - there == {keys.pseudonym("telegram", "fanny")}
    assert there <= wanted[0]
    assert number(data, "select count(*) from subscriptions") == wanted[1]
    assert (taken, wanted[1]) == (5, 2)
    signed = {
        who for (who,) in rows(data, "select pseudonym from signatures where state = 'counted'")
    }
    own = {who: keys.petition_pseudonym(PETITION, "telegram", who) for who in people}
    assert {who for who in people if own[who] in signed} == {"diane", "emil"}
    async with house(data) as opened:
        assert (await recounting.recount(opened.store, NOW.date())).is_right
    raw = b"".join(file.read_bytes() for file in data.glob("campaign.sqlite3"))
    assert keys.pseudonym("telegram", "anna") not in raw


async def test_a_database_that_was_begun_anew_makes_nobody_look_erased(
    data: Path, backups: Path
) -> None:
    await lived(data, *map(str, range(20)))
    made = make(data, backups).file
    for file in data.glob("campaign.sqlite3*"):
        file.unlink()
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    async with store.writing() as connection:
        await key_marks.check(connection, keys, [PETITION])
    await store.close()
    restored = await back(data, made)
    assert restored.undone.people is None
    assert number(data, "select count(*) from supporters") == 20


async def test_after_an_older_backup_a_newer_one_brings_everybody_back(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna")
    older = make(data, backups).file
    await lived(data, "boris")
    newer = make(data, backups, NOW + timedelta(hours=1)).file
    await back(data, older)
    await lived(data, "clara", "diane")
    restored = await back(data, newer)
    assert restored.undone.people is None
    assert number(data, "select count(*) from supporters") == 2


async def test_signatures_whose_key_was_destroyed_do_not_come_back(
    data: Path, backups: Path
) -> None:
    async with house(data) as opened:
        await opened.sign("anna", "boris")
        made = make(data, backups).file
        opened.keys.destroy_petition_key(
            PETITION, date(2026, 3, 4)
        )  # as a hand-over and a month later
    await back(data, made)
    assert number(data, "select count(*) from signatures") == 0
    assert number(data, "select count(*) from frozen_totals") == 1
    async with house(data) as opened:
        assert (await recounting.recount(opened.store, NOW.date())).is_right


async def test_an_encrypted_backup_needs_its_private_key(
    data: Path, backups: Path, tmp_path: Path
) -> None:
    await lived(data, "anna")
    pair, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    right, wrong = tmp_path / "right.txt", tmp_path / "wrong.txt"
    right.write_text(f"# created: 2026-03-04\n# public key: {pair.to_public()}\n{pair}\n")
    wrong.write_text(f"{other}\n")
    made = make(data, backups, key=str(pair.to_public())).file
    before = state(data)
    for identity, said in (
        (None, "--identity FILE"),
        (wrong, "cannot be opened with this private key"),
        (tmp_path / "none.txt", "no private key"),
        (made, "no private key"),
    ):
        with pytest.raises(BackupTrouble, match=said):
            await back(data, made, identity)
    whole = made.read_bytes()
    made.write_bytes(whole[:-1])
    with pytest.raises(BackupTrouble, match="cut short"):
        await back(data, made, right)
    assert state(data) == before
    made.write_bytes(whole)
    await back(data, made, right)
    assert number(data, "select count(*) from signatures") == 1


@pytest.mark.slow
async def test_the_command_says_what_came_back_and_what_to_do_next(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna", "boris")
    assert run("backup", str(backups), data=data).returncode == 0
    (file,) = backups.glob("campaign-*")
    database(data).write_bytes(b"damaged")
    result = run("restore", str(file), data=data)
    assert result.returncode == 0, result.stderr
    assert "2 supporters, 2 signatures" in result.stdout
    assert "/forget has to be said once more" in result.stderr
    assert "run_bot.py recount" in result.stdout
    assert "1 entries, all right" in run("audit", "verify", data=data).stdout
    assert run("recount", data=data).returncode == 0
    gone = run("restore", str(backups / "none"), data=data)
    assert (gone.returncode, "cannot be read" in gone.stderr) == (3, True)


async def test_a_restore_that_fails_at_its_last_step_leaves_everything_as_it_was(
    data: Path, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(data, "anna")
    made = make(data, backups).file
    database(data).with_name("campaign.sqlite3-wal").write_bytes(b"")
    before = state(data)
    really = Path.rename

    def rename(this: Path, target: Path) -> Path:
        if this.name.endswith(restoring.DRAFT):
            raise OSError(5, "Input/output error")
        return really(this, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        with pytest.raises(OSError, match="Input/output"):
            await back(data, made)
    assert {name for name in state(data) if "shm" not in name} == {
        name for name in before if "shm" not in name
    }
    assert database(data).read_bytes() == before["campaign.sqlite3"]


async def test_a_restore_that_was_killed_between_its_renames_is_done_by_the_same_command(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna")
    made = make(data, backups).file
    database(data).rename(data / "campaign.sqlite3.before-20260305T120000Z")
    (data / "campaign.sqlite3-wal").write_bytes(b"of the former one")
    (data / "campaign.sqlite3.restoring").write_bytes(b"half")
    restored = await back(data, made)
    assert restored.aside is None
    assert not list(data.glob("*.restoring*"))
    assert not (data / "campaign.sqlite3-wal").exists()
    assert number(data, "select count(*) from signatures") == 1
