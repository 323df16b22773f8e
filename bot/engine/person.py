"""One supporter while a batch of events is answered: as stored, and as changed in memory.

Effects change a ``Person`` (see ``effects``); what is different in the end is written for the whole
batch at once. Nothing in this file reads or writes the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.effects import Evidence
from bot.campaign.signatures import IN_THE_NUMBER, OwnSignature, Signer
from bot.campaign.stages import Reached
from bot.campaign.supporter import Answers, Supporter
from bot.keys import Keys
from bot.store import counters
from bot.store.people.subscriptions import Consent
from bot.store.people.supporters import Found
from bot.store.petitions.signatures import Signature
from bot.store.petitions.tallies import Change

Key = TypeVar("Key", bound=Hashable)
Values = TypeVar("Values")

Write = Callable[[AsyncConnection, Keys, Sequence[Any], datetime], Awaitable[None]]
"""Writes rows of one kind, of as many people as the batch has, at that moment."""

LADDER = {evidence: place for place, evidence in enumerate(Evidence)}
NOTHING_TOLD = Answers()


class Rows(Generic[Key, Values]):
    """A supporter's rows of one kind: those stored, and how they shall be."""

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
    signer: Signer = Signer.ACCOUNT
    """As what they sign now; what they signed before says so itself."""
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
    happened: list[tuple[str, Signer, Change]] = field(default_factory=list)
    """What goes into the second book (see tallies)."""
    reminders: dict[tuple[str, str, date], datetime] = field(default_factory=dict)
    reminders_stopped: set[tuple[str, str]] = field(default_factory=set)
    joined_on: date | None = None
    question_sealed: bytes | None = None
    question_stored: tuple[str, int, int] = ("", 0, 0)
    """The open question, the step of the story and the furthest, as they are stored."""
    arrivals: list[tuple[str, date]] = field(default_factory=list)
    share_code: str = ""
    share_code_stored: str = ""
    friends: int = 0
    """How many people came by the share code."""
    reached: list[Reached] = field(default_factory=list)
    """Stages of the campaign that this event has led to."""
    rows: list[tuple[Write, object]] = field(default_factory=list)
    """Rows about this person that no event of the batch reads again, each with what writes it."""
    _done: Mapping[tuple[str, str], Evidence] | None = None

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
        stands = found.supporter
        self.question_stored = stands.question, stands.step, stands.furthest

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

    def have_signature(self, petition: str, own: OwnSignature | None) -> None:
        """Have it as it is now; None: have none for that petition any more."""
        kept = {**self.own}
        kept.pop(petition, None)
        self.own = kept if own is None else {**kept, petition: own}

    def copy(self) -> Person:
        """The same, to be changed apart: effects are applied as a whole or not at all."""
        copied = object.__new__(type(self))
        for name in _LEFT_AS_IT_IS:
            setattr(copied, name, getattr(self, name))
        for name in _CHANGED_IN_PLACE:
            setattr(copied, name, getattr(self, name).copy())
        copied._done = None
        return copied

    @property
    def done(self) -> Mapping[tuple[str, str], Evidence]:
        """How far each action has gone."""
        if self._done is None:
            self._done = {
                (case, action): evidence
                for case, action, evidence in sorted(self.acts, key=lambda act: LADDER[act[2]])
            }
        return self._done


def _counted(signatures: Iterable[tuple[str, OwnSignature]]) -> Iterator[str]:
    for petition, own in signatures:
        if own.state in IN_THE_NUMBER:
            yield from counters.of_signature(petition, own.signer, own.country)


def _without_person(own: OwnSignature) -> OwnSignature:
    return OwnSignature(own.state, signer=own.signer)


_NEVER_CHANGED = {str, bytes, bool, int, tuple, date, datetime, frozenset, NoneType, Mapping}
_NEVER_CHANGED |= {Signer, Supporter, Answers}
"""Another value takes their place: a copy may share them."""


def shared_and_copied(person: type[Person]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields that a copy shares, and those that it has to itself. Raises TypeError for a field
    of another kind."""
    shared: list[str] = []
    copied: list[str] = []
    kinds = get_type_hints(person)
    for each in fields(person):
        kind = kinds[each.name]
        alternatives = get_args(kind) if isinstance(kind, UnionType) else (kind,)
        told = {get_origin(one) or one for one in alternatives}
        if told <= _NEVER_CHANGED:
            shared.append(each.name)
        elif told <= {list, dict, set, Rows}:
            copied.append(each.name)
        else:
            raise TypeError(f"{person.__name__}.{each.name}: may a copy share it?")
    return tuple(shared), tuple(copied)


_LEFT_AS_IT_IS, _CHANGED_IN_PLACE = shared_and_copied(Person)
