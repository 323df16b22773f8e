"""What a post says, part by part: one that cannot be read takes no other with it. Pure.

A post may hold several entries, changes, messages and statuses, of other numbers and other fields
too, in any order and more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from bot.campaign.channel import Result, Sent
from bot.campaign.events import Blocked, Event, Unreadable
from bot.channels import splitting
from bot.channels.fields import Malformed, text_in
from bot.channels.whatsapp import errors, events
from bot.channels.whatsapp.addresses import Numbers, is_id, is_number
from bot.channels.whatsapp.capabilities import NAME
from bot.logs import place

RAW: Final = 64_000
"""Bytes that are kept of a part that cannot be read."""
MOST: Final = 1_000
"""Parts that are read of one post; Meta writes a thousand updates into one at most."""


@dataclass(frozen=True, slots=True)
class Came:
    """What became of a message that was taken before. ``mark``: as it was sent with ("" without).

    ``code``: of the error, where it failed; ``status``: the platform's word.
    """

    mark: str
    status: str
    result: Result
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """What Meta has decided about a template."""

    name: str
    language: str
    event: str
    reason: str = ""


@dataclass(slots=True)
class Told:
    """All that a post says. ``heard``: the platform's names of messages that wait for an answer, by
    who wrote them; the newest of each."""

    events: list[Event] = field(default_factory=list)
    came: list[Came] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    heard: dict[str, str] = field(default_factory=dict)


def read(body: bytes, number: str, numbers: Numbers) -> Told:
    """What is in a post for the business number of that id. Never raises."""
    told = Told()
    try:
        whole = splitting.value(body)
    except splitting.Illegible as problem:
        told.events.append(_unreadable(body, str(problem)))
        return told
    if not isinstance(whole, dict) or whole.get("object") != "whatsapp_business_account":
        return told
    for seen, (part, reader, contacts) in enumerate(_parts(whole, number, told)):
        if seen == MOST:
            break
        try:
            if not isinstance(part, dict):
                raise Malformed("a part is no object")
            reader(told, part, contacts, numbers)
        except Malformed as problem:
            told.events.append(_unreadable(_written(part), str(problem), part))
        except Exception as problem:
            # A fault of ours: this part has to wait for who mends it, the others must not.
            told.events.append(_unreadable(_written(part), place(problem), part))
    return told


_Reader = Callable[[Told, Mapping[str, Any], object, Numbers], None]


def _parts(
    whole: Mapping[str, Any], number: str, told: Told
) -> Iterator[tuple[Any, _Reader, object]]:
    for entry in _listed(whole, "entry"):
        for change in _listed(entry, "changes") if isinstance(entry, dict) else ():
            if not isinstance(change, dict):
                told.events.append(_unreadable(_written(change), "a change is no object"))
                continue
            value = change.get("value")
            known = _FIELDS.get(str(change.get("field")))
            if known is None:
                continue
            if not isinstance(value, dict):
                told.events.append(_unreadable(_written(change), "value is no object"))
            elif known is _TEMPLATE:
                yield value, _template, None
            elif _is_ours(value, number):
                contacts = value.get("contacts")
                for name, reader in known.items():
                    yield from ((one, reader, contacts) for one in _listed(value, name))


def _is_ours(value: Mapping[str, Any], number: str) -> bool:
    metadata = value.get("metadata")
    return isinstance(metadata, dict) and metadata.get("phone_number_id") == number


def _listed(holder: Mapping[str, Any], name: str) -> list[Any]:
    found = holder.get(name)
    return found if isinstance(found, list) else []


def _message(told: Told, part: Mapping[str, Any], contacts: object, numbers: Numbers) -> None:
    event = events.read(part, contacts, numbers)
    if event is not None:
        told.events.append(event)
        told.heard[event.address] = text_in(part, "id")


def _status(told: Told, part: Mapping[str, Any], contacts: object, numbers: Numbers) -> None:
    name, status = text_in(part, "id"), text_in(part, "status")
    mark = part.get("biz_opaque_callback_data")
    mark = mark if isinstance(mark, str) else ""
    if status != "failed":
        told.came.append(Came(mark, status, Sent("")))
        return
    listed = _listed(part, "errors")
    error = listed[0] if listed and isinstance(listed[0], dict) else {}
    code = error.get("code")
    code = code if type(code) is int else None
    told.came.append(Came(mark, status, errors.outcome(code), code))
    if code in errors.UNREACHABLE:
        address = numbers.known_as(part.get("recipient_user_id"), part.get("recipient_id"))
        if address:
            told.events.append(_left(events.mark_of(name, status), address))


def _preference(told: Told, part: Mapping[str, Any], contacts: object, numbers: Numbers) -> None:
    """Whoever stops what a business sends unasked is taken at their word. Taking it up again there
    subscribes to nothing here: that is asked for here."""
    if part.get("value") != "stop":
        return
    address = numbers.known_as(part.get("user_id"), part.get("wa_id"))
    if not address:
        raise Malformed("nobody is named whose wish it is")
    told.events.append(_left(events.mark_of("stop", address, str(part.get("timestamp"))), address))


def _left(mark: str, address: str) -> Event:
    return Blocked(id=mark, channel=NAME, address=address)


def _template(told: Told, part: Mapping[str, Any], contacts: object, numbers: Numbers) -> None:
    reason = part.get("reason")
    told.templates.append(
        Template(
            text_in(part, "message_template_name"),
            text_in(part, "message_template_language"),
            text_in(part, "event"),
            reason if isinstance(reason, str) and reason != "NONE" else "",
        )
    )


_TEMPLATE: Final[Mapping[str, _Reader]] = {}
_FIELDS: Final[Mapping[str, Mapping[str, _Reader]]] = {
    "messages": {"messages": _message, "statuses": _status},
    "user_preferences": {"user_preferences": _preference},
    "message_template_status_update": _TEMPLATE,
}


def _unreadable(raw: bytes, reason: str, part: object = None) -> Unreadable:
    name = part.get("id") if isinstance(part, dict) else None
    return Unreadable(
        id=events.mark_of(str(name) if name else raw.hex()),
        channel=NAME,
        address=_address(part),
        raw=raw[:RAW].decode("utf-8", "backslashreplace"),
        reason=reason,
    )


def _address(part: object) -> str:
    """Whom it is from, as far as it can be told."""
    if not isinstance(part, dict):
        return ""
    known, number = part.get("from_user_id"), part.get("from")
    return str(known) if is_id(known) else str(number) if is_number(number) else ""


def _written(part: object) -> bytes:
    try:
        return orjson.dumps(part, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return b""
