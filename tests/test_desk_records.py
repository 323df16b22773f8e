"""Signatures, the log and the members at the staff's pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.campaign.events import Chose, Provenance, Started
from bot.campaign.signatures import Signer
from bot.desk import signing_in
from bot.store import counters
from bot.store.petitions import held
from tests.chat_page import Page
from tests.desk_pages import colleague, desk
from tests.house import PETITION


async def signed(page: Page, lot: str, number: int, *, proven: bool = True) -> str:
    """So many browsers of one network sign today; the day."""
    origin = Provenance(lot, proven)
    for n in range(number):
        address = f"{lot}-{n}"
        key: dict[str, Any] = {"channel": "web", "address": address, "provenance": origin}
        await page.app.engine.take(
            [
                Started(id=f"{address}-start", language="fr", **key),
                Chose(id=f"{address}-sign", language="fr", data=f"sign:{PETITION}:fr", **key),
            ]
        )
    zone_day = page.app.desk.clock().astimezone().date()
    return zone_day.isoformat()


async def counted(page: Page) -> int:
    async with page.app.store.reading() as connection:
        name = counters.of_signatures(PETITION, Signer.BROWSER)
        return (await counters.values(connection, [name]))[name]


async def day_of(page: Page) -> str:
    async with page.app.store.reading() as connection:
        waiting = await held.waiting(connection)
    return next((day.isoformat() for _, day, _ in waiting), "")


async def test_a_lot_is_taken_out_and_put_back_by_two(data: Path) -> None:
    async with (
        desk(data) as page,
        colleague(page, "editor") as boris,
        colleague(page, "sender") as clara,
    ):
        await signed(page, "f" * 10, 3)
        await signed(page, "e" * 10, 1)
        listed = (await boris.get("/staff/signatures")).text
        found = re.search(r"lots\?petition=xinjiang&amp;day=([\d-]+)", listed)
        assert found, listed
        day = found[1]
        path = f"/staff/signatures/lots?petition={PETITION}&day={day}"
        assert "f" * 10 in (await boris.get(path)).text
        fields = {"petition": PETITION, "day": day, "lot": "f" * 10}
        for verdict, reason, right in (("take_out", "copies", 1), ("put_back", "genuine", 4)):
            before = await counted(page)
            answer = await boris.post(
                "/staff/signatures/lots", verdict=verdict, reason=reason, **fields
            )
            assert answer.status_code == 303, answer.text
            assert await counted(page) == before, "proposed, and not done"
            assert (await boris.post("/staff/signatures/proposal")).status_code == 403
            shown = (await clara.get(path)).text
            about, mark = (
                re.search(rf'name="{name}" value="([^"]+)"', shown) for name in ("about", "mark")
            )
            assert about
            assert mark
            answer = await clara.post(
                "/staff/signatures/proposal", about=about[1], mark=mark[1], answer="yes"
            )
            assert answer.status_code == 303, answer.text
            assert await counted(page) == right
        assert "taken out of the number" in (await boris.get("/staff/signatures")).text


async def test_what_waits_is_accepted_by_two_and_taken_back_by_one(data: Path) -> None:
    async with (
        desk(data) as page,
        colleague(page, "owner") as anna,
        colleague(page, "second") as olga,
    ):
        await signed(page, "f" * 10, 2, proven=False)
        day = await day_of(page)
        assert day
        which = {"petition": PETITION, "day": day, "of": "browser"}
        fields = {**which, "verdict": "accept", "reason": "genuine"}
        assert (await anna.post("/staff/signatures/held", **fields)).status_code == 303
        assert await counted(page) == 0
        mark = re.search(r'name="mark" value="(\w+)"', (await olga.get("/staff/signatures")).text)
        assert mark
        own = {"about": f"held.{PETITION}.{day}.browser", "mark": mark[1], "answer": "yes"}
        assert (await anna.post("/staff/signatures/proposal", **own)).status_code == 409
        assert (await olga.post("/staff/signatures/proposal", **own)).status_code == 303
        assert await counted(page) == 2
        reopened = await anna.post("/staff/signatures/held", **which, verdict="reopen")
        assert reopened.status_code == 303
        assert await counted(page) == 0


async def test_made_up_days_lots_and_verdicts_change_nothing(data: Path) -> None:
    async with desk(data) as page, colleague(page, "owner") as anna:
        await signed(page, "f" * 10, 1)
        right = {"petition": PETITION, "day": "2026-01-01", "verdict": "take_out"}
        for wrong in (
            {**right, "petition": "none"},
            {**right, "day": "yesterday"},
            {**right, "verdict": "burn"},
            {**right, "lot": "0" * 10, "reason": "copies"},
        ):
            for path in ("held", "lots"):
                answer = await anna.post(f"/staff/signatures/{path}", **wrong)
                assert answer.status_code == 409, (path, wrong)
        assert await counted(page) == 1


async def test_the_log_says_who_did_what_and_whether_it_is_whole(data: Path) -> None:
    async with desk(data) as page, colleague(page, "editor") as boris:
        await boris.post("/staff/broadcasts", **{"text-fr": "=1+1"})
        shown = (await boris.get("/staff/log?verify=1")).text
        assert "Boris" in shown
        assert "began a broadcast" in shown
        assert "The log is whole" in shown
        assert (
            "signed in" not in (await boris.get("/staff/log?act=new")).text.partition("<tbody>")[2]
        )
        file = (await boris.get("/staff/log.csv")).text
        assert file.startswith("number,at,who,act,broadcast,detail")
        async with page.app.store.writing() as connection:
            await connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_is_never_changed")
            rows = await connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
            for (name,) in list(rows):
                await connection.exec_driver_sql(f"DROP TRIGGER {name}")
            await connection.exec_driver_sql("UPDATE audit SET who = 'x' WHERE number = 1")
        assert "does not fit from entry 1" in (await boris.get("/staff/log?verify=1")).text


async def test_owners_see_all_sessions_and_others_their_own(data: Path) -> None:
    async with (
        desk(data) as page,
        colleague(page, "owner") as anna,
        colleague(page, "analyst") as dora,
    ):
        async with page.app.store.reading() as connection:
            now = page.app.desk.clock()
            names = [one.name for one in await signing_in.sessions(connection, page.app.keys, now)]
        assert len(names) == 2
        theirs = re.findall(
            r'name="session" value="(\w+)"', (await anna.get("/staff/members")).text
        )
        assert len(theirs) == 1
        assert not re.findall(r'name="session"', (await dora.get("/staff/members")).text)
        secret = anna.client.cookies["desk"]
        assert secret not in (await anna.get("/staff/members")).text


async def test_only_an_owner_invites_to_a_second_factor(data: Path) -> None:
    async with (
        desk(data, second_factor=True) as page,
        colleague(page, "owner") as anna,
        colleague(page, "editor") as boris,
    ):
        assert "Invite" in (await anna.get("/staff/members")).text
        assert "Invite<" not in (await boris.get("/staff/members")).text
        answer = await boris.post("/staff/members/invite", mark=anna.mark)
        assert answer.status_code == 403
