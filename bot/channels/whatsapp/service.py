"""WhatsApp at work: a door for Meta's posts, the channel's own words, what the account says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import structlog

from bot.campaign.messages import words
from bot.channels.proxies import proxy_to
from bot.channels.service import ChannelTrouble, Host
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.http import Graph
from bot.channels.whatsapp.messages import WORDS
from bot.channels.whatsapp.posts import Template
from bot.channels.whatsapp.webhook import PATH, Webhook
from bot.settings import GRAPH, Settings, revealed

log = structlog.get_logger()


def build(settings: Settings) -> WhatsAppService:
    """The number of BOT_WHATSAPP_NUMBER_ID. Raises ChannelTrouble."""
    lacking = missing(settings)
    if lacking:
        raise ChannelTrouble("\n".join(lacking))
    graph = Graph(
        settings.graph_url,
        revealed(settings.whatsapp_token) or "",
        proxy=proxy_to(settings.graph_url),
    )
    channel = WhatsAppChannel(graph, settings.whatsapp_number_id)
    door = Webhook(
        channel,
        settings.whatsapp_number_id,
        secret=revealed(settings.whatsapp_app_secret) or "",
        verify=revealed(settings.whatsapp_verify_token) or "",
    )
    return WhatsAppService(channel, door)


def missing(settings: Settings) -> list[str]:
    """A sentence for each setting that WhatsApp needs and does not have."""
    wanted = {
        "BOT_WHATSAPP_NUMBER_ID": (
            settings.whatsapp_number_id,
            "the id of the phone number (not the number), from WhatsApp > API Setup",
        ),
        "BOT_WHATSAPP_ACCOUNT_ID": (
            settings.whatsapp_account_id,
            "the id of the WhatsApp Business account, from the same page",
        ),
        "BOT_WHATSAPP_TOKEN": (
            settings.whatsapp_token,
            "the token of a system user, which does not expire",
        ),
        "BOT_WHATSAPP_APP_SECRET": (
            settings.whatsapp_app_secret,
            "the app's secret, from App settings > Basic",
        ),
        "BOT_WHATSAPP_VERIFY_TOKEN": (
            settings.whatsapp_verify_token,
            "a word of your own, entered in Meta's pages together with the webhook's address",
        ),
    }
    lacking = [
        f"{name} is not set, and WhatsApp needs it: {what} (docs/whatsapp.md)."
        for name, (value, what) in wanted.items()
        if not value
    ]
    own_server = settings.graph_url != GRAPH
    if not settings.public_url.startswith("https://") and not (own_server and settings.public_url):
        lacking.append(
            "BOT_PUBLIC_URL: WhatsApp posts what happens to an https address with a certificate:"
            f" set it to yours; Meta then posts to it with {PATH} behind it (docs/whatsapp.md)."
        )
    return lacking


class WhatsAppService:
    """See ``bot.channels.service.Service``."""

    def __init__(self, channel: WhatsAppChannel, door: Webhook) -> None:
        """Hears at this door, sends by this channel."""
        self.channel = channel
        self.door = door
        self._host: Host | None = None
        self._said: dict[str, Mapping[str, str]] = {}

    def open(self) -> AbstractAsyncContextManager[object]:
        """Ready to send once it is at work; uses no network yet."""
        return self.channel

    async def run(self, host: Host, stop: asyncio.Event) -> None:
        """Let posts in until ``stop`` is set."""
        self._host = host
        self.channel.speak(self._words)
        self.door.open(host.take, host.settled, self._decided)
        log.info("whatsapp_door_open", path=PATH)
        try:
            await stop.wait()
        finally:
            self.door.close()

    def content_changed(self) -> None:
        """What was said before may be said otherwise now."""
        self._said.clear()

    def _words(self, language: str) -> Mapping[str, str]:
        known = self._said.get(language)
        if known is None and self._host is not None:
            wording = self._host.content.now[1]
            known = {
                name: wording.text(words(key), language, "plain") for name, key in WORDS.items()
            }
            self._said[language] = known
        return known or {}

    def _decided(self, template: Template) -> None:
        log.info("template_decided", template=template.name, decided=template.event)
