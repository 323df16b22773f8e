"""Who writes to the bot: where their conversation stands, and nothing that names them readably."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

import orjson
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.supporter import Answers, Supporter
from bot.keys import SEAL_SIZE, Keys, SealBroken
from bot.store import counters
from bot.store.people import subscriptions
from bot.store.people.tables import supporters
from bot.store.schema import purpose

ADDRESS = purpose(supporters.c.address_sealed)
ANSWERS = purpose(supporters.c.answers_sealed)
QUESTION = purpose(supporters.c.question_sealed)
LONGEST_QUESTION = 64
"""Longer than any question: its length, too, must not tell which it is."""
LONGEST_ANSWERS = 448
"""Longer than any answers (a first name of 40 and a town of 60 characters, four bytes each at most,
and the JSON around them): "yes" and "no" differ by a letter, and after "no" a name is asked for."""


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
    question_sealed: bytes | None
    answers_sealed: bytes | None
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
        pseudonym, language, case, sealed_question, source, sealed, answers_at, *rest = row
        seen_at, ended_at, joined_on = rest
        question, step = _unseal_question(keys, sealed_question)
        supporter = Supporter(
            seed=seed(pseudonym),
            known=True,
            language=language,
            case=case,
            step=step,
            question=question,
            source=source,
            answers=_unseal(keys, sealed, answers_at),
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
    supporters.c.answers_at,
    supporters.c.seen_at,
    supporters.c.ended_at,
    supporters.c.joined_on,
).where(supporters.c.pseudonym.in_(bindparam("whose", expanding=True)))


def seal_question(keys: Keys, question: str, step: int = 0) -> bytes:
    """The open question for a supporter's row ("" where none is) and the step of the story that
    was read last: all of one length. That one is open would tell, beside answers, what they
    were."""
    told = f"{question} step {step}".lstrip() if step else question
    return keys.seal(told.encode().ljust(LONGEST_QUESTION), QUESTION)


def _unseal_question(keys: Keys, sealed: bytes | None) -> tuple[str, int]:
    if sealed is None:
        return "", 0
    return parted(keys.unseal(sealed, QUESTION).decode().rstrip())


def parted(stands: str) -> tuple[str, int]:
    """The open question and the step of the story, as they were sealed together."""
    told = _STANDS.fullmatch(stands)
    return (told["question"], int(told["step"] or 0)) if told else (stands, 0)


# What a forged button put into the question may hold spaces itself.
_STANDS = re.compile(r"(?P<question>.*?)(?:(?:^| )step (?P<step>\d{1,3}))?", re.DOTALL)


def seal_answers(keys: Keys, answers: Answers) -> bytes | None:
    """What a supporter told for a letter, for their row, all of one length; None where they told
    nothing."""
    if answers == Answers():
        return None
    told = [answers.at_risk, answers.first_name, answers.town]
    return keys.seal(orjson.dumps(told).ljust(LONGEST_ANSWERS), ANSWERS)


def _unseal(keys: Keys, sealed: bytes | None, at: datetime | None) -> Answers:
    if sealed is None:
        return Answers()
    at_risk, first_name, town = orjson.loads(keys.unseal(sealed, ANSWERS))
    return Answers(at_risk=at_risk, first_name=first_name, town=town, at=at)


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
                "address_sealed": keys.seal(supporter_row.address.encode(), ADDRESS),
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
        "answers_at": supporter.answers.at or supporter_row.seen_at
        if supporter_row.answers_sealed
        else None,
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
    return [
        Reached(pseudonym, channel, keys.unseal(sealed, ADDRESS).decode(), language)
        for pseudonym, channel, sealed, language in rows
    ]


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete the rows of these supporters, all of whom are known."""
    if pseudonyms:
        await connection.execute(delete(supporters).where(supporters.c.pseudonym.in_(pseudonyms)))
        await counters.change(connection, {counters.SUPPORTERS: -len(pseudonyms)})


async def make_even(
    connection: AsyncConnection, keys: Keys, *, after: bytes, limit: int
) -> tuple[int, bytes | None]:
    """Seal again what an earlier version sealed in lengths that tell, in the rows behind that
    pseudonym: how many rows, and up to where was looked (None: the end)."""
    rows = (await connection.execute(_UNEVEN, {"behind": after, "most": limit})).all()
    even = []
    for whose, answers_sealed, question_sealed in rows:
        # One that was altered stays as it is: whoever reads it is told.
        with suppress(SealBroken):
            told = _unseal(keys, answers_sealed, None)
            question, step = _unseal_question(keys, question_sealed)
            even.append(
                {
                    "whose": whose,
                    "answers_sealed": answers_sealed and seal_answers(keys, told),
                    "question_sealed": seal_question(keys, question, step),
                }
            )
    if even:
        await connection.execute(_EVEN, even)
    return len(even), rows[-1].pseudonym if len(rows) == limit else None


_UNEVEN = (
    select(supporters.c.pseudonym, supporters.c.answers_sealed, supporters.c.question_sealed)
    .where(
        supporters.c.pseudonym > bindparam("behind"),
        supporters.c.question_sealed.is_(None)
        | (func.length(supporters.c.answers_sealed) != LONGEST_ANSWERS + SEAL_SIZE),
    )
    .order_by(supporters.c.pseudonym)
    .limit(bindparam("most"))
)
_EVEN = (
    update(supporters)
    .where(supporters.c.pseudonym == bindparam("whose"))
    .values(
        {
            name: bindparam(name, type_=supporters.c[name].type)
            for name in ("answers_sealed", "question_sealed")
        }
    )
)
