"""What Telegram lets pass and what it refuses, in its own words.

The limits are those of https://core.telegram.org/bots/api; the texts were seen in answers of the
Bot API. Nothing here knows HTTP: a rule takes parameters and raises ``Refusal``.
"""

from __future__ import annotations

import math
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from tests.telegram_html import BadMarkup, Parsed, parse, units

_HOST = re.compile(r"^[^\s/?#@:]+\.[^\s/?#@:.]{2,}$|^\d{1,3}(\.\d{1,3}){3}$")
_ACTIONS = (
    "callback_data",
    "url",
    "copy_text",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "web_app",
    "login_url",
    "callback_game",
    "pay",
)
# What Telegram strips as it strips spaces (strip_empty_characters in TDLib's td/telegram/misc.cpp).
_EMPTY = (
    "\u1680\u180e\u200b\u200c\u200d\u2060\u202e\u202f\u205f\u2800\u3000\ufffc\u3164 \n\t\u00a0"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
Row = tuple[dict[str, object], ...]


class Refusal(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, code: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> bytes:
        """The JSON that Telegram answers."""
        answer: dict[str, object] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return orjson.dumps(answer)


def bad(description: str) -> Refusal:
    """A 400."""
    return Refusal(400, f"Bad Request: {description}")


def words(text: str, parse_mode: str, limit: int, what: str) -> Parsed:
    """The visible text within its limit, or a refusal; ``what``: "message" or "message caption"."""
    if parse_mode not in ("", "HTML", "html"):
        raise bad("unsupported parse_mode")
    try:
        parsed = parse(text) if parse_mode else Parsed(text.strip())
    except BadMarkup as problem:
        raise bad(f"can't parse entities: {problem}") from None
    if what == "message" and not parsed.text.strip(_EMPTY):
        raise bad("message text is empty")
    if units(parsed.text) > limit:
        raise bad(f"{what} is too long")
    return parsed


def keyboard(markup: object, doubts: list[str]) -> tuple[Row, ...]:
    """The rows of an inline keyboard, each button checked."""
    if not markup:
        return ()
    if isinstance(markup, str):
        try:
            markup = orjson.loads(markup)
        except orjson.JSONDecodeError:
            raise bad("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    if sum(len(row) for row in rows) > 100:
        raise bad("REPLY_MARKUP_TOO_LONG")
    for row in rows:
        if len(row) > 8:
            doubts.append("more than 8 buttons in a row")
        for button in row:
            _button(button, doubts)
    return tuple(tuple(row) for row in rows)


def _button(button: object, doubts: list[str]) -> None:
    broken = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad(broken + "InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad(broken + 'Field "text" must be of type String')
    if not button["text"].strip(_EMPTY):
        raise bad("BUTTON_TEXT_INVALID")
    if button.get("style", "primary") not in ("primary", "success", "danger"):
        raise bad("BUTTON_STYLE_INVALID")
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad(broken + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        doubts.append(f"a button with several actions: {actions}")
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    if "switch_inline_query_chosen_chat" in button:
        chosen = button["switch_inline_query_chosen_chat"]
        allowed = [name for name in chosen if name.startswith("allow_") and chosen[name]]
        if units(chosen.get("query", "")) > 256 or not allowed:
            raise bad("BUTTON_TYPE_INVALID")
    if "copy_text" in button:
        copied = button["copy_text"]
        text = copied.get("text") if isinstance(copied, dict) else None
        if not isinstance(text, str) or not 1 <= units(text) <= 256:
            raise bad("BUTTON_COPY_TEXT_INVALID")
    if "url" in button:
        _button_url(button["url"], doubts)


def _button_url(url: object, doubts: list[str]) -> None:
    if not isinstance(url, str):
        raise bad('can\'t parse inline keyboard button: Field "url" must be of type String')
    refused = f"inline keyboard button URL '{url}' is invalid: "
    scheme, colon, rest = url.strip().partition("://")
    if not colon:
        scheme, rest = "http", url.strip()
    elif scheme.lower() not in ("http", "https", "tg", "ton"):
        raise bad(refused + "Unsupported URL protocol")
    if scheme.lower() in ("tg", "ton"):
        return
    if rest.lower().startswith("mailto:"):
        doubts.append("a mailto: button, silently turned into a wrong http link")
        return
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    host, colon, port = authority.partition(":")
    if (colon and not port.isdigit()) or not _HOST.match(host):
        raise bad(refused + "Wrong HTTP URL")


@dataclass(slots=True)
class Flood:
    """Telegram's flood limits as token buckets: ``overall`` messages a second over all chats,
    ``per_chat`` in one, each with a short burst. After a refusal everything that the bucket covers
    is refused until the time told has passed."""

    overall: float = 30.0
    per_chat: float = 1.0
    burst: float = 30.0
    chat_burst: float = 3.0
    refused: int = 0
    _all: _Bucket = field(init=False)
    _chats: dict[int, _Bucket] = field(init=False)

    def __post_init__(self) -> None:
        self._all = _Bucket(self.overall, self.burst)
        self._chats = defaultdict(lambda: _Bucket(self.per_chat, self.chat_burst))

    def take(self, chat: int) -> None:
        """One more message for this chat, or a 429."""
        now = time.monotonic()
        wait = max(self._all.wait(now), self._chats[chat].wait(now))
        if wait > 0:
            self.refused += 1
            raise too_many(math.ceil(wait))
        self._all.take(now)
        self._chats[chat].take(now)


@dataclass(slots=True)
class _Bucket:
    rate: float
    size: float
    level: float = -1.0
    at: float = 0.0
    closed_until: float = 0.0

    def wait(self, now: float) -> float:
        if now < self.closed_until:
            return self.closed_until - now
        self.level = (
            self.size
            if self.level < 0
            else min(self.size, self.level + (now - self.at) * self.rate)
        )
        self.at = now
        if self.level >= 1:
            return 0.0
        wait = math.ceil((1 - self.level) / self.rate)
        self.closed_until = now + wait
        return wait

    def take(self, now: float) -> None:
        self.level -= 1


def too_many(seconds: int) -> Refusal:
    """A 429 that says how long to wait."""
    return Refusal(
        429, f"Too Many Requests: retry after {seconds}", retry_after=max(1, int(seconds))
    )


def commands(stored: object) -> list[Mapping[str, str]]:
    """The list of setMyCommands, each entry checked."""
    listed = orjson.loads(stored) if isinstance(stored, str) else stored
    if not isinstance(listed, list) or len(listed) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in listed:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.get("command", "")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= units(command.get("description", "")) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return listed
