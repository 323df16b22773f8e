"""What happened on a channel, in the words of the campaign: past tense, one class a kind.

An event is made by a channel's ``parse`` and answered by ``conversation.step``. Its address is
personal: it is never logged, and the store keeps it only encrypted.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something a supporter did.

    ``id`` is unique within the channel: an event that comes again with the same id changes
    nothing. ``on`` names the message whose button was pressed, so that it can be edited in place.
    ``order`` rises with the time of writing within one chat (Telegram: the message id, the
    number that ``on`` names); None where the platform tells no order.
    """

    id: str
    channel: str
    address: str = field(repr=False)
    language: str = ""
    on: str = ""
    order: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """/start, with the payload of the link that was followed ("" where there was none)."""

    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded(Event):
    """A command other than /start: ``name`` without its slash, ``rest`` what stood behind it."""

    name: str
    rest: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """Text that is no command. ``markup``: the same with its formatting as light markup, where it
    has any."""

    text: str = field(repr=False)
    markup: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chose(Event):
    """A pressed button; ``data`` is what the button carried, or whatever was forged."""

    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Showed(Event):
    """Something that is no text: ``kind`` is "photo", "sticker", "voice", "document", …

    ``file``: the platform's name for a photo or document, ``caption``: what stands below it, as
    light markup. Both are only for staff: nothing that a supporter shows is kept.
    """

    kind: str
    file: str = field(default="", repr=False)
    caption: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Event):
    """A message edited after it was sent; the first version has been answered already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked(Event):
    """The supporter stopped the bot on the platform itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Event):
    """The supporter let the bot in again; a Started usually follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledInGroup(Event):
    """A command given in a group, where nothing personal is said and nobody is recorded.

    ``bot_name`` is the bot's public name, for the link to the private chat.
    """

    name: str
    bot_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought(Event):
    """The bot's name typed in any chat, with words behind it: answered with cards, never recorded.

    ``id`` is what the platform wants the answer to name.
    """

    query: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Event):
    """An update that could not be understood: kept as a dead letter, never answered.

    ``raw`` is the update as it came (personal), ``reason`` says what was wrong (not personal).
    The address may be empty.
    """

    raw: str = field(repr=False)
    reason: str
