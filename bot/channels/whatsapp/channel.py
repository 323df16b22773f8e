"""WhatsApp as a channel: sends messages, and hears later what became of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog

from bot.campaign.channel import Lane, Made, Outgoing, Refused, Result, Sent, Unknown
from bot.campaign.messages import Attachment, Rendered
from bot.channels.whatsapp import errors
from bot.channels.whatsapp.addresses import Numbers
from bot.channels.whatsapp.capabilities import NAME, WHATSAPP
from bot.channels.whatsapp.http import Answer, Graph
from bot.channels.whatsapp.messages import PICTURES, File, payloads, wants_file
from bot.channels.whatsapp.posts import Came

log = structlog.get_logger()

Words = Callable[[str], Mapping[str, str]]
"""What the channel says itself in a language: see ``messages.WORDS``."""
REMEMBERED: Final = 10_000
KNOWN_FILES: Final = 1_000
LONGEST_PAIR_PAUSE: Final = 256.0
AT_ONCE: Final = 40
"""Receipts on their way; messages have the other connections."""
# https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media: of what we make, these.
TAKEN: Final = (*PICTURES, "application/pdf", "text/plain")
_PARTS: Final = "/"


@dataclass(slots=True)
class _OnTheWay:
    """A message of several: what of it has left, and what may have."""

    left: set[str] = field(default_factory=set)
    doubtful: str = ""
    """Which of them was tried last, and nobody knows whether it arrived."""
    payload: str = ""


class WhatsAppChannel:
    """One business number. Use as an async context manager."""

    name = NAME
    capabilities = WHATSAPP

    def __init__(self, graph: Graph, number: str, *, words: Words | None = None) -> None:
        """Sends as the number of that id; ``words`` may come later, see ``speak``."""
        self._graph = graph
        self._number = number
        self._words = words
        self._speaks = asyncio.Event()
        if words is not None:
            self._speaks.set()
        self._on_the_way: OrderedDict[str, _OnTheWay] = OrderedDict()
        self._files: dict[str, str] = {}
        self._pair_pauses: OrderedDict[str, float] = OrderedDict()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self.numbers = Numbers()
        """Who has which number, as far as posts told it lately."""

    async def __aenter__(self) -> WhatsAppChannel:
        await self._graph.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=1.0)
        for task in self._under_way:
            task.cancel()
        await self._graph.__aexit__()

    def speak(self, words: Words) -> None:
        """The channel's own words; until they are there nothing is sent."""
        self._words = words
        self._speaks.set()

    # -- sending ------------------------------------------------------------------------------

    async def send(
        self, address: str, message: Rendered, made: tuple[Made, ...], lane: Lane
    ) -> Result:
        """Send a message, as several where it takes them; see ``bot.campaign.channel``."""
        return await self._send(address, message, made, "")

    async def send_marked(self, outgoing: Outgoing, made: tuple[Made, ...]) -> Result:
        """The same, with a mark that comes back with what is told of it. What of it has left is not
        sent again where the rest is tried once more."""
        return await self._send(outgoing.address, outgoing.message, made, outgoing.mark)

    async def _send(
        self, address: str, message: Rendered, made: tuple[Made, ...], mark: str
    ) -> Result:
        await self._speaks.wait()
        said = self._words(message.language) if self._words else {}
        if made and message.attachment is None:
            # A broadcast's picture is no part of its words.
            message = replace(message, attachment=Attachment("given"))
        files: list[File] = []
        if made and wants_file(message, said):
            uploaded = await self._uploaded(made)
            if not isinstance(uploaded, list):
                return uploaded
            files = uploaded
        every = payloads(message, files, said)
        way = self._way(mark)
        for place, payload in enumerate(every, start=1):
            same = json.dumps(payload)
            if same in way.left:
                continue
            told = f"{mark}{_PARTS}{place}{_PARTS}{len(every)}" if mark else ""
            way.doubtful, way.payload = str(place), same
            result = await self._post(address, payload, told)
            # Its status may have come before its answer.
            if isinstance(result, Sent) or same in way.left:
                way.left.add(same)
                continue
            if isinstance(result, Refused):
                way.doubtful = ""
            return result
        self._on_the_way.pop(mark, None)
        return Sent("")

    def _way(self, mark: str) -> _OnTheWay:
        if not mark:
            return _OnTheWay()
        while len(self._on_the_way) >= REMEMBERED:
            self._on_the_way.popitem(last=False)
        return self._on_the_way.setdefault(mark, _OnTheWay())

    async def _post(self, address: str, payload: Mapping[str, Any], mark: str) -> Result:
        code, result = await self._once(self.numbers.recipient(address), payload, mark)
        if code == errors.NOT_BY_ID and self.numbers.number_of(address):
            by_number = self.numbers.recipient(address, by_number=True)
            code, result = await self._once(by_number, payload, mark)
        if code == errors.PAIR_RATE and isinstance(result, Refused):
            # 4^n seconds, as Meta has it: 1, 4, 16 …
            pause = self._pair_pauses.pop(address, 1.0)
            while len(self._pair_pauses) >= REMEMBERED:
                self._pair_pauses.popitem(last=False)
            self._pair_pauses[address] = min(LONGEST_PAIR_PAUSE, pause * 4)
            return replace(result, retry_after=pause)
        if isinstance(result, Sent):
            self._pair_pauses.pop(address, None)
        else:
            _alarm(code)
        return result

    async def _once(
        self, recipient: Mapping[str, Any], payload: Mapping[str, Any], mark: str
    ) -> tuple[int | None, Result]:
        body: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **recipient,
            **payload,
        }
        if mark:
            body["biz_opaque_callback_data"] = mark
        answer = await self._graph.post(f"{self._number}/messages", body)
        if not isinstance(answer, Answer):
            return None, answer
        if answer.is_good and "messages" in answer.body:
            # Its name there holds the telephone number of whom it is for: it is not kept.
            return None, Sent("")
        return errors.read(answer.body, answer.status)

    async def _uploaded(self, made: Sequence[Made]) -> list[File] | Result:
        files = []
        for file in made:
            if not file.content:
                continue  # another platform has it, and nobody here: the words go without
            media_type = file.media_type if file.media_type in TAKEN else "text/plain"
            same = _same(file)
            name = self._files.get(same, "")
            if not name:
                answer = await self._graph.upload(f"{self._number}/media", file, media_type)
                if not isinstance(answer, Answer):
                    # Nobody got anything yet: it may be tried again.
                    return Refused(answer.reason)
                name = str(answer.body.get("id", "")) if answer.is_good else ""
                if not name:
                    _, result = errors.read(answer.body, answer.status)
                    lost = isinstance(result, Unknown)
                    return Refused("the file was not taken") if lost else result
                if same and len(self._files) < KNOWN_FILES:
                    self._files[same] = name
            files.append(File(name, media_type, file.name))
        return files

    # -- what became of messages ------------------------------------------------------------------

    def settled(self, came: Came) -> tuple[str, Result] | None:
        """The mark of a message of ours and what came of it, where its send did not say so; None
        where that is known."""
        mark, _, parts = came.mark.partition(_PARTS)
        place, _, whole = parts.partition(_PARTS)
        way = self._on_the_way.get(mark)
        if way is None:
            # Of an earlier run, perhaps: whole, where it is one message.
            return (mark, came.result) if place == whole == "1" else None
        if way.doubtful != place:
            return None
        way.doubtful = ""
        if isinstance(came.result, Sent):
            way.left.add(way.payload)
            if place != whole:
                return mark, Refused("the rest is still to be sent", retry_after=0.0, alone=True)
        return mark, came.result

    def log_failure(self, came: Came) -> None:
        """What was taken and failed later is told to operators, by its code alone."""
        if came.code is not None and not _alarm(came.code):
            log.info("whatsapp_failed_later", code=came.code)

    # -- beside messages --------------------------------------------------------------------------

    def heard(self, message: str) -> None:
        """Show that a message was read, and that an answer is being written; does not wait."""
        task = asyncio.get_running_loop().create_task(self._heard(message))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _heard(self, message: str) -> None:
        body = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message,
            "typing_indicator": {"type": "text"},
        }
        async with self._free:
            # Whether it worked does not matter: the answer itself comes all the same.
            await self._graph.post(f"{self._number}/messages", body)

    async def busy(self, address: str) -> None:
        """That an answer is being written shows since the message was read."""

    async def answers(self) -> bool:
        """Whether the platform answers; nobody gets anything by it."""
        answer = await self._graph.get(self._number, fields="id")
        return isinstance(answer, Answer) and answer.is_good


def _alarm(code: int | None) -> bool:
    """Whether somebody has to see to it; then it is told."""
    is_one = code in errors.ALARMING
    if is_one:
        log.error("whatsapp_refuses", code=code, advice="run_bot.py whatsapp check says why")
    return is_one


def _same(file: Made) -> str:
    """A mark of a file that many get, "" for one person's own: a broadcast's picture has none of
    its own, and travels once all the same."""
    if file.same or file.media_type not in PICTURES:
        return file.same
    return hashlib.sha256(file.content).hexdigest()
