"""What WhatsApp posts to a webhook: envelopes, people, and posting until the answer is 200."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

NUMBER_ID = "106540352242922"
ACCOUNT_ID = "102290129340398"
SECRET = "0123456789abcdef0123456789abcdef"
VERIFY = "the-word-that-only-we-know"
LONGEST_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on WhatsApp. ``number`` is "" for whoever has a username and hides it."""

    user_id: str
    number: str
    name: str = "Camille Martin"

    @property
    def contact(self) -> dict[str, Any]:
        """As a webhook tells who it is."""
        told: dict[str, Any] = {"profile": {"name": self.name}, "user_id": self.user_id}
        return told | ({"wa_id": self.number} if self.number else {})

    @property
    def sender(self) -> dict[str, str]:
        """As a message tells whose it is."""
        told = {"from_user_id": self.user_id}
        return told | ({"from": self.number} if self.number else {})


def person(n: int, *, hidden: bool = False) -> Person:
    """The person of that number, in France."""
    return Person(f"FR.{10**14 + n}", "" if hidden else f"336{n:08d}")


def entry(field_: str, value: Mapping[str, Any], account: str = ACCOUNT_ID) -> dict[str, Any]:
    """One entry with one change."""
    return {"id": account, "changes": [{"field": field_, "value": dict(value)}]}


def value(
    *,
    messages: Sequence[Mapping[str, Any]] = (),
    statuses: Sequence[Mapping[str, Any]] = (),
    people: Sequence[Person] = (),
    number: str = NUMBER_ID,
) -> dict[str, Any]:
    """The value of a change of the field ``messages``."""
    held: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "33123456789", "phone_number_id": number},
    }
    if people:
        held["contacts"] = [one.contact for one in people]
    if messages:
        held["messages"] = [dict(one) for one in messages]
    if statuses:
        held["statuses"] = [dict(one) for one in statuses]
    return held


def written(*entries: Mapping[str, Any]) -> bytes:
    """A whole post as Meta writes it: what is no ASCII in escapes."""
    whole = {"object": "whatsapp_business_account", "entry": list(entries)}
    return json.dumps(whole, ensure_ascii=True, separators=(",", ":")).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers of a post."""
    mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={mark}"}


_WAMIDS = itertools.count(1)


def wamid(whose: Person | str) -> str:
    """What WhatsApp calls a message. Real ones hold the number of the person, too."""
    holder = whose if isinstance(whose, str) else whose.number or whose.user_id
    return f"wamid.{holder}.{next(_WAMIDS):08d}"


def said(whose: Person, kind: str, held: object, **more: Any) -> dict[str, Any]:
    """A message of that person. ``held``: the object of its type."""
    base = {"id": wamid(whose), "timestamp": str(int(time.time())), "type": kind}
    return {**whose.sender, **base, **({} if held is None else {kind: held}), **more}


@dataclass(slots=True)
class Post:
    """A post on its way, and the answers to it (0: none)."""

    body: bytes
    answers: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Posting:
    """Posts to one address, again and again until it was answered 200; pauses are shorter than
    Meta's. ``lost`` answers of the next posts are lost; ``at_once``: posts at the same time."""

    url: str
    secret: str = SECRET
    at_once: int = 40
    lost: int = 0
    waiting: list[Post] = field(default_factory=list)
    done: list[Post] = field(default_factory=list)
    changed: Callable[[], None] = lambda: None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _free: asyncio.Semaphore | None = None

    def post(self, body: bytes) -> Post:
        """Begin to post it."""
        made = Post(body)
        self.waiting.append(made)
        self._begin(made)
        return made

    def _begin(self, post: Post) -> None:
        task = asyncio.get_running_loop().create_task(self._until_taken(post))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def go_on(self) -> None:
        """After ``end``: with what was not taken."""
        for one in self.waiting:
            self._begin(one)

    async def _until_taken(self, post: Post) -> None:
        self._free = self._free or asyncio.Semaphore(self.at_once)
        pause = 0.02
        while True:
            async with self._free:
                status = await self._try(post.body)
            if status == 200 and self.lost:
                self.lost -= 1
                status = 0
            post.answers.append(status)
            if status == 200:
                break
            self.changed()
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
        self.waiting.remove(post)
        self.done.append(post)
        self.changed()

    async def _try(self, body: bytes) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        try:
            async with self._session.post(
                self.url, data=body, headers=signed(body, self.secret)
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def greet(self, verify: str = VERIFY) -> bool:
        """The handshake, as when the address is entered in Meta's pages."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        asked = {"hub.mode": "subscribe", "hub.verify_token": verify, "hub.challenge": "1158201444"}
        async with self._session.get(self.url, params=asked) as answer:
            return answer.status == 200 and await answer.text() == "1158201444"

    async def end(self) -> None:
        """Post nothing more; what was not answered is still waiting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
        self._free = None
