"""One supporter while a batch of events is answered: as stored, and as changed in memory.

Effects change a ``Person`` here; what is different in the end is written for the whole batch at
once. Nothing in this file reads or writes the database.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from bot.campaign.content import Campaign
from bot.campaign.effects import (
    Arrive,
    Effect,
    Evidence,
    Forget,
    KeepShareCode,
    OfferPage,
    Record,
    Sign,
    Subscribe,
    TakeBack,
    Unsubscribe,
    Withdraw,
)
from bot.campaign.supporter import Answers, Supporter
from bot.store.counters import COUNTED
from bot.store.signatures import Signature
from bot.store.subscriptions import Consent
from bot.store.supporters import Found

Key = TypeVar("Key", bound=Hashable)
Values = TypeVar("Values")

LADDER = {evidence: place for place, evidence in enumerate(Evidence)}
NOTHING_TOLD = Answers()
TAKEN_BACK = (Evidence.PLEDGED, Evidence.DECLARED)


class Rows(Generic[Key, Values]):
    """A supporter's rows of one kind: those stored, and how they shall be."""

    __slots__ = ("added", "kept", "stored")

    def __init__(self, stored: Iterable[Key] = ()):
        """As they are stored."""
        self.stored = frozenset(stored)
        self.kept = self.stored
        self.added: dict[Key, Values] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self.kept or key in self.added

    def __iter__(self) -> Any:
        yield from self.kept
        yield from self.added

    def add(self, key: Key, values: Values) -> None:
        """Have that row; a repeat changes nothing."""
        if key not in self:
            self.added[key] = values

    def discard(self, key: Key) -> bool:
        """Have that row no longer; whether it was there."""
        if self.added.pop(key, None) is not None:
            return True
        there = key in self.kept
        self.kept -= {key}
        return there

    def clear(self) -> None:
        """Have none."""
        self.kept = frozenset()
        self.added = {}

    @property
    def removed(self) -> frozenset[Key]:
        """Stored rows that are to be deleted, before ``added`` are written."""
        return self.stored - self.kept

    def copy(self) -> Rows[Key, Values]:
        """The same, to be changed apart."""
        copied = Rows[Key, Values]()
        copied.stored, copied.kept, copied.added = self.stored, self.kept, dict(self.added)
        return copied


@dataclass(slots=True)
class Person:
    """A supporter, their rows, and whether their own row is to be written or erased."""

    pseudonym: bytes
    channel: str
    address: str = field(repr=False)
    supporter: Supporter
    petition_pseudonyms: Mapping[str, bytes] = field(default_factory=dict)
    stored: bool = False
    wanted: bool = False
    erased: bool = False
    changed: bool = False
    answers_sealed: bytes | None = None
    answers_stored: Answers = NOTHING_TOLD
    ended_at: datetime | None = None
    topics: Rows[str, Consent] = field(default_factory=Rows)
    acts: Rows[tuple[str, str, Evidence], date] = field(default_factory=Rows)
    signatures: Rows[str, Signature] = field(default_factory=Rows)
    states: Mapping[str, str] = field(default_factory=dict)
    """The states of the stored signatures, by petition."""
    arrivals: list[tuple[str, date]] = field(default_factory=list)
    share_code: str = ""
    share_code_stored: str = ""
    friends: int = 0
    """How many people came by the share code."""
    pages: list[OfferPage] = field(default_factory=list)
    """Links to the compose page that are shown now."""
    _done: dict[tuple[str, str], Evidence] | None = None

    def found(self, found: Found, topics: Iterable[str]) -> None:
        """Take over what is stored."""
        self.topics = Rows(topics)
        self.supporter = replace(found.supporter, topics=self.topics.stored)
        self.stored = self.wanted = True
        self.answers_sealed = found.answers_sealed
        self.answers_stored = found.supporter.answers
        self.ended_at = found.ended_at

    def signed_before(self, petition: str, state: str) -> None:
        """Take over a stored signature."""
        self.signatures = Rows({*self.signatures.stored, petition})
        self.states = {**self.states, petition: state}

    def counted_before(self, petition: str) -> int:
        """What the stored signature added to the petition's number: 1 or 0."""
        return int(self.states.get(petition) == COUNTED)

    def counts_for(self, petition: str) -> int:
        """What this supporter adds to the petition's number now: 1 or 0."""
        added = self.signatures.added.get(petition)
        if added is not None:
            return int(added.state == COUNTED)
        return self.counted_before(petition) if petition in self.signatures.kept else 0

    def copy(self) -> Person:
        """The same, to be changed apart: effects are applied as a whole or not at all."""
        return replace(
            self,
            topics=self.topics.copy(),
            acts=self.acts.copy(),
            signatures=self.signatures.copy(),
            arrivals=list(self.arrivals),
            pages=list(self.pages),
        )

    @property
    def done(self) -> Mapping[tuple[str, str], Evidence]:
        """How far each action has gone."""
        if self._done is None:
            self._done = {}
            for case, action, evidence in sorted(self.acts, key=lambda act: LADDER[act[2]]):
                self._done[case, action] = evidence
        return self._done

    def apply(self, effect: Effect, circumstances: Circumstances) -> None:
        """Change what the effect asks for. A kind that is not known raises ``KeyError``."""
        APPLY[type(effect)](self, effect, circumstances)
        self._done = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What effects need to know besides the person: the day, and what is signed or agreed to."""

    campaign: Campaign
    today: date
    consent_version: str


def _sign(person: Person, effect: Sign, given: Circumstances) -> None:
    if effect.petition not in person.petition_pseudonyms:
        raise LookupError("a signature for a petition that has no key")
    if effect.petition in person.signatures:
        return
    person.signatures.add(
        effect.petition,
        Signature(
            day=given.today,
            language=effect.language,
            text_version=given.campaign.petitions[effect.petition].version,
            text_hash=given.campaign.petition_hashes[effect.petition, effect.language],
        ),
    )


def _withdraw(person: Person, effect: Withdraw, _given: Circumstances) -> None:
    person.signatures.discard(effect.petition)


def _record(person: Person, effect: Record, given: Circumstances) -> None:
    if effect.evidence is Evidence.WITHDRAWN:
        _take_back(person, TakeBack(effect.case, effect.action), given)
        return
    if effect.evidence in TAKEN_BACK:
        person.acts.discard((effect.case, effect.action, Evidence.WITHDRAWN))
    person.acts.add((effect.case, effect.action, effect.evidence), given.today)


def _take_back(person: Person, effect: TakeBack, given: Circumstances) -> None:
    there = [person.acts.discard((effect.case, effect.action, evidence)) for evidence in TAKEN_BACK]
    if any(there):
        person.acts.add((effect.case, effect.action, Evidence.WITHDRAWN), given.today)


def _subscribe(person: Person, effect: Subscribe, given: Circumstances) -> None:
    person.topics.add(effect.topic, Consent(given.consent_version, given.today))


def _unsubscribe(person: Person, effect: Unsubscribe, _given: Circumstances) -> None:
    if effect.topic:
        person.topics.discard(effect.topic)
    else:
        person.topics.clear()


def _arrive(person: Person, effect: Arrive, _given: Circumstances) -> None:
    person.arrivals.append((effect.source, effect.on))


def _keep_share_code(person: Person, effect: KeepShareCode, _given: Circumstances) -> None:
    person.share_code = person.share_code or effect.code


def _offer_page(person: Person, effect: OfferPage, _given: Circumstances) -> None:
    person.pages.append(effect)


def _forget(person: Person, _effect: Forget, _given: Circumstances) -> None:
    person.topics.clear()
    person.acts.clear()
    person.share_code = person.share_code_stored = ""
    person.friends = 0
    person.pages = []
    person.signatures.clear()
    person.supporter = Supporter(seed=person.supporter.seed)
    person.answers_sealed = None
    person.answers_stored = NOTHING_TOLD
    person.ended_at = None
    person.wanted = False
    person.erased = True


APPLY: Mapping[type[Effect], Callable[[Person, Any, Circumstances], None]] = {
    Sign: _sign,
    Withdraw: _withdraw,
    Record: _record,
    TakeBack: _take_back,
    Subscribe: _subscribe,
    Unsubscribe: _unsubscribe,
    Arrive: _arrive,
    KeepShareCode: _keep_share_code,
    OfferPage: _offer_page,
    Forget: _forget,
}
