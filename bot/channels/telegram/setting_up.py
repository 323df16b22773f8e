"""Setting the bot up at Telegram: whose token it is, who sends a code, what is shown of the bot.

What others write meanwhile is read and left there: nothing is confirmed, so the bot gets all of it.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.proxies import proxy_to
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.service import show
from bot.content_files.watching import InUse
from bot.pauses import Pauses

LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_SIZE: Final = 12
"""59 bits: nobody guesses it in the minutes that it is good for."""
ALL_AT_ONCE: Final = 100
LONGEST_NAME: Final = 40
_UNFIT: Final = re.compile(r"[^\w .’-]|[\d_]")


class TokenUnknown(Exception):
    """Telegram does not know the token."""


class Unreachable(Exception):
    """Telegram did not answer, or not as it should; the text is the kind of it."""


class PostsElsewhere(Exception):
    """A webhook is set, so nothing can be asked; the text is its address."""


class AskedElsewhere(Exception):
    """Another program asks with the same token."""


class TooManyWait(Exception):
    """So much was written to the bot already that what comes now cannot be seen."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who has sent the code."""

    number: int
    name: str


def code() -> str:
    """A new one, good in a link as well."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_SIZE))


def link(bot_name: str, told: str) -> str:
    """What sends the code with one press."""
    return f"https://t.me/{bot_name}?start={told}"


class Introduction:
    """The bot of one token at Telegram, while it is set up."""

    def __init__(self, channel: TelegramChannel, name: str):
        """For ``introduced`` only. ``name``: the bot's, without its @."""
        self._channel = channel
        self.name = name

    async def posts_to(self) -> str:
        """The address of a webhook that somebody has set; "" for none. Raises Unreachable."""
        try:
            return (await self._channel.webhook()).url
        except TelegramError as problem:
            raise Unreachable(type(problem).__name__) from None

    async def stop_posting(self) -> None:
        """Take the webhook away; what waits goes on waiting. Raises Unreachable."""
        try:
            await self._channel.introduce()
        except TelegramError as problem:
            raise Unreachable(type(problem).__name__) from None

    async def sender_of(self, told: str, *, wait: float = 20.0) -> Sender:
        """Whoever sends this code, in a chat with the bot alone.

        Raises TooManyWait, PostsElsewhere and AskedElsewhere; a network that is gone comes again.
        """
        pauses = Pauses(1.0, 15.0)
        while True:
            try:
                found = await self._channel.updates(None, wait)
            except Conflict:
                if url := await self.posts_to():
                    raise PostsElsewhere(url) from None
                raise AskedElsewhere from None
            except TelegramError:
                await asyncio.sleep(pauses.next())
                continue
            for one in found:
                if sender := _sender(one.update, told):
                    return sender
            if len(found) >= ALL_AT_ONCE:
                raise TooManyWait
            if found:  # what waits is given at once, again and again
                await asyncio.sleep(1.0)

    async def show(self, content: InUse) -> bool:
        """Menus of commands, name and descriptions, in every language; whether all of it was
        shown."""
        return await show(self._channel, content)


@asynccontextmanager
async def introduced(token: str, api_url: str) -> AsyncIterator[Introduction]:
    """Raises TokenUnknown, Unreachable and ProxyTrouble."""
    channel = TelegramChannel(token, base_url=f"{api_url}/bot", proxy=proxy_to(api_url))
    async with channel:
        try:
            me = await channel.me()
        except InvalidToken:
            raise TokenUnknown from None
        except TelegramError as problem:
            raise Unreachable(type(problem).__name__) from None
        yield Introduction(channel, me.username or "")


def _sender(update: Any, told: str) -> Sender | None:
    message = update.get("message") if isinstance(update, dict) else None
    if not isinstance(message, dict) or message.get("chat", {}).get("type") != "private":
        return None
    text = str(message.get("text") or "").strip().removeprefix("/start").strip().upper()
    if not hmac.compare_digest(text.encode("utf-8", "replace"), told.encode()):
        return None
    sender = message.get("from", {})
    name = " ".join(_UNFIT.sub("", str(sender.get("first_name") or "")).split())
    return Sender(int(sender["id"]), name[:LONGEST_NAME].strip())
