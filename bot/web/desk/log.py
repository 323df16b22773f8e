"""The log of all that staff did: read, filtered, taken along, and proven whole."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.responses import Response

from bot.campaign.messages import words
from bot.store import audit
from bot.store.audit import Logged
from bot.web.desk.room import HEADERS, Visit

SHOWN = 100
IN_A_FILE = 100_000


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words; ``detail`` as it stands in the log."""

    number: int
    at: str
    who: str
    act: str
    broadcast: int
    detail: str


async def entries(visit: Visit) -> Response:
    """The newest, and whether the whole log is as it was written."""
    asked = visit.request.query_params
    who, act, before = asked.get("who", ""), asked.get("act", ""), _number(asked.get("before", ""))
    async with visit.access.store.reading() as connection:
        found = await audit.newest(connection, SHOWN + 1, who=who, act=act, before=before)
        known = sorted(await audit.acts(connection))
        proven = await audit.verify(connection, visit.access.keys) if "verify" in asked else None
    return visit.page(
        "log.html",
        entries=[_told(visit, one) for one in found[:SHOWN]],
        more=found[SHOWN - 1].number if len(found) > SHOWN else 0,
        known_acts=[(one, _act(visit, one)) for one in known],
        members=[(mark, visit.name(mark)) for mark in visit.access.staff.spoken],
        who=who,
        act=act,
        proven=proven,
    )


async def as_file(visit: Visit) -> Response:
    """All of it, for a spreadsheet, as it stands in the log."""
    async with visit.access.store.reading() as connection:
        found = await audit.newest(connection, IN_A_FILE)
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("number", "at", "who", "act", "broadcast", "detail"))
    for one in reversed(found):
        entry = one.entry
        names = visit.access.staff.names
        row = (names.get(entry.who, entry.who), entry.act, entry.broadcast or "", entry.detail)
        table.writerow((one.number, one.at.isoformat(), *map(_harmless, row)))
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="log.csv"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _harmless(value: object) -> str:
    """What a spreadsheet would take for a formula is text to it then."""
    written = str(value)
    return f"'{written}" if written[:1] in tuple("=+-@\t\r") else written


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 12 else 0


def _told(visit: Visit, one: Logged) -> Told:
    zone = ZoneInfo(visit.campaign.time_zone)
    entry = one.entry
    return Told(
        one.number,
        visit.text("moment", at=one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")),
        _who(visit, entry.who),
        _act(visit, entry.act),
        entry.broadcast,
        entry.detail,
    )


def _who(visit: Visit, mark: str) -> str:
    return visit.text("log.bot") if mark == "bot" else visit.name(mark)


def _act(visit: Visit, act: str) -> str:
    key = f"act.{act.replace(' ', '_')}"
    known = visit.wording.has(f"desk.{key}", visit.wording.languages[0])
    return visit.spoken(words(f"desk.{key}")) if known else act
