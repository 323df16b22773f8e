"""Who writes to the bot: where their conversation stands, and nothing that names them readably."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import orjson
import structlog
from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.supporter import Answers, Supporter
from bot.keys import Keys, SealBroken
from bot.store import counters
from bot.store.people import subscriptions
from bot.store.people.tables import supporters
from bot.store.schema import purpose

log = structlog.get_logger()

ADDRESS = purpose(supporters.c.address_sealed)
ANSWERS = purpose(supporters.c.answers_sealed)
QUESTION = purpose(supporters.c.question_sealed)
LONGEST_QUESTION = 64
"""Longer than any question: its length, too, must not tell which it is."""
LONGEST_ANSWERS = 448
"""Longer than any answers (a first name of 40 and a town of 60 characters, four bytes each at most,
and the JSON around them): "yes" and "no" differ by a letter, and after "no" a name is asked for."""

NOTHING_TOLD = Answers()
NOWHERE = ("", 0, 0)
"""No open question, and no step of a story."""


@dataclass(frozen=True, slots=True)
class Found:
    """A supporter's row. ``supporter`` lacks the topics, which are rows of their own."""

    supporter: Supporter
    answers_sealed: bytes | None
    ended_at: datetime | None
    joined_on: date
    question_sealed: bytes | None


@dataclass(frozen=True, slots=True)
class SupporterRow:
    """A supporter's row as it shall be."""

    pseudonym: bytes
    channel: str
    address: str
    supporter: Supporter
    question_sealed: bytes
    answers_sealed: bytes
    joined_on: date
    seen_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody to whom something is sent unasked."""

    pseudonym: bytes
    channel: str
    address: str = field(repr=False)
    language: str


def seed(pseudonym: bytes) -> int:
    """The number that stays the same for a supporter (see ``Supporter.seed``)."""
    return int.from_bytes(pseudonym[:6], "big")


async def find(
    connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes]
) -> dict[bytes, Found]:
    """Those of these supporters that are known."""
    if not pseudonyms:
        return {}
    rows = await connection.execute(_FIND, {"whose": list(pseudonyms)})
    found = {}
    for row in rows:
        pseudonym, language, case, sealed_question, source, sealed, *times = row
        seen_at, ended_at, joined_on = times
        try:
            answers = _unseal_answers(keys, sealed, pseudonym)
            question, step, furthest = _unseal_question(keys, sealed_question, pseudonym)
        except SealBroken:
            # Altered, or moved here from another row: nothing of it is shown or believed, and the
            # conversation asks anew.
            log.error("seal_broken", column="supporters.answers")
            answers, sealed = Answers(), None
            (question, step, furthest), sealed_question = NOWHERE, None
        supporter = Supporter(
            seed=seed(pseudonym),
            known=True,
            language=language,
            case=case,
            step=step,
            furthest=furthest,
            question=question,
            source=source,
            answers=answers,
            seen_at=seen_at,
        )
        found[pseudonym] = Found(supporter, sealed, ended_at, joined_on, sealed_question)
    return found


_FIND = select(
    supporters.c.pseudonym,
    supporters.c.language,
    supporters.c.case,
    supporters.c.question_sealed,
    supporters.c.source,
    supporters.c.answers_sealed,
    supporters.c.seen_at,
    supporters.c.ended_at,
    supporters.c.joined_on,
).where(supporters.c.pseudonym.in_(bindparam("whose", expanding=True)))


def seal_question(keys: Keys, question: str, step: int, furthest: int, whose: bytes) -> bytes:
    """The open question for a supporter's row ("" where none is), the step of the story that was
    read last (0: none) and the furthest: all of one length. That one is open would tell, beside
    answers, what they were."""
    read = f"{step}/{furthest}" if furthest > step else str(step)
    told = f"{question} step {read}".lstrip() if step else question
    return keys.seal(told.encode().ljust(LONGEST_QUESTION), QUESTION, whose)


def _unseal_question(keys: Keys, sealed: bytes | None, whose: bytes) -> tuple[str, int, int]:
    if sealed is None:
        return NOWHERE
    return parted(keys.unseal(sealed, QUESTION, whose).decode().rstrip())


def parted(stands: str) -> tuple[str, int, int]:
    """The open question, the step of the story and the furthest, as they were sealed together."""
    told = _STANDS.fullmatch(stands)
    if told is None:
        return stands, 0, 0
    step = int(told["step"] or 0)
    return told["question"], step, int(told["furthest"] or step)


# What a forged button put into the question may hold spaces itself.
_STANDS = re.compile(
    r"(?P<question>.*?)(?:(?:^| )step (?P<step>\d{1,3})(?:/(?P<furthest>\d{1,3}))?)?", re.DOTALL
)


def seal_answers(keys: Keys, answers: Answers, whose: bytes) -> bytes:
    """What a supporter told for a letter, and when, for their row: of one length, and there where
    they told nothing as well."""
    at = None if answers.at is None else round(answers.at.timestamp() * 1000)
    told = [answers.at_risk, answers.first_name, answers.town, at]
    return keys.seal(orjson.dumps(told).ljust(LONGEST_ANSWERS), ANSWERS, whose)


def _unseal_answers(keys: Keys, sealed: bytes | None, whose: bytes) -> Answers:
    if sealed is None:
        return Answers()
    return _answers(keys.unseal(sealed, ANSWERS, whose))


def _answers(told: bytes) -> Answers:
    at_risk, first_name, town, at = orjson.loads(told)
    when = None if at is None else datetime.fromtimestamp(at / 1000, UTC)
    return Answers(at_risk=at_risk, first_name=first_name, town=town, at=when)


def open_address(keys: Keys, pseudonym: bytes, sealed: bytes) -> str | None:
    """Where a supporter is reached; None where their row was altered: then they are left out."""
    try:
        return keys.unseal(sealed, ADDRESS, pseudonym).decode()
    except SealBroken:
        log.error("seal_broken", column="supporters.address")
        return None


async def add(
    connection: AsyncConnection, keys: Keys, supporter_rows: Sequence[SupporterRow]
) -> None:
    """Record supporters who were not known."""
    if not supporter_rows:
        return
    await connection.execute(
        insert(supporters),
        [
            {
                "pseudonym": supporter_row.pseudonym,
                "channel": supporter_row.channel,
                "address_sealed": keys.seal(
                    supporter_row.address.encode(), ADDRESS, supporter_row.pseudonym
                ),
                "joined_on": supporter_row.joined_on,
                **_changing(supporter_row),
            }
            for supporter_row in supporter_rows
        ],
    )
    await counters.change(connection, {counters.SUPPORTERS: len(supporter_rows)})


async def change(connection: AsyncConnection, supporter_rows: Sequence[SupporterRow]) -> None:
    """Record where supporters who are known stand now."""
    if supporter_rows:
        await connection.execute(
            _CHANGE,
            [
                {"whose": supporter_row.pseudonym, **_changing(supporter_row)}
                for supporter_row in supporter_rows
            ],
        )


def _changing(supporter_row: SupporterRow) -> dict[str, object]:
    supporter = supporter_row.supporter
    return {
        "language": supporter.language,
        "case": supporter.case,
        "question_sealed": supporter_row.question_sealed,
        "source": supporter.source,
        "answers_sealed": supporter_row.answers_sealed,
        "answers_at": supporter_row.seen_at,
        "seen_at": supporter_row.seen_at,
        "ended_at": supporter_row.ended_at,
    }


_CHANGE = (
    update(supporters)
    .where(supporters.c.pseudonym == bindparam("whose"))
    .values(
        {
            name: bindparam(name, type_=supporters.c[name].type)
            for name in (
                *("language", "case", "question_sealed", "source"),
                *("answers_sealed", "answers_at", "seen_at", "ended_at"),
            )
        }
    )
)


async def ended(connection: AsyncConnection, pseudonyms: Collection[bytes], at: datetime) -> None:
    """These supporters blocked the bot or are no more: no update reaches them any longer."""
    if not pseudonyms:
        return
    await connection.execute(
        update(supporters).where(supporters.c.pseudonym.in_(pseudonyms)).values(ended_at=at)
    )
    taken = await subscriptions.find(connection, pseudonyms)
    await subscriptions.remove(
        connection, [(whose, topic) for whose, topics in taken.items() for topic in topics]
    )
    lost = Counter(topic for topics in taken.values() for topic in topics)
    await counters.change(
        connection, {counters.of_subscriptions(topic): -n for topic, n in lost.items()}
    )


async def reach(
    connection: AsyncConnection, keys: Keys, *which: ColumnElement[bool], limit: int
) -> list[Reached]:
    """People of whom all that holds and who have not left, in the order of their pseudonyms."""
    rows = await connection.execute(
        select(
            supporters.c.pseudonym,
            supporters.c.channel,
            supporters.c.address_sealed,
            supporters.c.language,
        )
        .where(supporters.c.ended_at.is_(None), *which)
        .order_by(supporters.c.pseudonym)
        .limit(limit)
    )
    # Whose row was altered is there with no address: pages go on from their last pseudonym.
    return [
        Reached(pseudonym, channel, open_address(keys, pseudonym, sealed) or "", language)
        for pseudonym, channel, sealed, language in rows
    ]


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete the rows of these supporters, all of whom are known."""
    if pseudonyms:
        await connection.execute(delete(supporters).where(supporters.c.pseudonym.in_(pseudonyms)))
        await counters.change(connection, {counters.SUPPORTERS: -len(pseudonyms)})


async def end_answers(
    connection: AsyncConnection,
    keys: Keys,
    before: datetime,
    *,
    after: bytes,
    limit: int,
) -> tuple[int, bytes | None]:
    """Erase what was told before that time by those who came again since, in a page of rows behind
    that pseudonym, so that their rows look like those of whoever told nothing: how many there were,
    and where the next page begins (None: nowhere)."""
    rows = (
        await connection.execute(
            select(supporters.c.pseudonym, supporters.c.answers_sealed)
            .where(supporters.c.answers_at.is_not(None), supporters.c.pseudonym > after)
            .order_by(supporters.c.pseudonym)
            .limit(limit)
        )
    ).all()
    late = [
        {"whose": whose, "empty": seal_answers(keys, NOTHING_TOLD, whose)}
        for whose, sealed in rows
        if (at := _told_at(keys, sealed, whose)) is not None and at <= before
    ]
    if late:
        await connection.execute(_EMPTY, late)
    return len(late), rows[-1].pseudonym if len(rows) == limit else None


def _told_at(keys: Keys, sealed: bytes | None, whose: bytes) -> datetime | None:
    try:
        return _unseal_answers(keys, sealed, whose).at
    except SealBroken:
        return None  # whoever reads it is told


_EMPTY = (
    update(supporters)
    .where(supporters.c.pseudonym == bindparam("whose"))
    .values(answers_sealed=bindparam("empty", type_=supporters.c.answers_sealed.type))
)
