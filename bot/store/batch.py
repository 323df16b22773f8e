"""A batch of events in one transaction: loaded in one query a kind, answered, written together.

While it is answered, every supporter of the batch lives in memory as a ``Person``: an event sees
what the one before it did, however many of them come from the same supporter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.burst_guard import BurstGuard, is_new
from bot.campaign.content import Campaign
from bot.campaign.delivery import Outgoing
from bot.campaign.effects import Effect, Forget, Sign, Withdraw
from bot.campaign.events import Blocked, Corrected, Event, Returned
from bot.campaign.in_order import in_order
from bot.campaign.messages import Rendered
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Asked, Supporter, asked_for
from bot.keys import Keys
from bot.store import (
    acts,
    arrivals,
    counters,
    dead_letters,
    erasing,
    events_seen,
    held,
    outbox,
    page_tokens,
    reminders,
    share_codes,
    signatures,
    signed_texts,
    subscriptions,
    supporters,
    tallies,
)
from bot.store.dead_letters import DeadLetter
from bot.store.outbox import Posting
from bot.store.person import Circumstances, Person
from bot.store.signed_texts import CONSENT, SignedText

SIGNING = (Sign, Withdraw, Forget)
UNASKED = (Blocked, Returned, Corrected)
"""Events that make nobody known who was not."""

Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Exchange:
    """An event of the channel that keeps its conversations in this store, and the answers to it.

    ``forgotten``: by it everything was erased, so nothing of it may be kept.
    """

    event: Event
    pseudonym: bytes
    answers: tuple[Rendered, ...]
    forgotten: bool


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
    asked: dict[Asked, Any] = field(default_factory=dict)
    """Facts that some event of this batch needs, and others do not pay for."""
    keeps: str = ""
    """The channel whose answers are kept by it and need no outbox."""
    exchanges: list[Exchange] = field(default_factory=list)
    _people: dict[Address, Person] = field(default_factory=dict)
    _postings: list[Posting] = field(default_factory=list)
    _dead: list[DeadLetter] = field(default_factory=list)

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
            await batch._load_asked(connection)
        return batch

    async def _load_asked(self, connection: AsyncConnection) -> None:
        for asked in {asked_for(event) for event in self.events}:
            match asked:
                case Asked.BY_COUNTRY:
                    self.asked[asked] = await counters.by_country(connection, self.counts)
                case Asked.EVIDENCE:
                    self.asked[asked] = await counters.by_evidence(connection)
                case Asked.HELD:
                    self.asked[asked] = await held.waiting(connection)

    def _meet(self, petitions: Iterable[str]) -> None:
        for event in self.events:
            address = event.channel, event.address
            if address not in self._people:
                pseudonym = self.keys.pseudonym(*address)
                self._people[address] = Person(
                    pseudonym,
                    *address,
                    Supporter(seed=supporters.seed(pseudonym)),
                    {p: self.keys.petition_pseudonym(p, *address) for p in petitions},
                )

    async def _load_people(self, connection: AsyncConnection) -> None:
        everybody = {person.pseudonym: person for person in self._people.values()}
        known = await supporters.find(connection, self.keys, list(everybody))
        topics = await subscriptions.find(connection, list(known))
        done = await acts.find(connection, list(known))
        shared = await share_codes.find(connection, list(known))
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
            for person in self._people.values()
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
        return self._people[event.channel, event.address]

    def answered(self, event: Event, outcome: Outcome, rendered: Sequence[Rendered]) -> None:
        """Take an event's outcome over, as a whole or (when this raises) not at all."""
        person = self.person(event)
        if outcome.effects:
            person = self._with_effects(person, outcome.effects)
        forgotten = any(isinstance(effect, Forget) for effect in outcome.effects)
        if forgotten:
            self._postings = [p for p in self._postings if p.pseudonym != person.pseudonym]
            self._dead = [d for d in self._dead if d.pseudonym != person.pseudonym]
            self.exchanges = [e for e in self.exchanges if e.pseudonym != person.pseudonym]
        elif outcome.supporter is not None and (person.wanted or not isinstance(event, UNASKED)):
            self._remember(person, event, outcome.supporter)
        self._people[event.channel, event.address] = person
        self.post(event, rendered)

    def _with_effects(self, person: Person, effects: Sequence[Effect]) -> Person:
        changed = person.copy()
        for effect in effects:
            changed.apply(effect, self.circumstances)
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
            self.exchanges.append(Exchange(event, person.pseudonym, answers, forgotten))
            return
        self._postings += [
            Posting(person.pseudonym, event.channel, event.address, message) for message in rendered
        ]

    def give_up(self, event: Event, reason: str) -> None:
        """Keep the event as a dead letter; ``reason`` holds nothing personal."""
        pseudonym = self.person(event).pseudonym if event.address else None
        self._dead.append(DeadLetter(event, pseudonym, reason))

    @property
    def erases(self) -> bool:
        """Whether somebody is forgotten."""
        return any(person.erased for person in self._people.values())

    async def write(self, connection: AsyncConnection) -> list[Outgoing]:
        """Record everything; the messages may be sent once the transaction is committed."""
        await events_seen.add(connection, [(e.channel, e.id) for e in self.events], self.now)
        people = list(self._people.values())
        await self._delete_rows(connection, people)
        await self._write_supporters(connection, people)
        await self._add_rows(connection, people)
        await counters.change(connection, _row_changes(people))
        await self._write_about_signatures(connection, people)
        came = Counter(arrival for person in people for arrival in person.arrivals)
        await arrivals.count(connection, came)
        await dead_letters.add(connection, self.keys, self._dead, self.now)
        return await outbox.add(connection, self.keys, self._postings, self.now)

    async def _write_about_signatures(
        self, connection: AsyncConnection, people: list[Person]
    ) -> None:
        today = self.circumstances.today
        happened = Counter((p, today, kind) for person in people for p, kind in person.happened)
        await tallies.count(connection, happened)
        for person in people:
            for decision in person.decisions:
                await held.decide(connection, decision, today)

    def _texts(self, people: Iterable[Person]) -> list[SignedText]:
        """The texts that were signed or agreed to in this batch."""
        campaign = self.circumstances.campaign
        signed = {
            (petition, signature.language): signature
            for person in people
            for petition, signature in (*person.signatures.added.items(), *person.left_new)
            if signature.text_hash
        }
        agreed = {consent.wording_version for p in people for consent in p.topics.added.values()}
        return [
            *(
                SignedText(
                    signature.text_hash,
                    petition,
                    language,
                    signature.text_version,
                    campaign.petition_texts[petition, language],
                )
                for (petition, language), signature in signed.items()
            ),
            *(
                SignedText(version, CONSENT, language, 1, campaign.consent_texts[language])
                for language, version in campaign.consent_hashes.items()
                if version in agreed
            ),
        ]

    async def _delete_rows(self, connection: AsyncConnection, people: list[Person]) -> None:
        await signatures.remove(
            connection,
            [(key, p.petition_pseudonyms[key]) for p in people for key in p.signatures.removed],
        )
        await acts.remove(
            connection, [(p.pseudonym, key) for p in people for key in p.acts.removed]
        )
        await subscriptions.remove(
            connection, [(p.pseudonym, key) for p in people for key in p.topics.removed]
        )
        await reminders.stop(
            connection, [(p.pseudonym, *which) for p in people for which in p.reminders_stopped]
        )
        erased = [person for person in people if person.erased]
        await supporters.erase(connection, [p.pseudonym for p in erased if p.stored])
        await erasing.beside(connection, [p.pseudonym for p in erased])

    async def _write_supporters(self, connection: AsyncConnection, people: list[Person]) -> None:
        written = [person for person in people if person.wanted and person.changed]
        new = [person for person in written if person.erased or not person.stored]
        known = [person for person in written if person.stored and not person.erased]
        await supporters.add(connection, self.keys, [self._standing(person) for person in new])
        await supporters.change(connection, [self._standing(person) for person in known])

    def _standing(self, person: Person) -> supporters.Standing:
        answers = person.supporter.answers
        sealed = person.answers_sealed
        if answers != person.answers_stored:
            sealed = supporters.seal_answers(self.keys, answers)
        question = person.supporter.question
        question_sealed = person.question_sealed
        if question != person.question_stored:
            question_sealed = supporters.seal_question(self.keys, question)
        return supporters.Standing(
            pseudonym=person.pseudonym,
            channel=person.channel,
            address=person.address,
            supporter=person.supporter,
            question_sealed=question_sealed,
            answers_sealed=sealed,
            joined_on=self.circumstances.today,
            seen_at=self.now,
            ended_at=person.ended_at,
        )

    async def _add_rows(self, connection: AsyncConnection, people: list[Person]) -> None:
        await subscriptions.add(
            connection,
            [
                (p.pseudonym, key, consent)
                for p in people
                for key, consent in p.topics.added.items()
            ],
        )
        await acts.add(
            connection,
            [(p.pseudonym, key, day) for p in people for key, day in p.acts.added.items()],
        )
        await share_codes.add(
            connection,
            [(p.pseudonym, p.share_code) for p in people if p.share_code != p.share_code_stored],
        )
        await page_tokens.add(connection, self.keys, list(_offers(people)), self.now)
        await reminders.add(
            connection,
            [
                reminders.Reminder(p.pseudonym, case, action, on, due)
                for p in people
                for (case, action, on), due in p.reminders.items()
            ],
        )
        await self._add_signatures(connection, people)

    async def _add_signatures(self, connection: AsyncConnection, people: list[Person]) -> None:
        await signed_texts.keep(connection, self._texts(people))
        await signatures.add(
            connection,
            self.keys,
            [
                *(
                    (key, p.petition_pseudonyms[key], signature)
                    for p in people
                    for key, signature in p.signatures.added.items()
                ),
                *(
                    (petition, signatures.new_pseudonym(), signature)
                    for p in people
                    for petition, signature in p.left_new
                ),
            ],
        )
        await signatures.keep_without_person(
            connection, [(key, p.petition_pseudonyms[key]) for p in people for key in p.left_stored]
        )
        await signatures.name_countries(
            connection,
            [(k, p.petition_pseudonyms[k], c) for p in people for k, c in p.countries.items()],
        )
        await signatures.list_names(
            connection,
            self.keys,
            [(k, p.petition_pseudonyms[k], n) for p in people for k, n in p.names.items()],
        )


def _offers(people: Iterable[Person]) -> Iterator[page_tokens.Offer]:
    for person in people:
        for page in person.pages:
            whose = person.pseudonym, person.channel, person.address
            yield page_tokens.Offer(*whose, page.token, page.case, page.action)


def _row_changes(people: Iterable[Person]) -> Mapping[str, int]:
    """By how much the counters of the rows change."""
    # Plain loops: most of these are empty for most people.
    change: dict[str, int] = defaultdict(int)
    for person in people:
        for topic in person.topics.added:
            change[counters.of_subscriptions(topic)] += 1
        for topic in person.topics.removed:
            change[counters.of_subscriptions(topic)] -= 1
        for act in person.acts.added:
            change[counters.of_acts(*act)] += 1
        for act in person.acts.removed:
            change[counters.of_acts(*act)] -= 1
        if person.own is not person.own_before:
            for name in person.counted():
                change[name] += 1
            for name in person.counted_before():
                change[name] -= 1
    return change
