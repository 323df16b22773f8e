"""What the bot does for broadcasts by itself: counts, asks for reviews, starts, sends, tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts.delivery import Ending
from bot.broadcasts.rendering import FileGone
from bot.broadcasts.reporting import Reporting
from bot.broadcasts.retraction import retract
from bot.broadcasts.run import BroadcastRun, RunContext
from bot.campaign import urgent
from bot.campaign.broadcast_rules.acts import the_bot
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.broadcast_rules.timing import is_too_late
from bot.campaign.desk_commands.broadcasts import (
    BroadcastCommand,
    Finish,
    NoteAsked,
    NoteCount,
    NoteRetracted,
    Pause,
    Start,
)
from bot.desk import acts
from bot.desk.notices import Notices
from bot.store import staff_settings
from bot.store.broadcasts import deliveries, desk_requests, records

log = structlog.get_logger()

SHOWN_WITHIN = 10.0


class Lifecycle:
    """Each may be left at any point by a crash, and is then done from the beginning."""

    def __init__(
        self,
        around: RunContext,
        notices: Notices,
        reporting: Reporting,
        changed: Callable[[], None],
    ):
        """``changed`` is called when something else may have become due."""
        self._around = around
        self._store = around.store
        self._notices = notices
        self._reporting = reporting
        self._changed = changed
        self.runs: dict[int, BroadcastRun] = {}

    async def _act(self, command: BroadcastCommand) -> Broadcast:
        async with self._store.writing() as connection:
            rules, now = await self._rules(connection), self._around.clock()
            acting = acts.Acting(
                connection, self._around.keys, the_bot(), rules, now, self._around.factors
            )
            return await acts.act(acting, command)

    async def _rules(self, connection: AsyncConnection) -> Rules:
        channels = tuple(one.capabilities for one in self._around.channels.values())
        return await acts.rules_now(connection, self._around.content()[0], channels)

    async def count(self, broadcast: Broadcast) -> None:
        """How many it would go to now, for those who are to approve it."""
        number = await self._around.recipients.count(broadcast)
        with suppress(NotAllowed):  # changed meanwhile: counted again at the next look
            await self._act(NoteCount(broadcast.id, number, broadcast.fingerprint))
        self._changed()

    async def ask(self, broadcast: Broadcast) -> None:
        """Have it reviewed."""
        async with self._store.reading() as connection:
            rules = await self._rules(connection)
            before = await records.find(connection, broadcast.corrects)
        why = await self._around.recipients.why_nobody(broadcast) if not broadcast.counted else ""
        had = before.broadcast if before else None
        await self._notices.review(broadcast, rules, had, why)
        with suppress(NotAllowed):
            await self._act(NoteAsked(broadcast.id))

    async def begin(self, broadcast: Broadcast, now: datetime) -> None:
        """Its hour has come; asks instead where that is long past, or where it would cost more
        than what was approved."""
        try:
            if is_too_late(broadcast, now):
                await self._stop(broadcast.id, "late")
            elif broadcast.paid and await self._costs_more(broadcast):
                await self._stop(broadcast.id, "grown")
            else:
                await self._act(Start(broadcast.id))
        except NotAllowed as refusal:
            # Changed by staff just now, and looked at again; or approved as something else, as by
            # an earlier version of the program: then it is theirs to say.
            if refusal.reason == "changed":
                await self._stop(broadcast.id, "changed")
        self._changed()

    async def _costs_more(self, broadcast: Broadcast) -> bool:
        number = await self._around.recipients.count(broadcast)
        if number <= (broadcast.counted or 0):
            return False
        await self._act(NoteCount(broadcast.id, number, broadcast.fingerprint))
        return True

    async def _stop(self, number: int, why: str, told: str = "") -> None:
        paused = await self._act(Pause(number, why))
        await self._notices.halted(paused, told or why)

    async def tell_author(self, record: BroadcastRecord) -> None:
        """It was approved, for later."""
        broadcast = record.broadcast
        await self._notices.approved_for_later(broadcast, self._around.content()[0])
        await self._note(broadcast.id, told=agreed(broadcast))

    async def send(self, run: BroadcastRun) -> None:
        """Send it, and say what came of that."""
        number = run.number
        log.info("broadcast_sending", broadcast=number)
        over = asyncio.Event()
        showing = asyncio.create_task(self._reporting.follow(run, over))
        try:
            await self._shown(number, "")
            verdict = await run.run()
        except FileGone:
            await self._stop(number, "file")
            return
        finally:
            over.set()
            # What is being shown has a name only once it is there.
            await asyncio.wait((showing,), timeout=SHOWN_WITHIN)
            showing.cancel()
            del self.runs[number]
        log.info("broadcast_stopped", broadcast=number, verdict=verdict.value)
        if verdict is Ending.DONE:
            with suppress(NotAllowed):
                await self._act(Finish(number))
        elif verdict is Ending.CANARY:
            await self._stop(number, "canary", run.why)
        self._changed()

    async def close(self, record: BroadcastRecord) -> None:
        """Show that it has stopped or ended; report where it has ended."""
        broadcast = record.broadcast
        was_sent = broadcast.state is State.CANCELLED and record.settled
        if broadcast.state is State.DONE or was_sent:
            await self._reporting.end(broadcast.id)
        else:
            await self._reporting.show_state(broadcast.id)
        await self._shown(broadcast.id, broadcast.state.value, record.changed_at)

    async def retract(self, number: int) -> None:
        """Delete its messages."""
        around = self._around
        async with self._store.reading() as connection:
            record = await records.find(connection, number)
        if record is None:
            return
        pace = around.pace(False)
        deleted, failed = await retract(
            around.store, around.keys, around.channels, pace, number, around.clock()
        )
        await self._note(number, deleted=deleted, undeleted=failed)
        await self._act(NoteRetracted(number))
        await self._notices.retracted(record.broadcast, deleted, failed)

    async def tell_proposals(self, values: Mapping[str, str]) -> None:
        """Those who decide hear of what is proposed for the banner and the cases, and those who
        proposed it of what was decided."""
        async with self._store.reading() as connection:
            rules = await self._rules(connection)
        for about, proposed in urgent.untold(values).items():
            await self._notices.proposed(about, proposed, rules)
            async with self._store.writing() as connection:
                await staff_settings.put(connection, f"told.{about}", proposed.fingerprint)
        for about, decision in urgent.decisions(values).items():
            await self._notices.decided(about, decision, rules.campaign)
            async with self._store.writing() as connection:
                await staff_settings.put(connection, f"decided.{about}", "")

    async def tell_approvals(self, values: Mapping[str, str]) -> None:
        """All staff hear whether somebody else must approve from now on, whoever has set it."""
        now = urgent.approvals(values)
        await self._notices.approvals_set(now)
        async with self._store.writing() as connection:
            await staff_settings.put(connection, urgent.TOLD_APPROVALS, str(now))

    async def hourly(self, now: datetime) -> None:
        """Reports of two days later; what is kept no longer."""
        await self._reporting.follow_up(now)
        more = True
        while more:
            async with self._store.writing() as connection:
                await desk_requests.drop(connection, now - deliveries.KEPT)
                more = await deliveries.drop(connection, now - deliveries.KEPT)
            await asyncio.sleep(0.05)

    async def _shown(
        self, number: int, state: str, unchanged_since: datetime | None = None
    ) -> None:
        async with self._store.writing() as connection:
            await records.shown(connection, number, state, unchanged_since)

    async def _note(self, number: int, **figures: object) -> None:
        async with self._store.writing() as connection:
            await records.note(connection, number, figures)


def agreed(broadcast: Broadcast) -> str:
    """What was approved, and for when."""
    return f"{broadcast.approved_hash} {broadcast.at}"
