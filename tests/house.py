"""The engine with a real database and the shipped content, and people who talk to it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.campaign import conversation
from bot.campaign.channel import Outgoing
from bot.campaign.content import Campaign
from bot.campaign.events import Chose, Commanded, Event, Provenance, Said, Started
from bot.campaign.messages import Rendered
from bot.campaign.signatures import Signer
from bot.campaign.staff import Appointed, Place, Role
from bot.desk.members import Staff
from bot.desk.second_factor import SecondFactors
from bot.desk.session import DeskSessions
from bot.engine import Engine, EngineContext
from bot.keys import Keys
from bot.store import staff_settings
from bot.store.database import Database
from bot.store.sqlite.database import SqliteDatabase
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()
PETITION = "xinjiang"
BOSS = "900"
"""Belongs to the staff where a test says so."""
NUMBERS = itertools.count()
"""Of events: never the same twice, however often a house is opened on the same data."""


@dataclass(slots=True)
class House:
    """``said`` holds what the bot said to whom; ``now`` is moved by the test."""

    store: Database
    keys: Keys
    engine: Engine
    clock: list[datetime]
    said: dict[str, list[Rendered]] = field(default_factory=dict)
    bursts: list[tuple[str, Signer]] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def later(self, **time: float) -> None:
        self.clock[0] += timedelta(**time)

    def event(
        self, who: str, kind: type[Event] = Started, channel: str = "telegram", **what: Any
    ) -> Event:
        number = str(next(NUMBERS))
        return kind(id=number, channel=channel, address=who, language="fr", **what)

    async def take(self, *events: Event) -> None:
        await self.engine.take(events)

    async def start(self, who: str) -> Rendered:
        await self.take(self.event(who))
        return self.said[who][-1]

    async def press(self, who: str, data: str) -> Rendered:
        await self.take(self.event(who, Chose, data=data))
        return self.said[who][-1]

    async def say(self, who: str, text: str) -> Rendered:
        await self.take(self.event(who, Said, text=text))
        return self.said[who][-1]

    async def command(self, who: str, name: str) -> Rendered:
        await self.take(self.event(who, Commanded, name=name))
        return self.said[who][-1]

    async def lift_approvals(self) -> None:
        """As the shell does: one member of the staff is enough from now on."""
        async with self.store.writing() as connection:
            await staff_settings.put(connection, self.keys, "approvals", "0")

    async def sign_in_browsers(self, lot: str, *keys: str, proven: bool = True) -> None:
        """These keys sign on the chat page, all at once and from one network."""
        origin = Provenance(lot, proven)
        sign = f"sign:{PETITION}:fr"
        await self.take(*(self.event(key, Started, "web", provenance=origin) for key in keys))
        await self.take(
            *(self.event(key, Chose, "web", data=sign, provenance=origin) for key in keys)
        )

    async def sign(self, *who: str) -> None:
        """These people come and sign, all at once."""
        await self.take(*map(self.event, who))
        await self.take(*(self.event(w, Chose, data=f"sign:{PETITION}:fr") for w in who))


@asynccontextmanager
async def house(
    data: Path,
    campaign: Campaign = CAMPAIGN,
    *,
    at: datetime = datetime(2026, 3, 4, 12, tzinfo=UTC),
    staff: Sequence[str] = (),
    on_burst: Callable[[str, Signer], None] | None = None,
    codes: bool = False,
    names_to: str = "",
) -> AsyncIterator[House]:
    clock = [at]
    database = data / "campaign.sqlite3"
    known = database.exists()
    store = await SqliteDatabase.open(data)
    opened: House

    def deliver(messages: Sequence[Outgoing]) -> None:
        opened.outgoing += messages
        for message in messages:
            opened.said.setdefault(message.address, []).append(message.message)

    try:
        keys = Keys.open(data / "keys", database_exists=known, names_to=names_to)
        store.on_writing = keys.take_up
        bursts: list[tuple[str, Signer]] = []
        members = Staff(
            keys, [Appointed(Role.OWNER, (Place("telegram", one, one),)) for one in staff]
        )
        context = EngineContext(
            step=conversation.step,
            apology=conversation.apology,
            render=lambda message, language, markup, replaces: WORDING.render(
                message, language, markup, replaces
            ),
            campaign=lambda: campaign,
            markup_of={"telegram": "plain", "web": "plain"},
            without_accounts={"web"},
            names_closed=bool(names_to),
            staff_of=members.role,
            on_burst=on_burst or (lambda *whose: bursts.append(whose)),
            desk_sessions=DeskSessions(
                keys,
                members,
                lambda: campaign,
                lambda: None,
                (),
                SecondFactors(keys, asked=codes),
            ),
        )
        engine = Engine(store, keys, context, deliver, clock=lambda: clock[0])
        opened = House(store, keys, engine, clock, bursts=bursts)
        async with engine:
            yield opened
    finally:
        await store.close()
