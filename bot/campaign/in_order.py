"""A supporter's events in the order of writing, as far as the platform tells it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from bot.campaign.events import Event


def in_order(events: Sequence[Event]) -> list[Event]:
    """The events of one batch, those of each chat in the order in which they were made.

    What can be promised: messages of a chat stand in order of writing (their ids rise). A press
    stands after every message of its chat that is older than the message whose button was pressed,
    and presses keep their order among themselves. Between a press and a *newer* message no platform
    tells an order; there the order of arrival stays. Chats keep their places among each other, and
    nothing is promised across batches: what came in an earlier one has been answered.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault((event.channel, event.address or event.id), []).append(place)
    ordered = list(events)
    for taken in places.values():
        if len(taken) > 1:
            chat = _chat_in_order([events[place] for place in taken])
            for place, event in zip(taken, chat, strict=True):
                ordered[place] = event
    return ordered


def _chat_in_order(events: list[Event]) -> list[Event]:
    written = sorted((e for e in events if e.order is not None), key=lambda e: e.order or 0)
    if not written:
        return events
    orders = [event.order or 0 for event in written]
    ordered: list[Event] = []
    taken = before = 0
    for event in events:
        if event.order is not None:
            before += 1
            continue
        older = bisect_left(orders, int(event.on)) if event.on else 0
        upto = max(taken, before, older)
        ordered += [*written[taken:upto], event]
        taken = upto
    return ordered + written[taken:]
