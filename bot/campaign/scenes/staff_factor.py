"""The second factor in the chat: the code is asked for, and then what was pressed is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.campaign.desk_commands.settings import GiveCode, InviteMember, NoteWrongCode
from bot.campaign.messages import Link, Message, Value, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.second_factor import SecondFactor, Standing, asks
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Turn

CODE = "b_code"
"""The open question for a code; behind it what was pressed."""
Pressed = Callable[[Turn, str], Outcome]
"""What a button with that data answers."""


def guarded(turn: Turn, data: str, outcome: Outcome) -> Outcome:
    """What a button of the staff answers, or first the question for a code."""
    desk = turn.facts.desk
    if desk is None or desk.factor.opens:
        return outcome
    if not any(map(asks, outcome.effects)):
        return outcome
    return _asked(turn, data, desk.factor.standing.value)


def _asked(turn: Turn, data: str, said: str) -> Outcome:
    standing = desk_of(turn).factor.standing
    question = f"{CODE}:{data}" if standing is Standing.DUE else ""
    screen = turn.screen(words(f"staff.code.{said}"), (button("menu", "staff"),))
    return turn.answer(screen, question=question)


def said(turn: Turn, *data: str, pressed: Pressed) -> Outcome:
    """The code, typed: what was pressed before is done; or it is asked for once more."""
    desk, pressed_data = desk_of(turn), ":".join(data)
    if desk.factor.opens:
        return pressed(turn, pressed_data)
    if not desk.factor.accepts(turn.said):
        again = "wrong" if desk.factor.standing is Standing.DUE else desk.factor.standing.value
        return _asked(turn, pressed_data, again).with_effects(NoteWrongCode())
    given = replace(desk, factor=SecondFactor(Standing.GIVEN))
    outcome = pressed(replace(turn, facts=replace(turn.facts, desk=given)), pressed_data)
    code = "".join(turn.said.split())
    return replace(outcome, effects=(GiveCode(code), *outcome.effects))


def members(turn: Turn) -> Outcome:
    """Who has none yet: an owner invites them."""
    desk = desk_of(turn)
    if not desk.member.may(Right.RULE):
        raise NotOffered("members")
    rows = [
        (button("invite", f"staff.invite:{mark}", name=desk.names.get(mark, "–")),)
        for mark in desk.without_factor
    ]
    text = words("staff.code.members", number=len(desk.without_factor))
    return turn.answer(turn.screen(text, *rows, (button("menu", "staff"),)))


def invite(turn: Turn, mark: str) -> Outcome:
    """A link for that member comes in a message of its own."""
    desk = desk_of(turn)
    if not desk.member.may(Right.RULE) or mark not in desk.without_factor:
        raise NotOffered("invitation")
    screen = turn.screen(words("staff.coming"), (button("menu", "staff"),))
    return turn.answer(screen, effects=[InviteMember(mark)])


def invitation(name: Value, url: str) -> Message:
    """To whoever invited: what they pass on."""
    return Message(
        words("staff.code.invitation", name=name, url=url),
        buttons=((Link(words("staff.button.open_link"), url),),),
    )


def no_page(name: Value) -> Message:
    """The same where there is no page to lead to."""
    return Message(words("staff.code.no_page", name=name))


ROUTES = (
    Route("staff.members", members, staff=True),
    Route("staff.invite", invite, staff=True),
)
