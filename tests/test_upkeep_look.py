"""What a look of the upkeep does at which hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.campaign.messages import Message, Rendered
from bot.campaign.scenes.pending import alarm
from bot.campaign.signatures import Signer
from bot.campaign.staff import Appointed, Place, Role
from bot.upkeep import UnaskedMessages, Upkeep
from tests.house import CAMPAIGN, WORDING, House, house

EVENING = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
"""Half past eleven in Paris."""

OWNER = [Appointed(Role.OWNER, (Place("telegram", "111", "111"),))]


def upkeep_of(
    opened: House, staff: Sequence[Appointed] = (), render: Any = WORDING.render
) -> Upkeep:
    def deliver(messages: Sequence[object]) -> None:
        for message in messages:
            opened.said.setdefault(message.address, []).append(message.message)  # type: ignore[attr-defined]

    poster = UnaskedMessages(
        keys=opened.keys,
        render=render,
        campaign=lambda: CAMPAIGN,
        markup_of={"telegram": "plain"},
        deliver=deliver,
    )
    return Upkeep(opened.store, poster, staff, clock=lambda: opened.now)


async def test_the_nights_work_is_done_once_a_day_and_not_before_three(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(data, at=EVENING) as opened:
        upkeep = upkeep_of(opened)

        async def recounts(**later: float) -> int:
            opened.later(**later)
            await upkeep.look()
            return "".join(capsys.readouterr()).count("recounted")

        assert await recounts() == 1, "whatever last night was missed"
        assert await recounts(minutes=10) == 0
        assert await recounts(hours=3, minutes=19) == 0, "a minute before three"
        assert await recounts(minutes=1) == 1
        assert await recounts(minutes=1) == 0
        assert await recounts(hours=20) == 0
        assert await recounts(hours=4) == 1


async def test_a_look_reminds(data: Path) -> None:
    async with house(data, at=EVENING) as opened:
        upkeep = upkeep_of(opened)
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        before = len(opened.said["anna"])
        opened.later(hours=18)
        await upkeep.look()
        assert len(opened.said["anna"]) == before
        opened.later(hours=2)
        await upkeep.look()
        assert "Un rappel" in opened.said["anna"][-1].text
        assert len(opened.said["anna"]) == before + 1


async def test_a_part_that_fails_leaves_the_others_alone_and_an_alarm_waits(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(data, at=EVENING - timedelta(hours=10)) as opened:
        broken = [True]

        def render(message: Message, *rest: Any) -> Rendered:
            if broken[0] and message == alarm("xinjiang", Signer.ACCOUNT, 200, 10):
                raise LookupError("a text is missing")
            return WORDING.render(message, *rest)

        upkeep = upkeep_of(opened, OWNER, render)
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        opened.later(days=1, hours=5)
        upkeep.burst("xinjiang", Signer.ACCOUNT)
        await upkeep.look()
        assert "upkeep_failed" in "".join(capsys.readouterr())
        assert "Un rappel" in opened.said["anna"][-1].text
        assert "111" not in opened.said
        broken[0] = False
        await upkeep.look()
        assert len(opened.said["111"]) == 1
        await upkeep.look()
        assert len(opened.said["111"]) == 1
