"""WhatsApp's messages, read into the campaign's events. Pure: values in, events out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.campaign.events import Chose, Commanded, Corrected, Event, Said, Showed, Started
from bot.channels.fields import Malformed, mapping, text_in
from bot.channels.whatsapp.addresses import Numbers, language_of
from bot.channels.whatsapp.capabilities import NAME

_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:\s+(.*))?", re.DOTALL)
# What is no text, in the campaign's words; what is not named is something.
_SHOWN: Final[Mapping[str, str]] = {
    "image": "photo",
    "video": "video",
    "audio": "voice",
    "document": "document",
    "sticker": "sticker",
    "location": "location",
    "contacts": "contact",
}
SILENT: Final = frozenset({"reaction", "revoke", "system"})
"""Nobody waits for an answer to these."""


def mark_of(*names: str) -> str:
    """What an event is called here. The platform's own name of a message holds the telephone number
    of whom it is from, and is kept nowhere."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "replace")).hexdigest()[:32]


def read(message: Mapping[str, Any], contacts: object, numbers: Numbers) -> Event | None:
    """The event that this message tells of; None where nobody expects an answer. Raises
    Malformed."""
    name, kind = text_in(message, "id"), text_in(message, "type")
    if not name:
        raise Malformed("id is empty")
    address = whose(message, contacts, numbers)
    if not address:
        raise Malformed("nobody is named whom it is from")
    base: dict[str, Any] = {
        "id": mark_of(name),
        "channel": NAME,
        "address": address,
        "language": language_of(address),
        "order": _seconds(message),
    }
    if kind in SILENT:
        return None
    reader = _READERS.get(kind)
    return reader(base, message) if reader else Showed(**base, kind=_SHOWN.get(kind, "unknown"))


def whose(message: Mapping[str, Any], contacts: object, numbers: Numbers) -> str:
    """The address of whom it is from. The id stands in the message, or with the contact of the same
    number."""
    number, known = message.get("from"), message.get("from_user_id")
    listed = contacts if isinstance(contacts, list) else []
    for contact in listed:
        if not isinstance(contact, dict):
            continue
        theirs = contact.get("wa_id"), contact.get("user_id")
        if known is not None and theirs[1] == known:
            number = number if number is not None else theirs[0]
        elif known is None and ((number is None and len(listed) == 1) or theirs[0] == number):
            number, known = theirs
    return numbers.known_as(known, number)


def _seconds(message: Mapping[str, Any]) -> int | None:
    """When it was written; None where that is not told."""
    told = message.get("timestamp")
    if isinstance(told, str) and told.isdecimal() and len(told) <= 12:
        return int(told)
    return None


def _text(base: Mapping[str, Any], message: Mapping[str, Any]) -> Event:
    said = text_in(mapping(message, "text"), "body")
    command = _COMMAND.fullmatch(said.strip())
    if command is None:
        return Said(**base, text=said)
    name, rest = command[1].lower(), (command[2] or "").strip()
    if name == "start":
        return Started(**base, payload=rest)
    return Commanded(**base, name=name, rest=rest)


def _interactive(base: Mapping[str, Any], message: Mapping[str, Any]) -> Event:
    held = mapping(message, "interactive")
    kind = text_in(held, "type")
    if kind not in ("button_reply", "list_reply"):
        return Showed(**base, kind="unknown")
    return Chose(**base, data=text_in(mapping(held, kind), "id"))


def _button(base: Mapping[str, Any], message: Mapping[str, Any]) -> Event:
    """The quick reply of a template."""
    return Chose(**base, data=text_in(mapping(message, "button"), "payload"))


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Event]]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _button,
    "edit": lambda base, message: Corrected(**base),
    "request_welcome": lambda base, message: Started(**base),
}
