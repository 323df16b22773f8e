"""Forgetting and coming back within the same moment."""

from __future__ import annotations

from pathlib import Path

from bot.campaign.events import Chose
from tests.house import house


async def test_who_is_forgotten_and_asked_the_same_again_can_answer(data: Path) -> None:
    """All in one transaction: what was kept of the question before must not hide the new one."""
    async with house(data) as opened:
        await opened.start("anna")
        await opened.press("anna", "give:free")
        await opened.take(
            opened.event("anna", Chose, data="forget:all"),
            opened.event("anna", Chose, data="give:free"),
        )
        answer = await opened.say("anna", "20")
        assert "20" in answer.text, "the question was kept, so the number is its answer"
        assert (await opened.say("anna", "20")).text != answer.text
