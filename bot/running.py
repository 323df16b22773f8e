"""The bot at work: its channels and the chat page until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import structlog

from bot import garbage
from bot.app import App, opened
from bot.channels import registered
from bot.channels.service import ChannelTrouble, Door, Host, Service
from bot.content_files import Content
from bot.content_files.watching import InUse
from bot.desk.invitations import SIGN_IN
from bot.health import whereabouts
from bot.settings import Settings
from bot.web import app as web
from bot.web import serving
from bot.web.letter_sent import reporter
from bot.web.only_here import is_private

log = structlog.get_logger()


async def run(
    settings: Settings,
    content: Content,
    *,
    page: bool = True,
    at: Callable[[serving.Listening, str], None] = lambda *_: None,
) -> None:
    """The channels that are switched on and the chat page, until SIGTERM or SIGINT: then what is in
    hand is finished. ``at`` is told where the page is, once it answers, and what opens the staff's
    pages to whoever is at this machine ("" where others can reach them).

    Raises ChannelTrouble, PortTrouble and DatabaseDamaged, and what ``opened`` raises.
    """
    stop = asyncio.Event()
    _stop_on_signals(stop)
    services = registered.services(settings)
    doors = [one.door for one in services if one.door is not None]
    if doors and not page:
        raise ChannelTrouble(
            "A platform posts to the pages: start without --no-page. Telegram alone can be asked"
            " instead: BOT_WEBHOOK=off."
        )
    listening = (
        serving.listen(settings.host, settings.port, exactly=bool(settings.public_url))
        if page
        else None
    )
    channels = {one.channel.name: one.channel for one in services}
    async with AsyncExitStack() as open_:
        for one in services:
            await open_.enter_async_context(one.open())
        app = await open_.enter_async_context(opened(settings, content, channels))
        log.info("bot_started", cases=len(content.campaign.cases))

        def changed(_: InUse) -> None:
            for one in services:
                one.content_changed()

        watching = asyncio.create_task(content.watch(stop, changed=changed))
        garbage.spare()
        host = Host(
            content,
            app.store,
            app.keys,
            app.engine.take,
            app.bot_names,
            app.inline,
            app.meters,
            app.sender.settled,
        )
        async with _page(app, listening, doors):
            if listening is not None:
                whereabouts.note(settings.data_dir, listening.url)
                at(listening, await _way_in(app, listening))
            await _until_stopped(services, host, stop)
        stop.set()
        await asyncio.gather(watching, return_exceptions=True)
    log.info("bot_stopped")


@asynccontextmanager
async def _page(
    app: App, listening: serving.Listening | None, doors: Sequence[Door]
) -> AsyncIterator[None]:
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
        desk=app.desk,
        doors=doors,
        vitals=app.health,
        keys=app.keys,
    )
    task = asyncio.create_task(serving.serve(built, listening, closing=app.chat.close))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _way_in(app: App, listening: serving.Listening) -> str:
    """A trial's: with a token the bot is at work, and its staff sign in by their chats."""
    if app.settings.token is not None or not is_private(app.settings):
        return ""
    return f"{listening.url.rstrip('/')}{SIGN_IN}{await app.desk.link_of_shell()}"


async def _until_stopped(services: Sequence[Service], host: Host, stop: asyncio.Event) -> None:
    """All channels at work; they are cut off as soon as damage of the database is met, with nothing
    more acknowledged."""
    working = asyncio.create_task(_at_work(services, host, stop))
    damaged = asyncio.create_task(host.store.damage.met(), name="damage")
    try:
        await asyncio.wait({working, damaged}, return_when=asyncio.FIRST_COMPLETED)
        await (damaged if damaged.done() else working)
    finally:
        working.cancel()
        damaged.cancel()
        await asyncio.gather(working, damaged, return_exceptions=True)


async def _at_work(services: Sequence[Service], host: Host, stop: asyncio.Event) -> None:
    """Until all have stopped; trouble of one ends them all."""
    tasks = [asyncio.create_task(one.run(host, stop)) for one in services]
    try:
        await asyncio.gather(*tasks)
        await stop.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no signal handlers for loops: there Ctrl-C raises KeyboardInterrupt.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
