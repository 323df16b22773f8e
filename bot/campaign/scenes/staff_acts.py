"""What staff do with a broadcast, by a button or by typing, and the screen that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.campaign.broadcast_rules.acts import may_request, perform
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.broadcast import Lead
from bot.campaign.broadcast_rules.course import released
from bot.campaign.broadcast_rules.drafting import correction
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.desk_commands.broadcasts import (
    AddLead,
    Aim,
    Approve,
    Attach,
    BroadcastCommand,
    Cancel,
    Correct,
    Discard,
    DropLead,
    Pause,
    Release,
    Resume,
    Retract,
    Return,
    Schedule,
    SetText,
    Submit,
    Switch,
)
from bot.campaign.desk_commands.requests import Count, Preview, Report, Request, SendTest
from bot.campaign.messages import words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import (
    staff_aiming,
    staff_broadcast,
    staff_factor,
    staff_menu,
    staff_urgent,
)
from bot.campaign.scenes.staff_aiming import audience_of, options_of
from bot.campaign.scenes.staff_broadcast import leads_of, record_of, screen_of
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.turn import NotOffered, Scene, Turn

FOLLOWING: Mapping[type[BroadcastCommand], Callable[[Turn, BroadcastRecord], Outcome]] = {
    AddLead: leads_of,
    DropLead: leads_of,
    Aim: audience_of,
    Switch: options_of,
}
"""Commands that are followed by another screen than that of the broadcast."""
NOTES: Mapping[type[BroadcastCommand], str] = {
    Submit: "counting",
    Return: "returned",
    Retract: "retracting",
    Discard: "discarded",
}
"""What is said above the broadcast after a command, under ``staff.note``."""


def doing(command: Callable[[int], BroadcastCommand]) -> Scene:
    """The scene of a button that needs no more than the broadcast's number."""

    def answer(turn: Turn, number: str) -> Outcome:
        record = record_of(turn, number)
        return perform_and_show(turn, record, command(record.broadcast.id))

    return answer


def requesting(request: Callable[[int], Request]) -> Scene:
    """The scene of a button that asks to see something."""

    def answer(turn: Turn, number: str) -> Outcome:
        return _requested(turn, request(record_of(turn, number).broadcast.id))

    return answer


def send_test(turn: Turn, number: str, group: str = "") -> Outcome:
    """To oneself, or to a group."""
    return _requested(turn, SendTest(record_of(turn, number).broadcast.id, group))


def _requested(turn: Turn, request: Request) -> Outcome:
    if not may_request(type(request), desk_of(turn).member):
        raise NotOffered(request.name)
    back = button("back", f"staff.show:{request.number}")
    screen = turn.screen(words("staff.coming"), (back,), in_place=False)
    return turn.answer(screen, effects=[request])


def correct(turn: Turn, number: str) -> Outcome:
    """Begin a correction of what was sent."""
    record, desk = record_of(turn, number), desk_of(turn)
    try:
        correction(record.broadcast, desk.member)
    except NotAllowed as refusal:
        return screen_of(turn, record, f"no_{refusal.reason}")
    return _afterwards(turn, Correct(record.broadcast.id), desk.next_number)


def release(turn: Turn, number: str) -> Outcome:
    """Send what was held after all."""
    record = record_of(turn, number)
    try:
        released(record.broadcast, desk_of(turn).member)
        if not record.unknown:
            raise NotAllowed("nothing")
    except NotAllowed as refusal:
        return screen_of(turn, record, f"no_{refusal.reason}")
    return _afterwards(turn, Release(record.broadcast.id), record.broadcast.id)


def _afterwards(turn: Turn, command: BroadcastCommand, following: int) -> Outcome:
    """What was done with something sent, and the way to the broadcast that it is about now."""
    opened = button("open", f"staff.show:{following}")
    return turn.answer(turn.screen(words(f"staff.{command.name}"), (opened,)), effects=[command])


def perform_and_show(
    turn: Turn, record: BroadcastRecord, *wanted: BroadcastCommand, note: str = ""
) -> Outcome:
    """The broadcast as it is after these commands, the last of which says what is shown."""
    desk = desk_of(turn)
    rules = Rules(desk.approvals, turn.campaign, desk.channels)
    changed = record.broadcast
    try:
        for command in wanted:
            changed = perform(changed, command, desk.member, rules, turn.now)
    except NotAllowed as refusal:
        return screen_of(turn, record, f"no_{refusal.reason}")
    after = replace(record, broadcast=changed)
    following = FOLLOWING.get(type(wanted[-1]))
    if following is not None:
        return replace(following(turn, after), effects=wanted)
    return screen_of(turn, after, NOTES.get(type(wanted[-1]), note), *wanted)


def approve(turn: Turn, number: str, mark: str) -> Outcome:
    """Exactly what was on the screen that bore the mark."""
    record = record_of(turn, number)
    return perform_and_show(turn, record, Approve(record.broadcast.id, mark))


def aim(turn: Turn, number: str, condition: str, value: str = "") -> Outcome:
    """One condition of the audience."""
    record = record_of(turn, number)
    return perform_and_show(turn, record, Aim(record.broadcast.id, condition, value))


def switch(turn: Turn, number: str, option: str, to: str) -> Outcome:
    """How it goes out: "on" or "off"."""
    if to not in ("on", "off"):
        raise NotOffered("switch")
    record = record_of(turn, number)
    return perform_and_show(turn, record, Switch(record.broadcast.id, option, to == "on"))


def add_lead(turn: Turn, number: str, case: str, action: str = "") -> Outcome:
    """A button into a case or an action."""
    if action:
        turn.action(case, action)
    turn.case(case)
    record = record_of(turn, number)
    lead = Lead(case=case, action=action)
    return perform_and_show(turn, record, AddLead(record.broadcast.id, lead))


def drop_lead(turn: Turn, number: str, mark: str) -> Outcome:
    """Without that button."""
    record = record_of(turn, number)
    return perform_and_show(turn, record, DropLead(record.broadcast.id, mark))


def drop_text(turn: Turn, number: str, language: str) -> Outcome:
    """Without the text of that language."""
    record = record_of(turn, number)
    return perform_and_show(turn, record, SetText(record.broadcast.id, language, ""))


CHOICES: Mapping[str, Scene] = {
    "staff": staff_menu.menu,
    "staff.approvals": staff_menu.set_approvals,
    "staff.members": staff_factor.members,
    "staff.invite": staff_factor.invite,
    "staff.new": staff_menu.new,
    "staff.show": staff_broadcast.show,
    **{name: staff_broadcast.asking(what) for name, what in staff_broadcast.ASKING.items()},
    "staff.no_text": drop_text,
    "staff.no_file": doing(lambda number: Attach(number, None)),
    "staff.at_once": doing(lambda number: Schedule(number, None)),
    "staff.leads": staff_broadcast.leads,
    "staff.lead": add_lead,
    "staff.unlead": drop_lead,
    "staff.audience": staff_aiming.audience,
    "staff.which_case": staff_aiming.which_case,
    "staff.aim": aim,
    "staff.options": staff_aiming.options,
    "staff.switch": switch,
    "staff.preview": requesting(Preview),
    "staff.count": requesting(Count),
    "staff.report": requesting(Report),
    "staff.test": staff_broadcast.test,
    "staff.send_test": send_test,
    "staff.submit": doing(Submit),
    "staff.approve": approve,
    "staff.pause": doing(Pause),
    "staff.resume": doing(Resume),
    "staff.sure": staff_broadcast.confirm,
    "staff.cancel": doing(Cancel),
    "staff.discard": doing(Discard),
    "staff.retract": doing(Retract),
    "staff.correct": correct,
    "staff.release": release,
    **staff_urgent.CHOICES,
}
"""The buttons of the staff's screens."""
