"""Nobody is counted out of a crowd: staff read numbers of people in tens, and none below twenty."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.campaign import crowd
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.messages import Message
from bot.campaign.scenes import staff_screens
from bot.campaign.scenes.staff_screens import Pace
from bot.campaign.staff import Member, Role
from bot.store import counters, migrations
from bot.store.petitions import held
from bot.store.sqlite.database import SqliteDatabase, database_file
from bot.upkeep import recounting
from tests.house import CAMPAIGN, WORDING

OWNER = Member("m", Role.OWNER)
NEWS = Broadcast(id=7, texts={"fr": "Bonjour"}, audience=Audience(topic="cases"))
STARTED = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, 0), (1, 0), (19, 0), (20, 20), (24, 20), (25, 30), (288, 290), (12_345, 12_350)],
)
def test_numbers_of_people_are_rounded_to_tens(number: int, told: int) -> None:
    assert crowd.rounded(number) == told


def test_it_is_said_by_ear_in_each_language() -> None:
    assert WORDING.text(crowd.people(1), "fr", "plain") == "moins de 20"
    assert WORDING.text(crowd.people(288), "fr", "plain") == "environ 290"
    assert WORDING.text(crowd.people(1), "en", "plain") == "fewer than 20"
    assert WORDING.text(crowd.people(288), "en", "plain") == "about 290"


@pytest.mark.parametrize(("number", "more"), [(0, 0), (10, 0), (11, 10), (340, 330), (341, 340)])
def test_a_public_figure_is_the_ten_below(number: int, more: int) -> None:
    assert crowd.more_than(number) == more


def screens(people: int) -> list[str]:
    """All that staff are told of a broadcast to so many, of whom all blocked the bot and acted."""
    broadcast = NEWS.model_copy(
        update={"counted": people, "state": State.DONE, "started_at": STARTED}
    )
    many = dict.fromkeys(("gone", "unsubscribed", "signed"), people)
    record = BroadcastRecord(
        broadcast,
        recipients=people,
        fixed=True,
        blocked=people,
        report={**many, "acted": {"declared": people, "pledged": people, "prepared": people}},
    )
    told: list[Message] = [
        staff_screens.review(broadcast, 1, {}, CAMPAIGN),
        staff_screens.report(record, CAMPAIGN),
        staff_screens.notice(
            broadcast, "retracted", deleted=crowd.people(people), failed=crowd.people(people)
        ),
    ]
    return [WORDING.text(one.text, language, "plain") for one in told for language in ("fr", "en")]


def test_an_audience_of_one_reads_like_an_audience_of_nobody() -> None:
    assert screens(1) == screens(0) == screens(19)
    assert screens(1) != screens(200)


def test_the_progress_of_a_few_tells_no_number_of_them() -> None:
    def shown(settled: int, whole: int) -> str:
        broadcast = NEWS.model_copy(update={"counted": whole, "state": State.SENDING})
        record = BroadcastRecord(broadcast, recipients=whole, fixed=True, sent=settled)
        message = staff_screens.progress(record, Pace(), OWNER)
        return WORDING.text(message.text, "fr", "plain")

    assert shown(1, 3) == shown(2, 3) == shown(9, 10)


async def test_what_an_older_database_counted_is_told_as_a_kind_of_its_own(data: Path) -> None:

    engine = create_engine(f"sqlite:///{database_file(data)}")
    with engine.begin() as older:
        migrations.by_revisions(older, "0005")
        for statement in (
            "INSERT INTO signatures VALUES (x'01', 'xinjiang', 'counted', '2026-03-04', 'fr', 1,"
            " 'h', 'FR', NULL)",
            "INSERT INTO signatures VALUES (x'02', 'xinjiang', 'pending', '2026-03-04', 'fr', 1,"
            " 'h', NULL, NULL)",
            "INSERT INTO tallies VALUES ('xinjiang', '2026-03-04', 'signed', 2)",
            "INSERT INTO counters VALUES ('signatures:xinjiang', 1)",
            "INSERT INTO counters VALUES ('countries:xinjiang:FR', 1)",
            "INSERT INTO decisions VALUES (1, 'xinjiang', '2026-03-04', 'reopen', 'unknown',"
            " 'owner', 1, '2026-03-05')",
            "INSERT INTO staff_settings VALUES ('proposal.held.xinjiang.2026-03-04', '[]')",
        ):
            older.execute(text(statement))
    engine.dispose()
    store = await SqliteDatabase.open(data)
    assert (await recounting.recount(store, STARTED.date(), repair=False)).is_right
    async with store.reading() as connection:
        kept = await counters.all_values(connection)
        waiting = await held.waiting(connection)
        decided = await held.decided(connection, "xinjiang")
        settings = (await connection.execute(text("SELECT name FROM staff_settings"))).scalars()
        assert list(settings) == ["proposal.held.xinjiang.2026-03-04.earlier"]
    await store.close()
    assert kept == {"signatures:earlier:xinjiang": 1, "countries:earlier:xinjiang:FR": 1}
    assert [(petition, signer.value) for petition, _, signer in waiting] == [
        ("xinjiang", "earlier")
    ]
    assert [(one.signer.value, one.lots) for one in decided] == [("earlier", ())]
