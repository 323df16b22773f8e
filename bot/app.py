"""The only wiring: settings, content, store, engine, sender and channels become a running bot."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import structlog
from telegram.error import TelegramError

from bot.campaign import conversation
from bot.campaign.delivery import Channel
from bot.campaign.messages import Markup, Message, Rendered, words
from bot.channels import telegram_polling
from bot.channels.telegram import TelegramChannel
from bot.content_files import Content
from bot.documents.making import Makers
from bot.engine import Engine, Voice
from bot.keys import Keys
from bot.sender import Sender
from bot.settings import Settings
from bot.store.database import Store, database_file

log = structlog.get_logger()

LAST_SECONDS = 8.0
"""How long a stop waits for what is in hand; supervisors kill after ten."""


@dataclass(frozen=True, slots=True)
class App:
    """What runs in one process. ``bot_names`` is filled when a platform tells the bot's name."""

    settings: Settings
    content: Content
    store: Store
    keys: Keys
    engine: Engine
    sender: Sender
    bot_names: dict[str, str]


@asynccontextmanager
async def opened(
    settings: Settings, content: Content, channels: Mapping[str, Channel]
) -> AsyncIterator[App]:
    """Everything opened, engine and sender at work; closed in order at the end.

    Raises DataDirectoryTaken, DatabaseTrouble and KeyTrouble.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else None
    file = database_file(settings.data_dir, url)
    known = file is not None and file.exists()
    store = await Store.open(settings.data_dir, url)
    try:
        given = settings.keys.get_secret_value() if settings.keys else None
        keys = Keys.open(settings.data_dir / "keys", given, database_exists=known)
        app = _wired(settings, content, store, keys, channels)
        sending = asyncio.create_task(app.sender.run(), name="sender")
        try:
            async with app.engine:
                yield app
            if not await app.sender.finish(LAST_SECONDS):
                log.info("messages_left_for_next_start", waiting=app.sender.backlog)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
    finally:
        await store.close()


def _wired(
    settings: Settings, content: Content, store: Store, keys: Keys, channels: Mapping[str, Channel]
) -> App:
    def render(message: Message, language: str, markup: str, replaces: str) -> Rendered:
        return content.wording.render(message, language, markup, replaces)  # type: ignore[arg-type]

    def without(rendered: Rendered, markup: Markup) -> Rendered:
        """Said in place of a document that could not be made; the buttons lead on without it."""
        text = content.wording.text(words("surprises.no_document"), rendered.language, markup)
        return replace(rendered, text=text, attachment=None)

    make = Makers(lambda: content.now)
    sender = Sender(store, keys, channels, make=make, without=without, rate=settings.rate)
    bot_names: dict[str, str] = {}
    voice = Voice(
        step=conversation.step,
        apology=conversation.apology,
        render=render,
        campaign=lambda: content.campaign,
        markup_of={name: channel.limits.markup for name, channel in channels.items()},
        bot_names=bot_names,
        web=settings.public_url,
    )
    engine = Engine(store, keys, voice, sender.deliver)
    return App(settings, content, store, keys, engine, sender, bot_names)


async def run(settings: Settings, content: Content, token: str) -> None:
    """Telegram, until SIGTERM or SIGINT: then what is in hand is finished.

    Raises TokenRefused besides what ``opened`` raises.
    """
    stop = asyncio.Event()
    _stop_on_signals(stop)
    channel = TelegramChannel(token, base_url=f"{settings.api_url}/bot")
    async with channel, opened(settings, content, {channel.name: channel}) as app:
        log.info("bot_started", cases=len(content.campaign.cases))
        watching = asyncio.create_task(content.watch(stop, changed=lambda _: menus()))
        menu_tasks: set[asyncio.Task[None]] = set()

        def menus() -> None:
            app.bot_names[channel.name] = channel.bot_name
            task = asyncio.create_task(_show_menus(channel, content))
            menu_tasks.add(task)
            task.add_done_callback(menu_tasks.discard)

        await telegram_polling.poll(channel, app.engine.take, stop=stop, introduced=menus)
        stop.set()
        await asyncio.gather(watching, *menu_tasks)
    log.info("bot_stopped")


async def _show_menus(channel: TelegramChannel, content: Content) -> None:
    """The menus of commands, in every language; the bot works without them."""
    campaign, wording = content.now
    private, groups = (
        {
            language: [
                (name, wording.text(words(f"commands.{name}"), language, "plain")) for name in names
            ]
            for language in campaign.languages
        }
        for names in (("start", *conversation.COMMANDS), conversation.GROUP_COMMANDS)
    )
    try:
        await channel.set_commands(private, groups, campaign.languages[0])
    except TelegramError as problem:
        log.warning("menus_not_shown", kind=type(problem).__name__)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no signal handlers for loops: there Ctrl-C raises KeyboardInterrupt.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
