"""A conversation of one word a turn, to see what the engine records of it.

Said words: ``sign``, ``withdraw``, ``opened``, ``pledged``, ``declared``, ``takeback``,
``subscribe``, ``unsubscribe``, ``forget``, ``name X`` (an answer for a letter), ``fail`` (the step
raises), ``mute`` (the text cannot be rendered), ``unwritable`` (no database takes it); anything
else is remembered, one word behind the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bot.campaign.channel import Outgoing
from bot.campaign.content import Campaign
from bot.campaign.effects import (
    Arrive,
    Effect,
    Evidence,
    Forget,
    Record,
    Sign,
    Subscribe,
    TakeBack,
    Unsubscribe,
    Withdraw,
)
from bot.campaign.events import CalledInGroup, Event, Said, Started
from bot.campaign.messages import Markup, Message, Rendered, words
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Answers, Facts, Supporter
from bot.engine import Engine, EngineContext
from bot.keys import Keys
from bot.store.database import Database

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
PETITION = "xinjiang"
TEXT_HASH = "ab" * 32

EFFECTS: dict[str, Effect] = {
    "sign": Sign(PETITION, "fr"),
    "withdraw": Withdraw(PETITION),
    "opened": Record("mamat", "letter", Evidence.OPENED),
    "pledged": Record("mamat", "letter", Evidence.PLEDGED),
    "declared": Record("mamat", "letter", Evidence.DECLARED),
    "takeback": TakeBack("mamat", "letter"),
    "subscribe": Subscribe("cases"),
    "unsubscribe": Unsubscribe(),
    "forget": Forget(),
}


def campaign() -> Campaign:
    content = Path(__file__).parent.parent / "content" / "cases.yaml"
    return Campaign(
        **yaml.safe_load(content.read_text()),
        petition_hashes={(PETITION, "fr"): TEXT_HASH},
        petition_texts={(PETITION, "fr"): "Libérez-les."},
    )


def step(
    supporter: Supporter, event: Event, facts: Facts, _campaign: Campaign, now: datetime
) -> Outcome:
    if isinstance(event, CalledInGroup):
        return Outcome(None, (Message(words("in_group")),), language="fr")
    if isinstance(event, Started):
        effects = () if supporter.known else (Arrive(event.payload, now.date()),)
        return Outcome(supporter, (Message(words("hello")),), effects)
    if not isinstance(event, Said):
        return Outcome(supporter)
    if event.text == "fail":
        raise ValueError(f"cannot answer {event.text} of {event.address}")
    if event.text == "unwritable":
        supporter = replace(supporter, source=None)  # type: ignore[arg-type]
    elif event.text.startswith("name "):
        supporter = replace(supporter, answers=Answers(first_name=event.text[5:], at=now))
    elif event.text not in EFFECTS:
        supporter = replace(supporter, source=f"{supporter.source} {event.text}".strip())
    told = words(
        "mute" if event.text == "mute" else "answer",
        signed=int(PETITION in facts.signed),
        signatures=sum(facts.signatures[PETITION].values()),
        done=facts.done.get(("mamat", "letter"), ""),
        name=supporter.answers.first_name,
        topics=",".join(sorted(supporter.topics)),
    )
    effect = EFFECTS.get(event.text)
    return Outcome(supporter, (Message(told, in_place=True),), (effect,) if effect else ())


def render(message: Message, language: str, markup: Markup, replaces: str) -> Rendered:
    if message.text.key == "mute":
        raise LookupError("no such text")
    told = " ".join(f"{name}={value}" for name, value in message.text.values)
    return Rendered(f"{message.text.key} {told} {markup}".strip(), language, replaces=replaces)


def engine_context() -> EngineContext:
    content = campaign()
    return EngineContext(
        step=step,
        apology=lambda _event, _supporter, _campaign, _now: Message(words("apology")),
        render=render,
        campaign=lambda: content,
        markup_of={"telegram": "html", "web": "web"},
    )


def engine(
    store: Database,
    keys: Keys,
    deliver: Callable[[Sequence[Outgoing]], None],
    clock: Callable[[], datetime] = lambda: NOW,
    **changed: Any,
) -> Engine:
    return Engine(store, keys, replace(engine_context(), **changed), deliver, clock)
