"""Looks at what staff have done to broadcasts and sees to what is due. What they do is on record
already, from the chat or the shell; here it is acted on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.broadcasts.aftermath import Aftermath
from bot.broadcasts.lifecycle import Lifecycle, agreed
from bot.broadcasts.pace import BroadcastPace
from bot.broadcasts.previews import Previews
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.reporting import Draw, Reporting
from bot.broadcasts.run import OBSERVED, BroadcastRun, RunContext
from bot.broadcasts.send_slot import SendSlot
from bot.broadcasts.waiting import first_of
from bot.campaign.broadcast_rules.broadcast import STOPPED, State
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.broadcast_rules.timing import is_due
from bot.campaign.channel import Channel, Deliver
from bot.campaign.desk_commands.inbox import NoteLetter, SendAnswers
from bot.campaign.desk_commands.requests import ShowFigures
from bot.campaign.messages import Markup, Message, Rendered
from bot.campaign.urgent import approvals_untold, decisions, untold
from bot.clock import Clock, utc_now
from bot.desk.figures_told import FiguresTold
from bot.desk.inbox_told import InboxTold
from bot.desk.invitations import Invitations
from bot.desk.members import Staff
from bot.desk.messages import StaffMessages
from bot.desk.notices import Notices
from bot.desk.second_factor import SecondFactors
from bot.engine.talking import Talking
from bot.keys import Keys
from bot.meters import Meters
from bot.pacing import SharedRate
from bot.store import staff_settings
from bot.store.broadcasts import desk_requests, records
from bot.store.database import Database
from bot.trouble import PlatformTrouble
from bot.wording.rendering import ContentNow

log = structlog.get_logger()

LOOKS = 0.5
"""Seconds between two looks at what another process has changed (the commands of the shell)."""
HOURLY = 3600.0
NEWS = timedelta(days=2)
"""What stopped longer ago needs no telling."""


class Scheduler:
    """Runs beside the engine, one a process: each knows what staff have set, the leader acts."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        staff: Staff,
        channels: Mapping[str, Channel],
        content: ContentNow,
        pace: SharedRate,
        deliver: Deliver,
        beside: Callable[[str, str], float],
        troubles: Mapping[str, PlatformTrouble],
        draw: Draw,
        factors: SecondFactors,
        *,
        web: str = "",
        paid_rate: float = 0.0,
        observed: float = OBSERVED,
        desk_read: Callable[[Mapping[str, str]], None] = lambda values: None,
        meters: Meters | None = None,
        clock: Clock = utc_now,
        talking: Talking | None = None,
    ):
        """``channels``: all of them; broadcasts go to those that write first. ``pace`` is shared
        with the sender, which ``deliver``, ``beside`` and ``troubles`` belong to.

        ``observed``: seconds for which the first recipients are watched. ``desk_read`` hears what
        staff have set besides. ``web``: the public address of the pages. ``talking``: told by the
        engine of who writes.
        """
        self._desk_read = desk_read
        self._store = store
        aftermath = Aftermath(store, keys, lambda: content()[0])
        writing = {
            name: channel for name, channel in channels.items() if channel.capabilities.writes_first
        }
        able = [one.capabilities for one in writing.values()]
        talking = talking or Talking(clock)
        recipients = Recipients(store, keys, lambda: content()[0], able, clock, talking)

        def pace_of(paid: bool) -> BroadcastPace:
            if paid and paid_rate:
                return BroadcastPace(None, paid_rate)
            return BroadcastPace(pace, pace.rate)

        def speak(message: Message, language: str, markup: Markup) -> Rendered:
            return content()[1].render(message, language, markup)

        self._around = RunContext(
            store,
            keys,
            writing,
            recipients,
            aftermath,
            content,
            pace_of,
            SendSlot(),
            troubles,
            factors,
            talking,
            meters or Meters(),
            clock,
            observed,
        )
        messages = StaffMessages(store, keys, staff, channels, speak, deliver, beside, clock)
        notices = Notices(staff, messages)
        reporting = Reporting(store, staff, messages, content, draw, aftermath)
        self._previews = Previews(
            store,
            keys,
            staff,
            messages,
            notices,
            reporting,
            recipients,
            content,
        )
        self._figures = FiguresTold(store, staff, messages, lambda: content()[0], clock)
        self._inbox = InboxTold(
            store,
            keys,
            staff,
            messages,
            channels,
            speak,
            deliver,
            lambda: content()[0],
            web,
            clock,
        )
        self._invitations = Invitations(store, keys, staff, messages, web, clock)
        self._lifecycle = Lifecycle(self._around, notices, reporting, self.wake)
        self._busy: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._busy_before: frozenset[tuple[str, int]] = frozenset()
        self._woken = asyncio.Event()
        self._hourly = 0.0

    def wake(self) -> None:
        """Something was changed: look at once."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled; what is being sent is then recorded, and goes on at the next
        start."""
        try:
            while True:
                self._woken.clear()
                try:
                    await self._look()
                except Exception as problem:
                    log.error("scheduler_failed", kind=type(problem).__name__, exc_info=True)
                    await asyncio.sleep(1.0)
                await first_of(self._woken, seconds=LOOKS)
        finally:
            for run in self._lifecycle.runs.values():
                run.halt()
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=5.0)

    async def _look(self) -> None:
        now = self._around.clock()
        self._busy_before = frozenset(self._busy)
        async with self._store.reading() as connection:
            kept = await staff_settings.values(connection, self._around.keys)
            self._desk_read(kept)
            if not self._store.leader.leads:
                return
            waiting = await desk_requests.waiting(connection, self._around.keys)
            live = await records.in_states(
                connection, (State.REVIEW, State.APPROVED, State.SENDING), self._around.keys
            )
            stopped = await records.not_shown(connection, STOPPED, now - NEWS)
            retracting = await records.retracting(connection, self._around.keys)
        for request in waiting:
            self._spawn(request.kind, request.id, self._answered(request))
        if waiting:
            async with self._store.writing() as connection:
                await desk_requests.settle(connection, [request.id for request in waiting])
        for one in (*live, *retracting):
            if not one.vouched:
                self._spawn("expel", one.broadcast.id, self._lifecycle.expel(one.broadcast.id))
        live = [one for one in live if one.vouched]
        self._halt_what_changed(live)
        for one in live:
            self._attend(one, now)
        for one in stopped:
            if not self._is_busy("send", one.broadcast.id):
                self._spawn("close", one.broadcast.id, self._lifecycle.close(one))
        for number in (one.broadcast.id for one in retracting if one.vouched):
            # Not before what is on its way has landed and is on record.
            if not self._is_busy("send", number):
                self._spawn("retract", number, self._lifecycle.retract(number))
        if approvals_untold(kept):
            self._spawn("approvals", 0, self._lifecycle.tell_approvals(kept))
        if untold(kept) or decisions(kept):
            self._spawn("proposals", 0, self._lifecycle.tell_proposals(kept))
        loop = asyncio.get_running_loop()
        if loop.time() > self._hourly:
            self._hourly = loop.time() + HOURLY
            self._spawn("hourly", 0, self._lifecycle.hourly(now))

    def _answered(self, request: desk_requests.DeskRequest) -> Coroutine[Any, Any, None]:
        match request.command:
            case NoteLetter(urgent=urgent):
                return self._inbox.announce(urgent=urgent)
            case SendAnswers(thread=thread):
                return self._inbox.send(thread)
            case ShowFigures():
                return self._figures.show(request.member)
            case command if isinstance(command, desk_requests.AboutMembers):
                return self._invitations.show(request)
        return self._previews.show(request)

    def _halt_what_changed(self, live: Sequence[BroadcastRecord]) -> None:
        """Stopped by staff, or corrected: it goes on with the new words where it still sends."""
        sending = {one.broadcast.id: one.broadcast for one in live}
        for number, run in self._lifecycle.runs.items():
            now = sending.get(number)
            if now is None or now.state is not State.SENDING or not run.sends(now):
                run.halt()

    def _attend(self, one: BroadcastRecord, now: datetime) -> None:
        """What is to be done about it next."""
        broadcast, lifecycle = one.broadcast, self._lifecycle
        number = broadcast.id
        if broadcast.state is State.REVIEW:
            if not broadcast.is_counted:
                self._spawn("count", number, lifecycle.count(broadcast))
            elif not broadcast.asked:
                self._spawn("ask", number, lifecycle.ask(broadcast))
        elif is_due(broadcast, now):
            self._spawn("begin", number, lifecycle.begin(broadcast, now))
        elif broadcast.state is State.APPROVED:
            if one.report.get("told") != agreed(broadcast):
                self._spawn("told", number, lifecycle.tell_author(one))
        elif not self._is_busy("send", number):
            run = lifecycle.runs[number] = BroadcastRun(self._around, one)
            self._spawn("send", number, lifecycle.send(run))

    def _spawn(self, kind: str, number: int, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside, once at a time."""
        if self._is_busy(kind, number):
            work.close()
            return
        task = asyncio.create_task(self._safely(kind, number, work))
        self._busy[kind, number] = task
        task.add_done_callback(lambda _: self._busy.pop((kind, number), None))

    def _is_busy(self, kind: str, number: int) -> bool:
        """Also where it has come to its end since the last look: what was read is older than what
        came of it, and would have it done twice."""
        return (kind, number) in self._busy or (kind, number) in self._busy_before

    async def _safely(self, kind: str, number: int, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as problem:
            log.error(
                "scheduler_failed",
                work=kind,
                broadcast=number,
                kind=type(problem).__name__,
                exc_info=True,
            )
            await asyncio.sleep(5.0)  # and then it is tried again
