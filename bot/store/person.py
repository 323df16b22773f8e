"""One supporter while a batch of events is answered: as stored, and as changed in memory.

Effects change a ``Person`` here; what is different in the end is written for the whole batch at
once. Nothing in this file reads or writes the database.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from bot.campaign.content import Campaign
from bot.campaign.effects import (
    Arrive,
    Decide,
    Effect,
    Evidence,
    Forget,
    KeepShareCode,
    ListName,
    NameCountry,
    OfferPage,
    Record,
    Remind,
    Sign,
    StopReminding,
    Subscribe,
    TakeBack,
    Unsubscribe,
    Withdraw,
)
from bot.campaign.signatures import IN_THE_NUMBER, OwnSignature, SignatureState
from bot.campaign.supporter import Answers, Supporter
from bot.store import counters
from bot.store.signatures import SPENT, Signature
from bot.store.subscriptions import Consent
from bot.store.supporters import Found
from bot.store.tallies import Kind

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
    own_before: Mapping[str, OwnSignature] = field(default_factory=dict)
    """The stored signatures, by petition."""
    own: Mapping[str, OwnSignature] = field(default_factory=dict)
    """All signatures, by petition, as they are now."""
    countries: dict[str, str] = field(default_factory=dict)
    """Changed in stored signatures, by petition."""
    names: dict[str, str] = field(default_factory=dict, repr=False)
    """Changed in stored signatures, by petition."""
    left_stored: frozenset[str] = frozenset()
    """Petitions whose stored signature is to count on without this person."""
    left_new: list[tuple[str, Signature]] = field(default_factory=list)
    """The same for signatures of this very batch."""
    happened: list[tuple[str, Kind]] = field(default_factory=list)
    """What goes into the second book (see tallies)."""
    reminders: dict[tuple[str, str, date], datetime] = field(default_factory=dict)
    reminders_stopped: set[tuple[str, str]] = field(default_factory=set)
    decisions: list[Decide] = field(default_factory=list)
    joined_on: date | None = None
    question_sealed: bytes | None = None
    question_stored: str = ""
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
        self.joined_on = found.joined_on
        self.question_sealed = found.question_sealed
        self.question_stored = found.supporter.question

    def signed_before(self, petition: str, own: OwnSignature) -> None:
        """Take over a stored signature."""
        self.signatures = Rows({*self.signatures.stored, petition})
        self.own = self.own_before = {**self.own_before, petition: own}

    def counted_before(self) -> Iterator[str]:
        """The counters that the stored signatures are part of."""
        return _counted(self.own_before.items())

    def counted(self) -> Iterator[str]:
        """The counters that this supporter's signatures are part of now."""
        yield from _counted(self.own.items())
        if self.left_stored or self.left_new:
            left = ((p, _without_person(self.own_before[p])) for p in self.left_stored)
            yield from _counted(left)
            yield from _counted((petition, new.own) for petition, new in self.left_new)

    def adds_to(self, petition: str) -> int:
        """What this supporter adds to the petition's number now."""
        name = counters.of_signatures(petition)
        return sum(counted == name for counted in self.counted())

    def _have(self, petition: str, own: OwnSignature | None) -> None:
        kept = {**self.own}
        kept.pop(petition, None)
        self.own = kept if own is None else {**kept, petition: own}

    def copy(self) -> Person:
        """The same, to be changed apart: effects are applied as a whole or not at all."""
        return replace(
            self,
            topics=self.topics.copy(),
            acts=self.acts.copy(),
            signatures=self.signatures.copy(),
            arrivals=list(self.arrivals),
            pages=list(self.pages),
            countries=dict(self.countries),
            names=dict(self.names),
            left_new=list(self.left_new),
            happened=list(self.happened),
            reminders=dict(self.reminders),
            reminders_stopped=set(self.reminders_stopped),
            decisions=list(self.decisions),
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


def _counted(signatures: Iterable[tuple[str, OwnSignature]]) -> Iterator[str]:
    for petition, own in signatures:
        if own.state in IN_THE_NUMBER:
            yield from counters.of_signature(petition, own.country)


def _without_person(own: OwnSignature) -> OwnSignature:
    return OwnSignature(own.state)


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
    signature = Signature(
        day=given.today,
        language=effect.language,
        text_version=given.campaign.petitions[effect.petition].version,
        text_hash=given.campaign.petition_hashes[effect.petition, effect.language],
        state=SignatureState.PENDING if effect.held else SignatureState.COUNTED,
    )
    person.signatures.add(effect.petition, signature)
    person.happened.append((effect.petition, Kind.SIGNED))
    person._have(effect.petition, signature.own)


def _withdraw(person: Person, effect: Withdraw, _given: Circumstances) -> None:
    _drop_signature(person, effect.petition, Kind.WITHDRAWN)


def _drop_signature(person: Person, petition: str, why: Kind) -> None:
    own = person.own.get(petition)
    if own is None or own.state is SignatureState.SPENT:
        return
    person.signatures.discard(petition)
    person.countries.pop(petition, None)
    person.names.pop(petition, None)
    person.happened.append((petition, why))
    person._have(petition, None)


def _name_country(person: Person, effect: NameCountry, _given: Circumstances) -> None:
    own = person.own.get(effect.petition)
    if own is None or own.state is SignatureState.SPENT:
        return
    added = person.signatures.added.get(effect.petition)
    if added is not None:
        person.signatures.added[effect.petition] = replace(added, country=effect.country)
    else:
        person.countries[effect.petition] = effect.country
    person._have(effect.petition, replace(own, country=effect.country))


def _list_name(person: Person, effect: ListName, _given: Circumstances) -> None:
    own = person.own.get(effect.petition)
    if own is None or own.state is SignatureState.SPENT:
        return
    added = person.signatures.added.get(effect.petition)
    if added is not None:
        person.signatures.added[effect.petition] = replace(added, name=effect.name)
    else:
        person.names[effect.petition] = effect.name
    person._have(effect.petition, replace(own, is_listed=bool(effect.name)))


def _leave_signature(person: Person, petition: str) -> None:
    """Let it count on without this person, and mark them as having signed."""
    own = person.own[petition]
    if own.state is SignatureState.SPENT:
        return
    added = person.signatures.added.get(petition)
    if added is not None:
        person.left_new.append((petition, replace(added, country="", name="")))
        person.signatures.added[petition] = SPENT
    else:
        person.left_stored |= {petition}
        person.countries.pop(petition, None)
        person.names.pop(petition, None)
    person._have(petition, SPENT.own)


def _remind(person: Person, effect: Remind, _given: Circumstances) -> None:
    person.reminders[effect.case, effect.action, effect.on] = effect.due


def _stop_reminding(person: Person, effect: StopReminding, _given: Circumstances) -> None:
    person.reminders_stopped.add((effect.case, effect.action))
    person.reminders = {
        (case, action, on): due
        for (case, action, on), due in person.reminders.items()
        if effect.case not in ("", case) or effect.action not in ("", action)
    }


def _decide(person: Person, effect: Decide, _given: Circumstances) -> None:
    person.decisions.append(effect)


def _record(person: Person, effect: Record, given: Circumstances) -> None:
    if effect.evidence is Evidence.WITHDRAWN:
        _take_back(person, TakeBack(effect.case, effect.action), given)
        return
    if effect.evidence is Evidence.DECLARED:
        _stop_reminding(person, StopReminding(effect.case, effect.action), given)
    if effect.evidence in TAKEN_BACK:
        person.acts.discard((effect.case, effect.action, Evidence.WITHDRAWN))
    person.acts.add((effect.case, effect.action, effect.evidence), given.today)


def _take_back(person: Person, effect: TakeBack, given: Circumstances) -> None:
    there = [person.acts.discard((effect.case, effect.action, evidence)) for evidence in TAKEN_BACK]
    if any(there):
        person.acts.add((effect.case, effect.action, Evidence.WITHDRAWN), given.today)
        _stop_reminding(person, StopReminding(effect.case, effect.action), given)


def _subscribe(person: Person, effect: Subscribe, given: Circumstances) -> None:
    language = given.campaign.language(person.supporter.language)
    version = given.campaign.consent_hashes.get(language, given.consent_version)
    person.topics.add(effect.topic, Consent(version, given.today))


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


def _forget(person: Person, effect: Forget, _given: Circumstances) -> None:
    person.topics.clear()
    person.acts.clear()
    person.share_code = person.share_code_stored = ""
    person.friends = 0
    person.pages = []
    for petition in list(person.own):
        if effect.keep_signatures:
            _leave_signature(person, petition)
        else:
            _drop_signature(person, petition, Kind.ERASED)
    person.reminders = {}
    person.reminders_stopped = set()
    person.joined_on = None
    person.question_sealed = None
    person.question_stored = ""
    person.supporter = Supporter(seed=person.supporter.seed)
    person.answers_sealed = None
    person.answers_stored = NOTHING_TOLD
    person.ended_at = None
    person.wanted = False
    person.erased = True


APPLY: Mapping[type[Effect], Callable[[Person, Any, Circumstances], None]] = {
    Sign: _sign,
    NameCountry: _name_country,
    ListName: _list_name,
    Withdraw: _withdraw,
    Remind: _remind,
    StopReminding: _stop_reminding,
    Decide: _decide,
    Record: _record,
    TakeBack: _take_back,
    Subscribe: _subscribe,
    Unsubscribe: _unsubscribe,
    Arrive: _arrive,
    KeepShareCode: _keep_share_code,
    OfferPage: _offer_page,
    Forget: _forget,
}
