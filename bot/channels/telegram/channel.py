"""Telegram, as one channel: a bot that reads updates and sends messages.

What is called for every message goes the short way of ``messages``; rare calls, where
that does not matter, use the Bot's own methods.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    User,
    WebhookInfo,
)
from telegram.error import TelegramError

from bot.campaign.channel import Lane, Made, Result
from bot.campaign.events import Event
from bot.campaign.messages import Rendered
from bot.channels.splitting import Piece
from bot.channels.telegram import events, messages, methods
from bot.channels.telegram.capabilities import NAME, TELEGRAM
from bot.channels.telegram.inline import Cards, show_cards
from bot.channels.telegram.methods import GET_UPDATES
from bot.channels.telegram.presses import Presses
from bot.channels.telegram.request import AiohttpRequest, UpdatesRequest, hush_libraries

API: Final = "https://api.telegram.org/bot"
Profiles = Mapping[str, Mapping[str, str]]
PROFILE: Final[Mapping[str, tuple[str, str]]] = {
    "name": (methods.GET_NAME, methods.SET_NAME),
    "description": (methods.GET_DESCRIPTION, methods.SET_DESCRIPTION),
    "short_description": (methods.GET_SHORT_DESCRIPTION, methods.SET_SHORT_DESCRIPTION),
}
Menus = Mapping[str, Sequence[tuple[str, str]]]

# Connections at the same time. One long poll, and one more to confirm at the end; a conversation
# may come in bursts; a broadcast at 30 messages a second needs few.
_POLLING, _CONVERSATION, _BROADCAST = 2, 100, 40
_POSTING = 40
"""Updates that Telegram posts at the same time: those of a moment share a transaction."""


class TelegramChannel:
    """One Telegram bot: reads updates, sends messages.

    ``base_url`` is that of python-telegram-bot: the token is put right behind it. Use as an async
    context manager, or ``open`` and ``close``. Polling is in ``telegram_polling``.
    """

    name = NAME
    capabilities = TELEGRAM

    def __init__(
        self,
        token: str,
        *,
        base_url: str = API,
        connect_timeout: float = 10.0,
        read_timeout: float = 20.0,
        proxy: str | None = None,
    ) -> None:
        hush_libraries()
        timeouts = {"connect_timeout": connect_timeout, "read_timeout": read_timeout}
        polling, conversation, broadcast = self._pools = (
            UpdatesRequest(connections=_POLLING, proxy=proxy, **timeouts),
            AiohttpRequest(connections=_CONVERSATION, proxy=proxy, **timeouts),
            AiohttpRequest(connections=_BROADCAST, proxy=proxy, **timeouts),
        )
        self._bots = {
            lane: Bot(token, base_url=base_url, request=pool, get_updates_request=polling)
            for lane, pool in (
                (Lane.CONVERSATION, conversation),
                (Lane.BROADCAST, broadcast),
            )
        }
        self._bots[Lane.PAID] = self._bots[Lane.BROADCAST]
        self._bot = self._bots[Lane.CONVERSATION]
        self._presses = Presses(self._bot)
        self._under_way: set[asyncio.Task[None]] = set()
        self._known_files: dict[str, str] = {}
        self.cards: Cards | None = None
        """What answers inline queries; without it they are left alone."""
        self.bot_name = ""
        """The bot's public name without its @, known after ``introduce``."""
        self.is_inline = False
        """Whether the platform lets it be called from any chat; known after ``introduce``."""

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

    def parse(self, update: Piece) -> Event | None:
        """See ``events.read``."""
        return events.read(update, self.bot_name)

    def acknowledge(self, update: object) -> None:
        """Answer the button press or inline query in this update, if there is one, at once and
        without waiting: until then the supporter sees a spinner."""
        query = events.query_id(update)
        if query:
            self._start(self._presses.acknowledge(query))
        elif self.cards is not None and (asked := events.sought(update)) is not None:
            self._start(show_cards(self._bot, asked, self.cards))

    def _start(self, answering: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(answering)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def introduce(self, receiving: Callable[[], Awaitable[object]] | None = None) -> None:
        """Ask who the bot is, and settle how updates come: by polling, unless ``receiving`` settles
        it otherwise. None is thrown away.

        Raises what python-telegram-bot raises: InvalidToken, NetworkError.
        """
        me, _ = await asyncio.gather(self.me(), (receiving or self._await_polling)())
        self.bot_name = me.username or ""
        self.is_inline = bool(me.supports_inline_queries)

    async def me(self) -> User:
        """Who the bot is. Raises what python-telegram-bot raises: InvalidToken, NetworkError."""
        return await self._bot.get_me()

    async def _await_polling(self) -> None:
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def post_to(self, url: str, secret: str) -> None:
        """Have Telegram post updates there, those that wait already too, with that secret.

        Raises what python-telegram-bot raises; BadRequest where it cannot post there.
        """
        await self._bot.set_webhook(
            url,
            max_connections=_POSTING,
            allowed_updates=events.WANTED,
            drop_pending_updates=False,
            secret_token=secret,
        )

    async def webhook(self) -> WebhookInfo:
        """Where Telegram posts updates to ("" for nowhere), and how that went."""
        return await self._bot.get_webhook_info()

    async def updates(self, offset: int | None, wait: float, limit: int = 100) -> list[Piece]:
        """The updates that wait, as they came. An ``offset`` confirms all that stand before it.

        Raises what python-telegram-bot raises.
        """
        asked: dict[str, Any] = {
            "timeout": int(wait),
            "limit": limit,
            "allowed_updates": events.WANTED,
        }
        if offset is not None:
            asked["offset"] = offset
        # The answer to a long poll comes after ``wait`` at the latest; then something is wrong.
        found = await self._bot.do_api_request(GET_UPDATES, asked, read_timeout=wait + 10)
        if not isinstance(found, list):
            raise TelegramError("an answer without updates")
        return found

    # -- sending ------------------------------------------------------------------------------

    async def send(
        self, address: str, message: Rendered, made: tuple[Made, ...], lane: Lane
    ) -> Result:
        """Send or change a message; see ``bot.campaign.channel``.

        Several files go out one after the other, the text with its buttons last: under the last
        file where it fits there, else as a message of its own. Should a later part be refused for
        now, a retry sends the earlier ones again.
        """
        paid = lane is Lane.PAID
        return await messages.deliver(
            self._bots[lane], address, message, made, paid=paid, known=self._known_files
        )

    async def answers(self) -> bool:
        """Whether Telegram answers a send; nobody gets anything by it."""
        return await messages.answers(self._bot)

    async def amend(self, address: str, ref: str, message: Rendered, *, caption: bool) -> Result:
        """Change a message of a broadcast; see ``bot.campaign.channel.Amending``."""
        bot = self._bots[Lane.BROADCAST]
        return await messages.amend(bot, address, ref, message, caption=caption)

    async def delete(self, address: str, ref: str) -> Result:
        """Take a message of a broadcast back, which Telegram allows for 48 hours."""
        return await messages.delete(self._bots[Lane.BROADCAST], address, ref)

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

    async def set_profile(self, profiles: Profiles, default: str) -> None:
        """Show this of the bot: language → {"name" | "description" | "short_description": text}.

        What the language ``default`` says is also for every language without a profile. What is
        not given stays as the operator set it; nothing is sent where Telegram shows the same
        already, since it lets a bot change these a few times a day. Raises what
        python-telegram-bot raises.
        """
        for code, profile in (("", profiles[default]), *profiles.items()):
            for field, text in profile.items():
                ask, tell = PROFILE[field]
                told = {"language_code": code} if code else {}
                shown = await self._bot.do_api_request(ask, told)
                if not isinstance(shown, dict) or shown.get(field) != text:
                    await self._bot.do_api_request(tell, told | {field: text})

    async def _set_menu(
        self, scope: BotCommandScope, language: str, menu: Sequence[tuple[str, str]]
    ) -> None:
        wanted = tuple(BotCommand(name, description) for name, description in menu)
        code = language or None
        shown = await self._bot.get_my_commands(scope=scope, language_code=code)
        if shown != wanted:
            await self._bot.set_my_commands(wanted, scope=scope, language_code=code)
