"""What becomes of alarms, and what owners hear: once that something is wrong, once that it is over.

Pure. At night owners hear only of what may lose something, and the end of what they were woken for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.health.judging import State, ill_of
from bot.store.alarms import Alarm

BEGUN, OVER = "begun", "over"


@dataclass(frozen=True, slots=True)
class Said:
    """What owners are told: of the state that has begun, or (None) that the alarm is over."""

    alarm: Alarm
    state: State | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is decided. ``ticks``: seconds of a clock that nobody sets; ``quiet``: whether
    nothing is sent unasked at a moment; ``reached``: whether an owner can be told just now."""

    now: datetime
    ticks: float
    quiet: Callable[[datetime], bool]
    reached: bool


class Lasting:
    """Since when each state has been seen, and not seen: in memory, from the start on."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: dict[str, Moment] = {}
        self._missed: dict[str, Moment] = {}

    def note(self, states: Sequence[State], known: Iterable[str], at: Moment) -> None:
        """What is to be seen now, and what is not any more."""
        here = {state.name for state in states}
        self._seen = {name: self._seen.get(name, at) for name in here}
        self._missed = {name: self._missed.get(name, at) for name in {*known} - here}

    def begun(self, name: str, at: Moment) -> datetime | None:
        """Since when it has been seen, where it has lasted for long enough to be told."""
        return _since(self._seen.get(name), ill_of(name)[0].patience, at)

    def over(self, name: str, at: Moment) -> datetime | None:
        """Since when it has not been seen, where it is unlikely to come again at once."""
        return _since(self._missed.get(name), ill_of(name)[0].calm, at)


def _since(first: Moment | None, least: float, at: Moment) -> datetime | None:
    return first.now if first is not None and at.ticks - first.ticks >= least else None


def course(
    known: Mapping[str, Alarm], states: Sequence[State], lasting: Lasting, at: Moment
) -> tuple[dict[str, Alarm], list[Said]]:
    """The alarms from now on, and what is to be said."""
    present = {state.name: state for state in states}
    kept, said = dict(known), []
    for name in present:
        if name not in kept and (since := lasting.begun(name, at)) is not None:
            kept[name] = Alarm(name, since)
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
            since = lasting.begun(alarm.name, at)
            return alarm if since is None else Alarm(alarm.name, since)
        # It has come back before anybody heard that it was over: it goes on.
        return replace(alarm, over=None)
    if alarm.over is None and not ill.passing:
        return replace(alarm, over=lasting.over(alarm.name, at))
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
