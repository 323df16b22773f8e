"""What Meta posts to us, answered with 200 only after it was taken.

Whatever else is answered, or nothing, it is posted again with growing pauses, for a week. So the
platform is the durable inbox: a repeat is known by the names of its messages.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from bot.campaign.channel import Result, Take
from bot.channels.service import NotTaken
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.posts import Template, read

log = structlog.get_logger()

PATH: Final = "/whatsapp"
"""Behind the public address. Nothing secret is in it: proxies log addresses."""
SIGNED_IN: Final = "x-hub-signature-256"
BEGINS: Final = "sha256="
LONGEST: Final = 3_000_000
"""Bytes of a post that are read; Meta writes up to three megabytes."""
AGAIN: Final = 5

Settled = Callable[[str, Result], None]
Decided = Callable[[Template], None]


class Webhook:
    """Where Meta posts to; see ``bot.channels.service.Door``."""

    path = PATH
    most = LONGEST

    def __init__(self, channel: WhatsAppChannel, number: str, *, secret: str, verify: str) -> None:
        """For the business number of that id. ``secret``: the app's; ``verify``: the word that is
        entered with the address in Meta's pages."""
        self._channel = channel
        self._number = number
        self._secret = secret.encode()
        self._verify = verify.encode()
        self._take: Take | None = None
        self._settled: Settled = lambda mark, result: None
        self._decided: Decided = lambda template: None
        self._troubled = False

    def open(self, take: Take, settled: Settled, decided: Decided) -> None:
        """Let posts in: what happened, what became of messages, what was decided about
        templates."""
        self._take, self._settled, self._decided = take, settled, decided

    def close(self) -> None:
        """What comes from now on comes again."""
        self._take = None

    # -- at the door ----------------------------------------------------------------------------

    def greet(self, asked: Mapping[str, str]) -> str | None:
        """What is answered when the address is entered in Meta's pages; None to a stranger."""
        word = asked.get("hub.verify_token", "").encode("utf-8", "replace")
        if asked.get("hub.mode") != "subscribe" or not hmac.compare_digest(word, self._verify):
            log.warning(
                "whatsapp_handshake_refused", advice="is BOT_WHATSAPP_VERIFY_TOKEN the same?"
            )
            return None
        return asked.get("hub.challenge", "")[:100]

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether it may be Meta that posts, told before anything is read."""
        shown = headers.get(SIGNED_IN, "")
        return shown.startswith(BEGINS) and len(shown) == len(BEGINS) + 64

    def vouches(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether Meta has signed these very bytes."""
        shown = headers.get(SIGNED_IN, "").encode("utf-8", "replace")
        right = BEGINS + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(shown, right.encode())

    async def take(self, body: bytes) -> None:
        """Returns once all that the post caused is committed. Raises NotTaken."""
        take = self._take
        if take is None:
            raise NotTaken(AGAIN)
        told = read(body, self._number, self._channel.numbers)
        for message in told.heard.values():
            self._channel.heard(message)
        if told.events:
            try:
                await take(told.events)
            except Exception as problem:
                if not self._troubled:
                    log.warning("updates_not_taken", kind=type(problem).__name__)
                self._troubled = True
                raise NotTaken(AGAIN) from problem
            if self._troubled:
                self._troubled = False
                log.info("updates_taken_again")
        for came in told.came:
            self._channel.log_failure(came)
            found = self._channel.settled(came)
            if found is not None:
                self._settled(*found)
        for template in told.templates:
            self._decided(template)
