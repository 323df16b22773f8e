"""Updates that Telegram posts to us, answered with 200 only after they were taken.

Whatever else is answered, or nothing, Telegram posts the update again, for 24 hours. So it is the
durable inbox here as with polling, and going from one to the other loses nothing: an update that
was taken in one way and comes again in the other is known by its number.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog
from telegram.error import BadRequest

from bot.campaign.channel import Take
from bot.channels.service import NotTaken
from bot.channels.splitting import Piece
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.patience import Patience, Stopped
from bot.channels.telegram.polling import CUT_TRIES
from bot.meters import Hearing

log = structlog.get_logger()

PATH: Final = "/telegram"
"""Behind the public address. Nothing secret is in it: proxies log addresses."""
SHOWN_IN: Final = "x-telegram-bot-api-secret-token"
LONGEST: Final = 1_000_000
"""Bytes of an update that are read, a hundred times what Telegram sends."""
AGAIN: Final = 5
"""Seconds until Telegram may post an update again that could not be taken."""
LOOK: Final = 30.0
"""Seconds between two looks whether Telegram still posts to us: whoever polls with the token, or
sets a webhook of their own, would make this bot deaf. As often as one that polls asks."""
POSTS: Final = "posts"
"""The kind of trouble in which Telegram does not get through to us."""
REMEMBERED: Final = 10_000
"""Updates of which is remembered that they came before, while they cannot be taken."""


def secret_of(token: str) -> str:
    """What Telegram shows with each update; who has the token knows it, and nobody else. The same
    after each start, so that what is posted in between is not refused."""
    digest = hmac.digest(token.encode(), b"secret of the webhook", hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Webhook:
    """Where Telegram posts to; see ``bot.channels.service.Door``."""

    path = PATH
    most = LONGEST

    def __init__(self, channel: TelegramChannel, public_url: str, token: str) -> None:
        """For the bot of that token, reached from outside at that address."""
        self._channel = channel
        self._url = public_url + PATH
        self._secret = secret_of(token)
        self._take: Take | None = None
        self._patience: Patience | None = None
        self._acknowledged: set[str] = set()
        self._cut: Counter[bytes] = Counter()
        self._complaint: datetime | None = None

    # -- at the door ----------------------------------------------------------------------------

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether it is Telegram that posts, told by the secret and before anything is read."""
        shown = headers.get(SHOWN_IN, "")
        return hmac.compare_digest(shown.encode("utf-8", "replace"), self._secret.encode())

    async def take(self, body: bytes) -> None:
        """Returns once all that the update caused is committed. Raises NotTaken."""
        take, patience = self._take, self._patience
        if take is None or patience is None:
            raise NotTaken(AGAIN)
        update = self._whole(body, patience)
        self._acknowledge_once(update.update)
        event = self._channel.parse(update)
        if event is not None:
            try:
                await take([event])
            except Exception as problem:
                patience.begins("updates_not_taken", "take", problem)
                raise NotTaken(AGAIN) from problem
        patience.over("take")
        patience.over(POSTS)  # whatever Telegram complained of before
        self._acknowledged.discard(_number(update.update))

    def _whole(self, body: bytes, patience: Patience) -> Piece:
        """The update; one that lost its end is asked for again, and given up where it was never
        whole. Raises NotTaken."""
        update = Piece.of(body, cut=not body.rstrip().endswith(b"}"))
        if not update.cut:
            return update
        if len(self._cut) > REMEMBERED:
            self._cut.clear()
        known = hashlib.sha256(body).digest()
        self._cut[known] += 1
        if self._cut[known] < CUT_TRIES:
            patience.begins("update_cut_off", "updates", None)
            raise NotTaken(AGAIN)
        del self._cut[known]
        return update

    def _acknowledge_once(self, update: Any) -> None:
        """Updates that come again because they were not taken have been acknowledged already."""
        number = _number(update)
        if number not in self._acknowledged:
            if len(self._acknowledged) > REMEMBERED:
                self._acknowledged.clear()
            self._acknowledged.add(number)
            self._channel.acknowledge(update)

    # -- seeing to it that Telegram posts here --------------------------------------------------

    async def receive(
        self,
        take: Take,
        *,
        stop: asyncio.Event | None = None,
        introduced: Callable[[], None] | None = None,
        look: float = LOOK,
        first_pause: float = 1.0,
        hearing: Hearing | None = None,
    ) -> None:
        """Let updates in, and have Telegram post them here, until ``stop`` is set or the task is
        cancelled. Telegram goes on posting then, and keeps what nobody takes.

        ``take``, ``introduced`` and ``hearing`` as for ``polling.poll``. Raises
        TokenRefused; no other trouble ends it.
        """
        patience = Patience(stop or asyncio.Event(), first_pause, hearing)
        self._take, self._patience = take, patience
        try:
            await patience.until_done(self._introduce)
            log.info("telegram_webhook_set")
            if introduced is not None:
                introduced()
            while True:
                await patience.unless_stopped(asyncio.sleep(look))
                await patience.until_done(partial(self._look, patience))
        except Stopped:
            log.info("telegram_webhook_rests")
        finally:
            # What comes from now on comes again.
            self._take = None

    async def _introduce(self) -> None:
        await self._channel.introduce(self._set)

    async def _set(self) -> None:
        try:
            await self._channel.post_to(self._url, self._secret)
        except BadRequest as problem:
            # Telegram's words about an address that the operator has set.
            advice = "check BOT_PUBLIC_URL: https, a port of 443, 80, 88 or 8443, a certificate"
            log.warning("webhook_refused", reason=problem.message[:200], advice=advice)
            raise

    async def _look(self, patience: Patience) -> None:
        """Set again what somebody else has changed, and say what Telegram complains of."""
        found = await self._channel.webhook()
        waiting, complaint = found.pending_update_count, found.last_error_date
        is_new, self._complaint = complaint != self._complaint, complaint
        if found.url != self._url:
            advice = "another program uses this token: stop it, or renew the token"
            patience.begins("webhook_changed", POSTS, None, advice=advice)
            await self._set()
        elif waiting and is_new:
            reason = (found.last_error_message or "")[:200]
            patience.begins("webhook_not_reached", POSTS, None, reason=reason, waiting=waiting)
        elif not waiting:
            patience.over(POSTS)


def _number(update: Any) -> str:
    return str(update.get("update_id")) if isinstance(update, dict) else ""
