"""What staff want told: previews, tests, counts, reports, a word to an author.

Written with the press of the button, in one transaction, and answered by messages of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.desk_commands.broadcasts import Return
from bot.campaign.desk_commands.requests import (
    Count,
    Preview,
    Report,
    Request,
    SendTest,
    ShowFigures,
)
from bot.campaign.desk_commands.settings import AskForLink, InviteMember, NoteWrongCode
from bot.store.broadcasts.tables import desk_requests

AboutMembers = InviteMember | NoteWrongCode | AskForLink
"""About who staff are, and not about a broadcast."""
Wanted = Request | Return | AboutMembers | ShowFigures

_KINDS: Mapping[str, TypeAdapter[Any]] = {
    kind.name: TypeAdapter(kind)
    for kind in (
        *(Preview, SendTest, Count, Report, Return, InviteMember, NoteWrongCode),
        *(AskForLink, ShowFigures),
    )
}
"""By the name of the command: its fields as JSON, and back."""


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """A command that waits for its answer; ``member`` is the mark of who gave it.

    ``command`` is None where it cannot be read: another version of the program left it.
    """

    id: int
    kind: str
    member: str
    command: Wanted | None


async def add(connection: AsyncConnection, member: str, command: Wanted, at: datetime) -> None:
    """Have it answered."""
    fields = _KINDS[command.name].dump_json(command).decode()
    await connection.execute(
        insert(desk_requests).values(
            kind=command.name, member=member, fields=fields, at=at, taken=False
        )
    )


async def waiting(connection: AsyncConnection) -> list[DeskRequest]:
    """Requests that nobody has taken, the oldest first."""
    columns = desk_requests.c
    rows = await connection.execute(
        select(columns.id, columns.kind, columns.member, columns.fields)
        .where(~columns.taken)
        .order_by(columns.id)
    )
    return [DeskRequest(row.id, row.kind, row.member, _read(row.kind, row.fields)) for row in rows]


def _read(kind: str, fields: str) -> Wanted | None:
    if kind not in _KINDS:
        return None
    try:
        command: Wanted = _KINDS[kind].validate_json(fields)
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
