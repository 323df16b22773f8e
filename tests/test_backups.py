"""A backup is whole or not there; what fails deletes nothing; a restore repeats nothing."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from bot.backups import making, naming
from bot.store.maintenance import BackupTrouble
from bot.store.sqlite import maintenance, proving
from tests.house import house
from tests.program import PROGRAM, environment, run
from tests.recorded import number

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def database(data: Path) -> Path:
    return data / "campaign.sqlite3"


async def lived(data: Path, *who: str) -> None:
    """These people come and sign."""
    async with house(data) as opened:
        await opened.sign(*who)


def make(data: Path, backups: Path, at: datetime = NOW, key: str = "") -> making.Made:
    return making.make(maintenance, database(data), backups, MONTH, at, key)


def kept(backups: Path) -> list[str]:
    """What stands in the directory but the lock."""
    return sorted(file.name for file in backups.iterdir() if file.name != naming.LOCK)


def old(backups: Path, name: str = "campaign-20200101T000000Z.sqlite3") -> str:
    """A backup of long ago."""
    backups.mkdir(exist_ok=True)
    (backups / name).write_bytes(b"good then")
    return name


async def test_a_backup_holds_what_the_database_holds_and_only_its_account_reads_it(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna", "boris")
    made = make(data, backups)
    assert kept(backups) == ["campaign-20260304T120000Z.sqlite3"]
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert proving.proven(made.file) == made.proof
    assert made.proof.rows["signatures"] == 2
    with sqlite3.connect(f"file:{made.file}?mode=ro", uri=True) as raw:
        assert raw.execute("select count(*) from signatures").fetchone() == (2,)
    raw.close()


@pytest.mark.slow
async def test_what_was_erased_is_in_no_backup_though_its_bytes_are_still_in_the_file(
    data: Path, backups: Path
) -> None:
    people = [f"{who}-555" for who in range(200)]
    async with house(data) as opened:
        await opened.sign(*people)
        for who in people[:150]:
            await opened.press(who, "forget:all")
        async with opened.store.writing() as connection:
            await connection.exec_driver_sql("DELETE FROM outbox")
        marks = {opened.keys.pseudonym("telegram", who) for who in people[:150]}
        made = make(data, backups)
        stays = opened.keys.pseudonym("telegram", people[-1])
    content = made.file.read_bytes()
    assert stays in content
    assert not [mark for mark in marks if mark in content]


async def test_beside_a_bot_that_writes_a_backup_is_one_moment(data: Path, backups: Path) -> None:
    await lived(data, "anna")
    stop = threading.Event()

    def write() -> None:
        raw = sqlite3.connect(database(data), isolation_level=None, timeout=30)
        raw.execute("pragma synchronous = off")
        at = 0
        while not stop.is_set():
            # Two rows that belong together: no moment has one of them alone.
            raw.execute("begin immediate")
            for channel in ("a", "b"):
                raw.execute("insert into events_seen values (?, ?, 1)", [channel, str(at)])
            raw.execute("commit")
            at += 1
        raw.close()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        made = [make(data, backups, NOW + timedelta(minutes=n)) for n in range(3)]
    finally:
        stop.set()
        writing.join()
    for one in made:
        assert one.proof.rows["events_seen"] % 2 == 0
        assert proving.proven(one.file) == one.proof
    assert made[0].proof.rows["events_seen"] < number(data, "select count(*) from events_seen")


async def test_a_damaged_database_makes_no_backup_and_deletes_none(
    data: Path, backups: Path
) -> None:
    await lived(data, *map(str, range(300)))
    with sqlite3.connect(database(data)) as raw:
        raw.execute("pragma journal_mode = delete")
    raw.close()
    older = old(backups)
    pages = database(data).read_bytes()
    for at in range(8, len(pages) // 4096, 7):
        begin = at * 4096
        damaged = pages[:begin] + random.Random(at).randbytes(4096) + pages[begin + 4096 :]
        database(data).write_bytes(damaged)
        with pytest.raises(BackupTrouble, match=r"sqlite3 is damaged.*restore.*untouched"):
            make(data, backups)
        assert kept(backups) == [older]


@pytest.mark.parametrize(
    ("begun", "said"),
    [
        (b"", "no database .*sqlite3, or an empty one.*restore a backup"),
        (b"some text that is no database at all" * 200, "sqlite3 is damaged"),
    ],
)
def test_an_empty_or_foreign_database_makes_no_backup(
    data: Path, backups: Path, begun: bytes, said: str
) -> None:
    older = old(backups)
    database(data).write_bytes(begun)
    with pytest.raises(BackupTrouble, match=said):
        make(data, backups)
    assert kept(backups) == [older]


async def test_a_full_disk_makes_no_backup_and_deletes_none(data: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a file system that is soon full")
    try:
        await lived(data, *map(str, range(200)))
        older = old(small)
        result = run("backup", str(small), data=data)
        assert result.returncode == 3
        assert f"There is no room in {small}" in result.stderr
        assert "the older ones are untouched" in result.stderr
        assert kept(small) == [older]
    finally:
        subprocess.run(["umount", str(small)], check=True)


async def test_a_file_that_may_not_grow_makes_no_backup(data: Path, backups: Path) -> None:
    await lived(data, "anna")
    older = old(backups)
    limited = ["prlimit", "--fsize=65536", *PROGRAM]
    if shutil.which("prlimit") is None:
        pytest.skip("there is no prlimit here")
    result = subprocess.run(
        [*limited, "backup", str(backups)],
        capture_output=True,
        text=True,
        env=environment(data),
        cwd=data,
        check=False,
    )
    assert result.returncode == 3, result.stderr
    assert "Traceback" not in result.stderr
    assert kept(backups) == [older]


async def test_a_backup_that_is_killed_leaves_none_and_the_next_one_clears_up(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna")
    with sqlite3.connect(database(data)) as raw:
        raw.execute("insert into broadcast_files values ('a', 'a', 'a', zeroblob(60000000), '')")
    raw.close()
    older = old(backups)
    process = subprocess.Popen(
        [*PROGRAM, "backup", str(backups)], env=environment(data), stdout=subprocess.DEVNULL
    )
    while not list(backups.glob("*.part")):
        assert process.poll() is None
    process.kill()
    process.wait()
    left = [file for file in backups.iterdir() if file.name.endswith(".part")]
    assert {file.stat().st_mode & 0o077 for file in left} == {0}
    assert older in kept(backups)
    assert not [name for name in kept(backups) if name.startswith("campaign-2026")]
    made = make(data, backups)
    assert kept(backups) == [made.file.name]
    assert [file.name for file in made.pruned] == [older]


async def test_only_what_the_command_itself_made_is_thrown_away_and_never_the_newest(
    data: Path, backups: Path
) -> None:
    await lived(data, "anna")
    first = make(data, backups, NOW - timedelta(days=50)).file
    second = make(data, backups, NOW - timedelta(days=29)).file
    strangers = {"campaign.sqlite3", "2020-01-01.sqlite3", "campaign-20200101T000000Z.sqlite3.old"}
    for name in strangers:
        old(backups, name)
    made = make(data, backups)
    assert made.pruned == [first]
    assert set(kept(backups)) == {second.name, made.file.name, *strangers}
    # A clock that stood wrong: what was just made stays, whatever its name says.
    early = make(data, backups, datetime(2001, 1, 1, tzinfo=UTC))
    assert early.file.exists()


async def test_two_backups_into_one_directory_do_not_meet(data: Path, backups: Path) -> None:
    await lived(data, "anna")
    with making._alone(backups):
        result = run("backup", str(backups), data=data)
    assert result.returncode == 3
    assert "Another backup" in result.stderr
    assert make(data, backups).file != make(data, backups).file


async def test_with_a_public_key_only_the_private_one_reads_it(data: Path, backups: Path) -> None:
    pair = pyrage.x25519.Identity.generate()
    await lived(data, "anna")
    made = make(data, backups, key=str(pair.to_public()))
    assert kept(backups) == ["campaign-20260304T120000Z.sqlite3.age"]
    content = made.file.read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    assert b"SQLite" not in content
    plain = backups / "plain"
    plain.write_bytes(pyrage.decrypt(content, [pair]))
    assert proving.proven(plain) == made.proof


def test_a_private_key_in_the_settings_is_refused_and_not_shown(data: Path, backups: Path) -> None:
    secret = str(pyrage.x25519.Identity.generate())
    result = run("backup", str(backups), data=data, BOT_BACKUP_KEY=secret)
    assert result.returncode == 3
    assert "BOT_BACKUP_KEY: this is no public key" in result.stderr
    assert secret not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["backup", "."], 2, "in the data directory"),
        (["backup", "../b", "--keep", "soon"], 2, "write it like 30d"),
        (["backup", "../b"], 3, "There is no database"),
        (["backup", "/proc/b"], 3, "There is no database"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(
    data: Path, arguments: list[str], code: int, said: str
) -> None:
    result = run(*arguments, data=data)
    assert (result.returncode, said in result.stderr) == (code, True), result.stderr
    assert "Traceback" not in result.stderr


def test_times_to_keep_are_hours_days_and_weeks() -> None:
    assert naming.period("36h") == timedelta(hours=36)
    assert naming.period("4w") == timedelta(days=28)
    for wrong in ("", "0d", "-3d", "3 d", "3m", "99999999d"):
        with pytest.raises(ValueError, match=f"^{wrong}$"):
            naming.period(wrong)


def test_a_directory_that_cannot_be_made_is_a_sentence(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    database(data).write_bytes(b"x")
    with pytest.raises(BackupTrouble, match="cannot be used"):
        make(data, tmp_path / "file" / "backups")
    assert os.listdir(data) == ["campaign.sqlite3"]
