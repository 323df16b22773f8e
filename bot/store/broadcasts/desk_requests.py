"""What staff want told: previews, tests, counts, reports, a word to an author.

Written with the press of the button, in one transaction, and answered by messages of their own.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.desk_commands.broadcasts import Return
from bot.campaign.desk_commands.inbox import NoteLetter, SendAnswers
from bot.campaign.desk_commands.requests import (
    Count,
    Preview,
    Report,
    Request,
    SendTest,
    ShowFigures,
)
from bot.campaign.desk_commands.settings import AskForLink, InviteMember, NoteWrongCode
from bot.campaign.staff import BOT
from bot.keys import Keys
from bot.store.broadcasts.tables import desk_requests

AboutLetters = NoteLetter | SendAnswers
"""About what supporters wrote to the team."""
AboutMembers = InviteMember | NoteWrongCode | AskForLink
"""About who staff are, and not about a broadcast."""
Wanted = Request | Return | AboutMembers | AboutLetters | ShowFigures

_KINDS: Mapping[str, TypeAdapter[Any]] = {
    kind.name: TypeAdapter(kind)
    for kind in (
        *(Preview, SendTest, Count, Report, Return, InviteMember, NoteWrongCode),
        *(AskForLink, ShowFigures, NoteLetter, SendAnswers),
    )
}
"""By the name of the command: its fields as JSON, and back."""


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """A command that waits for its answer; ``member`` is the mark of who gave it.

    ``command`` is None where it cannot be read: another version of the program left it, or somebody
    without the keys.
    """

    id: int
    kind: str
    member: str
    command: Wanted | None


async def add(
    connection: AsyncConnection, keys: Keys, member: str, command: Wanted, at: datetime
) -> None:
    """Have it answered."""
    fields = _KINDS[command.name].dump_json(command).decode()
    mark = _mark(keys, command.name, member, fields, at)
    await connection.execute(
        insert(desk_requests).values(
            kind=command.name, member=member, fields=f"{mark} {fields}", at=at, taken=False
        )
    )


async def note_letters(
    connection: AsyncConnection, keys: Keys, urgent: Sequence[bool], at: datetime
) -> None:
    """Have the team told that somebody has written: once, however many did in the same moment."""
    await add(connection, keys, BOT, NoteLetter(any(urgent)), at)


async def waiting(connection: AsyncConnection, keys: Keys) -> list[DeskRequest]:
    """Requests that nobody has taken, the oldest first."""
    rows = await connection.execute(_WAITING)
    return [DeskRequest(row.id, row.kind, row.member, _read(keys, row)) for row in rows]


_WAITING: Select[Any] = (
    select(desk_requests).where(~desk_requests.c.taken).order_by(desk_requests.c.id)
)


def _mark(keys: Keys, kind: str, member: str, fields: str, at: datetime) -> str:
    """Only the keys make it: a link by which somebody becomes an owner is sent for a request."""
    moment = str(round(at.timestamp() * 1000))
    return keys.vouch("\0".join(("request", kind, member, moment, fields)).encode()).hex()


def _read(keys: Keys, row: Row[Any]) -> Wanted | None:
    mark, _, fields = row.fields.partition(" ")
    genuine = _mark(keys, row.kind, row.member, fields, row.at)
    if row.kind not in _KINDS or not hmac.compare_digest(mark.encode(), genuine.encode()):
        return None
    try:
        command: Wanted = _KINDS[row.kind].validate_json(fields)
    except ValidationError:
        return None
    return command


async def settle(connection: AsyncConnection, taken: Sequence[int]) -> None:
    """These are being answered."""
    await connection.execute(
        update(desk_requests).where(desk_requests.c.id.in_(taken)).values(taken=True)
    )


async def drop(connection: AsyncConnection, before: datetime) -> None:
    """Delete requests older than that time."""
    if await connection.scalar(select(func.count()).select_from(desk_requests)):
        await connection.execute(delete(desk_requests).where(desk_requests.c.at < before))
