"""What staff do with a broadcast, by a button or by typing, and the screen that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape

from bot.campaign.broadcasting.acts import NotAllowed, Rules, StaffAct, perform
from bot.campaign.broadcasting.broadcast import Attached, Lead
from bot.campaign.broadcasting.standing import Standing
from bot.campaign.broadcasting.timing import read_time
from bot.campaign.events import Said, Showed
from bot.campaign.messages import words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import staff_aiming, staff_broadcast, staff_menu, staff_urgent
from bot.campaign.scenes.staff_aiming import audience_of, options_of
from bot.campaign.scenes.staff_broadcast import ask, leads_of, screen_of, standing_of
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Scene, Turn

OFFICE = ("preview", "test", "report")
"""Asked of the bot beside the conversation: answered by messages of their own."""
FOLLOWING: Mapping[str, Callable[[Turn, Standing], Outcome]] = {
    "lead": leads_of,
    "unlead": leads_of,
    "aim": audience_of,
    "switch": options_of,
}
"""Acts that are followed by another screen than that of the broadcast."""


def do(turn: Turn, number: str, act: str, wanted: str = "") -> Outcome:
    """An act by its button: done as the broadcast is now, or why it cannot be."""
    standing = standing_of(turn, number)
    desk = desk_of(turn)
    staff_act = StaffAct(standing.broadcast.id, act, wanted)
    if act in OFFICE:
        if not desk.member.may(Right.LOOK):
            raise NotOffered(act)
        asked = replace(staff_act, value=f"{desk.member.mark}:{wanted}")
        return turn.answer(
            turn.screen(words("staff.coming"), (button("back", f"sb:{number}"),), in_place=False),
            effects=[asked],
        )
    if act in ("correct", "release"):
        if not desk.member.may(Right.WRITE if act == "correct" else Right.DECIDE):
            raise NotOffered(act)
        following = desk.next_number if act == "correct" else standing.broadcast.id
        return turn.answer(
            turn.screen(words(f"staff.{act}"), (button("open", f"sb:{following}"),)),
            effects=[staff_act],
        )
    return perform_and_show(turn, standing, staff_act)


def perform_and_show(turn: Turn, standing: Standing, act: StaffAct) -> Outcome:
    """The broadcast as it is after the act."""
    desk = desk_of(turn)
    rules = Rules(desk.approvals, turn.campaign)
    try:
        changed = perform(standing.broadcast, act.name, act.value, desk.member, rules, turn.now)
    except NotAllowed as refusal:
        return screen_of(turn, standing, f"no_{refusal.reason}")
    after = replace(standing, broadcast=changed)
    following = FOLLOWING.get(act.name)
    if following is not None:
        return replace(following(turn, after), effects=(act,))
    note = "counting" if act.name == "submit" else ""
    return screen_of(turn, after, note, act)


def add_lead(turn: Turn, number: str, case: str, action: str = "") -> Outcome:
    """A button into a case or an action."""
    if action:
        turn.action(case, action)
    turn.case(case)
    lead = Lead(case=case, action=action)
    act = StaffAct(int(number), "lead", lead.model_dump_json())
    return perform_and_show(turn, standing_of(turn, number), act)


def drop_text(turn: Turn, number: str, language: str) -> Outcome:
    """Without the text of that language."""
    act = StaffAct(int(number), "text", f"{language}\n")
    return perform_and_show(turn, standing_of(turn, number), act)


def said(turn: Turn, what: str, number: str, more: str = "") -> Outcome:
    """The answer to a question about a broadcast, typed."""
    standing = standing_of(turn, number)
    event = turn.event
    typed = turn.said.strip()
    markup = (
        event.markup if isinstance(event, Said) and event.markup else escape(typed, quote=False)
    )
    try:
        value = _TYPED[what](turn, typed, markup.strip(), more)
    except (ValueError, KeyError):
        again = ask(turn, number, what, more)
        wrong = replace(again.messages[0], text=words(f"staff.again_{what}"), in_place=False)
        return replace(again, messages=(wrong,))
    name = {"link": "lead", "at": "schedule", "source": "aim"}.get(what, what)
    return perform_and_show(turn, standing, StaffAct(int(number), name, value))


def _link(turn: Turn, typed: str, markup: str, more: str) -> str:
    label, _, url = typed.rpartition("|")
    url = url.strip()
    if not url.startswith(("https://", "http://", "tg://")) or " " in url:
        raise ValueError("link")
    labels = {turn.language: label.strip()} if label.strip() else {}
    return Lead(url=url, labels=labels).model_dump_json()


def _moment(turn: Turn, typed: str, markup: str, more: str) -> str:
    at = read_time(typed, turn.campaign.time_zone, turn.now)
    if at <= turn.now:
        raise ValueError("past")
    return at.isoformat()


_TYPED: Mapping[str, Callable[[Turn, str, str, str], str]] = {
    "text": lambda turn, typed, markup, more: f"{more}\n{markup}",
    "link": _link,
    "at": _moment,
    "source": lambda turn, typed, markup, more: f"source={'' if typed == '-' else typed}",
    "title": lambda turn, typed, markup, more: typed,
}


def showed(turn: Turn) -> Outcome | None:
    """A picture or document that belongs to a broadcast; None where nothing was asked for."""
    event = turn.event
    what, *rest = turn.supporter.question.split(":")
    if turn.facts.desk is None or what not in ("b_text", "b_file") or not isinstance(event, Showed):
        return None
    standing = standing_of(turn, rest[0])
    if event.kind not in ("photo", "document") or not event.file:
        return ask(turn, rest[0], what.removeprefix("b_"), *rest[1:])
    attached = Attached(kind="photo" if event.kind == "photo" else "document", ref=event.file)
    outcome = perform_and_show(
        turn, standing, StaffAct(int(rest[0]), "attach", attached.model_dump_json())
    )
    if what == "b_text" and event.caption:
        caption = StaffAct(int(rest[0]), "text", f"{rest[1]}\n{event.caption}")
        return outcome.with_effects(caption)
    return outcome


def question(what: str) -> Scene:
    """The scene that takes the answer to what was asked."""

    def answer(turn: Turn, number: str, more: str = "") -> Outcome:
        return said(turn, what, number, more)

    return answer


CHOICES: Mapping[str, Scene] = {
    "staff": staff_menu.menu,
    "sap": staff_menu.set_approvals,
    "sbn": staff_menu.new,
    "sb": staff_broadcast.show,
    "sba": staff_broadcast.ask,
    "sbc": staff_broadcast.confirm,
    "sbt": staff_broadcast.test,
    "sbl": staff_broadcast.leads,
    "sbw": staff_aiming.audience,
    "sbo": staff_aiming.options,
    "sbx": add_lead,
    "sby": drop_text,
    "sbd": do,
    **staff_urgent.CHOICES,
}
"""The buttons of the staff's screens."""
QUESTIONS: Mapping[str, Scene] = {
    **{f"b_{what}": question(what) for what in staff_broadcast.ASKED},
    **staff_urgent.QUESTIONS,
}
