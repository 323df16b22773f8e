"""What staff type or send as an answer: the words, file, buttons and hour of a broadcast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Attached, Broadcast, Lead
from bot.campaign.broadcast_rules.checking import is_label
from bot.campaign.broadcast_rules.drafting import begun
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.broadcast_rules.timing import read_time
from bot.campaign.desk_commands.broadcasts import (
    LONGEST_TITLE,
    LONGEST_WORD,
    AddLead,
    Aim,
    Attach,
    Begin,
    BroadcastCommand,
    Return,
    Schedule,
    SetText,
    SetTitle,
)
from bot.campaign.events import Said, Showed
from bot.campaign.markup import literal, plain
from bot.campaign.messages import words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import staff_broadcast, staff_menu
from bot.campaign.scenes.staff_acts import perform_and_show
from bot.campaign.scenes.staff_broadcast import ask, record_of, screen_of
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.sharing import source
from bot.campaign.turn import NotOffered, Scene, Turn
from bot.campaign.visible import shows

SHOWABLE = ("b_new", "b_text", "b_file")
"""Questions that a picture or document answers."""


def said(turn: Turn, what: str, number: str, more: str = "") -> Outcome:
    """The answer to a question about a broadcast, typed."""
    record = record_of(turn, number)
    try:
        command = _TYPED[what](turn, record.broadcast.id, turn.said.strip(), more)
    except (ValueError, KeyError):
        again = ask(turn, number, what, more)
        wrong = replace(again.messages[0], text=words(f"staff.again_{what}"), in_place=False)
        return replace(again, messages=(wrong,))
    return perform_and_show(turn, record, command)


def _short(typed: str, most: int) -> str:
    if not shows(typed) or len(typed) > most:
        raise ValueError("blank or too long")
    return "" if typed == "-" else typed


def _text(turn: Turn, number: int, typed: str, more: str) -> BroadcastCommand:
    markup = _markup(turn)
    if not shows(plain(markup)):
        raise ValueError("blank")
    return SetText(number, more, markup)


def _word(turn: Turn, number: int, typed: str, more: str) -> BroadcastCommand:
    if not shows(typed) or len(typed) > LONGEST_WORD:
        raise ValueError("word")
    return Return(number, typed)


def _link(turn: Turn, number: int, typed: str, more: str) -> BroadcastCommand:
    """One label is in the language of whoever types it; several are in the campaign's order."""
    *labels, url = (part.strip() for part in typed.split("|"))
    if not url.startswith(("https://", "http://", "tg://")) or " " in url:
        raise ValueError("link")
    spoken = turn.campaign.languages if len(labels) > 1 else (turn.language,)
    channels = desk_of(turn).channels
    if len(labels) > len(spoken) or not all(is_label(one, channels) for one in labels):
        raise ValueError("labels")
    return AddLead(number, Lead(url=url, labels=dict(zip(spoken, labels, strict=False))))


def _moment(turn: Turn, number: int, typed: str, more: str) -> BroadcastCommand:
    at = read_time(typed, turn.campaign.time_zone, turn.now)
    if at <= turn.now:
        raise ValueError("past")
    return Schedule(number, at)


def _source(turn: Turn, number: int, typed: str, more: str) -> BroadcastCommand:
    return Aim(number, "source", source(_short(typed, LONGEST_WORD)))


def _title(turn: Turn, number: int, typed: str, more: str) -> BroadcastCommand:
    return SetTitle(number, _short(typed, LONGEST_TITLE))


_TYPED: Mapping[str, Callable[[Turn, int, str, str], BroadcastCommand]] = {
    "text": _text,
    "link": _link,
    "at": _moment,
    "source": _source,
    "title": _title,
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
    numbered = draft.model_copy(update={"id": desk.next_number})
    return screen_of(turn, BroadcastRecord(numbered), note, Begin(draft))


def _markup(turn: Turn) -> str:
    """What was typed, as light markup."""
    event = turn.event
    formatted = event.markup if isinstance(event, Said) else ""
    return (formatted or literal(turn.said)).strip()


def showed(turn: Turn) -> Outcome | None:
    """A picture or document that belongs to a broadcast; None where nothing was asked for."""
    event, desk = turn.event, turn.facts.desk
    what, rest = turn.supporter.open_question
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
    record = desk.record(int(number))
    if record is None:
        return None
    if not fits:
        return ask(turn, number, what.removeprefix("b_"), language)
    wanted: list[BroadcastCommand] = [Attach(int(number), attached)]
    # A caption is the text that was asked for; where only a file was, it takes no text's place.
    language = language or turn.language
    replaces = what == "b_file" and language in record.broadcast.texts
    if caption and not replaces:
        wanted.append(SetText(int(number), language, caption))
    note = "caption_left" if caption and replaces else note
    return perform_and_show(turn, record, *wanted, note=note)


def question(what: str) -> Scene:
    """The scene that takes the answer to what was asked."""

    def answer(turn: Turn, number: str, more: str = "") -> Outcome:
        return said(turn, what, number, more)

    return answer


ROUTES = (
    Route("b_new", question=written, staff=True),
    *(Route(f"b_{what}", question=question(what), staff=True) for what in staff_broadcast.ASKED),
)
