"""Changed content is taken up while the bot runs, once it is valid; until then the old stays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from bot.campaign.messages import words
from bot.channels.registered import ALL
from bot.content_files import Content, ContentError, Problem
from bot.content_files.checks.content import Checked
from tests.content_builder import ContentFolder, build_content

SUMMARY = words("ana.summary")


@pytest.fixture
def folder(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


@asynccontextmanager
async def watched(content: Content, **options: object) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(content.watch(stop, every=0.05, settle=0.05, **options))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def said(content: Content, language: str = "fr") -> str:
    return content.wording.text(SUMMARY, language, "plain")


@pytest.mark.slow
async def test_a_changed_text_is_taken_up_and_told(folder: ContentFolder) -> None:
    content = Content(folder.path, ALL)
    told: list[str] = []
    async with watched(content, changed=lambda now: told.append(now.campaign.cases["ana"].told)):
        folder.change("fr/ana.yaml", "Somebody whose name is Ana.", "Une femme.")
        await until(lambda: said(content) == "Une femme.")
    assert told == ["2026"]


@pytest.mark.slow
async def test_campaign_and_wording_change_together(folder: ContentFolder) -> None:
    content = Content(folder.path, ALL)
    before = content.valid
    async with watched(content):
        folder.change("cases.yaml", 'told: "2026"\n    other', 'told: "2027"\n    other')
        folder.change("fr/ana.yaml", "Somebody whose name is Ana.", "Une femme.")
        await until(lambda: content.valid is not before)
    campaign, wording = content.now
    assert campaign.cases["ana"].told == "2027"
    assert wording.text(SUMMARY, "fr", "plain") == "Une femme."
    assert before.campaign.cases["ana"].told == "2026"
    assert before.wording.text(SUMMARY, "fr", "plain") == "Somebody whose name is Ana."


async def test_invalid_content_is_refused_once_with_the_report(folder: ContentFolder) -> None:
    content = Content(folder.path, ALL)
    before = content.valid
    with structlog.testing.capture_logs() as logs:
        async with watched(content):
            folder.change("cases.yaml", "state: paused", "state: pausd")
            await until(lambda: bool(logs))
            await asyncio.sleep(0.4)
            assert content.valid is before
            assert len(logs) == 1
            (problem,) = logs[0]["problems"]
            assert problem.endswith('case ben: unknown state "pausd" (did you mean "paused"?)')
            folder.change("cases.yaml", "state: pausd", "state: released")
            await until(lambda: content.valid is not before)
    assert content.campaign.cases["ben"].state == "released"


@pytest.mark.slow
async def test_a_file_that_is_still_being_written_is_waited_for(folder: ContentFolder) -> None:
    content = Content(folder.path, ALL)
    file = folder.file("fr/ana.yaml")
    whole = file.read_text(encoding="utf-8").replace("Somebody whose name is Ana.", "Une femme.")
    with structlog.testing.capture_logs() as logs:
        stop = asyncio.Event()
        task = asyncio.create_task(content.watch(stop, every=0.02, settle=0.3))
        for end in range(40, len(whole), 40):
            file.write_text(whole[:end], encoding="utf-8")
            await asyncio.sleep(0.03)
        file.write_text(whole, encoding="utf-8")
        await until(lambda: said(content) == "Une femme.")
        stop.set()
        await task
    assert [line["event"] for line in logs] == ["content_changed"]


@pytest.mark.slow
async def test_a_new_file_and_a_removed_one_count_as_changes(folder: ContentFolder) -> None:
    content = Content(folder.path, ALL)
    with structlog.testing.capture_logs() as logs:
        async with watched(content):
            moved = folder.file("fr/ana.yaml").rename(folder.path / "ana.away")
            await until(lambda: len(logs) == 1)
            assert logs[0]["event"] == "content_refused"
            moved.rename(folder.file("fr/ana.yaml"))
            await until(lambda: len(logs) == 2)
            assert logs[1]["event"] == "content_changed"


@pytest.mark.slow
async def test_the_conversation_goes_on_while_content_is_read(folder: ContentFolder) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def waits(_: Checked) -> list[Problem]:
        """A check that takes until somebody in the conversation says so."""
        reading.set()
        assert go_on.wait(30), "the loop stood still while content was read"
        return []

    go_on.set()
    content = Content(folder.path, ALL, more_checks=[waits])
    before = content.valid
    reading.clear()
    go_on.clear()
    async with watched(content):
        folder.change("cases.yaml", 'told: "2026"\n    other', 'told: "2027"\n    other')
        await until(reading.is_set)
        assert content.valid is before
        assert said(content) == "Somebody whose name is Ana."
        go_on.set()
        await until(lambda: content.valid is not before)


async def test_stopping_ends_the_watch_before_its_next_look(folder: ContentFolder) -> None:
    content = Content(folder.path, ALL)
    stop = asyncio.Event()
    task = asyncio.create_task(content.watch(stop, every=60))
    await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(task, 30)


def test_invalid_content_keeps_the_bot_from_starting(folder: ContentFolder) -> None:
    folder.change("cases.yaml", "state: paused", "state: pausd")
    with pytest.raises(ContentError, match=r"cases\.yaml:\d+:\d+: case ben: unknown state"):
        Content(folder.path, ALL)


@pytest.mark.slow
def test_content_that_is_proven_starts_without_being_proven_again(
    folder: ContentFolder, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    checked: list[str] = []

    def further(content: Checked) -> list[Problem]:
        checked.append(content.campaign.cases["ana"].name)
        return []

    for _ in range(3):
        content = Content(folder.path, ALL, more_checks=[further], proof=proof)
    assert checked == ["Ana"]
    assert said(content) == "Somebody whose name is Ana."
    folder.change("fr/ana.yaml", "Somebody whose name is Ana.", "Une femme.")
    assert said(Content(folder.path, ALL, more_checks=[further], proof=proof)) == "Une femme."
    assert checked == ["Ana", "Ana"]


def test_a_proof_never_lets_broken_content_pass(folder: ContentFolder, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    Content(folder.path, ALL, proof=proof)
    folder.change("fr/ana.yaml", "Somebody whose name is Ana.", "{{ nobody }}")
    for _ in range(2):
        with pytest.raises(ContentError, match="unknown placeholder"):
            Content(folder.path, ALL, proof=proof)


@pytest.mark.parametrize("held", [b"", b"\xff\x00", b"something else"])
def test_a_damaged_proof_proves_nothing(folder: ContentFolder, tmp_path: Path, held: bytes) -> None:
    proof = tmp_path / "proof"
    proof.write_bytes(held)
    assert said(Content(folder.path, ALL, proof=proof)) == "Somebody whose name is Ana."
    assert len(proof.read_bytes()) == 64


def test_without_a_place_for_the_proof_content_is_checked_each_time(
    folder: ContentFolder, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    content = Content(folder.path, ALL, proof=tmp_path / "file" / "proof")
    assert said(content) == "Somebody whose name is Ana."
