"""Each channel where it can be looked at from both sides: what somebody does and what they see.

One class a channel; ``PLACES`` lists them. A new channel adds one, and passes
``test_channel_contract.py``.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from bot.campaign.channel import Channel, Lane, Made, Outgoing, Result
from bot.campaign.events import Event, Started
from bot.campaign.light_html import without_markup
from bot.campaign.messages import Rendered
from bot.channels.splitting import Piece
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.terminal.channel import ADDRESS, Terminal
from bot.channels.web_chat.channel import WebChat, parse, read
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.http import Graph
from bot.channels.whatsapp.posts import read as read_post
from bot.store.database import Database
from tests.house import house
from tests.telegram_server import TOKEN, TelegramServer
from tests.whatsapp_posts import NUMBER_ID, entry, person, said, value, written
from tests.whatsapp_server import TOKEN as WHATSAPP_TOKEN
from tests.whatsapp_server import WhatsAppServer

NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Seen:
    """A message as somebody sees it. ``choices``: what can be pressed, label → what it carries;
    ``links``: where a button leads; ``file``: whether one came with it."""

    text: str
    choices: Mapping[str, str]
    links: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    file: bool = False


class Place(Protocol):
    """A channel and somebody on it.

    ``repeats``: whether its platform may deliver the same thing twice. Its class has ``faults``:
    what can go wrong with a send there, of "lost" (no answer), "down" (nobody is there), "gone",
    "flood", "refused".
    """

    @property
    def channel(self) -> Channel:
        """What is held to the contract."""

    address: str
    repeats: bool

    def says(self, text: str) -> Any:
        """They write; as the platform delivers it."""

    def presses(self, label: str) -> Any:
        """They press what says so below the newest message."""

    def parse(self, delivered: Any) -> Event | None:
        """The event that the channel makes of it."""

    async def send(self, message: Rendered, *made: Made) -> Result:
        """As the sender hands it over."""

    async def seen(self) -> list[Seen]:
        """All that was sent to them, as it stands there now."""

    async def goes_wrong(self, fault: str) -> None:
        """The next send meets this."""

    def later(self, seconds: float) -> None:
        """Time passes."""


class OnTelegram:
    repeats = True
    faults = ("lost", "down", "gone", "flood", "refused")

    def __init__(self, server: TelegramServer, channel: TelegramChannel):
        self.server, self.channel, self.address = server, channel, "77"
        server.text(77, "Bonjour")

    def says(self, text: str) -> Any:
        return self.server.text(77, text)

    def presses(self, label: str) -> Any:
        return self.server.press(77, label)

    def parse(self, delivered: Any) -> Event | None:
        return self.channel.parse(
            Piece.of(delivered) if isinstance(delivered, bytes) else Piece.known(delivered)
        )

    async def send(self, message: Rendered, *made: Made) -> Result:
        return await self.channel.send(self.address, message, made, Lane.CONVERSATION)

    async def seen(self) -> list[Seen]:
        found = []
        for shown in self.server.chat(77):
            if not shown.mine:
                continue
            buttons: list[dict[str, Any]] = [dict(b) for row in shown.buttons for b in row]
            found.append(
                Seen(
                    shown.text,
                    {b["text"]: b["callback_data"] for b in buttons if "callback_data" in b},
                    tuple(b["url"] for b in buttons if "url" in b),
                    tuple(b["copy_text"]["text"] for b in buttons if "copy_text" in b),
                    shown.file is not None,
                )
            )
        return found

    async def goes_wrong(self, fault: str) -> None:
        match fault:
            case "lost":
                self.server.fault("*", "drop after")
            case "down":
                await self.server.close()
            case "gone":
                self.server.block(77)
            case "flood":
                self.server.fault("*", "flood", seconds=7)
            case "refused":
                self.server.fault("*", "fail", status=400)

    def later(self, seconds: float) -> None:
        """There is no window there."""


class OnWhatsApp:
    repeats = True
    faults = ("lost", "down", "gone", "flood", "refused")

    def __init__(self, server: WhatsAppServer, channel: WhatsAppChannel):
        self.server, self.channel = server, channel
        self.whose = server.person(person(77))
        self.address = self.whose.user_id
        server.wrote(self.whose)

    def says(self, text: str) -> Any:
        return self._post(said(self.whose, "text", {"body": text}))

    def presses(self, label: str) -> Any:
        for shown in reversed(self.server.seen(self.whose)):
            if label in shown.choices:
                reply = {"id": shown.choices[label], "title": label}
                held = {"type": "button_reply", "button_reply": reply}
                return self._post(said(self.whose, "interactive", held))
        raise AssertionError(f"no choice {label!r}")

    def _post(self, message: dict[str, Any]) -> bytes:
        return written(entry("messages", value(messages=[message], people=[self.whose])))

    def parse(self, delivered: Any) -> Event | None:
        events = read_post(delivered, NUMBER_ID, self.channel.numbers).events
        return events[0] if events else None

    async def send(self, message: Rendered, *made: Made) -> Result:
        outgoing = Outgoing(next(NUMBERS), self.channel.name, self.address, message)
        return await self.channel.send_marked(outgoing, made)

    async def seen(self) -> list[Seen]:
        return [
            Seen(
                re.sub(r"[*_~`]", "", one.text),
                one.choices,
                tuple(one.links.values()),
                file=one.kind != "text"
                and ("header" in one.sent[one.kind] or "id" in one.sent[one.kind]),
            )
            for one in self.server.seen(self.whose)
        ]

    async def goes_wrong(self, fault: str) -> None:
        match fault:
            case "lost":
                self.server.fault("drop after")
            case "down":
                await self.server.close()
            case "gone":
                self.server.fault("fail", code=131026)
            case "flood":
                self.server.fault("fail", code=131056)
            case "refused":
                self.server.fault("fail", code=131009)

    def later(self, seconds: float) -> None:
        self.server.later(seconds)


class OnThePage:
    repeats = True
    faults = ()

    def __init__(self, store: Database, channel: WebChat, address: str):
        self.store, self.channel, self.address = store, channel, address
        self._newest: dict[str, str] = {}

    def says(self, text: str) -> Any:
        return self._posted(kind="say", text=text)

    def presses(self, label: str) -> Any:
        return self._posted(kind="choose", data=self._newest[label], label=label)

    def _posted(self, **held: str) -> bytes:
        return json.dumps({"id": secrets.token_hex(16), **held}).encode()

    def parse(self, delivered: Any) -> Event | None:
        try:
            return parse(self.address, read(delivered))
        except ValidationError:
            return None  # the page is answered with 400, and nothing is kept

    async def send(self, message: Rendered, *made: Made) -> Result:
        outgoing = Outgoing(next(NUMBERS), self.channel.name, self.address, message)
        return await self.channel.keep(outgoing)

    async def seen(self) -> list[Seen]:
        turns, _ = await self.channel.since(self.address, 0)
        shown: dict[str, Seen] = {}
        for turn in turns:
            message = Rendered.from_json(turn.body["message"])
            buttons = [one for row in message.buttons for one in row]
            self._newest = {one.label: one.data for one in buttons if one.data}
            text = without_markup(message.text) + (f"\n\n{message.block}" if message.block else "")
            shown[message.replaces or str(turn.number)] = Seen(
                text,
                self._newest,
                tuple(one.url for one in buttons if one.url),
                tuple(one.copy for one in buttons if one.copy),
                message.attachment is not None,
            )
        return list(shown.values())

    async def goes_wrong(self, fault: str) -> None:
        raise AssertionError("nothing is between the channel and its own store")

    def later(self, seconds: float) -> None:
        """There is no window there."""


class OnTheTerminal:
    repeats = False
    faults = ()

    def __init__(self, documents: Path):
        self._out = io.StringIO()
        self.channel = Terminal(self._out, documents=documents, language="fr")
        self.address = ADDRESS
        self._seen: list[Seen] = []

    def says(self, text: str) -> Any:
        return text

    def presses(self, label: str) -> Any:
        return label

    def parse(self, delivered: Any) -> Event | None:
        return self.channel.parse(
            delivered if isinstance(delivered, str) else delivered.decode("utf-8", "replace")
        )

    async def send(self, message: Rendered, *made: Made) -> Result:
        begin = self._out.tell()
        result = await self.channel.send(self.address, message, made, Lane.CONVERSATION)
        text = self._out.getvalue()[begin:]
        buttons = [one for row in message.buttons for one in row]
        self._seen.append(
            Seen(
                text,
                {one.label: one.data for one in buttons if one.data and one.label in text},
                tuple(one.url for one in buttons if one.url and one.url in text),
                tuple(one.copy for one in buttons if one.copy and one.copy in text),
                "[" in text,
            )
        )
        return result

    async def seen(self) -> list[Seen]:
        return self._seen

    async def goes_wrong(self, fault: str) -> None:
        raise AssertionError("nothing goes wrong between a program and its own screen")

    def later(self, seconds: float) -> None:
        """There is no window there."""


@asynccontextmanager
async def telegram(data: Path) -> AsyncIterator[Place]:
    async with TelegramServer() as server:
        base_url = f"{server.root}/bot"
        async with TelegramChannel(TOKEN, base_url=base_url, read_timeout=2.0) as channel:
            yield OnTelegram(server, channel)


@asynccontextmanager
async def whatsapp(data: Path) -> AsyncIterator[Place]:
    words = {"more": "Plus de choix", "rest": "Voici les autres choix :", "choose": "Choisir"}
    async with WhatsAppServer() as server:
        graph = Graph(server.root, WHATSAPP_TOKEN, read_timeout=2.0)
        async with WhatsAppChannel(graph, NUMBER_ID, words=lambda language: words) as channel:
            yield OnWhatsApp(server, channel)


@asynccontextmanager
async def page(data: Path) -> AsyncIterator[Place]:
    address = secrets.token_urlsafe(32)
    async with house(data) as opened:
        # Who never wrote is a stranger, and nothing is kept for them.
        await opened.take(opened.event(address, Started, "web"))
        yield OnThePage(opened.store, WebChat(opened.store, opened.keys), address)


@asynccontextmanager
async def terminal(data: Path) -> AsyncIterator[Place]:
    yield OnTheTerminal(data / "terminal")


PLACES = {"telegram": telegram, "whatsapp": whatsapp, "web": page, "terminal": terminal}
