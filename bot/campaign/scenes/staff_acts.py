"""What staff do with a broadcast, by a button or by typing, and the screen that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape

from bot.campaign.broadcast_rules.acts import ORDERS, WORD, StaffAct, may_order, perform
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Attached, Broadcast, Lead
from bot.campaign.broadcast_rules.checking import is_label, plain
from bot.campaign.broadcast_rules.course import released
from bot.campaign.broadcast_rules.drafting import begun, correction
from bot.campaign.broadcast_rules.standing import Standing
from bot.campaign.broadcast_rules.timing import read_time
from bot.campaign.events import Said, Showed
from bot.campaign.messages import words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import staff_aiming, staff_broadcast, staff_menu, staff_urgent
from bot.campaign.scenes.staff_aiming import audience_of, options_of
from bot.campaign.scenes.staff_broadcast import ask, leads_of, screen_of, standing_of
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.sharing import source
from bot.campaign.staff import Member
from bot.campaign.turn import NotOffered, Scene, Turn
from bot.campaign.visible import shows

FOLLOWING: Mapping[str, Callable[[Turn, Standing], Outcome]] = {
    "lead": leads_of,
    "unlead": leads_of,
    "aim": audience_of,
    "switch": options_of,
}
"""Acts that are followed by another screen than that of the broadcast."""
LONGEST_WORD, LONGEST_TITLE = 1000, 60
SHOWABLE = ("b_new", "b_text", "b_file")
"""Questions that a picture or document answers."""
NOTES: Mapping[str, str] = {
    "submit": "counting",
    "return": "returned",
    "retract": "retracting",
    "discard": "discarded",
}
"""What is said above the broadcast after an act, under ``staff.note``."""
AFTERWARDS: Mapping[str, Callable[[Broadcast, Member], object]] = {
    "correct": correction,
    "release": released,
}
"""Acts on what was sent, each with the rule that says whether it is allowed."""


def do(turn: Turn, number: str, act: str, wanted: str = "") -> Outcome:
    """An act by its button: done as the broadcast is now, or why it cannot be."""
    standing = standing_of(turn, number)
    desk = desk_of(turn)
    staff_act = StaffAct(standing.broadcast.id, act, wanted)
    if act in ORDERS:
        if not may_order(act, desk.member):
            raise NotOffered(act)
        asked = replace(staff_act, value=f"{desk.member.mark}:{wanted}")
        return turn.answer(
            turn.screen(words("staff.coming"), (button("back", f"sb:{number}"),), in_place=False),
            effects=[asked],
        )
    if act in AFTERWARDS:
        return _afterwards(turn, standing, staff_act)
    return perform_and_show(turn, standing, staff_act)


def _afterwards(turn: Turn, standing: Standing, act: StaffAct) -> Outcome:
    desk, broadcast = desk_of(turn), standing.broadcast
    try:
        AFTERWARDS[act.name](broadcast, desk.member)
        if act.name == "release" and not standing.unknown:
            raise NotAllowed("nothing")
    except NotAllowed as refusal:
        return screen_of(turn, standing, f"no_{refusal.reason}")
    following = desk.next_number if act.name == "correct" else broadcast.id
    return turn.answer(
        turn.screen(words(f"staff.{act.name}"), (button("open", f"sb:{following}"),)),
        effects=[act],
    )


def perform_and_show(turn: Turn, standing: Standing, *wanted: StaffAct, note: str = "") -> Outcome:
    """The broadcast as it is after these acts, the last of which says what is shown."""
    desk = desk_of(turn)
    rules = Rules(desk.approvals, turn.campaign, desk.channels)
    changed = standing.broadcast
    try:
        for act in wanted:
            changed = perform(changed, act.name, act.value, desk.member, rules, turn.now)
    except NotAllowed as refusal:
        return screen_of(turn, standing, f"no_{refusal.reason}")
    after = replace(standing, broadcast=changed)
    following = FOLLOWING.get(wanted[-1].name)
    if following is not None:
        return replace(following(turn, after), effects=wanted)
    return screen_of(turn, after, NOTES.get(wanted[-1].name, note), *wanted)


def add_lead(turn: Turn, number: str, case: str, action: str = "") -> Outcome:
    """A button into a case or an action."""
    if action:
        turn.action(case, action)
    turn.case(case)
    return perform_and_show(turn, standing_of(turn, number), _lead(number, case, action))


def _lead(number: str, case: str, action: str) -> StaffAct:
    return StaffAct(int(number), "lead", Lead(case=case, action=action).model_dump_json())


def drop_text(turn: Turn, number: str, language: str) -> Outcome:
    """Without the text of that language."""
    act = StaffAct(int(number), "text", f"{language}\n")
    return perform_and_show(turn, standing_of(turn, number), act)


def said(turn: Turn, what: str, number: str, more: str = "") -> Outcome:
    """The answer to a question about a broadcast, typed."""
    standing = standing_of(turn, number)
    typed = turn.said.strip()
    try:
        value = _TYPED[what](turn, typed, _markup(turn), more)
    except (ValueError, KeyError):
        again = ask(turn, number, what, more)
        wrong = replace(again.messages[0], text=words(f"staff.again_{what}"), in_place=False)
        return replace(again, messages=(wrong,))
    if what == "word":
        return _return(turn, standing, value)
    name = {"link": "lead", "at": "schedule", "source": "aim"}.get(what, what)
    return perform_and_show(turn, standing, StaffAct(int(number), name, value))


def _return(turn: Turn, standing: Standing, word: str) -> Outcome:
    here = standing.broadcast.id
    outcome = perform_and_show(turn, standing, StaffAct(here, "return"))
    if not outcome.effects:
        return outcome
    return outcome.with_effects(StaffAct(here, WORD, f"{desk_of(turn).member.mark}:{word}"))


def _short(typed: str, most: int) -> str:
    if not shows(typed) or len(typed) > most:
        raise ValueError("blank or too long")
    return "" if typed == "-" else typed


def _text(turn: Turn, typed: str, markup: str, more: str) -> str:
    if not shows(plain(markup)):
        raise ValueError("blank")
    return f"{more}\n{markup}"


def _word(turn: Turn, typed: str, markup: str, more: str) -> str:
    if not shows(typed) or len(typed) > LONGEST_WORD:
        raise ValueError("word")
    return typed


def _link(turn: Turn, typed: str, markup: str, more: str) -> str:
    """One label is in the language of whoever types it; several are in the campaign's order."""
    *labels, url = (part.strip() for part in typed.split("|"))
    if not url.startswith(("https://", "http://", "tg://")) or " " in url:
        raise ValueError("link")
    spoken = turn.campaign.languages if len(labels) > 1 else (turn.language,)
    if len(labels) > len(spoken) or not all(
        is_label(label, desk_of(turn).channels) for label in labels
    ):
        raise ValueError("labels")
    return Lead(url=url, labels=dict(zip(spoken, labels, strict=False))).model_dump_json()


def _moment(turn: Turn, typed: str, markup: str, more: str) -> str:
    at = read_time(typed, turn.campaign.time_zone, turn.now)
    if at <= turn.now:
        raise ValueError("past")
    return at.isoformat()


_TYPED: Mapping[str, Callable[[Turn, str, str, str], str]] = {
    "text": _text,
    "link": _link,
    "at": _moment,
    "source": lambda turn, typed, markup, more: f"source={source(_short(typed, LONGEST_WORD))}",
    "title": lambda turn, typed, markup, more: _short(typed, LONGEST_TITLE),
    "word": _word,
}


def written(turn: Turn, language: str) -> Outcome:
    """The first text of a new broadcast, typed."""
    if not shows(plain(_markup(turn))):
        return staff_menu.ask_first_text(turn, "again_text")
    return _made(turn, Broadcast(texts={language: _markup(turn)}, audience=_everybody(turn)))


def _everybody(turn: Turn) -> Audience:
    return Audience(topic=turn.campaign.topics[0])


def _made(turn: Turn, broadcast: Broadcast, note: str = "") -> Outcome:
    desk = desk_of(turn)
    try:
        draft = begun(broadcast, desk.member)
    except NotAllowed:
        raise NotOffered("new") from None
    new = StaffAct(0, "new", draft.model_dump_json(exclude={"id"}))
    numbered = draft.model_copy(update={"id": desk.next_number})
    return screen_of(turn, Standing(numbered), note, new)


def _markup(turn: Turn) -> str:
    """What was typed, as light HTML."""
    event = turn.event
    formatted = event.markup if isinstance(event, Said) else ""
    return (formatted or escape(turn.said.strip(), quote=False)).strip()


def showed(turn: Turn) -> Outcome | None:
    """A picture or document that belongs to a broadcast; None where nothing was asked for."""
    event, desk = turn.event, turn.facts.desk
    what, *rest = turn.supporter.question.split(":")
    if desk is None or what not in SHOWABLE or not isinstance(event, Showed):
        return None
    fits = event.kind in ("photo", "document") and event.file
    attached = Attached(kind="photo" if event.kind == "photo" else "document", ref=event.file)
    caption = event.caption if shows(plain(event.caption)) else ""
    note = "caption_blank" if event.caption and not caption else ""
    if what == "b_new":
        texts = {rest[0]: caption} if caption else {}
        made = Broadcast(texts=texts, attached=attached, audience=_everybody(turn))
        return _made(turn, made, note) if fits else staff_menu.new(turn)
    number, language = rest
    standing = desk.standing(int(number))
    if standing is None:
        return None
    if not fits:
        return ask(turn, number, what.removeprefix("b_"), language)
    wanted = [StaffAct(int(number), "attach", attached.model_dump_json())]
    # A caption is the text that was asked for; where only a file was, it takes no text's place.
    language = language or turn.language
    replaces = what == "b_file" and language in standing.broadcast.texts
    if caption and not replaces:
        wanted.append(StaffAct(int(number), "text", f"{language}\n{caption}"))
    note = "caption_left" if caption and replaces else note
    return perform_and_show(turn, standing, *wanted, note=note)


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
    "sbk": staff_aiming.which_case,
    "sbd": do,
    **staff_urgent.CHOICES,
}
"""The buttons of the staff's screens."""
QUESTIONS: Mapping[str, Scene] = {
    "b_new": written,
    **{f"b_{what}": question(what) for what in staff_broadcast.ASKED},
    **staff_urgent.QUESTIONS,
}
