"""From the chat to the staff's pages: a link that signs in the browser that asked for it; and
the figures, for who stays in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.campaign.desk_commands.requests import ShowFigures
from bot.campaign.desk_commands.settings import AskForLink
from bot.campaign.events import Commanded
from bot.campaign.messages import Link, Message, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Turn

CODE_LETTERS = 8
FIGURES = "figures.png"


def desk(turn: Turn) -> Outcome:
    """What to do to get there; or, with the code that the browser shows, the link (it comes in a
    message of its own)."""
    desk_of(turn)
    if not turn.facts.web:
        return turn.answer(turn.screen(words("desk.chat.no_page"), (button("menu", "staff"),)))
    code = _code(turn.event.rest) if isinstance(turn.event, Commanded) else ""
    if not code:
        text = words("desk.chat.how", url=f"{turn.facts.web}/staff")
        link = Link(words("desk.chat.open"), f"{turn.facts.web}/staff")
        return turn.answer(turn.screen(text, (link,), (button("menu", "staff"),)))
    screen = turn.screen(words("desk.chat.coming"), (button("menu", "staff"),))
    return turn.answer(screen, effects=[AskForLink(code)])


def _code(typed: str) -> str:
    """What may be one; "" where it cannot."""
    code = "".join(letter for letter in typed if letter.isascii() and letter.isalnum())
    return code.upper() if len(code) == CODE_LETTERS else ""


def figures(turn: Turn) -> Outcome:
    """The figures come in a message of their own, with their picture."""
    if not desk_of(turn).member.may(Right.LOOK):
        raise NotOffered("figures")
    screen = turn.screen(words("staff.coming"), (button("menu", "staff"),))
    return turn.answer(screen, effects=[ShowFigures()])


def figures_told(lines: Sequence[Words], first: date, last: date) -> Message:
    """How many came to each stage in these days; ``lines`` in the order of the way."""
    text = words("desk.figures.screen", first=first, last=last, lines=tuple(lines))
    return Message(text, buttons=((button("menu", "staff"),),))


def figures_line(stage: str, number: Words, before: Words, *, declared: bool) -> Words:
    """A stage, and how many came to it in the days before."""
    return words(
        "desk.figures.line",
        stage=words(f"desk.stage.{stage}"),
        number=number,
        before=before,
        declared=declared,
    )


def figures_drawn(stages: str, first: date, last: date) -> Message:
    """The same as a picture."""
    text = words("desk.figures.drawn")
    days = {"first": first.isoformat(), "last": last.isoformat()}
    return Message(text).with_attachment(FIGURES, stages=stages, **days)


def link(url: str) -> Message:
    """The link, for the browser that asked."""
    return Message(
        words("desk.chat.link", url=url), buttons=((Link(words("desk.chat.sign_in"), url),),)
    )


def no_page() -> Message:
    """Where the pages have no address that leads to them."""
    return Message(words("desk.chat.no_page"))


ROUTES = (
    Route("staff.desk", desk, command=desk, called="desk", staff=True),
    Route("staff.figures", figures, command=figures, called="figures", staff=True),
)
