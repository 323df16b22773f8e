"""The bot at work: Telegram and the chat page until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import partial
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.app import App, opened
from bot.campaign.channel import Channel
from bot.campaign.entrances import COMMANDS, GROUP_COMMANDS
from bot.campaign.events import Sought
from bot.campaign.inline import RenderedCard, inline_cards
from bot.campaign.messages import words
from bot.channels.proxies import proxy_to
from bot.channels.telegram import polling
from bot.channels.telegram.channel import TelegramChannel
from bot.content_files import Content
from bot.settings import Settings
from bot.store.people import share_codes
from bot.web import app as web
from bot.web import serving
from bot.web.letter_sent import reporter

log = structlog.get_logger()


async def run(
    settings: Settings,
    content: Content,
    token: str | None,
    *,
    page: bool = True,
    at: Callable[[serving.Listening], None] = lambda _: None,
) -> None:
    """Telegram (with a token) and the chat page, until SIGTERM or SIGINT: then what is in hand is
    finished. ``at`` is told where the page is, once it answers.

    Raises TokenRefused, ProxyTrouble, PortTrouble and DatabaseDamaged, and what ``opened`` raises.
    """
    stop = asyncio.Event()
    _stop_on_signals(stop)
    telegram = _telegram(settings, token) if token else None
    listening = (
        serving.listen(settings.host, settings.port, exactly=bool(settings.public_url))
        if page
        else None
    )
    channels: dict[str, Channel] = {telegram.name: telegram} if telegram else {}
    async with telegram or nullcontext(), opened(settings, content, channels) as app:
        if telegram is not None:
            telegram.cards = partial(_cards, app)
        log.info("bot_started", cases=len(content.campaign.cases))
        watching = asyncio.create_task(content.watch(stop, changed=lambda _: menus()))
        tasks: set[asyncio.Task[None]] = set()

        def menus() -> None:
            if telegram is not None and telegram.bot_name:
                app.bot_names[telegram.name] = telegram.bot_name
                if telegram.is_inline:
                    app.inline.add(telegram.name)
                task = asyncio.create_task(_show_menus(telegram, content))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        # What was made so far stays until the end. Looking through it at every full collection
        # would take 0.1 s, in which nobody is answered, and a third of the CPU of an answer. The
        # little garbage among it (2,000 objects) is not worth a full collection before the start.
        gc.freeze()
        async with _page(app, listening):
            if listening is not None:
                at(listening)
            if telegram is not None:
                work = polling.poll(telegram, app.engine.take, stop=stop, introduced=menus)
                await _while_sound(app, work)
            else:
                await _while_sound(app, _asked(stop))
        stop.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(watching, *tasks, return_exceptions=True)
    log.info("bot_stopped")


async def _asked(stop: asyncio.Event) -> None:
    await stop.wait()


async def _while_sound(app: App, work: Coroutine[Any, Any, None]) -> None:
    """Do the work; it is cut off as soon as damage is met, with nothing more acknowledged."""
    working = asyncio.create_task(work, name="telegram")
    damaged = asyncio.create_task(app.store.damage.met(), name="damage")
    try:
        await asyncio.wait({working, damaged}, return_when=asyncio.FIRST_COMPLETED)
        await (damaged if damaged.done() else working)
    finally:
        working.cancel()
        damaged.cancel()
        await asyncio.gather(working, damaged, return_exceptions=True)


def _telegram(settings: Settings, token: str) -> TelegramChannel:
    proxy = proxy_to(settings.api_url)
    if proxy is not None:
        log.info("telegram_through_proxy")
    return TelegramChannel(token, base_url=f"{settings.api_url}/bot", proxy=proxy)


@asynccontextmanager
async def _page(app: App, listening: serving.Listening | None) -> AsyncIterator[None]:
    """The web part while this lasts; at its end requests in hand are finished."""
    if listening is None:
        yield
        return
    if not app.settings.public_url:
        app.compose[app.chat.name] = listening.url.rstrip("/")
    built = web.build(
        settings=app.settings,
        content=app.content,
        channel=app.chat,
        take=app.engine.take,
        make=app.make,
        report=reporter(app.store, app.keys, app.engine.take),
        bot_names=app.bot_names,
    )
    task = asyncio.create_task(serving.serve(built, listening, closing=app.chat.close))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _cards(app: App, asked: Sought) -> list[RenderedCard]:
    """Inline cards in the asker's language, with their own share code if they have one."""
    campaign, wording = app.content.now
    name = app.bot_names.get(asked.channel, "")
    if not name:
        return []
    whose = app.keys.pseudonym(asked.channel, asked.address)
    async with app.store.reading() as connection:
        shared = (await share_codes.find(connection, [whose])).get(whose)
    language = campaign.language(asked.language)
    return [
        RenderedCard(
            card.id,
            title=wording.text(card.title, language, "plain"),
            about=wording.text(card.about, language, "plain"),
            text=wording.text(card.text, language, "html"),
            label=wording.text(card.button.label, language, "plain"),
            url=card.button.url,
        )
        for card in inline_cards(asked.query, campaign, name, shared.code if shared else "")
    ]


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
        for names in (("start", *COMMANDS), GROUP_COMMANDS)
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
