"""Telegram at work: polling or a webhook, menus of commands, cards of inline mode."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial

import structlog
from telegram.error import TelegramError

from bot.campaign.entrances import COMMANDS, GROUP_COMMANDS
from bot.campaign.events import Sought
from bot.campaign.inline import RenderedCard, inline_cards
from bot.campaign.messages import words
from bot.channels.proxies import proxy_to
from bot.channels.service import Host
from bot.channels.telegram import polling
from bot.channels.telegram.channel import PROFILE, TelegramChannel
from bot.channels.telegram.webhook import Webhook
from bot.content_files.watching import InUse
from bot.settings import Settings
from bot.store.people import share_codes, supporters

log = structlog.get_logger()


def build(settings: Settings) -> TelegramService:
    """The bot of BOT_TOKEN. Raises ProxyTrouble."""
    token = settings.token.get_secret_value() if settings.token else ""
    proxy = proxy_to(settings.api_url)
    if proxy is not None:
        log.info("telegram_through_proxy")
    channel = TelegramChannel(token, base_url=f"{settings.api_url}/bot", proxy=proxy)
    webhook = Webhook(channel, settings.public_url, token) if settings.webhook else None
    return TelegramService(channel, webhook, settings.public_url)


class TelegramService:
    """See ``bot.channels.service.Service``."""

    def __init__(self, channel: TelegramChannel, door: Webhook | None = None, web: str = ""):
        """Polls with this channel, unless Telegram posts to a door. ``web``: where the pages are
        reached from anywhere, "" for nowhere; Telegram fetches the pictures of cards there."""
        self.channel = channel
        self.door = door
        self._web = web.rstrip("/")
        self._host: Host | None = None
        self._tasks: set[asyncio.Task[bool]] = set()

    def open(self) -> AbstractAsyncContextManager[object]:
        """Ready to send; uses no network yet."""
        return self.channel

    async def run(self, host: Host, stop: asyncio.Event) -> None:
        """Take updates until ``stop`` is set. Raises TokenRefused."""
        self._host = host
        self.channel.cards = self._cards
        receive = (
            self.door.receive if self.door is not None else partial(polling.poll, self.channel)
        )
        hearing = host.meters.hearing(self.channel.name)
        try:
            await receive(host.take, stop=stop, introduced=self.content_changed, hearing=hearing)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def content_changed(self) -> None:
        """Show the menus, once the bot's name is known."""
        channel, host = self.channel, self._host
        if host is None or not channel.bot_name:
            return
        host.bot_names[channel.name] = channel.bot_name
        if channel.is_inline:
            host.inline.add(channel.name)
        task = asyncio.create_task(show(channel, host.content.now))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _cards(self, asked: Sought) -> list[RenderedCard]:
        """Inline cards in the asker's language, with their own share code if they have one; none
        for whoever has said that acting could harm them: a card shows who passes it on."""
        host = self._host
        name = host.bot_names.get(asked.channel, "") if host else ""
        if host is None or not name:
            return []
        campaign, wording = host.content.now
        whose = host.keys.pseudonym(asked.channel, asked.address)
        async with host.store.reading() as connection:
            known = (await supporters.find(connection, host.keys, [whose])).get(whose)
            shared = (await share_codes.find(connection, host.keys, [whose])).get(whose)
        if known is not None and known.supporter.answers.at_risk:
            return []
        language = campaign.language(asked.language)

        def at(file: str) -> str:
            return f"{self._web}/cards/{file}.png?lang={language}" if self._web else ""

        return [
            RenderedCard(
                card.id,
                title=wording.text(card.title, language, "plain"),
                about=wording.text(card.about, language, "plain"),
                text=wording.text(card.text, language, "html"),
                label=wording.text(card.button.label, language, "plain"),
                url=card.button.url,
                picture=at(card.id),
                tile=at(f"{card.id}-square"),
            )
            for card in inline_cards(asked.query, campaign, name, shared.code if shared else "")
        ]


async def show(channel: TelegramChannel, content: InUse) -> bool:
    """The menus of commands and the profile, in every language; whether Telegram took both. The
    bot works without."""
    campaign, wording = content
    shown = True
    private, groups = (
        {
            language: [
                (name, wording.text(words(f"commands.{name}"), language, "plain")) for name in names
            ]
            for language in campaign.languages
        }
        for names in (("start", *COMMANDS), GROUP_COMMANDS)
    )
    try:
        await channel.set_commands(private, groups, campaign.languages[0])
    except TelegramError as problem:
        log.warning("menus_not_shown", kind=type(problem).__name__)
        shown = False
    profiles = {
        language: {
            field: wording.text(words(f"profile.{field}"), language, "plain")
            for field in PROFILE
            if wording.has(f"profile.{field}", language)
        }
        for language in campaign.languages
    }
    try:
        await channel.set_profile(profiles, campaign.languages[0])
    except TelegramError as problem:
        # Told to wait for hours, as a rule: the next start or change of content sees to it.
        log.warning("profile_not_shown", kind=type(problem).__name__)
        shown = False
    return shown
