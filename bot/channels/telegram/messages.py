"""Messages as requests to the Bot API, and its answers as results.

They go out by python-telegram-bot's public ``Bot.do_api_request`` with plain dicts. Its
``Bot.send_message`` costs 142 µs of CPU, most of it for building a ``Message`` of the answer, of
which we need one number; this way costs 26 µs (both measured without the network).
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from html import escape
from typing import Any, Final

from telegram import Bot, InputFile
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.campaign.channel import Made, Refused, Result, Sent, Unknown
from bot.campaign.layout import lay_out, main_button
from bot.campaign.light_html import without_markup
from bot.campaign.messages import Rendered, RenderedButton
from bot.channels.telegram import events, methods
from bot.channels.telegram.capabilities import TELEGRAM
from bot.channels.telegram.request import AnswerLost, Flooded, NotConnected, Unavailable

_NOTHING: Final[Mapping[str, Any]] = {}
_PAID: Final[Mapping[str, Any]] = {"allow_paid_broadcast": True}
_TO_NOBODY: Final = {"chat_id": "0", "text": ""}
_ANSWERS_WITHIN: Final = 10.0
_NO_PREVIEW: Final = {"is_disabled": True}
Known = MutableMapping[str, str]
_KNOWN_FILES: Final = 1000
_PICTURES: Final = ("image/png", "image/jpeg")

# Parts of Telegram's descriptions (lower case) of a message that is there no more for editing.
_CANNOT_EDIT: Final = (
    "message to edit not found",
    "message can't be edited",
    "no text in the message to edit",
    "message_id_invalid",
    "message identifier",
)
# Parts of Telegram's descriptions of a 400: what the log says of it, and whether the supporter is
# gone. Telegram's own text is not logged, since it can quote the message.
_BAD_REQUESTS: Final = (
    ("chat not found", "chat not found", True),
    ("peer_id_invalid", "chat not found", True),
    ("deactivated", "account deleted", True),
    ("can't parse entities", "markup refused", False),
    ("too long", "too long", False),
    ("text is empty", "empty text", False),
    ("button", "button refused", False),
    ("keyboard", "button refused", False),
    ("image", "picture refused", False),
    ("photo", "picture refused", False),
    ("too large", "file too large", False),
    ("not valid unicode", "text is not valid unicode", False),
)


async def deliver(
    bot: Bot,
    address: str,
    message: Rendered,
    made: tuple[Made, ...],
    *,
    paid: bool = False,
    known: Known | None = None,
) -> Result:
    """Send or change a message. Never raises for what Telegram or the network does.

    ``paid``: beyond the free rate, for Stars. ``known``: what Telegram calls files that it has, by
    the mark that they have each time.
    """
    extra = _PAID if paid else _NOTHING
    try:
        if made:
            return await _send_files(bot, address, message, made, extra, known)
        if message.replaces:
            changed = await _edit(bot, address, message)
            if changed is not None:
                return changed
        return await _sent(bot, methods.SEND, {**_words(address, message), **extra})
    except TelegramError as problem:
        return outcome(problem)


async def answers(bot: Bot) -> bool:
    """Whether Telegram answers a send. It has to refuse this one, to no chat and without a word,
    so nobody gets anything and no message is repeated."""
    try:
        await bot.do_api_request(methods.SEND, _TO_NOBODY, read_timeout=_ANSWERS_WITHIN)
    except TelegramError as problem:
        match outcome(problem):
            case Refused(permanent=True) | Refused(retry_after=float()):
                return True
        return False
    return True


async def amend(bot: Bot, address: str, ref: str, message: Rendered, *, caption: bool) -> Result:
    """Change a message (``caption``: one with a file), and never send it anew."""
    content = _words(address, message) | {"message_id": int(ref)}
    try:
        await bot.do_api_request(
            methods.EDIT_CAPTION if caption else methods.EDIT,
            _as_caption(content) if caption else content,
        )
    except TelegramError as problem:
        if "message is not modified" not in problem.message.lower():
            return outcome(problem)
    return Sent(ref)


async def delete(bot: Bot, address: str, ref: str) -> Result:
    """Delete a message; one that is gone already counts as deleted."""
    try:
        await bot.do_api_request(methods.DELETE, {"chat_id": address, "message_id": int(ref)})
    except TelegramError as problem:
        if "message to delete not found" not in problem.message.lower():
            return outcome(problem)
    return Sent(ref)


def outcome(problem: TelegramError) -> Refused | Unknown:
    """What an error of python-telegram-bot means for the message that was being sent."""
    match problem:
        case Flooded():
            return Refused("flood limit", retry_after=problem.seconds)
        case Forbidden():
            return Refused("blocked or gone", permanent=True, gone=True)
        case BadRequest():
            said = problem.message.lower()
            for part, reason, gone in _BAD_REQUESTS:
                if part in said:
                    return Refused(reason, permanent=True, gone=gone, said=problem.message)
            return Refused("bad request", permanent=True, said=problem.message)
        case ChatMigrated():
            return Refused("the group has moved", permanent=True)
        case NotConnected():
            return Refused("no connection")
        case Unavailable():
            return Refused("Telegram is unavailable")
        case InvalidToken():
            return Refused("token refused")
        case AnswerLost():
            return Unknown("no answer")
    # A 200 that cannot be read, or a status that Telegram does not give (a proxy in between).
    return Unknown("unexpected answer")


async def _edit(bot: Bot, address: str, message: Rendered) -> Result | None:
    """None where the message cannot be edited any more, so that it has to be sent anew."""
    if not message.replaces.isdecimal():
        return None
    try:
        content = _words(address, message) | {"message_id": int(message.replaces)}
        return await _sent(bot, methods.EDIT, content)
    except BadRequest as problem:
        said = problem.message.lower()
        if "message is not modified" in said:
            return Sent(message.replaces)
        if any(part in said for part in _CANNOT_EDIT):
            return None
        raise


async def _send_files(
    bot: Bot,
    address: str,
    message: Rendered,
    made: tuple[Made, ...],
    extra: Mapping[str, Any],
    known: Known | None,
) -> Result:
    text = _with_block(message)
    fits = TELEGRAM.length(without_markup(text)) <= TELEGRAM.caption
    for place, file in enumerate(made, 1):
        content: dict[str, Any] = {"chat_id": address}
        if fits and place == len(made):
            content = _as_caption(_words(address, message))
        result = await _send_known(bot, {**content, **extra}, file, known)
    return result if fits else await _sent(bot, methods.SEND, {**_words(address, message), **extra})


async def _send_known(bot: Bot, content: dict[str, Any], file: Made, known: Known | None) -> Sent:
    """Many get the same picture: it travels to Telegram once."""
    if known is None or not file.same:
        return await _send_file(bot, content, file)
    if file.same in known:
        try:
            return await _send_file(bot, content, replace(file, ref=known[file.same]))
        except BadRequest as problem:
            if "file" not in problem.message.lower():
                raise
            del known[file.same]
    sent = await _send_file(bot, content, file)
    if sent.file and len(known) < _KNOWN_FILES:
        known[file.same] = sent.file
    return sent


async def _send_file(bot: Bot, content: dict[str, Any], file: Made) -> Sent:
    """A picture that Telegram does not take as one (its shape, its size) goes as a document."""
    sent_file = file.ref or InputFile(file.content, filename=file.name, attach=False)
    if file.media_type in _PICTURES:
        try:
            return await _sent(bot, methods.SEND_PHOTO, content | {"photo": sent_file})
        except BadRequest as problem:
            if outcome(problem) != Refused("picture refused", permanent=True):
                raise
    return await _sent(bot, methods.SEND_DOCUMENT, content | {"document": sent_file})


async def _sent(bot: Bot, method: str, content: dict[str, Any]) -> Sent:
    answer = await bot.do_api_request(method, content)
    if not isinstance(answer, dict):
        return Sent("")
    number = answer.get("message_id")
    return Sent(str(number) if number is not None else "", events.file_of(answer))


def _as_caption(content: dict[str, Any]) -> dict[str, Any]:
    """The same words below a file."""
    moved = {name: value for name, value in content.items() if name != "link_preview_options"}
    moved["caption"] = moved.pop("text")
    return moved


def _words(address: str, message: Rendered) -> dict[str, Any]:
    content: dict[str, Any] = {
        "chat_id": address,
        "text": _with_block(message),
        "parse_mode": "HTML",
        "link_preview_options": _NO_PREVIEW,
    }
    if message.buttons:
        rows = lay_out(message.buttons, TELEGRAM).rows
        keyboard = [[_button(button) for button in row] for row in rows]
        if main_button(rows) is not None:
            # Shown by apps from February 2026 on; earlier ones leave it out.
            keyboard[0][0]["style"] = "primary"
        content["reply_markup"] = {"inline_keyboard": keyboard}
    return content


def _with_block(message: Rendered) -> str:
    """The text, and behind it the block, which a tap copies whole."""
    if not message.block:
        return message.text
    return f"{message.text}\n\n<pre>{escape(message.block, quote=False)}</pre>"


def _button(button: RenderedButton) -> dict[str, Any]:
    if button.url:
        return {"text": button.label, "url": button.url}
    if button.copy:
        return {"text": button.label, "copy_text": {"text": button.copy}}
    if button.card:
        return {"text": button.label, "switch_inline_query_chosen_chat": _anywhere(button.card)}
    return {"text": button.label, "callback_data": button.data}


def _anywhere(query: str) -> dict[str, Any]:
    kinds = ("user", "group", "channel")
    return {"query": query} | {f"allow_{kind}_chats": True for kind in kinds}
