"""A batch of events while it is answered: loaded in one query a kind, changed in memory.

Every supporter of the batch lives in memory as a ``Person``: an event sees what the one before it
did, however many of them come from the same supporter. ``batch_writing`` writes what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.burst_guard import BurstGuard, is_new
from bot.campaign.channel import Exchange
from bot.campaign.content import Campaign
from bot.campaign.effects import Effect, Forget, Sign, Withdraw
from bot.campaign.entrances import needed
from bot.campaign.events import Blocked, Corrected, Event, Returned
from bot.campaign.in_order import in_order
from bot.campaign.messages import Rendered
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Need, Supporter
from bot.engine.effects import Circumstances, apply
from bot.engine.person import Person
from bot.engine.telling import Telling
from bot.keys import Keys
from bot.store import counters, events_seen
from bot.store.dead_letters import DeadLetter
from bot.store.outbox import Posting
from bot.store.people import acts, share_codes, subscriptions, supporters
from bot.store.petitions import held, signatures

SIGNING = (Sign, Withdraw, Forget)
UNASKED = (Blocked, Returned, Corrected)
"""Events that make nobody known who was not."""

Address = tuple[str, str]


@dataclass(slots=True)
class Batch:
    """Events that were not seen before, the people they come from, and what is to be written."""

    keys: Keys
    circumstances: Circumstances
    now: datetime
    events: list[Event] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """Signatures counted, by petition, with the changes of this batch."""
    guard: BurstGuard | None = None
    new_signers: Counter[str] = field(default_factory=Counter)
    """People never seen before who signed in this batch, by petition."""
    found_out: dict[Need, Any] = field(default_factory=dict)
    """Facts that some event of this batch needs, and others do not pay for."""
    keeps: str = ""
    """The channel whose answers are kept by it and need no outbox."""
    exchanges: list[Exchange] = field(default_factory=list)
    people: dict[Address, Person] = field(default_factory=dict)
    """Whoever the events come from, as they are after those that were answered."""
    telling: dict[str, Telling] = field(default_factory=dict)
    """What an event of the channel that keeps its conversations tells of answers, by its id."""
    postings: list[Posting] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    """Events that could not be answered."""

    @classmethod
    async def load(
        cls,
        connection: AsyncConnection,
        keys: Keys,
        events: Iterable[Event],
        campaign: Campaign,
        now: datetime,
        consent_version: str,
        *,
        strangers: bool = False,
        guard: BurstGuard | None = None,
        keeps: str = "",
    ) -> Batch:
        """Drop what was seen before and read what answering the rest may need.

        ``strangers``: read nothing about the supporters, where that is what fails.
        """
        today = now.astimezone(ZoneInfo(campaign.time_zone)).date()
        circumstances = Circumstances(campaign, today, consent_version)
        batch = cls(keys, circumstances, now, guard=guard, keeps=keeps)
        batch.events = in_order(await events_seen.unseen(connection, events))
        if strangers:
            batch._meet(())
            return batch
        # A signature may outlive its petition's place in the content: it can be erased still.
        batch._meet(
            {*(p for p in campaign.petitions if keys.has_petition_key(p)), *keys.petitions()}
        )
        await batch._load_people(connection)
        if batch.events:
            names = {petition: counters.of_signatures(petition) for petition in campaign.petitions}
            kept = await counters.values(connection, names.values())
            batch.counts = {petition: kept[name] for petition, name in names.items()}
            await batch._find_out(connection)
        return batch

    async def _find_out(self, connection: AsyncConnection) -> None:
        for need in {need for event in self.events for need in needed(event)}:
            match need:
                case Need.BY_COUNTRY:
                    self.found_out[need] = await counters.by_country(connection, self.counts)
                case Need.EVIDENCE:
                    self.found_out[need] = await counters.by_evidence(connection)
                case Need.HELD:
                    self.found_out[need] = await held.waiting(connection)

    def _meet(self, petitions: Iterable[str]) -> None:
        for event in self.events:
            address = event.channel, event.address
            if address not in self.people:
                pseudonym = self.keys.pseudonym(*address)
                self.people[address] = Person(
                    pseudonym,
                    *address,
                    Supporter(seed=supporters.seed(pseudonym)),
                    {p: self.keys.petition_pseudonym(p, *address) for p in petitions},
                )

    async def _load_people(self, connection: AsyncConnection) -> None:
        everybody = {person.pseudonym: person for person in self.people.values()}
        known = await supporters.find(connection, self.keys, list(everybody))
        topics = await subscriptions.find(connection, list(known))
        done = await acts.find(connection, self.keys, list(known))
        shared = await share_codes.find(connection, self.keys, list(known))
        for pseudonym, found in known.items():
            person = everybody[pseudonym]
            person.found(found, topics.get(pseudonym, ()))
            if pseudonym in done:
                person.acts = type(person.acts)(done[pseudonym])
            if pseudonym in shared:
                person.share_code = person.share_code_stored = shared[pseudonym].code
                person.friends = shared[pseudonym].friends
        signers = {
            (petition, pseudonym): person
            for person in self.people.values()
            for petition, pseudonym in person.petition_pseudonyms.items()
        }
        signed = await signatures.find(connection, [pseudonym for _, pseudonym in signers])
        for (petition, pseudonym), own in signed.items():
            signers[petition, pseudonym].signed_before(petition, own)

    @property
    def campaign(self) -> Campaign:
        """The content by which all of the batch is answered."""
        return self.circumstances.campaign

    def person(self, event: Event) -> Person:
        """Whoever the event comes from, as the events before it left them."""
        return self.people[event.channel, event.address]

    def answered(self, event: Event, outcome: Outcome, rendered: Sequence[Rendered]) -> None:
        """Take an event's outcome over, as a whole or (when this raises) not at all."""
        before = person = self.person(event)
        if outcome.effects:
            person = self._with_effects(person, outcome.effects)
        forgotten = any(isinstance(effect, Forget) for effect in outcome.effects)
        if forgotten:
            self.postings = [p for p in self.postings if p.pseudonym != person.pseudonym]
            self.dead = [d for d in self.dead if d.pseudonym != person.pseudonym]
            self.exchanges = [e for e in self.exchanges if e.pseudonym != person.pseudonym]
        elif outcome.supporter is not None and (person.wanted or not isinstance(event, UNASKED)):
            answers = before.supporter.answers
            self._remember(person, event, outcome.supporter)
            if event.channel == self.keeps:
                self.telling[event.id] = Telling.of(
                    answers, person.supporter.answers, outcome.effects, before.own
                )
        self.people[event.channel, event.address] = person
        self.post(event, rendered)

    def _with_effects(self, person: Person, effects: Sequence[Effect]) -> Person:
        changed = person.copy()
        for effect in effects:
            apply(effect, changed, self.circumstances)
        if any(isinstance(effect, SIGNING) for effect in effects):
            for petition in self.counts:
                self.counts[petition] += changed.adds_to(petition) - person.adds_to(petition)
            if self.is_new(changed):
                signed = [effect.petition for effect in effects if isinstance(effect, Sign)]
                self.new_signers.update(p for p in signed if p not in person.own)
        return changed

    def is_new(self, person: Person) -> bool:
        """Whether the person was never seen before today or yesterday."""
        return is_new(person.joined_on, self.circumstances.today)

    def guarded(self, person: Person) -> frozenset[str]:
        """The petitions for which a signature of this person would be held now."""
        if self.guard is None or not self.is_new(person):
            return frozenset()
        room = {petition: self.guard.room(petition, self.now) for petition in self.counts}
        return frozenset(
            petition
            for petition, left in room.items()
            if left is not None and self.new_signers[petition] >= left
        )

    def _remember(self, person: Person, event: Event, supporter: Supporter) -> None:
        if isinstance(event, Blocked):
            person.ended_at = self.now
            person.topics.clear()
        elif not isinstance(event, Corrected):
            # Whoever writes or presses is back, also where the platform's word of it was missed.
            person.ended_at = None
        person.supporter = replace(
            supporter,
            seed=person.supporter.seed,
            known=True,
            topics=frozenset(person.topics),
            seen_at=self.now,
        )
        person.wanted = person.changed = True

    def post(self, event: Event, rendered: Iterable[Rendered]) -> None:
        """Have these messages sent to whoever the event comes from."""
        person = self.person(event)
        if event.channel == self.keeps:
            forgotten = person.erased and not person.wanted
            answers = tuple(rendered)
            telling = self.telling.pop(event.id, Telling.of(person.supporter.answers))
            ends = telling.ends(event, answers, self.now, self.campaign.retention.drafts_hours)
            self.exchanges.append(
                Exchange(event, person.pseudonym, answers, forgotten, ends, telling.takes_back)
            )
            return
        self.postings += [
            Posting(person.pseudonym, event.channel, event.address, message) for message in rendered
        ]

    def give_up(self, event: Event, reason: str) -> None:
        """Keep the event as a dead letter; ``reason`` holds nothing personal."""
        pseudonym = self.person(event).pseudonym if event.address else None
        self.dead.append(DeadLetter(event, pseudonym, reason))

    @property
    def erases(self) -> bool:
        """Whether somebody is forgotten."""
        return any(person.erased for person in self.people.values())
