"""Staff get to their pages by chat and device, in the browser that asked; nobody else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.campaign.desk_commands.settings import AskForLink
from bot.desk import signing_in
from bot.store import audit, desk_passes
from bot.store.broadcasts import desk_requests
from bot.store.desk_passes import hashed
from tests.chat_page import rows
from tests.desk_pages import colleague, desk, mark_of, shown
from tests.house import BOSS, house


async def test_a_member_signs_in_by_the_link_and_their_code_and_gets_to_work(data: Path) -> None:
    async with desk(data, second_factor=True) as page, colleague(page) as anna:
        assert (await anna.get("/staff")).headers["location"].endswith("staff/sign-in")
        await anna.signs_in("owner")
        answer = await anna.get("/staff")
        assert answer.status_code == 200
        assert "Anna" in answer.text
        assert "form-action 'self'" in answer.headers["content-security-policy"]


async def test_a_link_is_good_once_and_for_ten_minutes(data: Path) -> None:
    async with desk(data) as page, colleague(page) as anna, colleague(page) as again:
        code = await anna.asks()
        link = await anna.link(mark_of(page, "owner"), code)
        for _ in range(2):
            assert (await anna.get(link)).status_code == 200, "looking at it uses nothing up"
        assert (await anna.post(link, proven=False)).status_code == 303
        assert (await anna.post(link, proven=False)).status_code == 410
        old = await again.link(mark_of(page, "owner"), await again.asks())
        await _age(page.app.desk, old.rpartition("/")[2], timedelta(minutes=11))
        assert (await again.get(old)).status_code == 410


async def _age(access: object, token: str, by: timedelta) -> None:
    keys, store = access.keys, access.store  # type: ignore[attr-defined]
    async with store.writing() as connection:
        found = await desk_passes.find(connection, keys, hashed(token))
        assert found
        earlier = replace(found.kept, until=found.kept.until - by)
        await desk_passes.put(connection, keys, found.hash, earlier)


async def test_another_browser_has_no_use_for_the_link(data: Path) -> None:
    async with desk(data) as page, colleague(page) as anna, colleague(page) as thief:
        await thief.asks()
        link = await anna.link(mark_of(page, "owner"), await anna.asks())
        assert (await thief.get(link)).status_code == 410
        assert (await thief.post(link, proven=False)).status_code == 410
        assert (await thief.get("/staff")).status_code == 303
        assert (await anna.post(link, proven=False)).status_code == 303


async def test_without_the_right_code_of_the_device_the_link_opens_nothing(data: Path) -> None:
    async with desk(data, second_factor=True) as page, colleague(page) as thief:
        thief.mark = mark_of(page, "owner")
        link = await thief.link(thief.mark, await thief.asks())
        answer = await thief.get(link)
        assert "no second factor yet" in answer.text
        assert (await thief.post(link, proven=False, code="123456")).status_code == 422
        await thief.enrols()
        for _ in range(5):
            assert (await thief.post(link, proven=False, code="000000")).status_code == 422
        right = shown(page.app.desk.clock())
        assert (await thief.post(link, proven=False, code=right)).status_code == 422, "locked"
        assert (await thief.get("/staff")).status_code == 303


async def test_the_code_of_a_browser_is_not_found_from_another_secret(data: Path) -> None:
    async with house(data) as here:
        code = signing_in.code_of(here.keys, "secret")
        assert code == signing_in.code_of(here.keys, "secret")
        assert code != signing_in.code_of(here.keys, "another")
        assert signing_in.read_code(code.lower().replace("-", " ")) == code


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGHI", "ABCD-ÉFGH", "🕯" * 8])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert signing_in.read_code(typed) == ""


async def test_visits_of_strangers_leave_nothing_in_the_database(data: Path) -> None:
    async with desk(data) as page, colleague(page) as stranger:
        for _ in range(3):
            stranger.client.cookies.clear()
            await stranger.asks()
        assert await rows(page, "desk_passes") == 0


async def test_a_session_ends_after_two_hours_without_a_visit_and_after_twelve(data: Path) -> None:
    async with house(data) as here:
        async with here.store.writing() as connection:
            token = await signing_in.offer(connection, here.keys, "mark", "", here.now)
            link = await signing_in.offered(connection, here.keys, token, "", here.now)
            assert link
            secret = signing_in.new_secret()
            await signing_in.begin(connection, here.keys, link, secret, "linux", here.now)
        begun = here.now

        async def lasts() -> bool:
            async with here.store.writing() as connection:
                found = await signing_in.session(connection, here.keys, secret, here.now)
                if found is not None and signing_in.is_to_be_noted(found, here.now):
                    await signing_in.note(connection, here.keys, found, here.now)
                return found is not None

        while here.now < begun + timedelta(hours=12):
            assert await lasts()
            here.later(hours=1, minutes=59)
        assert not await lasts()
        here.clock[0] = begun + timedelta(hours=13)
        assert not await lasts()


async def test_a_session_can_be_ended_by_its_owner_and_by_nobody_of_another_rank(
    data: Path,
) -> None:
    async with (
        desk(data) as page,
        colleague(page, "owner") as anna,
        colleague(page, "editor") as boris,
        colleague(page, "analyst") as dora,
    ):
        async with page.app.store.reading() as connection:
            keys, now = page.app.keys, page.app.desk.clock()
            found = await signing_in.sessions(connection, keys, now)
        name = next(one.name for one in found if one.kept.mark == boris.mark)
        assert (await dora.post("/staff/sessions/end", session=name)).status_code == 409
        assert (await boris.get("/staff")).status_code == 200
        assert (await anna.post("/staff/sessions/end", session=name)).status_code == 303
        assert (await boris.get("/staff")).status_code == 303
        assert (await dora.post("/staff/sign-out")).status_code == 303
        assert (await dora.get("/staff")).status_code == 303
        async with page.app.store.reading() as connection:
            log = [one.entry.act for one in await audit.newest(connection, 10)]
        assert log[:2] == ["sign out", "sign out"]


async def test_whoever_leaves_the_staff_is_out_at_once(data: Path) -> None:
    async with desk(data) as page, colleague(page, "editor") as boris:
        cookies = dict(boris.client.cookies)
    async with desk(data, staff="111=owner:Anna") as page, colleague(page) as left:
        left.client.cookies.update(cookies)
        assert (await left.get("/staff")).status_code == 303
    async with desk(data) as page, colleague(page) as back:
        back.client.cookies.update(cookies)
        assert (await back.get("/staff")).status_code == 200, "a restart ends no session"


async def test_a_row_that_somebody_without_keys_has_written_lets_nobody_in(data: Path) -> None:
    async with desk(data) as page, colleague(page, "editor") as boris:
        secret = boris.client.cookies["desk"]
        async with page.app.store.writing() as connection:
            found = await desk_passes.find(connection, page.app.keys, hashed(secret))
            assert found
            await connection.exec_driver_sql(
                "INSERT INTO desk_passes SELECT ?, sealed FROM desk_passes WHERE hash = ?",
                (hashed("chosen"), found.hash),
            )
        boris.client.cookies.clear()
        boris.client.cookies.set("desk", "chosen", domain="127.0.0.1")
        assert (await boris.get("/staff")).status_code == 303


async def test_in_the_chat_the_code_brings_the_link_and_supporters_see_nothing(data: Path) -> None:
    async with house(data, staff=[BOSS]) as here:
        await here.start(BOSS)
        answer = await here.command(BOSS, "desk")
        assert "BOT_PUBLIC_URL" in answer.text
        strange = await here.command("555", "desk")
        assert strange == await here.command("555", "nonsense")
        async with here.store.reading() as connection:
            assert await desk_requests.waiting(connection, here.keys) == []


def test_the_link_is_asked_for_with_the_code_alone() -> None:
    assert AskForLink("ABCDEFGH").name == "link"


async def test_a_newcomer_signs_in_by_the_link_that_was_printed(data: Path) -> None:
    async with desk(data, staff="") as page, colleague(page) as first, colleague(page) as second:
        assert "terminal" in (await first.get("/staff/sign-in")).text
        link = f"/staff/link/{await page.app.desk.link_of_shell()}"
        assert (await first.post(link, proven=False)).status_code == 303
        assert (await first.get("/staff")).status_code == 200
        assert (await second.post(link, proven=False)).status_code == 410


async def test_the_machines_own_link_opens_nothing_to_who_comes_through_a_proxy(
    data: Path,
) -> None:
    async with desk(data) as page, colleague(page) as far:
        link = f"/staff/link/{await page.app.desk.link_of_shell()}"
        assert (await far.get(link, **{"X-Forwarded-For": "192.0.2.1"})).status_code == 404
