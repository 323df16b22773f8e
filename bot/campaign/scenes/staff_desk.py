"""The staff's pages, from the chat: a link that signs in the browser that asked for it."""

from __future__ import annotations

from bot.campaign.desk_commands.settings import AskForLink
from bot.campaign.events import Commanded
from bot.campaign.messages import Link, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.turn import Turn

CODE_LETTERS = 8


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


def link(url: str) -> Message:
    """The link, for the browser that asked."""
    return Message(
        words("desk.chat.link", url=url), buttons=((Link(words("desk.chat.sign_in"), url),),)
    )


def no_page() -> Message:
    """Where the pages have no address that leads to them."""
    return Message(words("desk.chat.no_page"))


ROUTES = (Route("staff.desk", desk, command=desk, called="desk", staff=True),)
