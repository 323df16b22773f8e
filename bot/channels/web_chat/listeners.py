"""Who is looking at which conversation now: open pages, told of turns as they are kept."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from bot.store.people.web_turns import StoredTurn

A_VISITOR = 8
"""Pages that one visitor may have open: a browser holds six connections to a host."""
ALL = 5_000
"""Pages open at once over all visitors, or fewer where files are few (``Listeners.most``); each
costs some tens of kilobytes."""
BEHIND = 50
"""Turns kept for a page that reads slowly; after that it is sent back to the store."""


@dataclass(frozen=True, slots=True)
class Busy:
    """An answer is being prepared."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Everything was erased."""


@dataclass(frozen=True, slots=True)
class Missed:
    """The page fell behind: read from the store what came since."""


News = StoredTurn | Busy | Forgotten | Missed


class Listener:
    """One open page. Read it with ``news`` until that returns None, then ``close`` it."""

    def __init__(self, among: Listeners, pseudonym: bytes):
        """For ``Listeners.open`` only."""
        self._among = among
        self._pseudonym = pseudonym
        self._coming: deque[News] = deque()
        self._wake = asyncio.Event()
        self.ended = False

    async def news(self, within: float) -> list[News] | None:
        """What came, an empty list where nothing did in so many seconds; None at the end."""
        if not self._coming and not self.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._wake.wait()
        self._wake.clear()
        if self.ended:
            return None
        news = list(self._coming)
        self._coming.clear()
        return news

    def tell(self, news: News) -> None:
        """Something came."""
        if len(self._coming) >= BEHIND:
            self._coming.clear()
            self._coming.append(Missed())
        else:
            self._coming.append(news)
        self._wake.set()

    def end(self) -> None:
        """The page is to go: it will come back by itself."""
        self.ended = True
        self._wake.set()

    def close(self) -> None:
        """The page has gone."""
        self._among.closed(self._pseudonym, self)


class Listeners:
    """The open pages of all visitors."""

    def __init__(self) -> None:
        self._open: dict[bytes, set[Listener]] = {}
        self._count = 0
        self.most = ALL

    def __len__(self) -> int:
        return self._count

    def has_room(self, pseudonym: bytes) -> bool:
        """Whether one page more may be open."""
        return self._count < self.most and len(self._open.get(pseudonym, ())) < A_VISITOR

    def open(self, pseudonym: bytes) -> Listener | None:
        """One page more; None where too many are open."""
        if not self.has_room(pseudonym):
            return None
        listener = Listener(self, pseudonym)
        self._open.setdefault(pseudonym, set()).add(listener)
        self._count += 1
        return listener

    def closed(self, pseudonym: bytes, listener: Listener) -> None:
        """That page has gone."""
        pages = self._open.get(pseudonym, set())
        if listener in pages:
            pages.discard(listener)
            self._count -= 1
        if not pages:
            self._open.pop(pseudonym, None)

    def tell(self, turn: StoredTurn) -> None:
        """A turn was kept."""
        self._tell(turn.pseudonym, turn)

    def tell_busy(self, pseudonym: bytes) -> None:
        """An answer to that visitor is being prepared."""
        self._tell(pseudonym, Busy())

    def tell_forgotten(self, pseudonym: bytes) -> None:
        """That visitor was forgotten."""
        self._tell(pseudonym, Forgotten())

    def end_all(self) -> None:
        """The bot is stopping: every page is let go."""
        for pages in self._open.values():
            for listener in pages:
                listener.end()

    def _tell(self, pseudonym: bytes, news: News) -> None:
        for listener in self._open.get(pseudonym, ()):
            listener.tell(news)
