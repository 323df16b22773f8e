"""Whoever has taken over a chat account of the staff reaches nobody by it without their device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.campaign.broadcast_rules.acts import member_of_shell
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.desk_commands.requests import SendTest
from bot.campaign.desk_commands.settings import InviteMember
from bot.campaign.staff import Appointed, Place, Role
from bot.clock import utc_now
from bot.desk import acts, second_factor
from bot.desk.members import Staff
from bot.desk.second_factor import SecondFactors, codes
from bot.store import second_factors, staff_settings
from bot.store.broadcasts import desk_requests
from bot.store.petitions import held
from bot.store.second_factors import StoredFactor
from tests.chat_page import Page, opened_page
from tests.house import BOSS, CAMPAIGN, PETITION, House, house
from tests.program import run

OTHER = "901"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@asynccontextmanager
async def owners(data: Path) -> AsyncIterator[House]:
    """Two owners who have to give codes, and the bot started (anew)."""
    async with house(data, staff=[BOSS, OTHER], codes=True) as opened:
        for who in (BOSS, OTHER):
            await opened.start(who)
        yield opened


def mark(here: House, who: str) -> str:
    return Staff(here.keys, [Appointed(Role.OWNER, (Place("telegram", who, who),))]).marks[0]


async def enrolled(here: House, who: str) -> None:
    before = here.now - timedelta(minutes=5)
    code = next(iter(codes(StoredFactor("", SECRET), before)))
    async with here.store.writing() as connection:
        assert await second_factor.enrol(
            connection, here.keys, mark(here, who), SECRET, code, before
        )


def shown(here: House) -> str:
    """What the device shows."""
    return list(codes(StoredFactor("", SECRET), here.now))[1]


async def kept(here: House) -> dict[str, str]:
    async with here.store.reading() as connection:
        return await staff_settings.values(connection, here.keys)


async def test_without_a_second_factor_nothing_that_reaches_everybody_is_done(data: Path) -> None:
    async with owners(data) as here:
        answer = await here.press(BOSS, "staff.approvals:0")
        assert "run_bot.py staff enrol" in answer.text
        assert await kept(here) == {}


async def test_the_code_is_asked_for_once_and_what_was_pressed_is_done_then(data: Path) -> None:
    async with owners(data) as here:
        await enrolled(here, BOSS)
        assert "six chiffres" in (await here.press(BOSS, "staff.approvals:0")).text
        assert await kept(here) == {}
        assert "C’est proposé" in (await here.say(BOSS, shown(here))).text
        assert "proposal.approvals" in await kept(here)
        await here.press(BOSS, "staff.approvals:1")
        assert (await kept(here))["approvals"] == "1"
        here.later(hours=13)
        assert "six chiffres" in (await here.press(BOSS, "staff.approvals:0")).text


async def test_lots_are_taken_out_once_the_code_is_given(data: Path) -> None:
    async with owners(data) as here:
        await enrolled(here, BOSS)
        await here.lift_approvals()
        await here.sign_in_browsers("f" * 10, *(f"key-{n}" for n in range(20)))
        await here.sign_in_browsers("e" * 10, "neighbour")
        taken_out = f"lotout:{PETITION}:{here.now.date()}:large:in:copies"
        assert "six chiffres" in (await here.press(BOSS, taken_out)).text
        async with here.store.reading() as connection:
            assert await held.decided(connection, PETITION) == []
        assert "ne sont plus comptés" in (await here.say(BOSS, shown(here))).text
        async with here.store.reading() as connection:
            (done,) = await held.decided(connection, PETITION)
        assert (done.lots, done.signatures) == (("f" * 10,), 20)


async def groups_waiting(here: House) -> list[str]:
    """To which groups ("": oneself) a test is to go."""
    async with here.store.reading() as connection:
        waiting = await desk_requests.waiting(connection, here.keys)
    return [one.command.group for one in waiting if isinstance(one.command, SendTest)]


async def test_a_test_goes_to_others_once_the_code_is_given_and_to_oneself_without(
    data: Path,
) -> None:
    async with owners(data) as here:
        await enrolled(here, BOSS)
        await here.press(BOSS, "staff.new")
        await here.say(BOSS, "Bonjour à la presse")
        assert "six chiffres" not in (await here.press(BOSS, "staff.send_test:1")).text
        assert "six chiffres" in (await here.press(BOSS, "staff.send_test:1:press")).text
        assert await groups_waiting(here) == [""]
        await here.say(BOSS, shown(here))
        assert await groups_waiting(here) == ["", "press"]


async def test_a_code_is_good_once_even_after_a_restart(data: Path) -> None:
    async with owners(data) as here:
        await enrolled(here, BOSS)
        code = shown(here)
        await here.press(BOSS, "staff.approvals:1")
        await here.say(BOSS, code)
    async with owners(data) as again:
        await again.press(BOSS, "staff.approvals:0")
        assert "pas le bon code" in (await again.say(BOSS, code)).text
        assert "proposal.approvals" not in await kept(again)


async def test_whoever_guesses_is_stopped_after_five_and_the_owners_hear_of_it(data: Path) -> None:
    async with owners(data) as here:
        await enrolled(here, BOSS)
        await here.press(BOSS, "staff.approvals:0")
        for _ in range(5):
            answer = await here.say(BOSS, "000 001")
        assert "pas le bon code" in answer.text
        await here.press(BOSS, "staff.approvals:0")
        assert "Trop d’essais" in here.said[BOSS][-1].text
        await here.say(BOSS, shown(here))
        assert "proposal.approvals" not in await kept(here)
        async with here.store.reading() as connection:
            (request,) = await desk_requests.waiting(connection, here.keys)
        assert request.member == mark(here, BOSS)
        here.later(minutes=16)
        await here.press(BOSS, "staff.approvals:0")
        await here.say(BOSS, shown(here))
        assert "proposal.approvals" in await kept(here)


async def test_one_owner_alone_does_not_lift_approvals_and_a_second_one_does(data: Path) -> None:
    async with owners(data) as here:
        for who in (BOSS, OTHER):
            await enrolled(here, who)
        await here.press(BOSS, "staff.approvals:0")
        await here.say(BOSS, shown(here))
        proposed = (await kept(here))["proposal.approvals"]
        menu = await here.command(OTHER, "staff")
        accept = next(b.data for row in menu.buttons for b in row if "staff.accept" in str(b.data))
        # The proposer's own press of the same button changes nothing.
        await here.press(BOSS, accept)
        assert (await kept(here))["proposal.approvals"] == proposed
        await here.press(OTHER, accept)
        answer = await here.say(OTHER, shown(here))
        assert "sans l’accord d’une autre personne" in answer.text
        assert (await kept(here))["approvals"] == "0"


async def test_a_stored_factor_copied_to_another_member_is_none(data: Path) -> None:
    async with owners(data) as here:
        await enrolled(here, OTHER)
        async with here.store.writing() as connection:
            await connection.exec_driver_sql(
                "INSERT INTO second_factors SELECT ?, sealed FROM second_factors",
                (mark(here, BOSS),),
            )
        answer = await here.press(BOSS, "staff.approvals:0")
        assert "run_bot.py staff enrol" in answer.text


async def test_what_only_stops_something_asks_for_no_code(data: Path) -> None:
    async with owners(data) as here:
        answer = await here.press(BOSS, "staff.refuse:banner")
        assert "chiffres" not in answer.text


async def posted(page: Page, what: str, **asked: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client:
        return await client.post(f"staff-code/{what}", json=asked, headers={"Origin": page.origin})


async def test_an_invited_member_sets_theirs_up_by_a_link_that_works_once(data: Path) -> None:
    appointed = (Appointed(Role.OWNER, (Place("telegram", "900", "900"),), "Anna"),)
    async with opened_page(data, staff=appointed) as page:
        app = page.app
        whose = app.desk.staff.marks[0]
        async with app.store.writing() as connection:
            token = await second_factor.invite(connection, app.keys, whose, utc_now())
        offered = await posted(page, "offer", token=token)
        assert offered.headers["content-type"] == "image/png"
        secret = offered.headers["x-secret"]
        assert (await posted(page, "confirm", token=token, code="000000")).status_code == 422
        code = list(codes(StoredFactor("", secret), utc_now()))[1]
        assert (await posted(page, "confirm", token=token, code=code)).json()["said"] == "done"
        async with app.store.reading() as connection:
            stored = await second_factors.find(connection, app.keys, whose)
        assert stored.secret == secret
        assert (await posted(page, "offer", token=token)).status_code == 410


async def test_who_has_a_factor_is_invited_to_another_by_nobody(data: Path) -> None:
    async with owners(data) as here:
        await enrolled(here, BOSS)
        async with here.store.writing() as connection:
            rules = Rules(1, CAMPAIGN, ())
            factors = SecondFactors(here.keys)
            acting = acts.Acting(connection, here.keys, member_of_shell(), rules, here.now, factors)
            with pytest.raises(NotAllowed, match="value"):
                await acts.act(acting, InviteMember(mark(here, BOSS)))
            await acts.act(acting, InviteMember(mark(here, OTHER)))
            assert len(await desk_requests.waiting(connection, here.keys)) == 1


async def test_a_guessed_token_gets_nothing(data: Path) -> None:
    async with opened_page(data) as page:
        for token in ("", "x", "a.b", "é." * 100):
            assert (await posted(page, "offer", token=token)).status_code == 410
        assert (await posted(page, "offer", token="x" * 600)).status_code == 400


@pytest.mark.slow
async def test_the_shell_sets_one_up_and_takes_it_away(data: Path) -> None:
    async with owners(data):
        pass
    staff = {"BOT_STAFF": "900=owner:Anna"}
    before = _code_now()
    done = run(
        *("staff", "enrol", "Anna", "--secret", SECRET, "--code", before), data=data, **staff
    )
    if done.returncode:  # the half minute ended in between
        done = run(
            "staff", "enrol", "900", "--secret", SECRET, "--code", _code_now(), data=data, **staff
        )
    assert done.returncode == 0, done.stderr
    assert run("staff", "list", data=data, **staff).stdout == "Anna: second factor\n"
    assert run("staff", "unenrol", "900", data=data, **staff).returncode == 0
    assert run("staff", "list", data=data, **staff).stdout == "Anna: no second factor\n"
    wrong = run("staff", "enrol", "Bert", data=data, **staff)
    assert "no such member in BOT_STAFF: Anna" in wrong.stderr


def _code_now() -> str:
    return list(codes(StoredFactor("", SECRET), utc_now()))[1]
