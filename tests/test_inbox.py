"""Supporters write to the team, who answer without knowing whose account it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bot.campaign.conversation import step
from bot.campaign.events import Said
from bot.campaign.rules import Retention
from bot.campaign.supporter import Facts, Supporter
from bot.store import overdue
from bot.store.broadcasts import desk_requests
from bot.store.people import inbox
from bot.store.people.tables import inbox as table
from tests.chat_page import new_key
from tests.desk_pages import colleague, desk
from tests.house import House, house
from tests.shipped import shipped
from tests.test_desk_figures import said


async def threads(here: House) -> list[inbox.KeptThread]:
    async with here.store.reading() as connection:
        return await inbox.every(connection, here.keys)


async def write(here: House, who: str, text: str) -> str:
    await here.press(who, "write")
    return (await here.say(who, text)).text


async def test_what_is_written_next_goes_to_the_team_and_nothing_else_does(data: Path) -> None:
    async with house(data) as here:
        await here.start("1")
        asked = await here.press("1", "write")
        assert "30 jours" in asked.text
        assert "C’est transmis" in (await here.say("1", "Où en est Mamat ?")).text
        await here.say("1", "Encore un mot")
        (one,) = await threads(here)
        assert [line.text for line in one.kept.lines] == ["Où en est Mamat ?"]
        assert one.kept.open
        assert not one.kept.urgent


async def test_a_thread_holds_no_account_and_its_length_tells_nothing(data: Path) -> None:
    async with house(data) as here:
        await here.start("4711")
        await write(here, "4711", "court")
        await here.start("4712")
        for n in range(3):
            await write(here, "4712", f"{n} " + "plus long " * 20)
        async with here.store.reading() as connection:
            found = (await connection.execute(select(table))).all()
        assert len({len(row.sealed) for row in found}) == 1
        own = {here.keys.pseudonym("telegram", who) for who in ("4711", "4712")}
        assert not own & {row.pseudonym for row in found}
        assert all("4711" not in repr(one) and "court" not in repr(one) for one in found)


async def test_words_of_danger_come_first_are_answered_at_once_and_announced(data: Path) -> None:
    async with house(data) as here:
        for who, text in (("1", "Bonjour"), ("2", "je veux mourir"), ("3", "Merci")):
            await here.start(who)
            answer = await write(here, who, text)
            assert ("3114" in answer) == (who == "2"), answer
            here.later(minutes=5)
        first, *others = await threads(here)
        assert first.kept.urgent
        assert [one.kept.lines[0].text for one in others] == ["Merci", "Bonjour"]
        async with here.store.reading() as connection:
            waiting = await desk_requests.waiting(connection, here.keys)
        told = [one.command.urgent for one in waiting]  # type: ignore[union-attr]
        assert told == [False, True, False]


async def test_blank_or_very_long_words_are_asked_for_again(data: Path) -> None:
    async with house(data) as here:
        await here.start("1")
        for wrong in ("\u200b", "x" * 2001):
            assert "quelques mots" in await write(here, "1", wrong)
        assert await threads(here) == []


async def test_it_is_erased_with_its_supporter_and_thirty_days_after_the_last_word(
    data: Path,
) -> None:
    async with house(data) as here:
        for who in ("1", "2"):
            await here.start(who)
            await write(here, who, "Bonjour")
        await here.press("1", "forget:all")
        left = await threads(here)
        assert [bytes.fromhex(one.kept.whose) for one in left] == [
            here.keys.pseudonym("telegram", "2")
        ]
        for days, kept in ((29, 1), (2, 0)):
            here.later(days=days)
            async with here.store.writing() as connection:
                await overdue.expire(connection, here.now, Retention())
            assert len(await threads(here)) == kept


async def test_the_answer_reaches_them_in_their_conversation(data: Path) -> None:
    key = new_key()
    async with desk(data) as page, colleague(page, "editor") as boris, page.visitor(key) as anna:
        await anna.looks()
        await anna.does("start", data="mamat")
        await anna.does("command", text="/write")
        await anna.does("say", text="Où en est <b>Mamat</b> ?")
        shown = (await boris.get("/staff/inbox")).text
        assert "Où en est &lt;b&gt;Mamat&lt;/b&gt; ?" in shown
        assert key not in shown
        thread = re.search(r'name="thread" value="(\w+)"', shown)
        assert thread
        answer = await boris.post(
            "/staff/inbox/answer", thread=thread[1], text="Pas de <nouvelles>.\r\nMerci"
        )
        assert answer.status_code == 303
        await anna.until(lambda: said(anna.answers, "vous répond\u00a0:"))
        assert "Pas de &lt;nouvelles&gt;" in said(anna.answers, "vous répond\u00a0:")
        async with page.app.store.reading() as connection:
            kept = await inbox.every(connection, page.app.keys)
            assert [line.by for line in kept[0].kept.lines] == ["you", "team"]
            assert not kept[0].kept.open
        assert "nouvelles" not in (await boris.get("/staff/log")).text
        assert (await boris.get("/staff/inbox?find=NOUVELLES")).text.count("thread") > 1
        assert "Mamat&lt;" not in (await boris.get("/staff/inbox?find=autre")).text


async def test_analysts_neither_read_nor_answer(data: Path) -> None:
    async with desk(data) as page, colleague(page, "analyst") as dora:
        assert (await dora.get("/staff/inbox")).status_code == 403
        for what in ("answer", "close"):
            answer = await dora.post(f"/staff/inbox/{what}", thread="0" * 12, text="Hm")
            assert answer.status_code == 403


async def test_a_thread_that_is_gone_is_no_fault(data: Path) -> None:
    async with desk(data) as page, colleague(page, "owner") as anna:
        for what in ("answer", "close"):
            answer = await anna.post(f"/staff/inbox/{what}", thread="0" * 12, text="Hm")
            assert answer.status_code == 409


async def test_staff_hear_of_it_and_of_none_of_the_words(data: Path) -> None:
    key, boss = new_key(), new_key()
    async with (
        desk(data, staff=f"web:{boss}=owner:Anna") as page,
        page.visitor(boss) as anna,
        page.visitor(key) as eve,
    ):
        for one in (anna, eve):
            await one.looks()
            await one.does("start", data="mamat")
        for text in ("Un secret", "Encore un secret"):
            await eve.does("command", text="/write")
            await eve.does("say", text=text)
        await anna.until(lambda: said(anna.answers, "écrit à l’équipe"))
        told = [a for a in anna.answers if "écrit à l’équipe" in a["message"]["text"]]
        assert len(told) == 1, "not each of many"
        assert "secret" not in told[0]["message"]["text"]


def test_where_a_firm_knows_who_writes_the_way_to_the_page_is_shown_and_nothing_taken() -> None:
    campaign, _ = shipped()
    exposed = Facts(exposed=True, web="https://bot.example.org")
    asked = step(
        Supporter(known=True, question="write"),
        Said(id="1", channel="whatsapp", address="1", text="Un secret"),
        exposed,
        campaign,
        datetime(2026, 3, 4, tzinfo=UTC),
    )
    assert asked.effects == ()
    assert "inbox.elsewhere" in [message.text.key for message in asked.messages]
