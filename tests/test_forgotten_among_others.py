"""Somebody is forgotten in the transaction that answers others as well."""

from __future__ import annotations

from pathlib import Path

from bot.campaign.events import Chose
from tests.house import house

OTHERS = [f"other-{number}" for number in range(12)]


async def test_who_is_forgotten_takes_nobody_elses_answer_along(data: Path) -> None:
    async with house(data) as opened:
        await opened.take(*map(opened.event, ["anna", *OTHERS]))
        before = {who: len(said) for who, said in opened.said.items()}
        await opened.take(
            opened.event("anna", Chose, data="cases"),
            *(opened.event(who, Chose, data="cases") for who in OTHERS),
            opened.event("anna", Chose, data="forget:all"),
        )
        assert all(len(opened.said[who]) == before[who] + 1 for who in OTHERS)
        assert len(opened.said["anna"]) == before["anna"] + 1, "only the farewell"
