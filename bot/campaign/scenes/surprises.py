"""What nobody asked for: unknown words, photos, old buttons, groups. Always an answer."""

from __future__ import annotations

from bot.campaign.messages import Link, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import welcome
from bot.campaign.turn import Turn

# Kinds that have a sentence of their own; everything else is "something".
KINDS = frozenset({"photo", "sticker", "voice", "video", "document", "location", "contact"})


def showed(turn: Turn, kind: str) -> Outcome:
    """A photo, a sticker, a voice message, …: it is not kept."""
    known = kind if kind in KINDS else "something"
    return welcome.menu_after(turn, f"surprises.{known}")


def corrected(turn: Turn) -> Outcome:
    """A message was edited: the first version counted."""
    return welcome.menu_after(turn, "surprises.corrected")


def old_button(turn: Turn) -> Outcome:
    """A button that the content does not offer any more, or never did."""
    return welcome.menu_after(turn, "surprises.old_button")


def unknown_command(turn: Turn) -> Outcome:
    """A command that there is not."""
    return welcome.menu_after(turn, "surprises.command")


def cancel(turn: Turn) -> Outcome:
    """Leave the open question, if there is one."""
    key = "surprises.cancelled" if turn.supporter.question else "surprises.nothing_to_cancel"
    return welcome.menu_after(turn, key)


def apology(turn: Turn) -> Message:
    """Something went wrong on our side: said plainly, with the menu."""
    return welcome.menu_after(turn, "surprises.apology").messages[0]


def in_group(turn: Turn, bot_name: str) -> Outcome:
    """In a group nothing personal is said and nobody is recorded: the way to the private chat."""
    message = Message(
        words("surprises.group", org=turn.campaign.organisation.name),
        buttons=(
            (
                Link(
                    words("buttons.open_private"),
                    f"https://t.me/{bot_name}?start=_s-groupe",
                ),
            ),
        ),
    )
    return Outcome(None, (message,))


ROUTES = (Route("cancel", command=cancel),)
