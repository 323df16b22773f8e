"""What happens to broadcasts while the bot runs: orders obeyed, audiences counted, one sent at a
time, the ends reported. What staff do in the chat is on record already; the office acts on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.broadcasts import acting
from bot.broadcasts.delivering import Verdict, first_of
from bot.broadcasts.lane import BroadcastLane
from bot.broadcasts.mission import OBSERVED, Mission, Surroundings
from bot.broadcasts.notices import Notices
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.reporting import Draw, Reporting
from bot.broadcasts.retracting import retract
from bot.broadcasts.road import Road
from bot.broadcasts.sampling import Samples
from bot.broadcasts.staffing import CHANNEL, Staff
from bot.broadcasts.telling import Telling
from bot.campaign.broadcasting import acts
from bot.campaign.broadcasting.allowing import NotAllowed, Rules
from bot.campaign.broadcasting.broadcast import Broadcast, State
from bot.campaign.broadcasting.standing import Standing
from bot.campaign.broadcasting.timing import is_due, is_too_late
from bot.campaign.content import Campaign
from bot.campaign.delivery import Channel, Outgoing
from bot.campaign.messages import Message, Rendered
from bot.keys import Keys
from bot.pacing import SharedRate
from bot.store import broadcasts, deliveries, desk, orders
from bot.store.database import Store
from bot.wording import Wording

log = structlog.get_logger()

LOOKS = 0.5
"""Seconds between two looks at what another process has changed (the commands of the shell)."""
HOURLY = 3600.0


class Office:
    """Runs beside the engine; one a process."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        staff: Staff,
        channels: dict[str, Channel],
        content: Callable[[], tuple[Campaign, Wording]],
        pace: SharedRate,
        deliver: Callable[[Sequence[Outgoing]], None],
        beside: Callable[[str, str], float],
        draw: Draw,
        *,
        paid_rate: float = 0.0,
        observed: float = OBSERVED,
        desk_read: Callable[[Mapping[str, str]], None] = lambda values: None,
    ):
        """``channels``: those that can be written to unasked. ``pace`` is shared with the sender,
        which ``deliver`` and ``beside`` belong to.

        ``observed``: seconds for which the first recipients are watched. ``desk_read`` hears what
        staff have set besides.
        """
        self._desk_read = desk_read
        self._store = store
        self._keys = keys
        self._staff = staff
        self._channels = channels
        self._content = content
        self._recipients = Recipients(store, keys, lambda: content()[0], list(channels))

        def lane(paid: bool) -> BroadcastLane:
            if paid and paid_rate:
                return BroadcastLane(None, paid_rate)
            return BroadcastLane(pace, pace.rate)

        def speak(message: Message, language: str) -> Rendered:
            return content()[1].render(message, language, "telegram")

        self._around = Surroundings(
            store, keys, channels, self._recipients, content, lane, Road(), observed
        )
        channel = channels.get(CHANNEL)
        self._telling = Telling(store, keys, staff, channel, speak, deliver, beside)
        self._notices = Notices(staff, self._telling)
        self._reporting = Reporting(store, self._telling, content, draw, self._recipients)
        self._samples = Samples(
            store,
            staff,
            self._telling,
            self._notices,
            self._reporting,
            self._recipients,
            content,
        )
        self._missions: dict[int, Mission] = {}
        self._busy: dict[tuple[str, int], asyncio.Task[None]] = {}
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
                    log.error("office_failed", kind=type(problem).__name__, exc_info=True)
                    await asyncio.sleep(1.0)
                await first_of(self._woken, seconds=LOOKS)
        finally:
            for mission in self._missions.values():
                mission.halt()
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=5.0)

    async def _look(self) -> None:
        async with self._store.reading() as connection:
            waiting = await orders.waiting(connection)
            live = await broadcasts.in_states(
                connection, (State.REVIEW, State.APPROVED, State.SENDING)
            )
            retracting = await broadcasts.retracting(connection)
            kept = await desk.values(connection)
        self._desk_read(kept)
        for order in waiting:
            self._spawn(order.act, order.id, self._samples.show(order))
        if waiting:
            async with self._store.writing() as connection:
                await orders.settle(connection, [order.id for order in waiting])
        now = datetime.now(UTC)
        states = {one.broadcast.id: one.broadcast.state for one in live}
        for number, mission in self._missions.items():
            if states.get(number) is not State.SENDING:
                mission.halt()
        for one in live:
            broadcast = one.broadcast
            if broadcast.state is State.REVIEW and not broadcast.is_counted:
                self._spawn("count", broadcast.id, self._count(broadcast))
            elif is_due(broadcast, now):
                await self._begin(broadcast, now)
            elif broadcast.state is State.APPROVED and one.report.get("told") != _agreed(broadcast):
                self._spawn("told", broadcast.id, self._approved_for_later(one))
            elif broadcast.state is State.SENDING and ("send", broadcast.id) not in self._busy:
                mission = self._missions[broadcast.id] = Mission(self._around, one)
                self._spawn("send", broadcast.id, self._send(mission))
        for number in retracting:
            self._spawn("retract", number, self._retract(number))
        loop = asyncio.get_running_loop()
        if loop.time() > self._hourly:
            self._hourly = loop.time() + HOURLY
            self._spawn("hourly", 0, self._hour(now))

    def _spawn(self, kind: str, number: int, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside, once at a time."""
        if (kind, number) in self._busy:
            work.close()
            return
        task = asyncio.create_task(self._safely(kind, number, work))
        self._busy[kind, number] = task
        task.add_done_callback(lambda _: self._busy.pop((kind, number), None))

    async def _safely(self, kind: str, number: int, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as problem:
            log.error(
                "office_failed",
                work=kind,
                broadcast=number,
                kind=type(problem).__name__,
                exc_info=True,
            )
            await asyncio.sleep(5.0)  # and then it is tried again

    # -- what the bot does by itself -----------------------------------------------------------

    async def _act(self, number: int, name: str, value: str = "") -> Broadcast:
        async with self._store.writing() as connection:
            return await acting.act(
                connection,
                self._keys,
                number,
                name,
                value,
                acts.the_bot(),
                await self._rules(connection),
                datetime.now(UTC),
            )

    async def _rules(self, connection: Any) -> Rules:
        kept = await desk.values(connection)
        return Rules(int(kept.get(acting.APPROVALS, "1")), self._content()[0])

    async def _begin(self, broadcast: Broadcast, now: datetime) -> None:
        if is_too_late(broadcast, now):
            await self._act(broadcast.id, "pause", "late")
            await self._notices.halted(broadcast, "late")
        else:
            await self._act(broadcast.id, "start")
        self.wake()

    async def _count(self, broadcast: Broadcast) -> None:
        number = await self._recipients.count(broadcast, datetime.now(UTC))
        with suppress(NotAllowed):  # changed meanwhile: counted again at the next look
            counted = await self._act(broadcast.id, "counted", f"{number}:{broadcast.fingerprint}")
            if not counted.is_counted or counted.state is not State.REVIEW:
                return
            async with self._store.reading() as connection:
                rules = await self._rules(connection)
            await self._notices.review(counted, rules)

    async def _approved_for_later(self, standing: Standing) -> None:
        broadcast = standing.broadcast
        await self._notices.approved_for_later(broadcast, self._content()[0])
        async with self._store.writing() as connection:
            told = {**standing.report, "told": _agreed(broadcast)}
            await broadcasts.report(connection, broadcast.id, told)

    async def _send(self, mission: Mission) -> None:
        log.info("broadcast_sending", broadcast=mission.number)
        showing = asyncio.create_task(self._reporting.follow(mission))
        try:
            verdict = await mission.run()
        except LookupError:
            paused = await self._act(mission.number, "pause", "file")
            await self._notices.halted(paused, "file")
            return
        finally:
            showing.cancel()
            del self._missions[mission.number]
        log.info("broadcast_stopped", broadcast=mission.number, verdict=verdict.value)
        if verdict is Verdict.DONE:
            with suppress(NotAllowed):
                await self._act(mission.number, "finish")
            await self._reporting.end(mission.number)
        elif verdict is Verdict.CANARY:
            paused = await self._act(mission.number, "pause", "canary")
            await self._notices.halted(paused, mission.why)
        else:
            await self._reporting.show_state(mission.number)
        self.wake()

    async def _retract(self, number: int) -> None:
        lane = self._around.lane(False)
        async with self._store.reading() as connection:
            standing = await broadcasts.find(connection, number)
        deleted, failed = await retract(self._store, self._keys, self._channels, lane, number)
        await self._act(number, "retracted")
        if standing is not None:
            await self._notices.retracted(standing.broadcast, deleted, failed)

    async def _hour(self, now: datetime) -> None:
        await self._reporting.follow_up(now)
        more = True
        while more:
            async with self._store.writing() as connection:
                await orders.drop(connection, now - deliveries.KEPT)
                more = await deliveries.drop(connection, now - deliveries.KEPT)
            await asyncio.sleep(0.05)


def _agreed(broadcast: Broadcast) -> str:
    """What was approved, and for when."""
    return f"{broadcast.approved_hash} {broadcast.at}"
