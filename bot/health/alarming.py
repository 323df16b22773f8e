"""Owners are told what is wrong and when it is over, and so is the program at BOT_ALARM_URL.

What is told is recorded with the message in one transaction: a restart repeats nothing and forgets
nothing. Where nothing can be recorded, it is said at once, past the outbox, once a process.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.channel import Channel, Keeping, Lane
from bot.campaign.messages import Message
from bot.campaign.scenes import alarms as texts
from bot.campaign.staff import Appointed, Role
from bot.clock import Clock
from bot.health.course import BEGUN, OVER, Lasting, Moment, Said, course
from bot.health.judging import State, ill_of, is_known
from bot.health.outside import Outside
from bot.store import alarms
from bot.store.alarms import Alarm
from bot.store.database import Database
from bot.upkeep.posting import Unasked, UnaskedMessages, where
from bot.upkeep.reminding import is_quiet

log = structlog.get_logger(__name__)

UNRECORDABLE = frozenset({"recording", "damaged"})


class Alarms:
    """One a process; works where it leads."""

    def __init__(
        self,
        store: Database,
        unasked: UnaskedMessages,
        channels: Mapping[str, Channel],
        staff: Sequence[Appointed],
        outside: Outside,
        clock: Clock,
        ticks: Callable[[], float],
    ):
        """Tells the owners among the staff, each where they write to the bot. ``ticks``: seconds
        of a clock that nobody sets."""
        self._store = store
        self._unasked = unasked
        self._channels = channels
        here = {
            member: tuple(place for place in member.places if place.channel in channels)
            for member in staff
            if member.role is Role.OWNER
        }
        self._owners = [replace(member, places=places) for member, places in here.items() if places]
        self._outside = outside
        self._clock = clock
        self._ticks = ticks
        self._lasting = Lasting()
        self._shouted: dict[str, Alarm] = {}
        self._posted: set[tuple[str, datetime, str]] = set()

    async def look(self, states: Sequence[State], closed: Collection[str] = ()) -> None:
        """Tell what is to be told now; ``closed`` are channels by which nobody can be told."""
        places = [place for owner in self._owners for place in owner.places]
        reached = not places or any(place.channel not in closed for place in places)
        at = Moment(self._clock(), self._ticks(), self._is_quiet, reached)
        if any(state.kind in UNRECORDABLE for state in states):
            await self._shout(states, at)
            return
        async with self._store.reading() as connection:
            known = await self._known(connection)
        before = {**self._shouted, **known}
        self._lasting.note(states, before, at)
        if self._shouted or course(before, states, self._lasting, at) != (known, []):
            await self._record(states, closed, at)
        if known or states:
            await self._post()

    async def _known(self, connection: AsyncConnection) -> dict[str, Alarm]:
        found = await alarms.find(connection)
        # Another version may have left what this one cannot tell, and nobody who can write to the
        # database shall have the bot say their words.
        return {name: one for name, one in found.items() if is_known(name, self._channels)}

    async def _record(self, states: Sequence[State], closed: Collection[str], at: Moment) -> None:
        async with self._store.writing() as connection:
            known = await self._known(connection)
            before = {**self._shouted, **known}
            self._lasting.note(states, before, at)  # one may have begun since it was read
            after, said = course(before, states, self._lasting, at)
            kept = [alarm for alarm in after.values() if not self._is_done(alarm)]
            await alarms.replace(connection, kept)
            messages = []
            for owner in self._owners if said else ():
                place, language = await where(connection, self._unasked.keys, owner, closed)
                messages += [
                    Unasked(place.channel, place.address, language, self._message(one, at.now))
                    for one in said
                ]
            outgoing = await self._unasked.record(connection, messages, at.now)
        self._shouted.clear()
        for one in said:
            log.info("owners_told", alarm=one.alarm.name, over=one.state is None)
        self._unasked.deliver(outgoing)

    def _is_done(self, alarm: Alarm) -> bool:
        return alarm.said == OVER and (not self._outside.hears_alarms or alarm.posted == OVER)

    def _message(self, said: Said, now: datetime) -> Message:
        if said.state is not None:
            return texts.begun(said.state.kind, said.state.values)
        ill, about = ill_of(said.alarm.name)
        since, until = (self._local(one) for one in (said.alarm.since, said.alarm.over or now))
        return texts.over(ill.kind, about, since, until)

    # -- where nothing can be recorded ----------------------------------------------------------

    async def _shout(self, states: Sequence[State], at: Moment) -> None:
        self._lasting.note(states, self._shouted, at)
        for state in states:
            since = self._lasting.begun(state.name, at)
            if not state.urgent or state.name in self._shouted or since is None:
                continue
            alarm = Alarm(state.name, since, told=at.now, said=BEGUN)
            self._shouted[state.name] = alarm
            log.error("owners_told_unrecorded", alarm=state.name)
            posted = await self._outside.post(_as_json(alarm, BEGUN))
            self._shouted[state.name] = replace(alarm, posted=BEGUN if posted else "")
            message = texts.begun(state.kind, state.values)
            for owner in self._owners:
                await self._say(owner, message)

    async def _say(self, owner: Appointed, message: Message) -> None:
        """To all their addresses: nobody can look up where they write to the bot."""
        language = self._unasked.campaign().language("")
        for place in owner.places:
            channel = self._channels[place.channel]
            if isinstance(channel, Keeping):
                continue  # what it keeps would have to be recorded
            markup = channel.capabilities.markup
            rendered = self._unasked.render(message, language, markup, "")
            await channel.send(place.address, rendered, (), Lane.CONVERSATION)

    # -- other programs -------------------------------------------------------------------------

    async def _post(self) -> None:
        """Tell the program outside what it has not heard; tried again at the next look."""
        if not self._outside.hears_alarms:
            return
        async with self._store.reading() as connection:
            known = await self._known(connection)
        heard = {}
        for alarm in known.values():
            for what in _unheard(alarm):
                mark = (alarm.name, alarm.since, what)
                if mark not in self._posted and not await self._outside.post(_as_json(alarm, what)):
                    break
                self._posted.add(mark)
                heard[alarm.name] = what
        if not heard:
            return
        async with self._store.writing() as connection:
            newest = await self._known(connection)
            after = [
                replace(alarm, posted=heard.get(alarm.name, alarm.posted))
                for alarm in newest.values()
            ]
            await alarms.replace(connection, [one for one in after if not self._is_done(one)])
        self._posted.clear()

    def _is_quiet(self, moment: datetime) -> bool:
        return is_quiet(self._unasked.campaign(), moment)

    def _local(self, moment: datetime) -> str:
        zone = ZoneInfo(self._unasked.campaign().time_zone)
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _unheard(alarm: Alarm) -> list[str]:
    """What the program outside is to hear of it, in order."""
    over = alarm.over is not None or ill_of(alarm.name)[0].passing
    wanted = [BEGUN, OVER] if over else [BEGUN]
    return wanted[wanted.index(alarm.posted) + 1 :] if alarm.posted in wanted else wanted


def _as_json(alarm: Alarm, what: str) -> dict[str, object]:
    ill, about = ill_of(alarm.name)
    return {
        "alarm": ill.kind,
        "about": about,
        "state": what,
        "since": alarm.since.isoformat(timespec="seconds"),
        "until": alarm.over.isoformat(timespec="seconds") if alarm.over else None,
        "remedy": ill.remedy,
    }
