"""Everything that a batch of events changed, written together: a few statements a kind of row,
however many people are in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.channel import Outgoing
from bot.campaign.sharing import BY_A_FRIEND, FRIEND
from bot.engine.batch import Batch
from bot.engine.person import Person, Write
from bot.keys import Keys
from bot.store import counters, dead_letters, events_seen, outbox, stages
from bot.store.people import (
    acts,
    arrivals,
    erasing,
    reminders,
    share_codes,
    subscriptions,
    supporters,
)
from bot.store.petitions import signatures, signed_texts, tallies
from bot.store.petitions.signed_texts import CONSENT, SIGNING, SignedText


async def write(connection: AsyncConnection, batch: Batch) -> list[Outgoing]:
    """Record everything; the messages may be sent once the transaction is committed."""
    await events_seen.add(connection, [(e.channel, e.id) for e in batch.events], batch.now)
    people = list(batch.people.values())
    await _delete_rows(connection, batch.keys, people, batch.now)
    await _write_supporters(connection, batch, people)
    await _add_rows(connection, batch, people)
    await counters.change(connection, _row_changes(people))
    await _write_about_signatures(connection, batch, people)
    came = Counter(arrival for person in people for arrival in person.arrivals)
    await arrivals.count(connection, await _by_known_codes(connection, came))
    await stages.count(connection, batch.circumstances.today, batch.stages)
    await dead_letters.add(connection, batch.keys, batch.dead, batch.now)
    return await outbox.add(connection, batch.keys, batch.postings, batch.now)


async def _by_known_codes(
    connection: AsyncConnection, came: Counter[tuple[str, date]]
) -> Counter[tuple[str, date]]:
    """A friend's code that nobody has counts as "by a friend": made-up ones leave no rows."""
    codes = {source.removeprefix(FRIEND) for source, _ in came if source.startswith(FRIEND)}
    known = {FRIEND + code for code in await share_codes.existing(connection, codes)}
    told: Counter[tuple[str, date]] = Counter()
    for (source, day), number in came.items():
        made_up = source.startswith(FRIEND) and source not in known
        told[BY_A_FRIEND if made_up else source, day] += number
    return told


async def _write_about_signatures(
    connection: AsyncConnection, batch: Batch, people: list[Person]
) -> None:
    today = batch.circumstances.today
    happened = Counter(
        (p, signer, today, kind) for person in people for p, signer, kind in person.happened
    )
    await tallies.count(connection, happened)


async def _delete_rows(
    connection: AsyncConnection, keys: Keys, people: list[Person], now: datetime
) -> None:
    await signatures.remove(
        connection,
        [(key, p.petition_pseudonyms[key]) for p in people for key in p.signatures.removed],
    )
    await acts.remove(
        connection, keys, [(p.pseudonym, key) for p in people for key in p.acts.removed]
    )
    await subscriptions.remove(
        connection, [(p.pseudonym, key) for p in people for key in p.topics.removed]
    )
    await reminders.stop(
        connection, keys, [(p.pseudonym, *which) for p in people for which in p.reminders_stopped]
    )
    erased = [person for person in people if person.erased]
    await supporters.erase(connection, [p.pseudonym for p in erased if p.stored])
    await erasing.beside(connection, keys, [p.pseudonym for p in erased], now)


async def _write_supporters(
    connection: AsyncConnection, batch: Batch, people: list[Person]
) -> None:
    written = [person for person in people if person.wanted and person.changed]
    new = [person for person in written if person.erased or not person.stored]
    known = [person for person in written if person.stored and not person.erased]
    await supporters.add(connection, batch.keys, [_row_of(batch, person) for person in new])
    await supporters.change(connection, [_row_of(batch, person) for person in known])


def _row_of(batch: Batch, person: Person) -> supporters.SupporterRow:
    keys, whose = batch.keys, person.pseudonym
    answers = person.supporter.answers
    sealed = person.answers_sealed
    if sealed is None or answers != person.answers_stored:
        sealed = supporters.seal_answers(keys, answers, whose)
    supporter = person.supporter
    stands = supporter.question, supporter.step, supporter.furthest
    question_sealed = person.question_sealed
    if question_sealed is None or stands != person.question_stored:
        question_sealed = supporters.seal_question(keys, *stands, whose)
    return supporters.SupporterRow(
        pseudonym=whose,
        channel=person.channel,
        address=person.address,
        supporter=person.supporter,
        question_sealed=question_sealed,
        answers_sealed=sealed,
        joined_on=batch.circumstances.today,
        seen_at=batch.now,
        ended_at=person.ended_at,
    )


async def _add_rows(connection: AsyncConnection, batch: Batch, people: list[Person]) -> None:
    await subscriptions.add(
        connection,
        [(p.pseudonym, key, consent) for p in people for key, consent in p.topics.added.items()],
    )
    await acts.add(
        connection,
        batch.keys,
        [(p.pseudonym, key, day) for p in people for key, day in p.acts.added.items()],
    )
    await share_codes.add(
        connection,
        batch.keys,
        [(p.pseudonym, p.share_code) for p in people if p.share_code != p.share_code_stored],
    )
    await reminders.add(
        connection,
        batch.keys,
        [
            reminders.Reminder(p.pseudonym, case, action, on, due)
            for p in people
            for (case, action, on), due in p.reminders.items()
        ],
    )
    await _add_signatures(connection, batch, people)
    new: dict[Write, list[object]] = defaultdict(list)
    for person in people:
        for write, row in person.rows:
            new[write].append(row)
    for write, rows in new.items():
        await write(connection, batch.keys, rows, batch.now)


async def _add_signatures(connection: AsyncConnection, batch: Batch, people: list[Person]) -> None:
    await signed_texts.keep(connection, _texts(batch, people))
    await signatures.add(
        connection,
        batch.keys,
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
        connection,
        batch.keys,
        [(key, p.petition_pseudonyms[key]) for p in people for key in p.left_stored],
    )
    await signatures.name_countries(
        connection,
        [(k, p.petition_pseudonyms[k], c) for p in people for k, c in p.countries.items()],
    )
    await signatures.list_names(
        connection,
        batch.keys,
        [(k, p.petition_pseudonyms[k], n) for p in people for k, n in p.names.items()],
    )


def _texts(batch: Batch, people: Iterable[Person]) -> list[SignedText]:
    """The texts that were signed or agreed to in this batch."""
    campaign = batch.campaign
    signed = {
        (petition, signature.language): signature
        for person in people
        for petition, signature in (*person.signatures.added.items(), *person.left_new)
        if signature.text_hash
    }
    signed_by = {
        signature.consent_hash
        for person in people
        for signature in (*person.signatures.added.values(), *(new for _, new in person.left_new))
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
        *(
            SignedText(version, SIGNING, language, 1, campaign.signing_texts[language])
            for language, version in campaign.signing_hashes.items()
            if version in signed_by
        ),
    ]


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
