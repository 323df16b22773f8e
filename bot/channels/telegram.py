"""Telegram: what is sent there, and what came of it.

Messages go out by python-telegram-bot's public ``Bot.do_api_request`` with plain dicts. Its
``Bot.send_message`` costs 142 µs of CPU, most of it for building a ``Message`` of the answer, of
which we need one number; this way costs 26 µs (both measured without the network). Rare calls,
where that does not matter, use the Bot's own methods.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from html import escape, unescape
from typing import Any, Final

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    InputFile,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    TelegramError,
)

from bot.campaign.delivery import Lane, Made, Refused, Result, Sent, Unknown
from bot.campaign.events import Event
from bot.campaign.limits import TELEGRAM, length
from bot.campaign.messages import Rendered, RenderedButton
from bot.channels import telegram_events
from bot.channels.telegram_request import (
    AiohttpRequest,
    AnswerLost,
    Flooded,
    NotConnected,
    Unavailable,
    hush_libraries,
)

log = structlog.get_logger()

API: Final = "https://api.telegram.org/bot"
Menus = Mapping[str, Sequence[tuple[str, str]]]

# Connections at the same time. One long poll, and one more to confirm at the end; a conversation
# may come in bursts; a broadcast at 30 messages a second needs few.
_POLLING, _CONVERSATION, _BROADCAST = 2, 100, 40

# do_api_request makes camel case of these. They are written so that they do not name a method of
# Bot, because it warns (slowly) where one exists.
_SEND: Final = "send_Message"
_EDIT: Final = "edit_Message_Text"
_ANSWER: Final = "answer_Callback_Query"
_POLL: Final = "get_Updates"

_NO_PREVIEW: Final = {"is_disabled": True}
_PICTURES: Final = ("image/png", "image/jpeg")
_TAG = re.compile(r"<[^>]*>")

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


class TelegramChannel:
    """One Telegram bot: reads updates, sends messages.

    ``base_url`` is that of python-telegram-bot: the token is put right behind it. Use as an async
    context manager, or ``open`` and ``close``. Polling is in ``telegram_polling``.
    """

    name = telegram_events.NAME
    limits = TELEGRAM

    def __init__(
        self,
        token: str,
        *,
        base_url: str = API,
        connect_timeout: float = 10.0,
        read_timeout: float = 20.0,
    ) -> None:
        hush_libraries()
        timeouts = {"connect_timeout": connect_timeout, "read_timeout": read_timeout}
        polling, conversation, broadcast = self._pools = tuple(
            AiohttpRequest(connections=connections, **timeouts)
            for connections in (_POLLING, _CONVERSATION, _BROADCAST)
        )
        self._bots = {
            lane: Bot(token, base_url=base_url, request=pool, get_updates_request=polling)
            for lane, pool in ((Lane.CONVERSATION, conversation), (Lane.BROADCAST, broadcast))
        }
        self._bot = self._bots[Lane.CONVERSATION]
        self._under_way: set[asyncio.Task[None]] = set()
        self.bot_name = ""
        """The bot's public name without its @, known after ``introduce``."""
        self.unanswered = 0
        """Button presses that could not be acknowledged: their supporters saw a spinner."""

    async def __aenter__(self) -> TelegramChannel:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Make ready to send; uses no network yet."""
        async with AsyncExitStack() as undo:
            for pool in self._pools:
                await pool.initialize()
                undo.push_async_callback(pool.shutdown)
            undo.pop_all()

    async def close(self) -> None:
        """Cut all connections. Acknowledgements under way get a second to end."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=1.0)
        for task in self._under_way:
            task.cancel()
        for pool in self._pools:
            await pool.shutdown()

    # -- receiving ----------------------------------------------------------------------------

    def parse(self, update: object) -> Event | None:
        """See ``telegram_events.parse``."""
        return telegram_events.parse(update, self.bot_name)

    def acknowledge(self, update: object) -> None:
        """Answer the button press in this update, if there is one, at once and without waiting:
        until then the supporter sees a spinner."""
        query = telegram_events.query_id(update)
        if query:
            task = asyncio.get_running_loop().create_task(self._answer(query))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _answer(self, query: str) -> None:
        try:
            await self._bot.do_api_request(_ANSWER, {"callback_query_id": query})
        except TelegramError as problem:
            self.unanswered += 1
            log.debug("press_not_acknowledged", kind=type(problem).__name__)

    async def introduce(self) -> None:
        """Ask who the bot is and make sure that updates come by polling; none is thrown away.

        Raises what python-telegram-bot raises: InvalidToken, NetworkError.
        """
        me, _ = await asyncio.gather(
            self._bot.get_me(), self._bot.delete_webhook(drop_pending_updates=False)
        )
        self.bot_name = me.username or ""

    async def updates(self, offset: int | None, wait: float, limit: int = 100) -> list[Any]:
        """The updates that wait, raw. An ``offset`` confirms all that stand before it.

        Raises what python-telegram-bot raises.
        """
        asked: dict[str, Any] = {
            "timeout": int(wait),
            "limit": limit,
            "allowed_updates": telegram_events.WANTED,
        }
        if offset is not None:
            asked["offset"] = offset
        # The answer to a long poll comes after ``wait`` at the latest; then something is wrong.
        found = await self._bot.do_api_request(_POLL, asked, read_timeout=wait + 10)
        return found if isinstance(found, list) else []

    # -- sending ------------------------------------------------------------------------------

    async def send(
        self, address: str, message: Rendered, made: tuple[Made, ...], lane: Lane
    ) -> Result:
        """Send or change a message; see ``bot.campaign.delivery``.

        Several files go out one after the other, the text with its buttons last: under the last
        file where it fits there, else as a message of its own. Should a later part be refused for
        now, a retry sends the earlier ones again.
        """
        bot = self._bots[lane]
        try:
            if made:
                return await _send_files(bot, address, message, made)
            if message.replaces:
                changed = await _edit(bot, address, message)
                if changed is not None:
                    return changed
            return await _send_text(bot, address, message)
        except TelegramError as problem:
            return outcome(problem)

    async def busy(self, address: str) -> None:
        """Show that something is being prepared."""
        with suppress(TelegramError):
            await self._bot.send_chat_action(address, "upload_document")

    async def set_commands(self, private: Menus, groups: Menus, default: str) -> None:
        """Show these commands as menus: language → [(name, description)].

        The menu of the language ``default`` is also that of every language without one. Nothing is
        sent where Telegram shows the same already. Raises what python-telegram-bot raises.
        """
        wanted: list[tuple[BotCommandScope, str, Sequence[tuple[str, str]]]] = []
        for scope, menus in (
            (BotCommandScopeAllPrivateChats(), private),
            (BotCommandScopeAllGroupChats(), groups),
        ):
            wanted.append((scope, "", menus[default]))
            wanted += [(scope, language, menu) for language, menu in menus.items()]
        await asyncio.gather(*(self._set_menu(*place) for place in wanted))

    async def _set_menu(
        self, scope: BotCommandScope, language: str, menu: Sequence[tuple[str, str]]
    ) -> None:
        wanted = tuple(BotCommand(name, description) for name, description in menu)
        code = language or None
        shown = await self._bot.get_my_commands(scope=scope, language_code=code)
        if shown != wanted:
            await self._bot.set_my_commands(wanted, scope=scope, language_code=code)


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
                    return Refused(reason, permanent=True, gone=gone)
            return Refused("bad request", permanent=True)
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


async def _send_text(bot: Bot, address: str, message: Rendered) -> Sent:
    return await _sent(bot, _SEND, _words(address, message))


async def _edit(bot: Bot, address: str, message: Rendered) -> Result | None:
    """None where the message cannot be edited any more, so that it has to be sent anew."""
    if not message.replaces.isdecimal():
        return None
    try:
        content = _words(address, message) | {"message_id": int(message.replaces)}
        return await _sent(bot, _EDIT, content)
    except BadRequest as problem:
        said = problem.message.lower()
        if "message is not modified" in said:
            return Sent(message.replaces)
        if any(part in said for part in _CANNOT_EDIT):
            return None
        raise


async def _send_files(bot: Bot, address: str, message: Rendered, made: tuple[Made, ...]) -> Result:
    text = _with_block(message)
    fits = length(unescape(_TAG.sub("", text))) <= TELEGRAM.caption
    for place, file in enumerate(made, 1):
        content: dict[str, Any] = {"chat_id": address}
        if fits and place == len(made):
            content = _words(address, message)
            content["caption"] = content.pop("text")
            del content["link_preview_options"]
        kind = "photo" if file.media_type in _PICTURES else "document"
        content[kind] = InputFile(file.content, filename=file.name, attach=False)
        result = await _sent(bot, f"send_{kind.title()}", content)
    return result if fits else await _send_text(bot, address, message)


async def _sent(bot: Bot, method: str, content: dict[str, Any]) -> Sent:
    answer = await bot.do_api_request(method, content)
    number = answer.get("message_id") if isinstance(answer, dict) else None
    return Sent(str(number) if number is not None else "")


def _words(address: str, message: Rendered) -> dict[str, Any]:
    content: dict[str, Any] = {
        "chat_id": address,
        "text": _with_block(message),
        "parse_mode": "HTML",
        "link_preview_options": _NO_PREVIEW,
    }
    if message.buttons:
        content["reply_markup"] = {
            "inline_keyboard": [[_button(button) for button in row] for row in message.buttons]
        }
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
    return {"text": button.label, "callback_data": button.data}
