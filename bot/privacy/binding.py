"""What older versions have sealed is bound to its rows, once, when it is opened for the first time.

Until then a sealed value could be moved: a victim's answers in another's row were shown to that
other. It is done in one transaction, all or nothing, and afterwards an unbound value is never
opened again: that the database has come so far stands beside the keys, out of reach of whoever can
only write to the database.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys, SealBroken
from bot.privacy import vouching
from bot.store import key_marks, outbox, sizes
from bot.store.database import Database, DatabaseTrouble
from bot.store.people import supporters, web_turns
from bot.store.people.reminders import WHOSE
from bot.store.petitions.signatures import NAME, NAME_SIZE
from bot.store.schema import row

log = structlog.get_logger(__name__)

DAY = timedelta(hours=24)


async def bind(store: Database, keys: Keys, now: datetime, *, anew: bool = False) -> bool:
    """Bind everything, where that was not done; whether it was to be done.

    ``anew``: for an older backup that is put in place by whoever has the keys. Otherwise a database
    that says it is older, where these keys have seen a bound one, raises ``DatabaseTrouble``.
    """
    async with store.writing() as connection:
        known = await key_marks.there(connection)
        needed = known and not await key_marks.are_bound(connection, keys)
        if needed:
            if keys.are_bound and not anew:
                raise DatabaseTrouble(
                    "The database is older than the one that its keys were used with last, or was"
                    " changed by somebody without keys: put a backup in its place with"
                    " `run_bot.py restore`, which also takes older ones."
                )
            await _bind_all(store, connection, keys, now)
            await vouching.vouch_for_older(connection, keys, now)
            await key_marks.bound(connection, keys)
    if needed:
        log.info("seals_bound")
        await store.scrub()  # or what was told by lengths would still stand in free pages
    if not anew:
        keys.note_bound()
    return needed


async def _bind_all(
    store: Database, connection: AsyncConnection, keys: Keys, now: datetime
) -> None:
    await store.lend(connection, {**_functions(keys), **_functions_of_turns(keys)})
    yesterday = {"yesterday": round((now - DAY).timestamp() * 1000)}
    for statement in _STATEMENTS:
        await connection.execute(text(statement), yesterday if ":yesterday" in statement else {})


_STATEMENTS = (
    """UPDATE supporters SET
        address_sealed = bound('supporters.address', address_sealed, pseudonym),
        question_sealed = bound_question(pseudonym, question_sealed),
        answers_sealed = bound_answers(pseudonym, answers_sealed, answers_at,
            seen_at > :yesterday),
        answers_at = CASE WHEN answers_sealed IS NOT NULL THEN answers_at
            WHEN seen_at > :yesterday THEN seen_at END""",
    """UPDATE reminders SET pseudonym = aside(pseudonym, 'reminders'),
        whose_sealed = bound_whose(pseudonym, "case", action, "on")""",
    "UPDATE acts SET pseudonym = aside(pseudonym, 'acts')",
    "UPDATE share_codes SET pseudonym = aside(pseudonym, 'share_codes')",
    """UPDATE page_tokens SET pseudonym = aside(pseudonym, 'page_tokens'),
        address_sealed = bound('page_tokens.address', address_sealed, hash)""",
    """UPDATE signatures SET name_sealed = bound_name(name_sealed, pseudonym, petition)
        WHERE name_sealed IS NOT NULL""",
    """UPDATE outbox SET address_sealed = bound('outbox.address', address_sealed, id),
        body_sealed = bound_message(body_sealed, id)""",
    "UPDATE dead_letters SET sealed = bound('dead_letters.event', sealed, channel, event)",
    "UPDATE second_factors SET sealed = bound('second_factors.sealed', sealed, mark)",
    # What of it tells an answer was not noted: as if all did.
    "DELETE FROM web_turns WHERE at < :yesterday",
    """UPDATE web_turns SET mark = bound_mark(pseudonym, mark),
        sealed = bound_turn(pseudonym, number, sealed, at)""",
)


def _functions(keys: Keys) -> dict[str, Callable[..., bytes | None]]:
    """What the statements call, by name."""

    def opened(sealed: bytes, purpose: bytes) -> bytes | None:
        """None for one that was altered: it stays as it is, and whoever reads it is told."""
        try:
            return keys.unseal_unbound(sealed, purpose)
        except SealBroken:
            return None

    def again(sealed: bytes, purpose: bytes, size: int, *key: object) -> bytes:
        plain = opened(sealed, purpose)
        return sealed if plain is None else keys.seal(plain.ljust(size), purpose, row(*key))

    def bound(purpose: str, sealed: bytes, *key: object) -> bytes:
        return again(sealed, purpose.encode(), 0, *key)

    def bound_question(whose: bytes, sealed: bytes | None) -> bytes:
        if sealed is None:
            return supporters.seal_question(keys, *supporters.NOWHERE, whose)
        return again(sealed, supporters.QUESTION, supporters.LONGEST_QUESTION, whose)

    def bound_answers(
        whose: bytes, sealed: bytes | None, at: int | None, recent: int
    ) -> bytes | None:
        if sealed is None:
            return supporters.seal_answers(keys, supporters.NOTHING_TOLD, whose) if recent else None
        plain = opened(sealed, supporters.ANSWERS)
        if plain is None:
            return sealed
        told = orjson.dumps([*orjson.loads(plain), at])
        return keys.seal(told.ljust(supporters.LONGEST_ANSWERS), supporters.ANSWERS, whose)

    def bound_message(sealed: bytes, number: int) -> bytes:
        plain = opened(sealed, outbox.BODY)
        if plain is None:
            return sealed
        return keys.seal(sizes.padded(plain, sizes.MESSAGE), outbox.BODY, row(number))

    def bound_whose(whose: bytes, *rest: object) -> bytes:
        return keys.seal(whose, WHOSE, row(keys.aside(whose, "reminders"), *rest))

    return {
        "aside": keys.aside,
        "bound": bound,
        "bound_question": bound_question,
        "bound_answers": bound_answers,
        "bound_message": bound_message,
        "bound_whose": bound_whose,
        "bound_name": lambda sealed, *key: again(sealed, NAME, NAME_SIZE, *key),
    }


def _functions_of_turns(keys: Keys) -> dict[str, Callable[..., bytes]]:
    def bound_mark(whose: bytes, turn: bytes) -> bytes:
        named = web_turns.NewTurns(whose, turn.decode("utf-8", "replace"), ())
        return web_turns.mark_of(keys, named, 0)

    def bound_turn(whose: bytes, number: int, sealed: bytes, at: int) -> bytes:
        try:
            body = orjson.loads(keys.unseal_unbound(sealed, web_turns.BODY))
        except SealBroken:
            return sealed
        written = datetime.fromtimestamp(at / 1000).astimezone()
        return web_turns.seal(keys, whose, number, [body], written, written + DAY)

    return {"bound_mark": bound_mark, "bound_turn": bound_turn}
