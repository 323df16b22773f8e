"""Writing to the team, who read it on their pages and answer here."""

from __future__ import annotations

from bot.campaign.effects import WriteToUs
from bot.campaign.messages import Link, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.turn import Turn, choice, to_menu
from bot.campaign.visible import shows

LONGEST = 2000


def ask(turn: Turn) -> Outcome:
    """Who reads it, until when it is kept, and what does not belong here; then the next text is
    the message. Where the platform's firm knows who writes, the way to where it does not."""
    if turn.facts.exposed:
        organisation = turn.campaign.organisation
        page = turn.facts.web or turn.facts.compose
        text = words("inbox.elsewhere", org=organisation.name, url=page)
        ways = (Link(words("buttons.website_chat"), f"{page}/"),) if page else ()
        return turn.answer(turn.screen(text, ways, (to_menu(),)))
    return _asked(turn, "inbox.ask")


def _asked(turn: Turn, key: str) -> Outcome:
    organisation = turn.campaign.organisation
    days = turn.campaign.retention.inbox_days
    text = words(key, org=organisation.name, most=LONGEST, days=days)
    return turn.answer(turn.screen(text, (to_menu(),)), question="write")


def said(turn: Turn) -> Outcome:
    """The message: it is passed on; words of danger are answered here at once, besides."""
    if turn.facts.exposed:
        return ask(turn)
    text = turn.said.strip()
    if not shows(text) or len(text) > LONGEST:
        return _asked(turn, "inbox.again")
    urgent = in_need(turn)
    thanks = words("inbox.thanks", org=turn.campaign.organisation.name, urgent=int(urgent))
    places = tuple(
        words(f"typed.places.{place.id}", number=place.number)
        for place in turn.campaign.places_of_help
    )
    screen = turn.screen(
        words("inbox.thanks_urgent", thanks=thanks, places=places) if urgent and places else thanks,
        (choice("write_more", "write"), to_menu()),
    )
    return turn.answer(screen, effects=[WriteToUs(text, urgent)])


def in_need(turn: Turn) -> bool:
    """Whether somebody may be in danger or despair: words that need care are in what was said."""
    meaning = turn.campaign.typed_words.meaning(turn.said, turn.language)
    return bool(meaning) and turn.campaign.typed[meaning].care


def answer(text: str, organisation: str) -> Message:
    """What the team says, to whoever wrote."""
    return Message(
        words("inbox.answer", text=text, org=organisation),
        buttons=((choice("write_more", "write"),), (to_menu(),)),
    )


def announced(*, urgent: bool, url: str) -> Message:
    """To those who answer: that somebody has written, and nothing of what."""
    return Message(words("inbox.staff", urgent=int(urgent), url=url))


ROUTES = (
    Route(
        "write",
        ask,
        command=ask,
        question=said,
        asked_again=ask,
        answers=("Hm.", "x" * 2001),
        takes_all=True,
    ),
)
