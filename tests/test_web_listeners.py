"""An open page hears what comes, in order, and rests in between."""

from __future__ import annotations

import asyncio

from bot.channels.web_chat.listeners import A_VISITOR, BEHIND, Busy, Forgotten, Listeners, Missed

ANNA, BEN = b"anna", b"ben"


async def test_a_page_that_has_read_everything_rests_until_something_comes() -> None:
    pages = Listeners()
    page = pages.open(ANNA)
    assert page is not None
    pages.tell_busy(ANNA)
    assert await page.news(60) == [Busy()]
    waiting = asyncio.create_task(page.news(60))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done(), "it would ask again and again, as fast as it can"
    pages.tell_busy(BEN)
    pages.tell_forgotten(ANNA)
    assert await waiting == [Forgotten()]


async def test_where_nothing_comes_a_page_hears_that_and_stays() -> None:
    pages = Listeners()
    page = pages.open(ANNA)
    assert page is not None
    assert await page.news(0.01) == []
    pages.end_all()
    assert await page.news(60) is None


async def test_a_page_that_reads_slowly_is_sent_back_to_the_store() -> None:
    pages = Listeners()
    page = pages.open(ANNA)
    assert page is not None
    for _ in range(BEHIND):
        pages.tell_busy(ANNA)
    assert await page.news(60) == [Busy()] * BEHIND
    for _ in range(BEHIND + 2):
        pages.tell_busy(ANNA)
    assert await page.news(60) == [Missed(), Busy()]


async def test_a_page_that_goes_twice_makes_room_for_one() -> None:
    pages = Listeners()
    opened = [page for _ in range(A_VISITOR) if (page := pages.open(ANNA))]
    assert len(opened) == len(pages) == A_VISITOR
    assert pages.open(ANNA) is None
    assert pages.open(BEN) is not None
    opened[0].close()
    opened[0].close()
    assert len(pages) == A_VISITOR
    assert pages.open(ANNA) is not None
    assert pages.open(ANNA) is None
