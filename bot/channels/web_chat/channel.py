"""The chat page as a channel: what a visitor posts becomes an event, answers become kept turns.

No platform keeps this conversation, so the channel does. A turn and its answers are written
(sealed) in the very transaction that holds all that the turn caused, and only then shown: nothing
is lost and nothing comes twice, without an outbox. What others send (a reminder, a broadcast)
comes through the sender, and is kept once by its number there.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Annotated, Literal, TypedDict
from uuid import uuid4

import structlog
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.channel import Exchange, Lane, Made, Outgoing, Refused, Result, Sent
from bot.campaign.entrances import needed
from bot.campaign.events import NOWHERE, Chose, Commanded, Event, Provenance, Said, Started
from bot.campaign.layout import lay_out
from bot.campaign.messages import Rendered
from bot.campaign.scenes.privacy import FORGET_ALL
from bot.campaign.signatures import Signer
from bot.campaign.supporter import Facts, Need
from bot.channels.web_chat.capabilities import NAME, WEB
from bot.channels.web_chat.listeners import Listener, Listeners
from bot.channels.web_chat.origins import Origins
from bot.clock import Clock, utc_now
from bot.keys import Keys
from bot.store import counters
from bot.store.database import Database
from bot.store.people import web_turns
from bot.store.people.web_turns import NewTurns, StoredTurn
from bot.store.tables import published

log = structlog.get_logger(__name__)

TEXT = 4000
"""As much as a platform's message holds; what is asked for needs far less."""
KEY = re.compile(r"[A-Za-z0-9_-]{43}")
"""A visitor's address: 256 random bits that their browser made, in base64url."""
TurnId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{16,40}$")]


class Posted(BaseModel):
    """A turn as the page posts it. The label is what stood on the button, for the visitor's eyes
    only; the proof is that of work (see ``proof``)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: TurnId
    kind: Literal["start", "say", "choose", "command", "forget"]
    text: str = Field("", max_length=TEXT, repr=False)
    data: str = Field("", max_length=64)
    on: Annotated[str, StringConstraints(pattern=r"^\d{0,18}$")] = ""
    label: str = Field("", max_length=200)
    language: str = Field("", max_length=12)
    proof: str = Field("", max_length=64, repr=False)


class _Common(TypedDict):
    id: str
    channel: str
    address: str
    language: str
    provenance: Provenance


def read(body: bytes) -> Posted:
    """A turn as it was posted. Raises pydantic's ValidationError."""
    return Posted.model_validate_json(body)


def parse(address: str, posted: Posted, provenance: Provenance = NOWHERE) -> Event:
    """The event that a posted turn means; ``provenance``: what is known of where it comes from."""
    # The key is part of the id, so that nobody can use up the ids of another's turns.
    mark = hashlib.sha256(f"{address}\0{posted.id}".encode()).hexdigest()[:32]
    common: _Common = {
        "id": mark,
        "channel": NAME,
        "address": address,
        "language": posted.language,
        "provenance": provenance,
    }
    if posted.kind == "forget":
        return Chose(**common, data=FORGET_ALL)
    if posted.kind == "choose":
        return Chose(**common, on=posted.on, data=posted.data)
    if posted.kind == "start":
        return Started(**common, payload=posted.data)
    command, _, rest = posted.text.strip().partition(" ")
    if posted.kind == "say" and not command.startswith("/"):
        return Said(**common, text=posted.text)
    name = command.removeprefix("/")
    if name == "start":
        return Started(**common, payload=rest.strip())
    return Commanded(**common, name=name, rest=rest)


def shown(message: Rendered) -> dict[str, object]:
    """A message as the page is told of it."""
    return replace(message, buttons=lay_out(message.buttons, WEB).rows).as_json()


def _hidden(body: dict[str, object]) -> dict[str, object]:
    """A turn without what its visitor typed."""
    own = body.get("own")
    return {"own": {**own, "text": "…"}} if isinstance(own, dict) else body


@dataclass(slots=True)
class _Waiting:
    """A message on its way into the store."""

    turns: NewTurns
    kept: asyncio.Future[StoredTurn | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class WebChat:
    """Keeps turns and tells open pages of them: a ``Channel`` that is ``Keeping``, and the
    engine's ``Keeper``.

    The supporter's address is the key that their browser made.
    """

    name = NAME
    capabilities = WEB

    def __init__(
        self,
        store: Database,
        keys: Keys,
        clock: Clock = utc_now,
        zone: Callable[[], str] = lambda: "UTC",
    ):
        """Works on this store, with these keys. ``zone`` says by which clock a day ends."""
        self._store = store
        self._keys = keys
        self._clock = clock
        self._posted: dict[str, Posted] = {}
        self._unkept: dict[str, list[Rendered]] = {}
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        # No visitor has such an address, so nobody can be made to tell the secret.
        self.origins = Origins(keys.pseudonym(NAME, "proof of work"), clock, zone)
        self.listeners = Listeners()

    @contextmanager
    def showing(self, address: str, posted: Posted, host: str = "") -> Iterator[Event]:
        """The event of a turn that was posted from that network address, of which nothing but its
        lot goes further. While this lasts, the engine takes it, and the turn is kept
        as the visitor made it, so that every tab and a reload show it."""
        event = parse(
            address, posted, self.origins.provenance(address, posted.id, posted.proof, host)
        )
        self._posted[event.id] = posted
        try:
            yield event
        finally:
            self._posted.pop(event.id, None)

    @contextmanager
    def unkept(
        self, address: str, posted: Posted, host: str
    ) -> Iterator[tuple[Event, list[Rendered]]]:
        """The same for a turn of which no trace is to stay: the answers are in that list once it
        is recorded, and nowhere else."""
        event = parse(
            address, posted, self.origins.provenance(address, posted.id, posted.proof, host)
        )
        answers = self._unkept[event.id] = []
        try:
            yield event, answers
        finally:
            self._unkept.pop(event.id, None)

    async def figures(self, event: Event, petitions: Collection[str]) -> Facts:
        """The public figures that answering this event may need, as at the full hour."""
        names = [counters.of_signatures(one, signer) for one in petitions for signer in Signer]
        needs = needed(event)
        async with self._store.reading() as connection:
            kept = await counters.values(connection, names, of=published)
            facts = Facts(signatures=counters.by_signer(kept, petitions))
            if Need.BY_COUNTRY in needs:
                found = await counters.by_country(connection, petitions, of=published)
                facts = replace(facts, by_country=found)
            if Need.EVIDENCE in needs:
                told = await counters.by_evidence(connection, of=published)
                facts = replace(facts, evidence=told)
        return facts

    async def write(
        self, connection: AsyncConnection, exchanges: Sequence[Exchange], at: datetime
    ) -> Callable[[], None]:
        """Keep turns with their answers, in the engine's transaction."""
        for one in exchanges:
            if one.event.id in self._unkept:
                self._unkept[one.event.id] += one.answers
        there = [one for one in exchanges if not one.forgotten and one.event.id not in self._unkept]
        new = [self._new_turns(one) for one in there]
        kept = await web_turns.add(connection, self._keys, new, at)
        for one, turns in zip(there, kept, strict=True):
            if one.takes_back and turns:
                first = turns[0].number
                await web_turns.take_back(connection, self._keys, one.pseudonym, first)
        forgotten = {one.pseudonym for one in exchanges if one.forgotten}

        def tell() -> None:
            for turn in chain.from_iterable(kept):
                self.listeners.tell(turn)
            for pseudonym in forgotten:
                self.listeners.tell_forgotten(pseudonym)

        return tell

    def _new_turns(self, exchange: Exchange) -> NewTurns:
        bodies = self._turns(exchange)
        kept = [_hidden(body) for body in bodies] if exchange.hides else ()
        return NewTurns(exchange.pseudonym, exchange.event.id, bodies, exchange.ends, kept)

    def _turns(self, exchange: Exchange) -> list[dict[str, object]]:
        posted = self._posted.get(exchange.event.id)
        turns: list[dict[str, object]] = [{"message": shown(one)} for one in exchange.answers]
        if posted is not None:
            own = {"id": posted.id, "kind": posted.kind, "text": posted.label or posted.text}
            turns.insert(0, {"own": own})
        return turns

    async def keep(self, outgoing: Outgoing) -> Result:
        """Keep a message of the outbox; the same one a second time changes nothing."""
        return await self._keep(outgoing.address, outgoing.message, f"outbox-{outgoing.id}")

    async def send(
        self, address: str, message: Rendered, made: tuple[Made, ...], lane: Lane
    ) -> Result:
        """Keep a message that has no number; documents are made when the page asks for them."""
        return await self._keep(address, message, uuid4().hex)

    async def _keep(self, address: str, message: Rendered, mark: str) -> Result:
        turns = NewTurns(self._pseudonym(address), mark, [{"message": shown(message)}])
        waiting = _Waiting(turns)
        self._waiting.append(waiting)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting())
        try:
            kept = await waiting.kept
        except Exception as problem:
            log.error("message_not_kept", kind=type(problem).__name__)
            return Refused(type(problem).__name__)
        return Sent(str(kept.number) if kept else "")

    async def busy(self, address: str) -> None:
        """Show on the open pages that an answer is being prepared."""
        self.listeners.tell_busy(self._pseudonym(address))

    async def since(self, address: str, after: int) -> tuple[list[StoredTurn], int]:
        """The turns behind that number, and the number of the oldest that is kept (0: none).

        A number that was never given (the page knew a database that was replaced by an older
        backup) counts as none: all turns come.
        """
        pseudonym = self._pseudonym(address)
        async with self._store.reading() as connection:
            first, last = await web_turns.span(connection, pseudonym)
            behind = after if after <= last else 0
            turns = await web_turns.since(connection, self._keys, pseudonym, behind)
        if not behind:
            # Rows may be there that are empty by now: they are nothing to the page.
            first = turns[0].number if turns else 0
        return turns, first

    async def message(self, address: str, number: int) -> Rendered | None:
        """The answer of that number, where the visitor has been given one."""
        async with self._store.reading() as connection:
            turn = await web_turns.one(connection, self._keys, self._pseudonym(address), number)
        if turn is None or "message" not in turn.body:
            return None
        return Rendered.from_json(turn.body["message"])

    def has_room(self, address: str) -> bool:
        """Whether one page more may be told of this conversation."""
        return self.listeners.has_room(self._pseudonym(address))

    def listen(self, address: str) -> Listener | None:
        """Be told of new turns until the listener is closed; None where too many pages are open."""
        return self.listeners.open(self._pseudonym(address))

    def close(self) -> None:
        """Let every open page go."""
        self.listeners.end_all()

    def _pseudonym(self, address: str) -> bytes:
        return self._keys.pseudonym(NAME, address)

    async def _write_waiting(self) -> None:
        """Write until nothing waits: one message at once, many together."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    await self._write_batch(batch)
                except Exception as problem:
                    for waiting in batch:
                        if not waiting.kept.done():
                            waiting.kept.set_exception(problem)
        finally:
            self._writing = None

    async def _write_batch(self, batch: list[_Waiting]) -> None:
        whose = {waiting.turns.pseudonym for waiting in batch}
        async with self._store.writing() as connection:
            # Whoever was forgotten since it was recorded gets nothing more.
            strangers = await web_turns.strangers(connection, whose)
            to_keep = [one for one in batch if one.turns.pseudonym not in strangers]
            kept = await web_turns.add(
                connection, self._keys, [one.turns for one in to_keep], self._clock()
            )
        for waiting, turns in zip(to_keep, kept, strict=True):
            for turn in turns:
                self.listeners.tell(turn)
            if not waiting.kept.done():
                waiting.kept.set_result(turns[0] if turns else None)
        for waiting in batch:
            if not waiting.kept.done():
                waiting.kept.set_result(None)
