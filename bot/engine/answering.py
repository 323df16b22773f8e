"""The answer to one event of a batch: a step that fails hurts its own event only."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.campaign.content import Campaign, CampaignNow
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.entrances import needed
from bot.campaign.events import Chose, Commanded, Event, Said, Showed, Started, Unreadable
from bot.campaign.messages import Markup, Message, Render, Rendered
from bot.campaign.outcome import Outcome
from bot.campaign.signatures import Signer
from bot.campaign.supporter import Facts, Need, Supporter
from bot.engine.batch import Batch
from bot.engine.desk_protocol import DeskSession, DeskSessions
from bot.logs import place

log = structlog.get_logger()

IN_PRIVATE = (Started, Commanded, Said, Chose, Showed)
"""Events whose sender waits for an answer, and is told when there is none."""

Step = Callable[[Supporter, Event, Facts, Campaign, datetime], Outcome]
Apology = Callable[[Event, Supporter, Campaign, datetime], Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineContext:
    """What the engine lets the campaign say, and how.

    ``step`` answers an event; ``apology`` is said when that failed. ``render`` makes a message
    ready to send: message, language, markup, and the message that it replaces ("" for a new one).
    ``campaign`` gives the content of this moment. ``markup_of`` tells each channel's markup,
    ``exposed`` holds the channels whose platform knows people by their telephone numbers,
    ``closing`` those that let nobody be written to long after their last word,
    ``without_accounts`` the channels whose people are no accounts,
    ``bot_names`` its public bot name, ``inline`` holds the channels on which the bot can be called
    from any chat, ``paged`` those that
    show many choices page by page, ``web`` is the public root of the web part ("" without),
    ``compose`` where a channel's supporters reach the compose page, if not there; ``names_closed``:
    whether a listed name is closed so that nobody here can read it.
    ``consent_version`` names the wording under which updates are taken. ``staff_of``: the role of
    whoever has that channel and address, "" for most; ``on_burst`` is told of a petition and kind
    of signer whose signatures begin to be held, and must not wait nor raise.
    """

    step: Step
    apology: Apology
    render: Render
    campaign: CampaignNow
    markup_of: Mapping[str, Markup]
    exposed: Collection[str] = frozenset()
    closing: Collection[str] = frozenset()
    without_accounts: Collection[str] = frozenset()
    bot_names: Mapping[str, str] = field(default_factory=dict)
    inline: Collection[str] = frozenset()
    paged: Collection[str] = frozenset()
    web: str = ""
    compose: Mapping[str, str] = field(default_factory=dict)
    names_closed: bool = False
    consent_version: str = "1"
    staff_of: Callable[[str, str], str] = lambda channel, address: ""
    on_burst: Callable[[str, Signer], None] = lambda petition, signer: None
    desk_sessions: DeskSessions | None = None


def answer(
    context: EngineContext, batch: Batch, event: Event, session: DeskSession | None
) -> Sequence[StaffCommand]:
    """Answer the event within its batch; what staff want done is to be settled by the caller.

    Where the step or a text fails, the event is given up.
    """
    if isinstance(event, Unreadable):
        log.error("event_unreadable", channel=event.channel, reason=event.reason)
        batch.give_up(event, event.reason)
        return ()
    campaign, supporter = batch.campaign, batch.person(event).supporter
    facts = _facts(context, batch, event, session)
    try:
        outcome = context.step(supporter, event, facts, campaign, batch.now)
        language = outcome.language or _language(event, supporter, campaign)
        rendered = [_rendered(context, message, language, event) for message in outcome.messages]
        _again(context, event, outcome, rendered)
        outcome, commands = _staff_commands(outcome)
        batch.answered(event, outcome, rendered)
    except Exception as problem:
        log.error("event_failed", reason=place(problem), channel=event.channel)
        give_up(context, batch, event, place(problem))
        return ()
    return commands


def give_up(context: EngineContext, batch: Batch, event: Event, reason: str) -> None:
    """A dead letter, and a word to whoever waits for an answer. Never raises."""
    batch.give_up(event, reason)
    if not isinstance(event, IN_PRIVATE):
        return
    supporter = batch.person(event).supporter
    try:
        message = context.apology(event, supporter, batch.campaign, batch.now)
        language = _language(event, supporter, batch.campaign)
        batch.post(event, [_rendered(context, message, language, event)])
    except Exception as problem:
        log.error("apology_failed", reason=place(problem), channel=event.channel)


def _facts(
    context: EngineContext, batch: Batch, event: Event, session: DeskSession | None
) -> Facts:
    person = batch.person(event)
    return Facts(
        signed=frozenset(person.signatures),
        done=person.done,
        signatures=batch.counts,
        bot_name=context.bot_names.get(event.channel, ""),
        inline=event.channel in context.inline,
        exposed=event.channel in context.exposed,
        closes=event.channel in context.closing,
        web=context.web,
        compose=context.compose.get(event.channel, context.web),
        names_closed=context.names_closed,
        share_code=person.share_code,
        friends=person.friends,
        chance=_chance(),
        own=person.own,
        signer=person.signer,
        guarded=batch.guarded(person, event) if Need.GUARDED in needed(event) else {},
        staff=context.staff_of(event.channel, event.address),
        by_country=batch.found_out.get(Need.BY_COUNTRY, {}),
        evidence=batch.found_out.get(Need.EVIDENCE, {}),
        held=batch.found_out.get(Need.HELD, {}),
        exact=batch.exact,
        lot_days=batch.found_out.get(Need.LOT_DAYS, {}),
        lots=batch.found_out.get(Need.LOTS, {}),
        desk=session.desk(event) if session is not None else None,
    )


def _chance() -> str:
    """128 random bits as lower-case letters and the digits 2 to 7."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _rendered(context: EngineContext, message: Message, language: str, event: Event) -> Rendered:
    replaced = event.on if message.in_place else ""
    return context.render(message, language, context.markup_of[event.channel], replaced)


def _again(
    context: EngineContext, event: Event, outcome: Outcome, rendered: list[Rendered]
) -> None:
    """What shows the last message once more and does nothing else, for channels with pages."""
    if event.channel in context.paged and isinstance(event, Chose) and not outcome.effects:
        rendered[-1:] = [replace(one, again=event.data) for one in rendered[-1:]]


def _language(event: Event, supporter: Supporter, campaign: Campaign) -> str:
    return campaign.language(supporter.language or event.language)


def _staff_commands(outcome: Outcome) -> tuple[Outcome, list[StaffCommand]]:
    """What staff want done is done at the desk."""
    commands = [one for one in outcome.effects if isinstance(one, StaffCommand)]
    if not commands:
        return outcome, commands
    kept = tuple(one for one in outcome.effects if not isinstance(one, StaffCommand))
    return replace(outcome, effects=kept), commands
