"""Events of a chat are answered in the order of writing, whatever order they come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.campaign.events import Chose, Event, Said
from bot.campaign.in_order import in_order


def said(order: int, chat: str = "77") -> Said:
    return Said(id=f"s{order}", channel="telegram", address=chat, order=order, text="x")


def chose(on: int | None, number: int = 1, chat: str = "77") -> Chose:
    where = "" if on is None else str(on)
    return Chose(id=f"c{on}/{number}", channel="telegram", address=chat, on=where, data="x")


def test_messages_of_a_chat_are_put_in_order_of_writing() -> None:
    other = said(4, "78")
    assert in_order([said(5), other, said(3)]) == [said(3), other, said(5)]


def test_a_press_comes_after_the_messages_older_than_its_button() -> None:
    assert in_order([chose(4), said(3), said(5)]) == [said(3), chose(4), said(5)]
    assert in_order([said(5), chose(4)]) == [said(5), chose(4)]
    assert in_order([chose(4), said(5)]) == [chose(4), said(5)]
    assert in_order([chose(None), said(5)]) == [chose(None), said(5)]


@given(st.lists(st.one_of(st.integers(1, 9).map(said), st.integers(1, 9).map(chose)), max_size=8))
def test_order_loses_nothing_and_keeps_presses_in_turn(events: list[Event]) -> None:
    ordered = in_order(events)
    assert sorted(map(id, ordered)) == sorted(map(id, events))
    orders = [event.order for event in ordered if event.order is not None]
    assert orders == sorted(orders)
    presses = [event for event in ordered if isinstance(event, Chose)]
    assert presses == [event for event in events if isinstance(event, Chose)]
    for place, event in enumerate(ordered):
        if isinstance(event, Chose):
            later = [said.order for said in ordered[place:] if said.order is not None]
            assert all(order >= int(event.on) for order in later)
