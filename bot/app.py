"""The only wiring: settings, content, store, engine, sender and channels become a running bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import structlog

from bot.backups import trying, upgrading
from bot.broadcasts.reporting import Chart
from bot.broadcasts.scheduler import Scheduler
from bot.campaign import conversation
from bot.campaign.channel import Channel, Made, Make, Outgoing
from bot.campaign.messages import Markup, Message, Rendered, words
from bot.campaign.pictures import is_pictured
from bot.channels.registered import writing_first
from bot.channels.web_chat.channel import WebChat
from bot.clock import Clock, utc_now
from bot.content_files import Content
from bot.desk.access import DeskAccess
from bot.desk.members import Staff
from bot.desk.overrides import Overrides
from bot.desk.second_factor import SecondFactors
from bot.desk.session import DeskSessions
from bot.documents.charts import CannotDrawError, ChartLabels, broadcast_chart
from bot.documents.making import Makers
from bot.engine import Engine, EngineContext
from bot.engine.talking import Talking
from bot.health.alarming import Alarms
from bot.health.judging import Limits
from bot.health.looking import Looking
from bot.health.outside import Outside
from bot.health.running import Health
from bot.keys import Keys
from bot.meters import Meters
from bot.pacing import SharedRate
from bot.privacy import binding, closing
from bot.privacy.my_data import MyData, beside
from bot.sender import Sender
from bot.settings import Settings, revealed
from bot.store import first_start, key_marks
from bot.store.database import Database, DatabaseDamaged, DatabaseTrouble
from bot.store.notifier import MessagesWait, SignaturesHeld, StaffActed
from bot.store.opening import open_database
from bot.upkeep import UnaskedMessages, Upkeep

log = structlog.get_logger()

LAST_SECONDS = 4.0
"""How long a stop waits for what is still to be sent. With what comes before (the last poll, the
pages) and after, all is done within the ten seconds after which supervisors kill."""


@dataclass(frozen=True, slots=True)
class App:
    """What runs in one process. ``bot_names`` is filled when a platform tells the bot's name, and
    ``inline`` with the channels on which it can be called from any chat;
    ``chat`` is the chat page's channel, ``compose`` tells where each channel's supporters reach the
    compose page, if not at the public address."""

    settings: Settings
    content: Content
    store: Database
    keys: Keys
    engine: Engine
    sender: Sender
    make: Make
    chat: WebChat
    bot_names: dict[str, str]
    inline: set[str]
    compose: dict[str, str]
    scheduler: Scheduler
    upkeep: Upkeep
    meters: Meters
    health: Health
    outside: Outside
    desk: DeskAccess


@asynccontextmanager
async def opened(
    settings: Settings,
    content: Content,
    channels: Mapping[str, Channel],
    clock: Clock = utc_now,
) -> AsyncIterator[App]:
    """Everything opened, engine and sender at work; closed in order at the end.

    The chat page is a channel besides those given, since it keeps its turns in the store.
    Raises DataDirectoryTaken, DatabaseTrouble and KeyTrouble.
    """
    url = revealed(settings.database_url)
    guard = upgrading.before_upgrade(url, settings.data_dir, settings.backup_key)
    store = await open_database(settings.data_dir, url, before_upgrade=guard)
    try:
        given = revealed(settings.keys)
        if store.is_new:
            log.info("database_made")
        # Not whether there is a file: a first start may have been cut off before it made the keys.
        async with store.reading() as connection:
            known = await key_marks.there(connection)
        if first_start.is_over(settings.data_dir) and not known:
            raise DatabaseTrouble(
                f"The database is not the one that belongs to the keys in {settings.data_dir}/keys,"
                f" but one that was never used: {first_start.remedy(settings.data_dir)}."
            )
        keys = Keys.open(
            settings.data_dir / "keys",
            given,
            database_exists=known,
            names_to=settings.handover_key,
        )
        store.on_writing = keys.take_up
        await binding.bind(store, keys, clock())
        await closing.close_names(store, keys)
        await closing.tell_of_other_keys(store, keys)
        chat = WebChat(store, keys, clock, lambda: content.campaign.time_zone)
        app = _wired(settings, content, store, keys, {**channels, chat.name: chat}, chat, clock)
        sending = asyncio.create_task(app.sender.run(), name="sender")
        try:
            async with app.engine, app.outside:
                first_start.end(settings.data_dir, clock())
                tasks = [
                    asyncio.create_task(app.scheduler.run(), name="scheduler"),
                    asyncio.create_task(app.upkeep.run(), name="upkeep"),
                    asyncio.create_task(app.health.run(), name="health"),
                ]
                try:
                    yield app
                except DatabaseDamaged:
                    await app.health.last_word()
                    raise
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
        except DatabaseDamaged:
            # What was answered before is said still; that it was cannot be noted any more.
            await app.sender.finish(LAST_SECONDS)
            raise
        else:
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
    store: Database,
    keys: Keys,
    channels: Mapping[str, Channel],
    chat: WebChat,
    clock: Clock,
) -> App:
    def render(message: Message, language: str, markup: str, replaces: str) -> Rendered:
        return content.wording.render(message, language, markup, replaces)  # type: ignore[arg-type]

    def without(rendered: Rendered, markup: Markup) -> Rendered:
        """Said in place of a document that could not be made; the buttons lead on without it."""
        if is_pictured(rendered):
            return replace(rendered, attachment=None)
        text = content.wording.text(words("surprises.no_document"), rendered.language, markup)
        return replace(rendered, text=text, attachment=None)

    my_data = MyData(store, keys, lambda: content.now, clock)
    make = beside(Makers(lambda: content.now, clock), my_data)
    pace = SharedRate(settings.rate)
    meters = Meters(asyncio.get_running_loop().time)
    # From here on everybody who asks the content, pages and documents too, sees what staff set.
    overrides = Overrides(lambda: content.valid.campaign)
    content.laid_over = overrides.campaign
    notifier = store.notifier
    sender = Sender(
        store, keys, channels, make=make, without=without, pace=pace, clock=clock, meters=meters
    )
    notifier.hear(MessagesWait, lambda news: sender.deliver(news.messages))

    def deliver(messages: Sequence[Outgoing]) -> None:
        if messages:
            notifier.tell(MessagesWait(messages))

    staff = Staff(keys, settings.staff, settings.test_groups)
    factors = SecondFactors(keys, asked=settings.second_factor)
    talking = Talking(clock)
    scheduler = Scheduler(
        store,
        keys,
        staff,
        channels,
        lambda: content.now,
        pace,
        deliver,
        sender.beside,
        sender.troubles,
        _drawn,
        factors,
        web=settings.public_url,
        paid_rate=settings.paid_rate,
        observed=settings.canary_minutes * 60,
        desk_read=overrides.take,
        meters=meters,
        clock=clock,
        talking=talking,
    )
    notifier.hear(StaffActed, lambda news: scheduler.wake())
    bot_names: dict[str, str] = {}
    inline: set[str] = set()
    compose: dict[str, str] = {}
    markup_of = {name: channel.capabilities.markup for name, channel in channels.items()}
    unasked = UnaskedMessages(
        keys=keys,
        render=render,
        campaign=overrides.campaign,
        markup_of=markup_of,
        deliver=deliver,
    )
    url = revealed(settings.database_url)

    def tidy() -> None:
        upgrading.tidy(url, settings.data_dir, clock())
        trying.drop_left(url, settings.data_dir)

    upkeep = Upkeep(
        store,
        unasked,
        settings.staff,
        clock=clock,
        meters=meters,
        nightly=tidy,
    )
    outside = Outside(revealed(settings.ping_url), revealed(settings.alarm_url))
    alarms = Alarms(store, unasked, channels, settings.staff, outside, clock, meters.now)
    looking = Looking(settings, store, content, sender.troubles, meters, clock)
    health = Health(store, looking, Limits.of(settings), alarms, outside, meters, clock)
    notifier.hear(SignaturesHeld, lambda news: upkeep.burst(news.petition, news.signer))
    writing = writing_first(one.capabilities for one in channels.values())

    def wake() -> None:
        notifier.tell(StaffActed())

    desk = DeskAccess(
        store,
        keys,
        staff,
        factors,
        overrides.campaign,
        writing,
        wake,
        clock,
        asks_codes=settings.second_factor,
        paid_rate=settings.paid_rate,
        wrong=health.wrong,
    )
    context = EngineContext(
        step=conversation.step,
        apology=conversation.apology,
        render=render,
        campaign=overrides.campaign,
        markup_of=markup_of,
        exposed={name for name, one in channels.items() if one.capabilities.exposed},
        closing={name for name, one in channels.items() if one.capabilities.window is not None},
        without_accounts=[
            name for name, channel in channels.items() if not channel.capabilities.accounts
        ],
        paged={name for name, one in channels.items() if one.capabilities.has_pages},
        bot_names=bot_names,
        inline=inline,
        web=settings.public_url,
        compose=compose,
        names_closed=bool(settings.handover_key),
        staff_of=staff.role,
        on_burst=lambda petition, signer: notifier.tell(SignaturesHeld(petition, signer)),
        desk_sessions=DeskSessions(
            keys,
            staff,
            overrides.campaign,
            wake,
            writing,
            factors,
            settings.paid_rate,
        ),
    )
    engine = Engine(
        store, keys, context, deliver, keeper=chat, clock=clock, talking=talking, meters=meters
    )
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
        inline,
        compose,
        scheduler,
        upkeep,
        meters,
        health,
        outside,
        desk,
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
