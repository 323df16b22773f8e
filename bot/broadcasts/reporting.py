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
from bot.campaign.broadcast_rules.standing import Standing
from bot.campaign.channel import Made, Sent
from bot.campaign.content import Campaign
from bot.campaign.messages import words
from bot.campaign.scenes import staff_screens
from bot.campaign.scenes.staff_screens import Pace
from bot.desk.members import Staff
from bot.desk.messages import Telling
from bot.store.broadcasts import figures as delivery_figures
from bot.store.broadcasts import records
from bot.store.broadcasts.deliveries import KEPT
from bot.store.sqlite.database import Store
from bot.wording import Wording

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


class Reporting:
    """Progress and reports, in the chats of those who wrote and approved a broadcast."""

    def __init__(
        self,
        store: Store,
        staff: Staff,
        telling: Telling,
        content: Callable[[], tuple[Campaign, Wording]],
        draw: Draw,
        aftermath: Aftermath,
    ):
        """Reads figures from this store."""
        self._draw = draw
        self._aftermath = aftermath
        self._store = store
        self._staff = staff
        self._telling = telling
        self._content = content

    async def follow(self, run: BroadcastRun, over: asyncio.Event) -> None:
        """Show how far it is, in one message a member, until ``over`` is set."""
        seen: deque[tuple[float, int]] = deque()
        # The chat has just had the answer to the approval: one message a second is its limit.
        await first_of(over, seconds=SOON)
        while not over.is_set():
            try:
                standing = await self._standing(run.number)
                if standing is not None:
                    await self.show(standing, self._pace(seen, standing, run))
            except Exception as problem:
                log.warning("progress_not_shown", kind=type(problem).__name__)
            await first_of(over, seconds=EVERY)

    def _pace(self, seen: deque[tuple[float, int]], standing: Standing, run: BroadcastRun) -> Pace:
        now = time.monotonic()
        seen.append((now, standing.settled))
        while len(seen) > 2 and now - seen[0][0] > OVER:
            seen.popleft()
        span = now - seen[0][0]
        rate = (standing.settled - seen[0][1]) / span if span > 0 else 0.0
        remaining = int((standing.expected - standing.settled) / rate) if rate > 0 else None
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

    async def show(self, standing: Standing, pace: Pace) -> None:
        """Change the message of each who follows it, or send it the first time."""
        shown = dict(standing.progress)
        for mark in _followers(standing):
            member = self._staff.by_mark(mark)
            if member is None:
                continue
            message = staff_screens.progress(standing, pace, member)
            result = await self._telling.show(mark, message, shown.get(mark, ""))
            if isinstance(result, Sent) and result.ref and shown.get(mark) != result.ref:
                # At once: nobody else's message has to come for this one to be found again.
                shown[mark] = result.ref
                async with self._store.writing() as connection:
                    await records.show_progress(connection, standing.broadcast.id, shown)

    async def show_state(self, number: int) -> None:
        """Show that it has stopped."""
        standing = await self._standing(number)
        if standing is not None:
            await self.show(standing, Pace())

    async def end(self, number: int) -> None:
        """Count what became of it, and send the report with its picture."""
        standing = await self.count(number)
        if standing is None:
            return
        await self.show(standing, Pace())
        for mark in _followers(standing):
            await self._hand(mark, standing)

    async def count(self, number: int, *, followed: bool = False) -> Standing | None:
        """Count anew all that a report tells, and keep it with the broadcast."""
        async with self._store.reading() as connection:
            standing = await records.find(connection, number)
            if standing is None:
                return None
            topic = standing.broadcast.audience.topic
            curve = await delivery_figures.over_time(connection, number, 1)
            languages = await delivery_figures.by_language(connection, number)
            gone, left = await delivery_figures.no_longer_take(connection, number, topic)
        if not curve and standing.report.get("over_time"):
            # The deliveries are gone: what was counted then stands.
            await self._note(number, {}, followed)
            return await self._standing(number)
        figures = {
            "over_time": _thinned(curve),
            "by_language": languages,
            "gone": gone,
            "unsubscribed": left,
            "acted": dict(await self._aftermath.count(standing)),
            "seconds": curve[-1][0] - curve[0][0] if curve else 0,
        }
        await self._note(number, figures, followed)
        return await self._standing(number)

    async def _note(self, number: int, figures: Mapping[str, Any], followed: bool) -> None:
        async with self._store.writing() as connection:
            await records.note(connection, number, figures)
            if followed:
                await records.followed(connection, number)

    async def chart(self, standing: Standing, language: str) -> Made | None:
        """The picture of a report; None where it cannot be drawn."""
        campaign, wording = self._content()

        zone = ZoneInfo(campaign.time_zone)
        curve = [
            (datetime.fromtimestamp(at, UTC).astimezone(zone), count)
            for at, count in standing.report.get("over_time", ())
        ]
        if not curve:
            return None
        said = {
            name: wording.text(words(f"staff.chart.{name}"), language, "plain")
            for name in ("over_time", "by_language", "file")
        }
        said["title"] = staff_screens.title(standing.broadcast)
        began = words(
            "staff.moment", at=staff_screens.when(standing.broadcast.started_at, campaign)
        )
        said["subtitle"] = wording.text(began, language, "plain")
        languages = [
            (wording.text(words("staff.language_name", language=code), language, "plain"), count)
            for code, count in standing.report.get("by_language", ())
        ]
        return await self._draw(
            Chart(language, said, curve, languages, campaign.organisation.accent)
        )

    async def _hand(self, mark: str, standing: Standing) -> None:
        language = await self._telling.language(mark)
        if not language:
            return  # the shell, or somebody who cannot be reached
        campaign, _ = self._content()
        message = staff_screens.report(standing, campaign)
        picture = await self.chart(standing, language)
        if picture is None or not isinstance(
            await self._telling.hand(mark, message, picture), Sent
        ):
            await self._telling.say([mark], message)

    async def send(self, mark: str, number: int) -> None:
        """The report as it stands, for a member who asks for it."""
        standing = await self.count(number)
        if standing is not None:
            await self._hand(mark, standing)

    async def follow_up(self, now: datetime) -> None:
        """Two days after the end: the report once more, with what people have done."""
        async with self._store.reading() as connection:
            due = await records.to_follow(connection, now - FOLLOWED, now - KEPT)
        for standing in due:
            counted = await self.count(standing.broadcast.id, followed=True)
            if counted is not None:
                for mark in _followers(counted):
                    await self._hand(mark, counted)

    async def _standing(self, number: int) -> Standing | None:
        async with self._store.reading() as connection:
            return await records.find(connection, number)


def _followers(standing: Standing) -> Iterable[str]:
    broadcast = standing.broadcast
    return dict.fromkeys((broadcast.author, *broadcast.approved_by))


def _thinned(curve: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Deliveries so far, at a few hundred moments."""
    points: list[tuple[int, int]] = []
    so_far = 0
    step = max(1, len(curve) // 300)
    for place, (at, count) in enumerate(curve):
        so_far += count
        if place % step == 0 or place == len(curve) - 1:
            points.append((at, so_far))
    return points
