"""Whom a broadcast is for, and how it goes out: switches, one tap each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.messages import Button, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import staff_screens
from bot.campaign.scenes.staff_broadcast import record_of
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.turn import Turn

DAYS = (0, 30, 90, 365)
HOURS = (0, 24, 72, 168)
YES_NO = ("", "yes", "no")


def audience(turn: Turn, number: str) -> Outcome:
    """Every condition with its state; a tap takes the next."""
    return audience_of(turn, record_of(turn, number))


def audience_of(turn: Turn, record: BroadcastRecord) -> Outcome:
    """The same, of one that was just changed."""
    return turn.answer(
        turn.screen(
            words("staff.audience", line=staff_screens.audience(record.broadcast, turn.campaign)),
            *_conditions(turn, record),
            (button("count", f"staff.count:{record.broadcast.id}"),),
            (button("back", f"staff.show:{record.broadcast.id}"),),
        )
    )


def which_case(turn: Turn, number: str) -> Outcome:
    """Whose case recipients have looked at last."""
    here = record_of(turn, number).broadcast.id
    every = [(case.full_name, case_id) for case_id, case in turn.campaign.cases.items()]
    return turn.answer(
        turn.screen(
            words("staff.which_case"),
            *(
                (button("aimed_case", f"staff.aim:{here}:case:{case_id}", name=name),)
                for name, case_id in (("", ""), *every)
            ),
            (button("back", f"staff.audience:{here}"),),
        )
    )


def _conditions(turn: Turn, record: BroadcastRecord) -> Iterator[tuple[Button, ...]]:
    aimed, here = record.broadcast.audience, record.broadcast.id

    def aim(label: str, value: str, **shown: str | int) -> Button:
        return button(f"aim_{label}", f"staff.aim:{here}:{label}:{value}", **shown)

    topics = turn.campaign.topics
    following = topics[(topics.index(aimed.topic) + 1) % len(topics)]
    yield (
        button(
            "aim_topic",
            f"staff.aim:{here}:topic:{following}",
            now=words(f"updates.topic.{aimed.topic}"),
        ),
    )
    yield tuple(
        aim("languages", code, code=code, on=int(code in aimed.languages))
        for code in turn.campaign.languages
    )
    yield (
        button(
            "aim_case",
            f"staff.which_case:{here}",
            now=staff_screens.case_name(aimed.case, turn.campaign),
        ),
        button("aim_source", f"staff.source:{here}", now=aimed.source),
    )
    yield tuple(
        aim(name, _after(YES_NO, getattr(aimed, name)), now=getattr(aimed, name))
        for name in ("signed", "done", "pledged")
    )
    yield (
        aim("active_days", str(_after(DAYS, aimed.active_days)), now=aimed.active_days),
        aim("rest_hours", str(_after(HOURS, aimed.rest_hours)), now=aimed.rest_hours),
    )


Value = TypeVar("Value")


def _after(values: tuple[Value, ...], now: Value) -> Value:
    return values[(values.index(now) + 1) % len(values)] if now in values else values[0]


def options(turn: Turn, number: str) -> Outcome:
    """How it goes out."""
    return options_of(turn, record_of(turn, number))


def options_of(turn: Turn, record: BroadcastRecord) -> Outcome:
    """The same, of one that was just changed."""
    broadcast = record.broadcast
    names = ["canary", "quiet", "hold_unknown"]
    if desk_of(turn).paid_rate or broadcast.paid:
        names.append("paid")
    rows: list[tuple[Button, ...]] = []
    for name in names:
        on = bool(getattr(broadcast, name))
        data = f"staff.switch:{broadcast.id}:{name}:{'off' if on else 'on'}"
        rows.append((button(f"switch_{name}", data, on=int(on)),))
    rows.append((button("title", f"staff.title:{broadcast.id}"),))
    rows.append((button("back", f"staff.show:{broadcast.id}"),))
    rate = int(desk_of(turn).paid_rate)
    return turn.answer(turn.screen(words("staff.options", rate=rate), *rows))


ROUTES = (
    Route("staff.audience", audience, staff=True),
    Route("staff.which_case", which_case, staff=True),
    Route("staff.options", options, staff=True),
)
