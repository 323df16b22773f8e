"""The only wiring: settings, content, store, engine, sender and channels become a running bot."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog
from telegram.error import TelegramError

from bot.broadcasts.backroom import Backroom
from bot.broadcasts.office import Office
from bot.broadcasts.overlaying import Overlaid
from bot.broadcasts.reporting import Chart
from bot.broadcasts.staffing import Staff
from bot.campaign import conversation
from bot.campaign.delivery import Channel, Made
from bot.campaign.events import Sought
from bot.campaign.inline import RenderedCard, inline_cards
from bot.campaign.messages import Markup, Message, Rendered, words
from bot.channels import telegram_polling
from bot.channels.telegram import TelegramChannel
from bot.channels.web_chat import WebChat
from bot.content_files import Content
from bot.documents.charts import CannotDrawError, ChartLabels, broadcast_chart
from bot.documents.making import Makers
from bot.engine import Engine, Voice
from bot.keys import Keys
from bot.pacing import SharedRate
from bot.privacy.my_data import Make, MyData, beside
from bot.sender import Sender
from bot.settings import Settings
from bot.store import share_codes
from bot.store.database import Store, database_file
from bot.upkeep import Poster, Upkeep
from bot.web import app as web
from bot.web import serving
from bot.web.letter_sent import reporter

log = structlog.get_logger()

LAST_SECONDS = 4.0
"""How long a stop waits for what is still to be sent. With what comes before (the last poll, the
pages) and after, all is done within the ten seconds after which supervisors kill."""


@dataclass(frozen=True, slots=True)
class App:
    """What runs in one process. ``bot_names`` is filled when a platform tells the bot's name;
    ``chat`` is the chat page's channel, ``compose`` tells where each channel's supporters reach the
    compose page, if not at the public address."""

    settings: Settings
    content: Content
    store: Store
    keys: Keys
    engine: Engine
    sender: Sender
    make: Make
    chat: WebChat
    bot_names: dict[str, str]
    compose: dict[str, str]
    office: Office
    upkeep: Upkeep


@asynccontextmanager
async def opened(
    settings: Settings, content: Content, channels: Mapping[str, Channel]
) -> AsyncIterator[App]:
    """Everything opened, engine and sender at work; closed in order at the end.

    The chat page is a channel besides those given, since it keeps its turns in the store.
    Raises DataDirectoryTaken, DatabaseTrouble and KeyTrouble.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else None
    file = database_file(settings.data_dir, url)
    known = file is not None and file.exists()
    store = await Store.open(settings.data_dir, url)
    try:
        given = settings.keys.get_secret_value() if settings.keys else None
        keys = Keys.open(settings.data_dir / "keys", given, database_exists=known)
        chat = WebChat(store, keys)
        app = _wired(settings, content, store, keys, {**channels, chat.name: chat}, chat)
        sending = asyncio.create_task(app.sender.run(), name="sender")
        try:
            async with app.engine:
                tasks = [
                    asyncio.create_task(app.office.run(), name="office"),
                    asyncio.create_task(app.upkeep.run(), name="upkeep"),
                ]
                try:
                    yield app
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
            if not await app.sender.finish(LAST_SECONDS):
                log.info("messages_left_for_next_start", waiting=app.sender.backlog)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
    finally:
        await store.close()


def _wired(
    settings: Settings,
    content: Content,
    store: Store,
    keys: Keys,
    channels: Mapping[str, Channel],
    chat: WebChat,
) -> App:
    def render(message: Message, language: str, markup: str, replaces: str) -> Rendered:
        return content.wording.render(message, language, markup, replaces)  # type: ignore[arg-type]

    def without(rendered: Rendered, markup: Markup) -> Rendered:
        """Said in place of a document that could not be made; the buttons lead on without it."""
        text = content.wording.text(words("surprises.no_document"), rendered.language, markup)
        return replace(rendered, text=text, attachment=None)

    my_data = MyData(store, keys, lambda: content.wording)
    make = beside(Makers(lambda: content.now), my_data)
    pace = SharedRate(settings.rate)
    overlaid = Overlaid(lambda: content.campaign)
    sender = Sender(store, keys, channels, make=make, without=without, pace=pace)
    staff = Staff(keys, settings.staff, settings.test_groups)
    office = Office(
        store,
        keys,
        staff,
        {name: channel for name, channel in channels.items() if channel.limits.chat_rate},
        lambda: (overlaid.campaign(), content.wording),
        pace,
        sender.deliver,
        _drawn,
        paid_rate=settings.paid_rate,
        observed=settings.canary_minutes * 60,
        desk_read=overlaid.take,
    )
    bot_names: dict[str, str] = {}
    compose: dict[str, str] = {}
    markup_of = {name: channel.limits.markup for name, channel in channels.items()}
    poster = Poster(
        keys=keys,
        render=render,
        campaign=overlaid.campaign,
        markup_of=markup_of,
        deliver=sender.deliver,
    )
    upkeep = Upkeep(store, poster, {str(who): role.value for who, role in settings.staff.items()})
    voice = Voice(
        step=conversation.step,
        apology=conversation.apology,
        render=render,
        campaign=overlaid.campaign,
        markup_of=markup_of,
        bot_names=bot_names,
        web=settings.public_url,
        compose=compose,
        staff_of=staff.role,
        on_burst=upkeep.burst,
        backroom=Backroom(keys, staff, overlaid.campaign, office.wake, settings.paid_rate),
    )
    engine = Engine(store, keys, voice, sender.deliver, keeper=chat)
    return App(
        settings,
        content,
        store,
        keys,
        engine,
        sender,
        make,
        chat,
        bot_names,
        compose,
        office,
        upkeep,
    )


async def _drawn(chart: Chart) -> Made | None:
    """The picture of a broadcast's report; without it the report is text alone."""
    labels = ChartLabels(language=chart.language, **chart.say)
    try:
        return await broadcast_chart(
            chart.over_time, chart.by_language, labels, accent=chart.accent
        )
    except (CannotDrawError, OSError) as problem:
        log.warning("chart_not_drawn", kind=type(problem).__name__)
        return None


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

    Raises TokenRefused and PortTrouble besides what ``opened`` raises.
    """
    stop = asyncio.Event()
    _stop_on_signals(stop)
    telegram = TelegramChannel(token, base_url=f"{settings.api_url}/bot") if token else None
    listening = serving.listen(settings.host, settings.port) if page else None
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
                task = asyncio.create_task(_show_menus(telegram, content))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        # What was made so far stays until the end. Looking through it at every full collection
        # would take 0.1 s, in which nobody is answered, and a third of the CPU of an answer.
        gc.collect()
        gc.freeze()
        async with _page(app, listening):
            if listening is not None:
                at(listening)
            if telegram is not None:
                await telegram_polling.poll(telegram, app.engine.take, stop=stop, introduced=menus)
            else:
                await stop.wait()
        stop.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(watching, *tasks, return_exceptions=True)
    log.info("bot_stopped")


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
            text=wording.text(card.text, language, "telegram"),
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
