"""Telegram's updates, read into the campaign's events.

Updates are read as they come, without building python-telegram-bot's ``Update``: that costs 67 µs
for a text and 99 µs for a pressed button (measured; this module 2 µs), checks no types, and one odd
field deep in a quoted message would make the whole update unreadable. Only the few fields that an
event needs are looked at, and each is checked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.campaign.events import (
    Blocked,
    CalledInGroup,
    Chose,
    Commanded,
    Corrected,
    Event,
    Returned,
    Said,
    Showed,
    Sought,
    Started,
    Unreadable,
)
from bot.channels.fields import Malformed, mapping, text_in
from bot.channels.splitting import Piece
from bot.channels.telegram.capabilities import NAME
from bot.channels.telegram.fields import HIGHEST, integer, language_of
from bot.channels.telegram.markup import to_markup
from bot.logs import place

RAW: Final = 64_000
"""Bytes that are kept of an update that cannot be read."""
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?", re.DOTALL)

# What a message can hold instead of text. Order matters: an animation comes with a document, a
# venue with a location.
_SHOWN = (
    ("animation", "animation"),
    ("venue", "venue"),
    ("photo", "photo"),
    ("sticker", "sticker"),
    ("voice", "voice"),
    ("video_note", "video_note"),
    ("video", "video"),
    ("audio", "audio"),
    ("document", "document"),
    ("location", "location"),
    ("contact", "contact"),
    ("poll", "poll"),
    ("dice", "dice"),
    ("game", "game"),
    ("story", "story"),
    ("checklist", "checklist"),
    ("paid_media", "paid_media"),
)
# Notices that Telegram puts into a private chat: nobody said anything.
_NOTICES = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "chat_background_set",
        "boost_added",
        "connected_website",
        "proximity_alert_triggered",
        "successful_payment",
        "refunded_payment",
        "gift",
        "unique_gift",
    }
)


def parse(update: object, bot_name: str = "") -> Event | None:
    """As ``read``, of an update that was read already."""
    return read(Piece.known(update), bot_name)


def read(piece: Piece, bot_name: str = "") -> Event | None:
    """The event that this update tells of; None where nobody expects an answer (chatter in groups,
    channels, notices, kinds of updates that were not asked for). Never raises: what cannot be read
    is ``Unreadable``.
    """
    try:
        if piece.reason:
            raise Malformed(piece.reason)
        return _event(piece.update, bot_name)
    except Malformed as problem:
        return _unreadable(piece, str(problem))
    except Exception as problem:
        # A fault of ours: this update has to wait for who mends it, the others must not.
        return _unreadable(piece, place(problem))


def _event(update: object, bot_name: str) -> Event | None:
    if not isinstance(update, dict):
        raise Malformed("the update is no object")
    if number_of(update) is None:
        raise Malformed("update_id is no number")
    number = str(update["update_id"])
    for kind, read_kind in _READERS.items():
        if kind in update:
            return read_kind(number, mapping(update, kind), bot_name)
    if len(update) < 2:
        raise Malformed("the update holds nothing")
    return None


def number_of(update: object) -> int | None:
    """The update's number, where it has one that can be confirmed. An offset that is not positive
    has Telegram forget what waits."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int and 0 < number < HIGHEST else None


def query_id(update: object) -> str:
    """The callback query that waits for an answer in this update, "" where there is none."""
    query = update.get("callback_query") if isinstance(update, dict) else None
    found = query.get("id") if isinstance(query, dict) else None
    return found if isinstance(found, str) else ""


def file_of(message: Mapping[str, Any]) -> str:
    """What Telegram calls the picture or document in a message, "" where there is none."""
    held = message.get("photo") or message.get("document")
    # A picture comes in several sizes, the largest last.
    file = held[-1] if isinstance(held, list) and held else held
    found = file.get("file_id") if isinstance(file, dict) else None
    return found if isinstance(found, str) else ""


def sought(update: object) -> Sought | None:
    """What somebody looks for in inline mode; None in every other update."""
    inline = update.get("inline_query") if isinstance(update, dict) else None
    if not isinstance(inline, dict):
        return None
    try:
        return Sought(
            id=text_in(inline, "id"),
            channel=NAME,
            address=str(integer(mapping(inline, "from"), "id")),
            language=language_of(inline),
            query=text_in(inline, "query"),
        )
    except Malformed:
        return None


def _message(number: str, message: Mapping[str, Any], bot_name: str) -> Event | None:
    chat = mapping(message, "chat")
    kind = text_in(chat, "type")
    base: dict[str, Any] = {
        "id": number,
        "channel": NAME,
        "address": str(integer(chat, "id")),
        "language": language_of(message),
        "order": integer(message, "message_id"),
    }
    text = text_in(message, "text") if "text" in message else ""
    command = _COMMAND.fullmatch(text) if text else None
    if kind != "private":
        mine = command is not None and (command[2] or bot_name).lower() == bot_name.lower()
        if kind == "channel" or command is None or not mine:
            return None
        return CalledInGroup(**base, name=command[1].lower(), bot_name=bot_name)
    if command is not None:
        name, rest = command[1].lower(), (command[3] or "").strip()
        if name == "start":
            return Started(**base, payload=rest)
        return Commanded(**base, name=name, rest=rest)
    if text:
        entities = message.get("entities")
        return Said(**base, text=text, markup=to_markup(text, entities) if entities else "")
    for field, shown in _SHOWN:
        if field in message:
            caption = to_markup(str(message.get("caption") or ""), message.get("caption_entities"))
            return Showed(**base, kind=shown, file=file_of(message), caption=caption)
    return None if _NOTICES & message.keys() else Showed(**base, kind="unknown")


def _edited(number: str, message: Mapping[str, Any], bot_name: str) -> Event | None:
    chat = mapping(message, "chat")
    if text_in(chat, "type") != "private":
        return None
    # The time of the edit is not that of the message, so its id tells no order.
    return Corrected(
        id=number,
        channel=NAME,
        address=str(integer(chat, "id")),
        language=language_of(message),
    )


def _callback(number: str, query: Mapping[str, Any], bot_name: str) -> Event | None:
    if "inline_message_id" in query:
        return None
    on = ""
    address = integer(mapping(query, "from"), "id")
    if "message" in query:
        message = mapping(query, "message")
        chat = mapping(message, "chat")
        if text_in(chat, "type") != "private":
            return None
        address = integer(chat, "id")
        # date 0: too old for Telegram to show to the bot, and so to be edited
        on = str(integer(message, "message_id")) if message.get("date") else ""
    return Chose(
        id=number,
        channel=NAME,
        address=str(address),
        language=language_of(query),
        on=on,
        data=text_in(query, "data") if "data" in query else "",
    )


def _membership(number: str, change: Mapping[str, Any], bot_name: str) -> Event | None:
    chat = mapping(change, "chat")
    kind = _MEMBERSHIP.get(text_in(mapping(change, "new_chat_member"), "status"))
    if kind is None or text_in(chat, "type") != "private":
        return None
    return kind(
        id=number,
        channel=NAME,
        address=str(integer(chat, "id")),
        language=language_of(change),
    )


_MEMBERSHIP: Final[Mapping[str, type[Blocked | Returned]]] = {
    "kicked": Blocked,
    "left": Blocked,
    "member": Returned,
}
_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any], str], Event | None]]] = {
    "message": _message,
    "callback_query": _callback,
    "edited_message": _edited,
    "my_chat_member": _membership,
}
# What getUpdates is asked for: everything else stays with Telegram.
WANTED: Final = (*_READERS, "inline_query")


def _unreadable(piece: Piece, reason: str) -> Unreadable:
    update, raw = piece.update, piece.raw
    number = number_of(update)
    return Unreadable(
        id=str(number) if number is not None else hashlib.sha256(raw).hexdigest()[:32],
        channel=NAME,
        address=_address(update),
        raw=raw[:RAW].decode("utf-8", "backslashreplace"),
        reason=reason,
    )


def _address(update: object) -> str:
    """The private chat that an unreadable update came from, as far as it can be told."""
    if not isinstance(update, dict):
        return ""
    for kind in _READERS:
        holder = update.get(kind)
        for name in ("chat", "from"):
            place = holder.get(name) if isinstance(holder, dict) else None
            number = place.get("id") if isinstance(place, dict) else None
            if type(number) is int and 0 < number < HIGHEST:
                return str(number)
    return ""
