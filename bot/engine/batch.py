"""A batch of events while it is answered: loaded in one query a kind, changed in memory.

Every supporter of the batch lives in memory as a ``Person``: an event sees what the one before it
did, however many of them come from the same supporter. ``batch_writing`` writes what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import crowd, stages
from bot.campaign.burst_guard import BurstGuard, Whose, is_new
from bot.campaign.channel import Exchange
from bot.campaign.content import Campaign
from bot.campaign.effects import Effect, Forget, Sign
from bot.campaign.entrances import lots_asked, needed
from bot.campaign.events import Blocked, Corrected, Event, Returned, Said
from bot.campaign.in_order import in_order
from bot.campaign.messages import Rendered
from bot.campaign.network_guard import NetworkGuard
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import listed
from bot.campaign.signatures import Signer, Why
from bot.campaign.stages import Counted, Reached
from bot.campaign.supporter import Need, Supporter
from bot.engine.effects import Circumstances, apply
from bot.engine.person import Person
from bot.engine.telling import Telling
from bot.keys import Keys
from bot.store import counters, events_seen, published
from bot.store.dead_letters import DeadLetter
from bot.store.outbox import Posting
from bot.store.people import acts, share_codes, subscriptions, supporters
from bot.store.petitions import held, lots, signatures
from bot.store.tables import published as at_the_hour

LOT_DAYS = 8
"""Days on which browsers signed that staff choose from; the shell knows any day."""
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
    counts: Mapping[str, Mapping[Signer, int]] = field(default_factory=dict)
    """Signatures counted, by petition and kind of signer, as they were at the full hour."""
    guard: BurstGuard | None = None
    network: NetworkGuard | None = None
    without_accounts: Collection[str] = ()
    """Channels whose people are no accounts."""
    new_signers: Counter[Whose] = field(default_factory=Counter)
    """People never seen before who signed in this batch, by petition and kind."""
    stages: Counter[Counted] = field(default_factory=Counter)
    """How many came to which stage of the campaign in this batch."""
    lots: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Browsers that signed in this batch, by petition and lot."""
    exact: Mapping[str, Mapping[Signer, int]] = field(default_factory=dict)
    """Like ``counts``, of this moment: for staff who decide about what is held."""
    found_out: dict[Need, Any] = field(default_factory=dict)
    """Facts that some event of this batch needs, and others do not pay for."""
    keeps: str = ""
    """The channel whose answers are kept by it and need no outbox."""
    exchanges: list[Exchange] = field(default_factory=list)
    people: dict[Address, Person] = field(default_factory=dict)
    """Whoever the events come from, as they are after those that were answered."""
    telling: dict[str, Telling] = field(default_factory=dict)
    """What an event of the channel that keeps its conversations tells of answers, by its id."""
    names: set[str] = field(default_factory=set)
    """Ids of events in which a name was typed that nobody here may read."""
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
        network: NetworkGuard | None = None,
        without_accounts: Collection[str] = (),
        staff_of: Callable[[str, str], str] = lambda channel, address: "",
        keeps: str = "",
    ) -> Batch:
        """Drop what was seen before and read what answering the rest may need.

        ``strangers``: read nothing about the supporters, where that is what fails.
        """
        today = now.astimezone(ZoneInfo(campaign.time_zone)).date()
        circumstances = Circumstances(campaign, today, consent_version)
        batch = cls(keys, circumstances, now, guard=guard, network=network, keeps=keeps)
        batch.without_accounts = without_accounts
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
            names = [counters.of_signatures(p, s) for p in campaign.petitions for s in Signer]
            kept = await published.at_hour(connection, crowd.hour(now), names)
            batch.counts = counters.by_signer(kept, campaign.petitions)
            await batch._find_out(connection)
            await batch._find_lots(connection, staff_of)
        return batch

    async def _find_out(self, connection: AsyncConnection) -> None:
        needs = (needed(event, self._question(event)) for event in self.events)
        for need in {one for some in needs for one in some}:
            match need:
                case Need.BY_COUNTRY:
                    self.found_out[need] = await counters.by_country(
                        connection, self.counts, of=at_the_hour
                    )
                case Need.EVIDENCE:
                    self.found_out[need] = await counters.by_evidence(connection, of=at_the_hour)
                case Need.HELD:
                    self.found_out[need] = await held.waiting(connection)
                    names = [counters.of_signatures(p, s) for p in self.counts for s in Signer]
                    exact = await counters.values(connection, names)
                    self.exact = counters.by_signer(exact, self.counts)
                case Need.LOT_DAYS:
                    self.found_out[need] = await lots.days(connection, limit=LOT_DAYS)

    async def _find_lots(
        self, connection: AsyncConnection, staff_of: Callable[[str, str], str]
    ) -> None:
        for event in self.events:
            day = lots_asked(event, self._question(event))
            if day is not None and staff_of(event.channel, event.address):
                found = self.found_out.setdefault(Need.LOTS, {})
                found[day] = await lots.of_day(connection, self.keys, *day)

    def _question(self, event: Event) -> str:
        """What stood open before this batch; what an event of it asks for is found out for all."""
        return self.person(event).supporter.question

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
                    self._signer(event.channel),
                )

    def _signer(self, channel: str) -> Signer:
        return Signer.BROWSER if channel in self.without_accounts else Signer.ACCOUNT

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
        self._note_name(event, before)
        if outcome.effects:
            person = self._with_effects(person, event, outcome.effects)
        forgotten = any(isinstance(effect, Forget) for effect in outcome.effects)
        reached, person.reached = person.reached, []
        if forgotten:
            self.postings = [p for p in self.postings if p.pseudonym != person.pseudonym]
            self.dead = [d for d in self.dead if d.pseudonym != person.pseudonym]
            self.exchanges = [
                replace(one, forgotten=one.forgotten or one.pseudonym == person.pseudonym)
                for one in self.exchanges
            ]
        elif outcome.supporter is not None and (person.wanted or not isinstance(event, UNASKED)):
            answers = before.supporter.answers
            stood, was_known = before.supporter, before.wanted
            self._remember(person, event, outcome.supporter)
            self._note_stages(person, reached, stood if was_known else None)
            if event.channel == self.keeps:
                self.telling[event.id] = Telling.of(
                    answers, person.supporter.answers, outcome.effects, before.own
                )
        self.people[event.channel, event.address] = person
        self.post(event, rendered)

    def _with_effects(self, person: Person, event: Event, effects: Sequence[Effect]) -> Person:
        changed = person.copy()
        for effect in effects:
            apply(effect, changed, self.circumstances)
        for effect in effects:
            if isinstance(effect, Sign) and effect.petition not in person.own:
                if self.is_new(changed):
                    self.new_signers[effect.petition, person.signer] += 1
                if person.signer is Signer.BROWSER:
                    self.lots[effect.petition, event.provenance.lot] += 1
        return changed

    def is_new(self, person: Person) -> bool:
        """Whether the person counts as never seen before today or yesterday."""
        return is_new(person.joined_on, self.circumstances.today, person.signer)

    def guarded(self, person: Person, event: Event) -> dict[str, Why]:
        """The petitions for which a signature of this person would be held now, and why."""
        found = {petition: self._why_held(petition, person, event) for petition in self.counts}
        return {petition: why for petition, why in found.items() if why is not None}

    def _why_held(self, petition: str, person: Person, event: Event) -> Why | None:
        if person.signer is Signer.BROWSER:
            lot = event.provenance.lot
            if not event.provenance.proven:
                return Why.UNPROVEN
            more = self.lots[petition, lot]
            if self.network and self.network.is_full(petition, lot, self.now, more=more):
                return Why.CROWDED
        if self.guard is None or not self.is_new(person):
            return None
        whose = petition, person.signer
        room = self.guard.room(whose, self.now)
        return Why.BURST if room is not None and self.new_signers[whose] >= room else None

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
            furthest=stages.furthest(person.supporter, supporter),
            seen_at=self.now,
        )
        person.wanted = person.changed = True

    def _note_stages(
        self, person: Person, reached: Sequence[Reached], before: Supporter | None
    ) -> None:
        """``before``: as they were remembered before this event, where they were known."""
        campaign, supporter = self.campaign, person.supporter
        came = [*reached, *stages.reached_by_reading(before, supporter, campaign)]
        for told in came:
            self.stages.update(stages.counted(told, supporter, person.channel, campaign))

    def post(self, event: Event, rendered: Iterable[Rendered]) -> None:
        """Have these messages sent to whoever the event comes from."""
        person = self.person(event)
        if event.channel == self.keeps:
            forgotten = person.erased and not person.wanted
            answers = tuple(rendered)
            telling = self.telling.pop(event.id, Telling.of(person.supporter.answers))
            ends = telling.ends(event, answers, self.now, self.campaign.retention.drafts_hours)
            self.exchanges.append(
                Exchange(
                    event,
                    person.pseudonym,
                    answers,
                    forgotten,
                    ends,
                    telling.takes_back,
                    event.id in self.names,
                )
            )
            return
        self.postings += [
            Posting(person.pseudonym, event.channel, event.address, message) for message in rendered
        ]

    def give_up(self, event: Event, reason: str) -> None:
        """Keep the event as a dead letter; ``reason`` holds nothing personal."""
        pseudonym = self.person(event).pseudonym if event.address else None
        if event.address:
            self._note_name(event, self.person(event))
        if event.id in self.names and isinstance(event, Said):
            event = replace(event, text="")  # to be asked for again, and kept nowhere
        self.dead.append(DeadLetter(event, pseudonym, reason))

    def _note_name(self, event: Event, person: Person) -> None:
        asked, _ = person.supporter.open_question
        if self.keys.names_to and isinstance(event, Said) and asked == listed.ASKED:
            self.names.add(event.id)

    @property
    def erases(self) -> bool:
        """Whether somebody is forgotten."""
        return any(person.erased for person in self.people.values())
