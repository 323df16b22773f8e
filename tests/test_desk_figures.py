"""Members who stay in the chat read the same figures there, as text and as a picture."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.campaign.messages import Attachment
from bot.campaign.stages import Dimension, Stage
from bot.store import stages
from bot.store.broadcasts import desk_requests
from tests.chat_page import Page, new_key
from tests.desk_pages import desk
from tests.house import BOSS, house


async def filled(page: Page) -> None:
    """Arrivals of this week and the one before."""
    async with page.app.store.writing() as connection:
        today = page.app.desk.clock().date()
        for day, started, signed in ((today, 123, 7), (today - timedelta(days=8), 58, 0)):
            came = {
                (Dimension.ALL, "", Stage.STARTED): started,
                (Dimension.ALL, "", Stage.SIGNED): signed,
            }
            await stages.count(connection, day, {one: n for one, n in came.items() if n})


def said(answers: list[dict[str, Any]], words: str) -> str:
    return next((a["message"]["text"] for a in answers if words in a["message"]["text"]), "")


async def test_an_analyst_reads_them_in_the_chat_and_in_a_picture(data: Path) -> None:
    key = new_key()
    async with desk(data, staff=f"web:{key}=analyst:Dora") as page:
        await filled(page)
        async with page.visitor(key) as dora:
            await dora.looks()
            await dora.does("start", data="mamat")
            await dora.does("command", text="/figures")
            await dora.until(lambda: said(dora.answers, "en image"))
            text = said(dora.answers, "Arrivées")
            assert "120" in text
            assert "la semaine d’avant\u00a0: environ 60" in text
            assert "Pétition signée\u00a0: <strong>moins de 20" in text
            assert "123" not in text
            drawn = next(a for a in dora.answers if "en image" in a["message"]["text"])
            assert drawn["message"]["attachment"]


async def test_the_picture_is_drawn_from_the_same_numbers(data: Path) -> None:
    async with desk(data) as page:
        values = (("first", "2026-03-01"), ("last", "2026-03-07"), ("stages", "started=120"))
        (picture,) = await page.app.make(Attachment("figures.png", values), "fr")
        assert picture.content.startswith(b"\x89PNG")


async def test_where_all_are_few_nothing_is_drawn(data: Path) -> None:
    key = new_key()
    async with desk(data, staff=f"web:{key}=owner:Anna") as page, page.visitor(key) as anna:
        await anna.looks()
        await anna.does("start", data="mamat")
        await anna.does("command", text="/figures")
        await anna.until(lambda: said(anna.answers, "Arrivées"))
        assert not said(anna.answers, "en image")


async def test_supporters_have_no_such_command(data: Path) -> None:
    async with house(data, staff=[BOSS]) as here:
        strange = await here.command("555", "figures")
        assert strange == await here.command("555", "nonsense")
        async with here.store.reading() as connection:
            assert await desk_requests.waiting(connection, here.keys) == []
