"""How far supporters come: equal to what a test itself saw happen, and to the rows there are."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from bot.campaign.events import Chose, Event, Started
from bot.campaign.stages import Dimension, Stage
from bot.desk import figures
from bot.store import stages
from bot.store.people.tables import subscriptions, supporters
from bot.store.petitions.tables import signatures
from bot.store.tables import stages as table
from tests.house import CAMPAIGN, PETITION, House, house

EVER = (date(2020, 1, 1), date(2040, 1, 1))


async def counted(here: House) -> dict[tuple[str, str, str], int]:
    async with here.store.reading() as connection:
        found = await stages.between(connection, *EVER)
    return {(by.value, value, stage.value): number for (by, value, stage), number in found.items()}


async def whole(here: House) -> dict[str, int]:
    return {stage: n for (by, _, stage), n in (await counted(here)).items() if by == "all"}


def letter_of(case: str) -> str:
    return next(one.id for one in CAMPAIGN.cases[case].actions if one.kind == "letter")


async def test_the_way_of_one_supporter_is_counted_stage_by_stage(data: Path) -> None:
    async with house(data) as here:
        await here.take(here.event("1", Started, payload="mamat"))
        steps = len(CAMPAIGN.cases["mamat"].story)
        for step in range(2, steps + 1):
            await here.press("1", f"story:mamat:{step}")
        await here.press("1", f"sign:{PETITION}:fr")
        found = await counted(here)
        for by, value in (
            ("all", ""),
            ("case", "mamat"),
            ("language", "fr"),
            ("channel", "telegram"),
            ("source", ""),
        ):
            for stage in ("started", "finished", "signed"):
                assert found[by, value, stage] == 1, (by, stage)
        assert [found["step", f"mamat:{step}", "read"] for step in range(1, steps + 1)] == [
            1
        ] * steps


async def test_who_goes_back_and_forth_has_read_it_once(data: Path) -> None:
    async with house(data) as here:
        for step in (1, 2, 1, 2, 3, 1):
            await here.press("1", f"story:akber:{step}")
        found = await counted(here)
        assert [found["step", f"akber:{step}", "read"] for step in (1, 2, 3)] == [1, 1, 1]
        assert ("step", "akber:4", "read") not in found


async def test_a_repeat_and_what_was_taken_back_are_told_apart(data: Path) -> None:
    async with house(data) as here:
        await here.start("1")
        for _ in range(2):
            await here.press("1", f"sign:{PETITION}:fr")
        await here.press("1", f"unsign:{PETITION}")
        found = await whole(here)
        assert (found["signed"], found["took_back"]) == (1, 1)


async def test_an_event_that_comes_again_counts_once(data: Path) -> None:
    async with house(data) as here:
        event = here.event("1", Started, payload="mamat")
        await here.take(event)
        await here.take(event)
        assert (await whole(here))["started"] == 1


async def test_a_code_that_anybody_can_make_up_leaves_no_row_of_its_own(data: Path) -> None:
    async with house(data) as here:
        await here.take(
            here.event("1", Started, payload="mamat_s-madeup"),
            here.event("2", Started, payload="mamat_f-abcdefghijk"),
        )
        sources = {value for by, value, _ in await counted(here) if by == "source"}
        assert sources == {"autre", "ami"}


async def test_no_row_joins_two_things(data: Path) -> None:
    async with house(data) as here:
        await here.sign("1", "2")
        async with here.store.reading() as connection:
            rows = (await connection.execute(select(table))).all()
    assert {row.dimension for row in rows} <= {one.value for one in Dimension}
    assert {column.name for column in table.c} == {"day", "dimension", "value", "stage", "count"}


ACTS = ("start", "story:mamat:1", "story:mamat:2", "story:akber:3", "sign", "subscribe")


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.lists(some.tuples(some.sampled_from("abcd"), some.sampled_from(ACTS)), max_size=40))
async def test_figures_equal_a_count_of_what_happened(what: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as made:
        async with house(Path(made)) as here:
            seen: set[tuple[str, str]] = set()
            right: Counter[str] = Counter()
            batch: list[Event] = []
            for who, act in what:
                batch.append(_event(here, who, act))
                stage = {"sign": "signed", "subscribe": "subscribed"}.get(act)
                for one in ("started", stage):
                    if one and (who, one) not in seen:
                        seen.add((who, one))
                        right[one] += 1
                if len(batch) == 5:
                    await here.take(*batch)
                    batch = []
            await here.take(*batch)
            found = await whole(here)
            kept = {stage: found.get(stage, 0) for stage in ("started", "signed", "subscribed")}
            assert kept == {stage: right[stage] for stage in kept}
            async with here.store.reading() as connection:
                for stage, rows in (
                    ("started", select(func.count()).select_from(supporters)),
                    ("signed", select(func.count()).select_from(signatures)),
                    ("subscribed", select(func.count(subscriptions.c.pseudonym.distinct()))),
                ):
                    assert await connection.scalar(rows) == kept[stage]


def _event(here: House, who: str, act: str) -> Event:
    if act == "start":
        return here.event(who, Started, payload="mamat")
    data = {"sign": f"sign:{PETITION}:fr", "subscribe": f"topic:{CAMPAIGN.topics[0]}:on"}.get(
        act, act
    )
    return here.event(who, Chose, data=data)


async def test_staff_read_tens_and_the_week_before(data: Path) -> None:
    async with house(data) as here:
        today = here.now.date()
        async with here.store.writing() as connection:
            for day, number in ((today, 25), (today - timedelta(days=8), 42), (today, 1)):
                came = {(Dimension.ALL, "", Stage.STARTED): number}
                await stages.count(connection, day, came)
            few = {(Dimension.ALL, "", Stage.SIGNED): 19}
            await stages.count(connection, today, few)
            found = await figures.read(connection, CAMPAIGN, today)
        started, signed = (
            next(line for line in found.funnel if line.stage is stage)
            for stage in (Stage.STARTED, Stage.SIGNED)
        )
        assert (started.now, started.before, started.change) == (30, 40, -10)
        assert (signed.now, signed.share) == (0, None)
        table = figures.as_rows(found)
        assert (f"{found.first}/{today}", "all", "", "signed", "<20") in table
        assert not [row for row in table if row[-1].isdecimal() and int(row[-1]) % 10]
