"""What becomes of alarms, and what owners hear: once that something is wrong, once that it is over.

Pure. At night owners hear only of what may lose something, and the end of what they were woken for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.health.judging import State, ill_of
from bot.store.alarms import Alarm

BEGUN, OVER = "begun", "over"


@dataclass(frozen=True, slots=True)
class Said:
    """What owners are told: of the state that has begun, or (None) that the alarm is over."""

    alarm: Alarm
    state: State | None


@dataclass(slots=True)
class Lasting:
    """Since when each state has been seen, and not seen: in memory, from the start on."""

    seen: dict[str, datetime]
    missed: dict[str, datetime]

    def note(self, states: Sequence[State], known: Mapping[str, Alarm], now: datetime) -> None:
        """What is to be seen now."""
        here = {state.name for state in states}
        self.seen = {name: self.seen.get(name, now) for name in here}
        gone = known.keys() - here
        self.missed = {name: self.missed.get(name, now) for name in gone}


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is decided. ``quiet``: whether nothing is sent unasked at a moment; ``reached``:
    whether an owner can be told just now."""

    now: datetime
    quiet: Callable[[datetime], bool]
    reached: bool


def course(
    known: Mapping[str, Alarm], states: Sequence[State], lasting: Lasting, at: Moment
) -> tuple[dict[str, Alarm], list[Said]]:
    """The alarms from now on, and what is to be said."""
    present = {state.name: state for state in states}
    kept, said = dict(known), []
    for name, state in present.items():
        if name not in kept and at.now - lasting.seen[name] >= _seconds(state.ill.patience):
            kept[name] = Alarm(name, lasting.seen[name])
    for name, alarm in kept.items():
        here = present.get(name)
        told, what = _told(_ended(alarm, here, lasting, at), here, at)
        kept[name] = told
        said += what
    return kept, said


def _ended(alarm: Alarm, here: State | None, lasting: Lasting, at: Moment) -> Alarm:
    """The alarm with its end, where it has one."""
    ill, _ = ill_of(alarm.name)
    if here is not None:
        if alarm.said == OVER:
            return Alarm(alarm.name, lasting.seen[alarm.name])
        # It has come back before anybody heard that it was over: it goes on.
        return replace(alarm, over=None)
    missed = lasting.missed.get(alarm.name, at.now)
    if alarm.over is None and not ill.passing and at.now - missed >= _seconds(ill.calm):
        return replace(alarm, over=missed)
    return alarm


def _told(alarm: Alarm, here: State | None, at: Moment) -> tuple[Alarm, list[Said]]:
    ill, about = ill_of(alarm.name)
    quiet = at.quiet(at.now)
    if not at.reached or alarm.said == OVER:
        return alarm, []
    if alarm.over is not None:
        woken = alarm.told is not None and at.quiet(alarm.told)
        if quiet and not woken:
            return alarm, []
        return replace(alarm, said=OVER), [Said(alarm, None)]
    state = here or (State(ill.kind, about) if ill.passing else None)
    if state is None or alarm.said or (quiet and not state.urgent):
        return alarm, []
    done = replace(alarm, told=at.now, said=OVER if ill.passing else BEGUN)
    return done, [Said(alarm, state)]


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
