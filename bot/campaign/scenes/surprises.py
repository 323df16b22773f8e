"""What nobody asked for: unknown words, photos, old buttons, groups. Always an answer, never blame."""

from __future__ import annotations

from bot.campaign.events import CalledInGroup, Showed
from bot.campaign.messages import Link, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import welcome
from bot.campaign.turn import Turn

# Kinds that have a sentence of their own; everything else is "something".
KINDS = frozenset({"photo", "sticker", "voice", "video", "document", "location", "contact"})


def text(turn: Turn) -> Outcome:
    """Words that answer no question."""
    return welcome.menu_after(turn, "surprises.text")


def showed(turn: Turn) -> Outcome:
    """A photo, a sticker, a voice message, …: said that it is not kept, and the open question stays."""
    assert isinstance(turn.event, Showed)
    kind = turn.event.kind if turn.event.kind in KINDS else "something"
    return welcome.menu_after(turn, f"surprises.{kind}")


def corrected(turn: Turn) -> Outcome:
    """A message was edited: the first version counted; the open question stays open."""
    outcome = welcome.menu_after(turn, "surprises.corrected")
    return Outcome(turn.supporter, outcome.messages)


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


def in_group(turn: Turn) -> Outcome:
    """In a group nothing personal is said and nobody is recorded: the way to the private chat."""
    assert isinstance(turn.event, CalledInGroup)
    message = Message(
        words("surprises.group", org=turn.campaign.organisation.name),
        buttons=(
            (
                Link(
                    words("buttons.open_private"),
                    f"https://t.me/{turn.event.bot_name}?start=s-groupe",
                ),
            ),
        ),
    )
    return Outcome(None, (message,))
