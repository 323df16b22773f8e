"""What the bot does unasked: reminders, milestones, notices, recounts, the retention clock."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.campaign.content import Campaign
from bot.campaign.petitions import Petition
from bot.campaign.rules import BurstRule
from bot.campaign.signatures import Signer
from bot.campaign.staff import Appointed, Place, Role
from bot.store import counters
from bot.store.people.tables import reminders, supporters
from bot.store.petitions import destroying
from bot.store.petitions import milestones as progress
from bot.store.petitions.tables import signatures
from bot.store.tables import counters as counters_table
from bot.store.tables import outbox
from bot.upkeep import UnaskedMessages, Upkeep, milestones, purging, recounting, reminding
from tests.house import CAMPAIGN, PETITION, WORDING, House, house

WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


def poster(opened: House, campaign: Campaign = CAMPAIGN) -> UnaskedMessages:
    def deliver(messages: object) -> None:
        for message in messages:  # type: ignore[attr-defined]
            opened.said.setdefault(message.address, []).append(message.message)

    return UnaskedMessages(
        keys=opened.keys,
        render=lambda message, language, markup, replaces: WORDING.render(
            message, language, markup, replaces
        ),
        campaign=lambda: campaign,
        markup_of={"telegram": "plain"},
        deliver=deliver,
    )


async def rows(opened: House, table: object) -> int:
    async with opened.store.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """That day of March 2026; Paris is one hour ahead of UTC, from the 29th on two."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


async def test_a_reminder_comes_once_at_the_hour_that_was_said(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        told = await opened.press("anna", "remind:mamat:letter:three")
        assert "7 mars 2026" in told.text
        assert "18 h" in told.text
        assert (
            await reminding.remind(opened.store, poster(opened), at(7, 16, 59))
            == reminding.Reminded()
        )
        assert (await reminding.remind(opened.store, poster(opened), at(7, 17))).sent == 1
        assert "Un rappel, comme vous l’aviez demandé" in opened.said["anna"][-1].text
        assert (await reminding.remind(opened.store, poster(opened), at(7, 18))).sent == 0
        # In the outbox, so that a crash now loses nothing.
        assert await rows(opened, outbox) == 3
        assert await rows(opened, reminders) == 0


async def test_sunday_is_the_next_one_and_summer_time_is_kept(data: Path) -> None:
    async with house(data, at=at(28, 12)) as opened:
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:sunday")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(reminders))).all()
        assert row.on == date(2026, 3, 29)
        assert row.due == datetime(2026, 3, 29, 16, tzinfo=UTC)


async def test_asked_for_twice_it_comes_once(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        for _ in range(3):
            await opened.press("anna", "remind:mamat:letter:tomorrow")
        assert (await reminding.remind(opened.store, poster(opened), at(5, 17, 1))).sent == 1


async def test_after_a_downtime_only_the_latest_comes(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        await opened.press("anna", "remind:mamat:letter:three")
        await opened.press("anna", "remind:mamat:support:three")
        done = await reminding.remind(opened.store, poster(opened), at(8, 10))
        assert (done.sent, done.superseded, done.too_late) == (2, 1, 0)


async def test_a_day_late_is_too_late(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        done = await reminding.remind(opened.store, poster(opened), at(6, 17, 1))
        assert (done.sent, done.too_late) == (0, 1)
        assert await rows(opened, reminders) == 0
    assert "reminders_too_late" in "".join(capsys.readouterr())


async def test_nothing_is_sent_in_the_quiet_hours(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        for hour, minute in ((21, 0), (23, 30), (5, 0), (6, 59)):
            night = at(5 if hour > 12 else 6, hour, minute)
            assert (await reminding.remind(opened.store, poster(opened), night)).sent == 0
        assert (await reminding.remind(opened.store, poster(opened), at(6, 7, 1))).sent == 1


@pytest.mark.parametrize(
    "after", ["did:mamat:letter", "undo:mamat:letter", "noremind:mamat:letter", "forget:all"]
)
async def test_done_taken_back_stopped_or_forgotten_is_not_reminded(data: Path, after: str) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        await opened.press("anna", after)
        assert (await reminding.remind(opened.store, poster(opened), at(5, 17, 1))).sent == 0


async def test_who_blocked_the_bot_is_left_alone(data: Path) -> None:
    from bot.campaign.events import Blocked

    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        await opened.take(opened.event("anna", Blocked))
        done = await reminding.remind(opened.store, poster(opened), at(5, 17, 1))
        assert (done.sent, done.closed) == (0, 1)


async def test_a_snooze_gives_another_day(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.press("anna", "remind:mamat:letter:tomorrow")
        await reminding.remind(opened.store, poster(opened), at(5, 17, 1))
        opened.clock[0] = at(5, 18)
        await opened.press("anna", "will:mamat:letter")
        (snooze,) = [
            button.data
            for line in opened.said["anna"][-1].buttons
            for button in line
            if button.label == "Me le rappeler demain"
        ]
        await opened.press("anna", snooze)
        assert (await reminding.remind(opened.store, poster(opened), at(6, 17, 1))).sent == 1


def with_petition(**changes: object) -> Campaign:
    petition: Petition = CAMPAIGN.petitions[PETITION].model_copy(update=changes)
    return CAMPAIGN.model_copy(update={"petitions": {PETITION: petition}})


async def test_a_milestone_is_told_once_to_those_who_signed_and_take_updates(data: Path) -> None:
    campaign = with_petition(milestones=[2, 3, 50])
    async with house(data, campaign, at=WEDNESDAY) as opened:
        await opened.sign("both", "signer", "third")
        await opened.press("both", "topic:cases:on")
        await opened.start("reader")
        await opened.press("reader", "topic:cases:on")
        unasked = poster(opened, campaign)
        await milestones.note(opened.store, unasked, opened.now)
        assert await milestones.tell(opened.store, unasked, opened.now) is None, "not this hour"
        opened.later(hours=1)
        await milestones.note(opened.store, unasked, opened.now)
        before = {who: len(said) for who, said in opened.said.items()}
        assert await milestones.tell(opened.store, unasked, opened.now) == 1
        assert await milestones.tell(opened.store, unasked, opened.now) is None
        await milestones.note(opened.store, unasked, opened.now)
        assert await milestones.tell(opened.store, unasked, opened.now) is None
        told = [who for who, said in opened.said.items() if len(said) > before[who]]
        assert told == ["both"]
        assert "3 signatures par messagerie" in opened.said["both"][-1].text


async def test_a_milestone_that_somebody_wrote_into_the_database_is_told_to_nobody(
    data: Path,
) -> None:
    campaign = with_petition(milestones=[3, 50, 1_000_000])
    async with house(data, campaign, at=WEDNESDAY) as opened:
        await opened.sign("both", "signer", "third")
        await opened.press("both", "topic:cases:on")
        unasked = poster(opened, campaign)
        before = len(opened.said["both"])
        for forged in (7, 1_000_000):
            async with opened.store.writing() as connection:
                await progress.reached(connection, PETITION, [forged], opened.now.date())
            assert await milestones.tell(opened.store, unasked, opened.now) == 0
        assert await milestones.tell(opened.store, unasked, opened.now) is None
        assert len(opened.said["both"]) == before


async def test_a_recount_finds_a_drift_repairs_it_and_sounds_the_alarm(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(data) as opened:
        await opened.sign("anna", "ben")
        assert (await recounting.recount(opened.store, date(2026, 3, 4))).is_right
        name = counters.of_signatures(PETITION, Signer.ACCOUNT)
        async with opened.store.writing() as connection:
            await connection.execute(
                update(counters_table).where(counters_table.c.name == name).values(value=7)
            )
        looked = await recounting.recount(opened.store, date(2026, 3, 4), repair=False)
        assert looked.drifted == {name: (7, 2)}
        assert not (await recounting.recount(opened.store, date(2026, 3, 4))).is_right
        assert (await recounting.recount(opened.store, date(2026, 3, 4))).is_right
        async with opened.store.reading() as connection:
            assert (await counters.values(connection, [name]))[name] == 2
    assert "counters_drifted" in "".join(capsys.readouterr())


async def test_a_row_that_came_from_nowhere_is_told_by_the_second_book(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign("anna")
        async with opened.store.writing() as connection:
            await connection.execute(
                signatures.insert().values(
                    pseudonym=b"x" * 16,
                    petition=PETITION,
                    state="counted",
                    signer=Signer.ACCOUNT.value,
                    day=date(2026, 3, 4),
                    language="fr",
                    text_version=1,
                    text_hash="0" * 64,
                )
            )
        found = await recounting.recount(opened.store, date(2026, 3, 4))
        assert found.book == {(PETITION, Signer.ACCOUNT): (1, 2)}
        assert (await recounting.recount(opened.store, date(2026, 3, 4))).is_right


async def test_who_is_silent_for_a_year_is_told_first_and_erased_a_month_later(
    data: Path,
) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("silent")
        await opened.sign("returning")
        unasked = poster(opened)

        async def night() -> None:
            await purging.give_notice(opened.store, unasked, opened.now)
            await purging.purge(opened.store, opened.keys, CAMPAIGN, opened.now)

        opened.later(days=330)
        await night()
        assert len(opened.said["silent"]) == 1
        opened.later(days=6)
        await night()
        await night()
        assert "vont être effacées" in opened.said["silent"][-1].text
        assert len(opened.said["silent"]) == 2
        opened.later(days=10)
        assert "C’est entendu" in (await opened.press("returning", "stay")).text
        opened.later(days=21)
        await night()
        assert await rows(opened, supporters) == 1
        async with opened.store.reading() as connection:
            assert await counters.all_values(connection) == await counters.recount(connection)
        # The signature is nobody's in the database: it stays until the petition's end.
        assert await rows(opened, signatures) == 1


async def test_after_a_downtime_of_years_the_notice_still_comes_first(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("silent")
        opened.later(days=900)
        await purging.purge(opened.store, opened.keys, CAMPAIGN, opened.now)
        assert await rows(opened, supporters) == 1
        await purging.give_notice(opened.store, poster(opened), opened.now)
        opened.later(days=31)
        await purging.purge(opened.store, opened.keys, CAMPAIGN, opened.now)
        assert await rows(opened, supporters) == 0


async def test_a_dry_run_only_counts(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.press("anna", "risk:mamat:letter:no")
        opened.later(days=30)
        dry = await purging.purge(opened.store, opened.keys, CAMPAIGN, opened.now, dry_run=True)
        assert (dry.gone["answers"], dry.gone["events"]) == (1, 2)
        wet = await purging.purge(opened.store, opened.keys, CAMPAIGN, opened.now)
        assert (wet.gone["answers"], wet.gone["events"]) == (1, 2)
        left = await purging.purge(opened.store, opened.keys, CAMPAIGN, opened.now, dry_run=True)
        assert not left.anything


async def test_signatures_are_destroyed_a_month_after_the_handover_and_totals_stay(
    data: Path,
) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        people = [f"person-{n}" for n in range(12)]
        await opened.sign(*people)
        for person in people[:7]:
            await opened.press(person, f"country:{PETITION}:FR")
        await opened.press(people[8], f"country:{PETITION}:BE")
        delivered = with_petition(state="closed", delivered="2026-03-10")

        async def purge(day: int) -> purging.Purged:
            opened.clock[0] = WEDNESDAY + timedelta(days=day)
            return await purging.purge(opened.store, opened.keys, delivered, opened.now)

        assert not (await purge(30)).destroyed
        # Without a pack nothing is destroyed: that would be a loss, and not a promise kept.
        assert (await purge(38)).waiting == (PETITION,)
        async with opened.store.writing() as connection:
            pack = destroying.Pack("0" * 64, date(2026, 3, 10), 12)
            await destroying.packed(connection, PETITION, pack)
        assert (await purge(39)).destroyed == (PETITION,)
        assert await rows(opened, signatures) == 0
        assert not opened.keys.has_petition_key(PETITION)
        assert (await recounting.recount(opened.store, date(2026, 5, 1))).is_right
        async with opened.store.reading() as connection:
            kept = await destroying.frozen(connection, PETITION)
            numbers = await counters.all_values(connection)
        assert kept is not None
        told = kept.totals["signers"]["account"]
        assert told["total"] == numbers[counters.of_signatures(PETITION, Signer.ACCOUNT)] == 12
        assert told["by_country"] == {"FR": 7, "": 5}
        assert not (await purge(40)).destroyed
    async with house(data, delivered, at=WEDNESDAY + timedelta(days=41)) as opened:
        assert (
            "plus de 10 par messagerie"
            in (await opened.press("person-1", f"petition:{PETITION}")).text
        )


async def test_signatures_that_a_restored_backup_brings_back_go_again(data: Path) -> None:
    backup = data.parent / "backup.sqlite3"
    delivered = with_petition(state="closed", delivered="2026-03-10")
    async with house(data, at=WEDNESDAY) as opened:
        await opened.sign("anna", "boris")
        with sqlite3.connect(data / "campaign.sqlite3") as raw:
            raw.execute("VACUUM INTO ?", [str(backup)])
        raw.close()
        opened.keys.destroy_petition_key(
            PETITION, date(2026, 3, 4)
        )  # as a hand-over and a month later
    for file in data.glob("campaign.sqlite3*"):
        file.unlink()
    backup.rename(data / "campaign.sqlite3")
    async with house(data, delivered, at=WEDNESDAY + timedelta(days=60)) as opened:
        assert await rows(opened, signatures) == 2
        purged = await purging.purge(opened.store, opened.keys, delivered, opened.now)
        assert purged.destroyed == (PETITION,)
        assert await rows(opened, signatures) == 0
        again = await purging.purge(opened.store, opened.keys, delivered, opened.now)
        assert not again.destroyed


async def test_staff_are_told_of_a_burst_at_once(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": BurstRule(signatures=2, minutes=10)})
    upkeep: list[Upkeep] = []
    async with house(data, guarded, on_burst=lambda *whose: upkeep[0].burst(*whose)) as opened:
        staff = (
            Appointed(Role.OWNER, (Place("telegram", "111", "111"),)),
            Appointed(Role.ANALYST, (Place("telegram", "222", "222"),)),
        )
        upkeep.append(
            Upkeep(opened.store, poster(opened, guarded), staff, clock=lambda: opened.now)
        )
        await opened.sign(*(f"new-{n}" for n in range(5)))
        await upkeep[0].look()
        await upkeep[0].look()
        assert len(opened.said["111"]) == 1
        assert "Beaucoup de signatures" in opened.said["111"][0].text
        assert "222" not in opened.said


async def test_the_alarm_comes_once_in_the_language_that_a_member_reads(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": BurstRule(signatures=2, minutes=10)})
    upkeep: list[Upkeep] = []
    async with house(data, guarded, on_burst=lambda *whose: upkeep[0].burst(*whose)) as opened:
        places = [Place("telegram", number, number) for number in ("110", "111", "112")]
        staff = (Appointed(Role.OWNER, tuple(places)),)
        upkeep.append(
            Upkeep(opened.store, poster(opened, guarded), staff, clock=lambda: opened.now)
        )
        await opened.press("111", "language:en")
        before = len(opened.said["111"])
        await opened.sign(*(f"new-{n}" for n in range(5)))
        await upkeep[0].look()
        (alarm,) = opened.said["111"][before:]
        assert "signatures" in alarm.text
        assert alarm.language == "en"
        assert not {"110", "112"} & opened.said.keys()


async def test_who_stops_the_reminders_of_one_action_keeps_those_of_another(data: Path) -> None:
    async with house(data, at=WEDNESDAY) as opened:
        await opened.start("anna")
        await opened.start("ben")
        for who in ("anna", "ben"):
            await opened.press(who, "remind:mamat:letter:tomorrow")
            await opened.press(who, "remind:mamat:support:tomorrow")
        await opened.press("anna", "remind:akber:letter:tomorrow")
        await opened.press("anna", "noremind:mamat:letter")
        async with opened.store.reading() as connection:
            kept = (await connection.execute(select(reminders.c.case, reminders.c.action))).all()
        assert sorted(map(tuple, kept)) == [
            ("akber", "letter"),
            ("mamat", "letter"),
            ("mamat", "support"),
            ("mamat", "support"),
        ]
