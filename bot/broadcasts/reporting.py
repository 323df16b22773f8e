"""How far a broadcast is, every few seconds, and what became of it in the end."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.broadcasts.aftermath import Aftermath
from bot.broadcasts.run import BroadcastRun
from bot.broadcasts.waiting import first_of
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.channel import Made, Sent
from bot.campaign.messages import words
from bot.campaign.scenes import staff_screens
from bot.campaign.scenes.staff_screens import Pace
from bot.desk.members import Staff
from bot.desk.messages import StaffMessages
from bot.store.broadcasts import figures as delivery_figures
from bot.store.broadcasts import records
from bot.store.broadcasts.deliveries import KEPT
from bot.store.database import Database
from bot.wording.rendering import ContentNow

log = structlog.get_logger()

EVERY = 3.0
SOON = 2.0
OVER = 20.0
"""Seconds over which the rate is taken."""
FOLLOWED = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Chart:
    """What a report's picture shows: deliveries so far (by the campaign's clock), by language.

    ``say``: its words, by "title", "subtitle", "over_time", "by_language", "file".
    """

    language: str
    say: Mapping[str, str]
    over_time: Sequence[tuple[datetime, int]]
    by_language: Sequence[tuple[str, int]]
    accent: str


Draw = Callable[[Chart], Awaitable[Made | None]]
"""Makes the picture; None where it cannot."""

PAUSED = 60
"""Seconds without a message after which the curve is drawn as a pause."""


class Reporting:
    """Progress and reports, in the chats of those who wrote and approved a broadcast."""

    def __init__(
        self,
        store: Database,
        staff: Staff,
        messages: StaffMessages,
        content: ContentNow,
        draw: Draw,
        aftermath: Aftermath,
    ):
        """Reads figures from this store."""
        self._draw = draw
        self._aftermath = aftermath
        self._store = store
        self._staff = staff
        self._messages = messages
        self._content = content

    async def follow(self, run: BroadcastRun, over: asyncio.Event) -> None:
        """Show how far it is, in one message a member, until ``over`` is set."""
        seen: deque[tuple[float, int]] = deque()
        # The chat has just had the answer to the approval: one message a second is its limit.
        await first_of(over, seconds=SOON)
        while not over.is_set():
            try:
                record = await self._record(run.number)
                if record is not None:
                    await self.show(record, self._pace(seen, record, run))
            except Exception as problem:
                log.warning("progress_not_shown", kind=type(problem).__name__)
            await first_of(over, seconds=EVERY)

    def _pace(
        self, seen: deque[tuple[float, int]], record: BroadcastRecord, run: BroadcastRun
    ) -> Pace:
        now = time.monotonic()
        seen.append((now, record.settled))
        while len(seen) > 2 and now - seen[0][0] > OVER:
            seen.popleft()
        span = now - seen[0][0]
        rate = (record.settled - seen[0][1]) / span if span > 0 else 0.0
        remaining = int((record.expected - record.settled) / rate) if rate > 0 else None
        note, until = run.note, ""
        if run.behind:
            note, until = "behind", str(run.behind)
        elif run.pace.waits > 1 and not note:
            note, until = "waits", str(round(run.pace.waits))
        elif run.talking:
            until = str(run.talking)
        elif run.until is not None:
            zone = ZoneInfo(self._content()[0].time_zone)
            until = run.until.astimezone(zone).strftime("%H:%M")
        return Pace(rate, remaining, note, until)

    async def show(self, record: BroadcastRecord, pace: Pace) -> None:
        """Change the message of each who follows it, or send it the first time."""
        shown = dict(record.progress)
        for mark in _followers(record):
            member = self._staff.by_mark(mark)
            if member is None:
                continue
            message = staff_screens.progress(record, pace, member)
            result = await self._messages.show(mark, message, shown.get(mark, ""))
            if isinstance(result, Sent) and result.ref and shown.get(mark) != result.ref:
                # At once: nobody else's message has to come for this one to be found again.
                shown[mark] = result.ref
                async with self._store.writing() as connection:
                    await records.show_progress(connection, record.broadcast.id, shown)

    async def show_state(self, number: int) -> None:
        """Show that it has stopped."""
        record = await self._record(number)
        if record is not None:
            await self.show(record, Pace())

    async def end(self, number: int) -> None:
        """Count what became of it, and send the report with its picture."""
        record = await self.count(number)
        if record is None:
            return
        await self.show(record, Pace())
        for mark in _followers(record):
            await self._hand(mark, record)

    async def count(self, number: int, *, followed: bool = False) -> BroadcastRecord | None:
        """Count anew all that a report tells, and keep it with the broadcast."""
        async with self._store.reading() as connection:
            record = await records.find(connection, number)
            if record is None:
                return None
            topic = record.broadcast.audience.topic
            curve = await delivery_figures.over_time(connection, number, 1)
            languages = await delivery_figures.by_language(connection, number)
            gone, left = await delivery_figures.no_longer_take(connection, number, topic)
        if not curve and record.report.get("over_time"):
            # The deliveries are gone: what was counted then stands.
            await self._note(number, {}, followed)
            return await self._record(number)
        figures = {
            "over_time": _thinned(curve),
            "by_language": languages,
            "gone": gone,
            "unsubscribed": left,
            "acted": dict(await self._aftermath.count(record)),
            "seconds": curve[-1][0] - curve[0][0] if curve else 0,
        }
        await self._note(number, figures, followed)
        return await self._record(number)

    async def _note(self, number: int, figures: Mapping[str, Any], followed: bool) -> None:
        async with self._store.writing() as connection:
            await records.note(connection, number, figures)
            if followed:
                await records.followed(connection, number)

    async def chart(self, record: BroadcastRecord, language: str) -> Made | None:
        """The picture of a report; None where it cannot be drawn."""
        campaign, wording = self._content()

        zone = ZoneInfo(campaign.time_zone)
        curve = [
            (datetime.fromtimestamp(at, UTC).astimezone(zone), count)
            for at, count in record.report.get("over_time", ())
        ]
        if not curve:
            return None
        said = {
            name: wording.text(words(f"staff.chart.{name}"), language, "plain")
            for name in ("over_time", "by_language", "file")
        }
        said["title"] = staff_screens.title(record.broadcast)
        began = words("staff.moment", at=staff_screens.when(record.broadcast.started_at, campaign))
        said["subtitle"] = wording.text(began, language, "plain")
        languages = [
            (wording.text(words("staff.language_name", language=code), language, "plain"), count)
            for code, count in record.report.get("by_language", ())
        ]
        return await self._draw(
            Chart(language, said, curve, languages, campaign.organisation.accent)
        )

    async def _hand(self, mark: str, record: BroadcastRecord) -> None:
        language = await self._messages.language(mark)
        if not language:
            return  # the shell, or somebody who cannot be reached
        campaign, _ = self._content()
        message = staff_screens.report(record, campaign)
        picture = await self.chart(record, language)
        if picture is None or not isinstance(
            await self._messages.hand(mark, message, picture), Sent
        ):
            await self._messages.say([mark], message)

    async def send(self, mark: str, number: int) -> None:
        """The report as it stands, for a member who asks for it."""
        record = await self.count(number)
        if record is not None:
            await self._hand(mark, record)

    async def follow_up(self, now: datetime) -> None:
        """Two days after the end: the report once more, with what people have done."""
        async with self._store.reading() as connection:
            due = await records.to_follow(connection, now - FOLLOWED, now - KEPT)
        for record in due:
            counted = await self.count(record.broadcast.id, followed=True)
            if counted is not None:
                for mark in _followers(counted):
                    await self._hand(mark, counted)

    async def _record(self, number: int) -> BroadcastRecord | None:
        async with self._store.reading() as connection:
            return await records.find(connection, number)


def _followers(record: BroadcastRecord) -> Iterable[str]:
    broadcast = record.broadcast
    return dict.fromkeys((broadcast.author, *broadcast.approved_by))


def _thinned(curve: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Deliveries so far, at a few hundred moments."""
    points: list[tuple[int, int]] = []
    so_far = 0
    step = max(1, len(curve) // 300)
    for place, (at, count) in enumerate(curve):
        if place and at - curve[place - 1][0] > PAUSED:
            # Level until it goes on: a line from before to after would show a slow rise.
            points += [(curve[place - 1][0], so_far), (at - 1, so_far)]
        so_far += count
        if place % step == 0 or place == len(curve) - 1:
            points.append((at, so_far))
    return points
