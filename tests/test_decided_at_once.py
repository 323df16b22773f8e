"""Members of the staff who decide about the same signatures in the same moment: one batch."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.campaign import held, urgent
from bot.campaign.events import Chose
from bot.campaign.signatures import Signer
from bot.store import audit, staff_settings
from tests.house import BOSS, PETITION, House, house
from tests.test_web_votes import DAY, FALSE, HERE, NO_GUARD, OTHER, keys, states

THIRD = "902"
STALE = "a changé entre-temps"
NAMES = {
    "held": held.name(PETITION, DAY, Signer.BROWSER),
    "lots": held.name_of_lots(PETITION, DAY),
}


async def proposed(opened: House, kind: str) -> tuple[str, str]:
    """The buttons that approve and refuse what one of the staff has proposed."""
    wanted = {
        "held": f"decide:{HERE}:accept:genuine:browser",
        "lots": f"lotout:{HERE}:{FALSE}:in:copies",
    }
    await opened.press(BOSS, wanted[kind])
    async with opened.store.reading() as connection:
        values = await staff_settings.values(connection, opened.keys)
    found = urgent.proposal(values, NAMES[kind])
    assert found is not None
    return {
        "held": (f"heldok:{HERE}:{found.fingerprint}:browser", f"heldno:{HERE}:browser"),
        "lots": (f"lotok:{HERE}:{found.fingerprint}", f"lotno:{HERE}"),
    }[kind]


async def pressed(opened: House, *presses: tuple[str, str]) -> list[str]:
    """What each of them is told, who press in one moment."""
    await opened.take(*(opened.event(who, Chose, data=data) for who, data in presses))
    return [opened.said[who][-1].text for who, _ in presses]


async def acts(opened: House) -> list[str]:
    async with opened.store.reading() as connection:
        return [one.entry.act for one in await audit.newest(connection, 20)][::-1]


DONE = {"held": {"accepted": 4}, "lots": {"out_pending": 4}}
WAITING = {"pending": 4}


@pytest.mark.parametrize("kind", NAMES)
async def test_who_presses_first_decides_and_the_other_is_told_so(data: Path, kind: str) -> None:
    async with house(data, NO_GUARD, staff=[BOSS, OTHER, THIRD]) as opened:
        await opened.sign_in_browsers(FALSE, *keys(4), proven=False)
        confirm, refuse = await proposed(opened, kind)
        first, second = await pressed(opened, (OTHER, refuse), (THIRD, confirm))
        assert STALE not in first
        assert STALE in second
        assert await states(opened) == WAITING

        confirm, refuse = await proposed(opened, kind)
        first, second = await pressed(opened, (OTHER, confirm), (THIRD, refuse))
        assert STALE not in first
        assert STALE in second
        assert await states(opened) == DONE[kind]
        assert await acts(opened) == ["propose", "refuse", "propose", "confirm", "decide"]


async def test_what_two_approve_at_once_is_done_once(data: Path) -> None:
    async with house(data, NO_GUARD, staff=[BOSS, OTHER, THIRD]) as opened:
        await opened.sign_in_browsers(FALSE, *keys(4), proven=False)
        confirm, _ = await proposed(opened, "held")
        told = await pressed(opened, (OTHER, confirm), (THIRD, confirm))
        assert [STALE in one for one in told] == [False, True]
        assert (await acts(opened)).count("decide") == 1


async def test_a_proposal_does_not_overtake_the_approval_before_it(data: Path) -> None:
    async with house(data, NO_GUARD, staff=[BOSS, OTHER, THIRD]) as opened:
        await opened.sign_in_browsers(FALSE, *keys(4), proven=False)
        confirm, _ = await proposed(opened, "held")
        other = f"decide:{HERE}:reject:copies:browser"
        told = await pressed(opened, (OTHER, confirm), (THIRD, other))
        assert "comptées" in told[0]
        assert await states(opened) == {"accepted": 4}
        assert await acts(opened) == ["propose", "confirm", "decide", "propose"]
