"""Connections: so many at once, each with a deadline, and all of them in turn with everything else.

The server library waits for a request as long as the other side likes, and reads all that come at
once. Here whoever owes something (a request, the rest of its body, the reading of an answer) has a
deadline, whoever owes it for longest goes first where there is no room, and a flood of requests
leaves the loop to Telegram and the database after every few of them.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import Any

import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger(__name__)

MOST = 6_000
"""Connections at once, where the files of the process allow it: 5,000 open pages and the rest."""
RESERVE = 256
"""Files that stay for Telegram, the database, the log and documents."""
FILES = 16_384
"""As many as are asked for, where the system's hard limit allows more."""
WITHIN = 20.0
"""Seconds in which the head of a request must have come, again its body, and in which an answer
must be read on. A connection that is kept without a request ends then, too."""
READ_ON = 8_192
"""Bytes of an answer that have to be read in that time."""
A_ROUND = 1
"""Requests that are read before everything else in the loop has its turn."""
LONGEST_REST = 0.05
"""Seconds that the next request waits at most, whatever the one before it cost."""
ACCEPTED = 2
"""Connections that are taken up in one go."""
HELD = "held"
"""In a request's state: to be called by whoever puts off its answer."""
WITHOUT_LIMITS = 512
"""Files, where a system does not tell of a limit (Windows)."""


def room() -> int:
    """How many connections the files of this process allow; its limit is raised before, as far as
    that is up to us."""
    files = _files()
    return max(16, min(MOST, files - min(RESERVE, files // 2)))


def _files() -> int:
    if os.name != "posix":
        return WITHOUT_LIMITS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return FILES
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if wanted > soft:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # a container may forbid it: then it is what it was
            return soft
        return wanted
    return soft


class Connections:
    """All connections of one server. ``most`` at once; ``within`` is the deadline in seconds."""

    def __init__(self, most: int, within: float = WITHIN):
        self._most = most
        self._within = within
        self._open: set[Connection] = set()
        # Who owes something, and since when: the longest first.
        self._owing: dict[Connection, float] = {}
        self._waiting: deque[tuple[Connection, bytes]] = deque()
        self._left = A_ROUND
        self._in_round = False
        self._watch: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def __len__(self) -> int:
        return len(self._open)

    def protocol(self, **given: Any) -> Connection:
        """What the server library makes for each connection."""
        return Connection(self, **given)

    def came(self, connection: Connection) -> bool:
        """One more. False where there is no room, and nobody who has to make some."""
        if len(self._open) >= self._most:
            late = next(iter(self._owing), None)
            log.warning("connections_full")
            if late is None:
                return False
            self._end(late)
        self._open.add(connection)
        self.owes(connection)
        return True

    def went(self, connection: Connection) -> None:
        """That one is over."""
        self._open.discard(connection)
        self._owing.pop(connection, None)

    def owes(self, connection: Connection) -> None:
        """From now on it is up to the other side."""
        if connection in self._open:
            self._owing.pop(connection, None)
            self._owing[connection] = self._loop.time()
            if self._watch is None:
                self._watch = self._loop.call_later(self._within / 10, self._look)

    def owes_nothing(self, connection: Connection) -> None:
        """It is up to us."""
        self._owing.pop(connection, None)

    def admit(self, connection: Connection, data: bytes) -> None:
        """Read that now, or when its turn comes; until then nothing more is taken from there."""
        self._begin_round()
        if self._left > 0 and not self._waiting:
            self._left -= 1
            connection.read(data)
        else:
            connection.transport.pause_reading()
            self._waiting.append((connection, data))

    def _begin_round(self) -> None:
        if not self._in_round:
            self._in_round = True
            # What answers the request was made a task before this: it has its step first.
            self._loop.call_soon(self._rest, self._loop.time())

    def _rest(self, begun: float) -> None:
        """As long as the round took, the loop is everybody else's: an answer on Telegram takes some
        twenty turns of the loop, and would wait for a request in each of them."""
        self._loop.call_later(min(self._loop.time() - begun, LONGEST_REST), self._round)

    def _round(self) -> None:
        self._left = A_ROUND
        while self._left > 0 and self._waiting:
            connection, data = self._waiting.popleft()
            if connection in self._open:
                self._left -= 1
                connection.read_in_turn(data)
        self._in_round = False
        if self._left < A_ROUND:
            self._begin_round()

    def _look(self) -> None:
        """End those whose deadline is over, unless they read on."""
        now = self._loop.time()
        self._watch = None
        for connection, since in list(self._owing.items()):
            if now - since < self._within:
                break
            if connection.reads_on():
                self.owes(connection)
            else:
                self._end(connection)
        if self._owing and self._watch is None:
            self._watch = self._loop.call_later(self._within / 10, self._look)

    def _end(self, connection: Connection) -> None:
        self.went(connection)
        connection.transport.abort()


class Connection(H11Protocol):
    """One connection, as the server library knows it."""

    def __init__(self, among: Connections, **given: Any):
        """One of ``among``; the rest is for the library."""
        super().__init__(**given)
        self._among = among
        self._unread = 0
        self._in_hand: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """It is there: taken up, or ended at once where there is no room."""
        super().connection_made(transport)
        if not self._among.came(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._among.went(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came, which is read in its turn."""
        self._among.admit(self, data)

    def read_in_turn(self, data: bytes) -> None:
        """Read what had to wait."""
        if self.transport.is_closing():
            return
        if not self.flow.read_paused:
            self.transport.resume_reading()
        self.read(data)

    def read(self, data: bytes) -> None:
        """Read what came. What no rule of HTTP allows ends the connection, with one line."""
        try:
            super().data_received(data)
        except Exception as problem:
            # More nonsense while an answer is on its way, which the library does not foresee.
            log.warning("request_unreadable", kind=type(problem).__name__)
            self.transport.abort()
            return
        self._note()

    def on_response_complete(self) -> None:
        """An answer is written: the next request is up to the other side, and so is its reading."""
        super().on_response_complete()
        self._among.owes(self)
        self._note()

    def pause_writing(self) -> None:
        """The other side does not read."""
        super().pause_writing()
        self._among.owes(self)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._note()

    def reads_on(self) -> bool:
        """Whether it has read a good part of what was written since the last look."""
        before, self._unread = self._unread, self.transport.get_write_buffer_size()
        return self._unread > 0 and (before == 0 or before - self._unread >= READ_ON)

    def held(self) -> None:
        """The answer is put off, so this connection may be ended where there is no room."""
        self._among.owes(self)

    def _note(self) -> None:
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return
        is_new, self._in_hand = self._in_hand is not cycle, cycle
        if is_new:
            cycle.scope["state"][HELD] = self.held
        if not cycle.more_body:
            self._among.owes_nothing(self)
        elif is_new:
            self._among.owes(self)
