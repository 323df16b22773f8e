"""Every screen that a supporter can reach: found by pressing every button from every door.

The content check and the tests render all of them against every channel's limits, so a text that
is too long is found before start and not by a supporter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot.campaign import button_data
from bot.campaign.content import Campaign, CaseState
from bot.campaign.conversation import apology, step
from bot.campaign.effects import Evidence
from bot.campaign.entrances import ALL_COMMANDS, BUTTONS, QUESTIONS
from bot.campaign.events import (
    CalledInGroup,
    Chose,
    Commanded,
    Corrected,
    Event,
    Said,
    Showed,
    Started,
)
from bot.campaign.held import Lot
from bot.campaign.messages import Choice, Message
from bot.campaign.outcome import Outcome
from bot.campaign.petitions import HandOver
from bot.campaign.routes import DependsOn
from bot.campaign.scenes import alarms, figures, pending, privacy, reminders
from bot.campaign.scenes.surprises import KINDS
from bot.campaign.signatures import OwnSignature, SignatureState, Signer, Why
from bot.campaign.supporter import Facts, Supporter

VERSIONS_SEEN = 4
"""How many versions of a letter or text are walked through; the rest differ in words only."""

_NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def every_screen(campaign: Campaign, now: datetime = _NOON) -> Iterator[tuple[str, Message]]:
    """All screens with the way that led there, each once, with the longest values allowed.

    Walks as somebody who has done nothing and as somebody who has done everything, in the
    cases' present state and in every other state.
    """
    shown: set[Message] = set()
    for staged, facts, within in _stages(campaign):
        for way, message in _walk(staged, facts, now, within):
            if message not in shown:
                shown.add(message)
                yield way, message


def _stages(campaign: Campaign) -> Iterator[tuple[Campaign, Facts, frozenset[str]]]:
    """Contents, facts and the scenes to walk through ("" in them: all)."""
    everywhere = frozenset({""})
    # Wholly with every case active, whatever it is now: it may become so again any day.
    active = _all_in(campaign, CaseState.ACTIVE)
    yield active, Facts(), everywhere
    yield active, _done(active, Evidence.DECLARED), everywhere
    for evidence in Evidence:
        yield active, _done(active, evidence), frozenset({"actions"})
    yield (
        active,
        _exposed(),
        frozenset({"actions", "letter", "petition", "remind", "will", "updates"}),
    )
    for state in CaseState:
        if state is not CaseState.ACTIVE:
            within = frozenset({"story", "actions", "act", "draft"})
            yield _all_in(campaign, state), Facts(), within
    closed = _petitions(campaign, state="closed", handed_over=None)
    yield closed, Facts(), frozenset({"petition", "sign"})
    delivered = _petitions(campaign, state="closed", delivered="2026-01-10")
    yield delivered, Facts(), frozenset({"petition"})
    decided = HandOver(
        to=list(campaign.addressees), when="2026-09-30", decided_by=campaign.organisation.name
    )
    yield _petitions(active, hand_over=decided), Facts(), frozenset({"petition"})
    for signature in SignatureState:
        own = dict.fromkeys(campaign.petitions, OwnSignature(signature, "FR", True))
        signed = Facts(signed=frozenset(campaign.petitions), own=own)
        yield active, signed, frozenset({"petition", "sign", "unsign", "forget", "listed"})
        yield active, replace(signed, names_closed=True), frozenset({"listed"})
    yield active, Facts(names_closed=True), frozenset({"privacy"})
    for why in Why:
        guarded = Facts(guarded=dict.fromkeys(campaign.petitions, why), signer=Signer.BROWSER)
        yield active, guarded, frozenset({"petition", "sign"})
    yield active, _held(campaign), frozenset({"pending", "decide", "lots", "lotday", "lotout"})
    if campaign.banner is not None:
        shown = campaign.banner.model_copy(update={"until": "9999-12-31"})
        yield campaign.model_copy(update={"banner": shown}), Facts(), frozenset({"menu"})


def _exposed() -> Facts:
    web = "https://" + "w" * 60 + ".org"
    return Facts(exposed=True, closes=True, web=web, compose=web, chance="x" * 26)


def _held(campaign: Campaign) -> Facts:
    day, lots = _NOON.date(), [Lot("0123456789", 9_999, 99, 0), Lot("abcdef0123", 0, 0, 9_999)]
    return Facts(
        staff="owner",
        held={(p, day, signer): 9_999 for p in campaign.petitions for signer in Signer},
        exact={p: dict.fromkeys(Signer, 9_999_999) for p in campaign.petitions},
        lot_days={(p, day): 9_999 for p in campaign.petitions},
        lots={(p, day): tuple(lots * 8) for p in campaign.petitions},
    )


def _petitions(campaign: Campaign, **changes: object) -> Campaign:
    petitions = {
        petition_id: petition.model_copy(update=changes)
        for petition_id, petition in campaign.petitions.items()
    }
    return campaign.model_copy(update={"petitions": petitions})


def _all_in(campaign: Campaign, state: CaseState) -> Campaign:
    cases = {
        case_id: case.model_copy(update={"state": state})
        for case_id, case in campaign.cases.items()
    }
    return campaign.model_copy(update={"cases": cases})


def _done(campaign: Campaign, evidence: Evidence) -> Facts:
    done = {
        (case_id, action.id): evidence
        for case_id, case in campaign.cases.items()
        for action in case.actions
    }
    return Facts(
        signed=frozenset(campaign.petitions),
        done=done,
        signatures={p: dict.fromkeys(Signer, 9_999_999) for p in campaign.petitions},
        by_country={
            petition: {
                signer: dict.fromkeys(
                    (*campaign.territories.get(campaign.languages[0], ()), ""), 99
                )
                for signer in Signer
            }
            for petition in campaign.petitions
        },
        evidence={(*act, evidence): 9_999_999 for act in done for evidence in Evidence},
        bot_name="b" * 32,
        inline=True,
        web="https://" + "w" * 60 + ".org",
        compose="https://" + "w" * 60 + ".org",
        share_code="c" * 11,
        friends=9_999_999,
        chance="x" * 26,
    )


_ODD = ("nothing:there", "more:1:menu")
"""A button that nobody has made, and the one to choices that a channel shows apart."""


def _doors(campaign: Campaign) -> Iterator[Event]:
    yield Started(id="", channel="", address="")
    for case_id, case in campaign.cases.items():
        for what in ("", "-sign", "-share", "-actions", *(f"-{a.id}" for a in case.actions)):
            yield Started(id="", channel="", address="", payload=case_id + what)
    for command in (*ALL_COMMANDS, "nothing"):
        yield Commanded(id="", channel="", address="", name=command)
    for kind in KINDS:
        yield Showed(id="", channel="", address="", kind=kind)
    yield Showed(id="", channel="", address="", kind="something")
    yield Said(id="", channel="", address="", text="?")
    yield Corrected(id="", channel="", address="")
    yield Chose(id="", channel="", address="", data="stay")
    for petition_id in campaign.petitions:
        nameless = [f"country:{petition_id}:{code}" for code in campaign.no_names_from[:1]]
        for data in (f"sign:{petition_id}", f"unsign:{petition_id}", *nameless, *_ODD):
            yield Chose(id="", channel="", address="", data=data)
    yield CalledInGroup(id="", channel="", address="", name="help", bot_name="b" * 32)


def _walk(
    campaign: Campaign, facts: Facts, now: datetime, within: frozenset[str]
) -> Iterator[tuple[str, Message]]:
    asked = Supporter(known=True, question="amount")
    waiting: deque[tuple[str, Supporter, Event]] = deque(
        (_way(event), supporter, event)
        for event in _doors(campaign)
        for supporter in (Supporter(), Supporter(known=True))
    )
    cancel = Commanded(id="", channel="", address="", name="cancel")
    waiting.append(("/cancel", asked, cancel))
    yield "apology", apology(cancel, asked, campaign, now)
    if "" in within:
        yield from _unasked(campaign)
    been: set[object] = set()
    while waiting:
        way, supporter, event = waiting.popleft()
        outcome = step(supporter, event, facts, campaign, now)
        for message in outcome.messages:
            yield way, message
        if outcome.supporter is not None:
            for following in _following(outcome, outcome.supporter, campaign, within, been):
                waiting.append((f"{way} > {_way(following)}", outcome.supporter, following))


def _unasked(campaign: Campaign) -> Iterator[tuple[str, Message]]:
    """What is told without an event before it."""
    for case_id, case in campaign.cases.items():
        for action in case.actions:
            message = reminders.message(campaign, case_id, action.id)
            if message is not None:
                yield f"reminder {case_id} {action.id}", message
    for kind, values in alarms.SHOWN.items():
        yield f"alarm {kind}", alarms.begun(kind, values)
        yield (
            f"alarm {kind} over",
            alarms.over(kind, "channel", "2026-01-15 12:00", "2026-01-16 12:00"),
        )
    yield "notice", privacy.notice(campaign.retention.notice_days)
    for petition_id in campaign.petitions:
        yield f"milestone {petition_id}", figures.milestone(petition_id, 9_999_999)
        for signer in Signer:
            alarm = pending.alarm(petition_id, signer, 9_999_999, 9_999)
            yield f"alarm {petition_id} {signer}", alarm


def _following(
    outcome: Outcome,
    supporter: Supporter,
    campaign: Campaign,
    within: frozenset[str],
    been: set[object],
) -> Iterator[Event]:
    """What can be done next and was not done before by somebody of whom the same is known."""
    standing = _what_matters(supporter)
    buttons = (button for message in outcome.messages for row in message.buttons for button in row)
    for data in dict.fromkeys(button.data for button in buttons if isinstance(button, Choice)):
        scene = button_data.read(data).name
        matters = BUTTONS[scene].depends_on if scene in BUTTONS else DependsOn.NOTHING_MORE
        mark = (data, standing[matters])
        # Most buttons lead where the walk has been: what else there is to ask costs more.
        if mark not in been and ("" in within or scene in within):
            been.add(mark)
            if _early_version(data, campaign):
                yield Chose(id="", channel="", address="", data=data)
    if supporter.question and "" in within:
        name, _ = supporter.open_question
        for answer in ("x" * 200, *QUESTIONS[name].answers):
            said = Said(id="", channel="", address="", text=answer)
            mark = (_way(said), standing[DependsOn.ANSWERS])
            if mark not in been:
                been.add(mark)
                yield said


def _early_version(data: str, campaign: Campaign) -> bool:
    carried = button_data.read(data)
    text = BUTTONS[carried.name].versions if carried.name in BUTTONS else None
    if text is None:
        return True
    versions = campaign.variants.get(f"{carried.arguments[0]}.{text}", 0)
    return int(carried.arguments[-1]) < max(VERSIONS_SEEN, versions)


def _way(event: Event) -> str:
    match event:
        case Started(payload=payload):
            return f"/start {payload}".strip()
        case Commanded(name=name):
            return f"/{name}"
        case Chose(data=data):
            return data
        case Said(text=text):
            return f'"{text[:20]}"'
        case _:
            return type(event).__name__


def _what_matters(supporter: Supporter) -> dict[DependsOn, object]:
    """What can make the same button answer differently."""
    always = (supporter.case, supporter.question, supporter.language)
    return {
        DependsOn.NOTHING_MORE: always,
        DependsOn.ANSWERS: (*always, replace(supporter.answers, at=None)),
        DependsOn.RISK: (*always, supporter.answers.at_risk),
        DependsOn.TOPICS: (*always, supporter.topics),
    }
