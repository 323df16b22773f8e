"""What WhatsApp's Cloud API takes and what it refuses, as its public descriptions have it.

Where sources disagree the narrower bound stands here, so that either truth is kept to. Nothing
here knows HTTP: a rule takes what was sent and raises ``Refusal``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

_NUMBER = re.compile(r"\+?\d[\d ()-]{5,20}")
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
_URL = re.compile(r"https?://[^\s/?#]+\.[^\s]+")
_TEMPLATE = re.compile(r"[a-z0-9_]{1,512}")
_PLACEHOLDER = re.compile(r"\{\{(\d+)\}\}")
MEDIA = {
    "image": (("image/jpeg", "image/png"), 5_000_000),
    "document": (("application/pdf", "text/plain", "message/rfc822"), 100_000_000),
}


class Refusal(Exception):
    """An answer with an error, decided by ``code``."""

    def __init__(self, status: int, code: int, title: str, details: str = "") -> None:
        super().__init__(f"{code}: {title}: {details}")
        self.status = status
        self.code = code
        self.title = title
        self.details = details

    def body(self) -> bytes:
        """The JSON that the API answers."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "Atrace",
        }
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return orjson.dumps({"error": error})


def bad(details: str) -> Refusal:
    """A value that is not taken."""
    return Refusal(400, 131009, "Parameter value is not valid", details)


def missing(details: str) -> Refusal:
    """A value that is not there."""
    return Refusal(400, 131008, "Required parameter is missing", details)


@dataclass(slots=True)
class Rates:
    """How fast messages may come: to one person, and over all.

    ``pair``: seconds for each message to one person in the long run, ``burst`` at once;
    ``second``: messages a second over all. 0 is no limit.
    """

    pair: float = 6.0
    burst: int = 45
    second: int = 80
    refused: int = 0
    clock: Callable[[], float] = time.monotonic
    _people: dict[str, tuple[float, float]] = field(default_factory=dict)
    _within: list[float] = field(default_factory=list)

    def pass_or_refuse(self, whom: str) -> None:
        """Counts a message. Raises Refusal."""
        now = self.clock()
        if self.second:
            self._within = [at for at in self._within if now - at < 1.0]
            if len(self._within) >= self.second:
                self.refused += 1
                raise Refusal(400, 130429, "Rate limit hit", "Cloud API message throughput")
            self._within.append(now)
        if self.pair:
            tokens, at = self._people.get(whom, (float(self.burst), now))
            tokens = min(float(self.burst), tokens + (now - at) / self.pair)
            if tokens < 1:
                self.refused += 1
                raise Refusal(400, 131056, "Pair rate limit hit", "too many to this person")
            self._people[whom] = tokens - 1, now


def only(holder: object, where: str, *known: str) -> Mapping[str, Any]:
    """An object with no other keys than these: the API refuses what it does not know."""
    if not isinstance(holder, dict):
        raise bad(f"{where} must be an object")
    for name in holder:
        if name not in known:
            raise Refusal(400, 100, f'Unexpected key "{name}" on param "{where}"')
    return holder


def text_in(holder: Mapping[str, Any], name: str, most: int, *, least: int = 1) -> str:
    """A text within its bounds."""
    found = holder.get(name)
    if found is None:
        raise missing(f"{name} is required")
    if not isinstance(found, str):
        raise bad(f"{name} must be a string")
    if not least <= len(found) <= most or (least and not found.strip()):
        raise bad(f"{name} length invalid. Min length: {least}, Max length: {most}")
    return found


TYPES = ("text", "interactive", "image", "document", "template", "reaction")


def message(sent: object, media: Mapping[str, str]) -> tuple[str, str]:
    """To whom, and of which type it is. ``media``: what was uploaded, with its media type."""
    base = ("messaging_product", "recipient_type", "to", "recipient", "type", "context")
    whole = only(sent, "message", *base, "biz_opaque_callback_data", *TYPES)
    if whole.get("messaging_product") != "whatsapp":
        raise missing("messaging_product is required")
    if whole.get("recipient_type", "individual") != "individual":
        raise bad("recipient_type")
    if "biz_opaque_callback_data" in whole:
        text_in(whole, "biz_opaque_callback_data", 512)
    if "context" in whole:
        text_in(only(whole["context"], "context", "message_id"), "message_id", 512)
    whom = recipient(whole)
    kind = whole.get("type")
    if kind not in TYPES:
        raise Refusal(400, 131051, "Unsupported message type", str(kind))
    if kind not in whole:
        raise missing(f"{kind} is required")
    _KINDS[kind](whole[kind], media)
    return whom, kind


def recipient(whole: Mapping[str, Any]) -> str:
    """The number, which wins, or the id of a person within this business."""
    if "to" in whole:
        if not isinstance(whole["to"], str) or not _NUMBER.fullmatch(whole["to"]):
            raise bad("to")
        return re.sub(r"\D", "", whole["to"])
    found = whole.get("recipient")
    if not isinstance(found, str) or not _USER_ID.fullmatch(found):
        raise missing("to or recipient is required")
    return found


def _text(sent: object, media: Mapping[str, str]) -> None:
    said = only(sent, "text", "body", "preview_url")
    text_in(said, "body", 4096)
    if not isinstance(said.get("preview_url", False), bool):
        raise bad("preview_url")


def _interactive(sent: object, media: Mapping[str, str]) -> None:
    shown = only(sent, "interactive", "type", "header", "body", "footer", "action")
    kind = shown.get("type")
    if kind not in ("button", "list", "cta_url"):
        raise bad(f"interactive type {kind}")
    text_in(only(shown.get("body"), "interactive['body']", "text"), "text", 1024)
    if "footer" in shown:
        text_in(only(shown["footer"], "interactive['footer']", "text"), "text", 60)
    if "header" in shown:
        _header(shown["header"], kind, media)
    if "action" not in shown:
        raise missing("action is required")
    {"button": _buttons, "list": _list, "cta_url": _link}[kind](shown["action"])


def _header(sent: object, kind: str, media: Mapping[str, str]) -> None:
    header = only(sent, "interactive['header']", "type", "text", "image", "document")
    of = header.get("type")
    if kind == "list" and of != "text":
        raise bad("list headers are text only")
    if of == "text":
        text_in(header, "text", 60)
    elif of in ("image", "document"):
        _media(header.get(of), of, media, captioned=False)
    else:
        raise bad("header type")


def _buttons(sent: object) -> None:
    buttons = only(sent, "interactive['action']", "buttons").get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise bad("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
    replies = []
    for button in buttons:
        held = only(button, "button", "type", "reply")
        if held.get("type") != "reply":
            raise bad("button type")
        reply = only(held.get("reply"), "reply", "id", "title")
        title, mark = text_in(reply, "title", 20), text_in(reply, "id", 256)
        if mark != mark.strip():
            raise bad("button id has spaces at its ends")
        replies.append((title, mark))
    if len({title for title, _ in replies}) < len(replies):
        raise bad("Duplicated title")
    if len({mark for _, mark in replies}) < len(replies):
        raise bad("Duplicated id")


def _list(sent: object) -> None:
    action = only(sent, "interactive['action']", "button", "sections")
    text_in(action, "button", 20)
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= 10:
        raise bad("sections")
    marks: list[str] = []
    for section in sections:
        held = only(section, "section", "title", "rows")
        if len(sections) > 1 or "title" in held:
            text_in(held, "title", 24)
        rows = held.get("rows")
        if not isinstance(rows, list) or not rows:
            raise bad("rows")
        for row in rows:
            one = only(row, "row", "id", "title", "description")
            marks.append(text_in(one, "id", 200))
            if len(str(one.get("title", ""))) > 24:
                raise bad("Row title is too long. Max length is 24")
            text_in(one, "title", 24)
            if "description" in one:
                text_in(one, "description", 72)
    if len(marks) > 10:
        raise bad("Total row count exceed max allowed count: 10")
    if len(set(marks)) < len(marks):
        raise bad("Duplicated row id")


def _link(sent: object) -> None:
    action = only(sent, "interactive['action']", "name", "parameters")
    if action.get("name") != "cta_url":
        raise bad("name")
    held = only(action.get("parameters"), "parameters", "display_text", "url")
    text_in(held, "display_text", 20)
    if not _URL.fullmatch(text_in(held, "url", 2000)):
        raise bad("url")


def _media(sent: object, of: str, media: Mapping[str, str], *, captioned: bool = True) -> None:
    more = ("caption",) if captioned else ()
    names = ("filename",) if of == "document" else ()
    held = only(sent, of, "id", "link", *more, *names)
    if "caption" in held:
        text_in(held, "caption", 1024)
    if "id" in held:
        kind = media.get(str(held["id"]))
        if kind is None:
            raise Refusal(
                400, 100, f"Param {of}['id'] is not a valid whatsapp business account media "
                "attachment ID",
            )  # fmt: skip
        if kind not in MEDIA[of][0]:
            raise bad(f"{kind} is no {of}")
    elif "link" not in held:
        raise missing("id or link is required")


def upload(media_type: str, size: int) -> None:
    """Whether a file is taken at all."""
    for types, most in MEDIA.values():
        if media_type in types:
            if not 0 < size <= most:
                raise bad("file size")
            return
    raise Refusal(400, 100, f"Param file must be a file with one of the types: not {media_type}")


def _template(sent: object, media: Mapping[str, str]) -> None:
    held = only(sent, "template", "name", "language", "components")
    text_in(held, "name", 512)
    text_in(only(held.get("language"), "language", "code", "policy"), "code", 16)
    for part in held.get("components", ()):
        one = only(part, "component", "type", "parameters", "sub_type", "index")
        for value in one.get("parameters", ()):
            given = only(value, "parameter", "type", "text", "payload", "parameter_name")
            if given.get("type") == "text":
                said = text_in(given, "text", 1024)
                if re.search(r"[\n\t]| {5,}", said):
                    raise Refusal(400, 132018, "Parameter format", "new lines, tabs or spaces")


def _reaction(sent: object, media: Mapping[str, str]) -> None:
    text_in(only(sent, "reaction", "message_id", "emoji"), "message_id", 512)


_KINDS: Mapping[str, Callable[[object, Mapping[str, str]], None]] = {
    "text": _text,
    "interactive": _interactive,
    "image": lambda sent, media: _media(sent, "image", media),
    "document": lambda sent, media: _media(sent, "document", media),
    "template": _template,
    "reaction": _reaction,
}


def new_template(sent: object) -> Mapping[str, Any]:
    """A template as it is handed in for review."""
    held = only(sent, "template", "name", "language", "category", "components", "parameter_format")
    if not _TEMPLATE.fullmatch(text_in(held, "name", 512)):
        raise bad("name: lower case letters, digits and underscores")
    if held.get("category") not in ("MARKETING", "UTILITY", "AUTHENTICATION"):
        raise bad("category")
    text_in(held, "language", 16)
    bodies = [one for one in held.get("components", ()) if one.get("type") == "BODY"]
    if len(bodies) != 1:
        raise missing("a component of type BODY is required")
    for part in held["components"]:
        _component(part)
    return held


def _component(part: Mapping[str, Any]) -> None:
    kind = part.get("type")
    if kind == "BODY":
        only(part, "body", "type", "text", "example")
        said = text_in(part, "text", 1024)
        found = _PLACEHOLDER.findall(said)
        if found != [str(n) for n in range(1, len(found) + 1)]:
            raise bad("variables count up from {{1}}")
        if found:
            if said.startswith("{{") or said.rstrip().endswith("}}"):
                raise bad("a variable may not stand at the start or end")
            examples = part.get("example", {}).get("body_text", [[]])[0]
            if len(examples) != len(found):
                raise missing("an example for each variable is required")
    elif kind == "FOOTER":
        text_in(part, "text", 60)
    elif kind == "BUTTONS":
        buttons: Sequence[Mapping[str, Any]] = part.get("buttons", ())
        if not 1 <= len(buttons) <= 10:
            raise bad("buttons")
        for button in buttons:
            text_in(button, "text", 25)
            if button.get("type") == "URL":
                text_in(button, "url", 2000)
            elif button.get("type") != "QUICK_REPLY":
                raise bad("button type")
    else:
        raise bad(f"component {kind}")
