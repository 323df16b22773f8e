"""Listening: a free port is found, said, and served until the bot stops."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from bot.web.connections import ACCEPTED, WITHIN, Connections, room

MORE_PORTS = 20
"""How many further ports are tried where the wanted one is taken."""
LAST_SECONDS = 2.0
"""How long a stop waits for requests in hand; the whole bot has ten."""
WAITING = 1024
"""Connections that may wait to be accepted."""
RECEIVED = 65_536
"""Bytes that the system keeps of what comes on a connection; more is not read at once, either."""


class PortTrouble(Exception):
    """Nothing can be listened on; the text is a sentence for whoever runs the bot."""


class CannotListenYet(PortTrouble):
    """What is in the way may pass by itself: the port is taken, the network not there yet."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A bound port: ``url`` is how a browser on this machine reaches it."""

    socket: socket.socket
    wanted: int
    port: int
    url: str

    @property
    def moved(self) -> bool:
        """Whether another port was taken than was asked for."""
        return self.wanted not in (0, self.port)


def listen(host: str, port: int, *, exactly: bool = False) -> Listening:
    """Take the port, or the next free one (port 0: any). Raises PortTrouble.

    ``exactly``: no other one, since a proxy asks there and would reach a stranger's program.
    """
    try:
        kind, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "not a host's name"
        passes = isinstance(problem, socket.gaierror) and problem.errno == socket.EAI_AGAIN
        raise (CannotListenYet if passes else PortTrouble)(
            f"BOT_HOST={host} is no address of this machine ({reason}): use 127.0.0.1,"
            " or 0.0.0.0 to be reached from elsewhere."
        ) from problem
    last = min(port + MORE_PORTS, 65535) if port and not exactly else port
    for number in range(port, last + 1):
        bound = _bound(kind, (address[0], number), host)
        if bound is not None:
            taken = bound.getsockname()[1]
            return Listening(bound, port, taken, f"http://{_shown(host)}:{taken}/")
    if exactly:
        raise CannotListenYet(
            f"The port {port} is taken, and with BOT_PUBLIC_URL no other one will do: whoever comes"
            " through the proxy would reach what runs there. Stop that, or set another BOT_PORT,"
            " here and in the proxy."
        )
    raise CannotListenYet(
        f"The ports {port} to {last} are all taken: stop what runs there, or set BOT_PORT to a"
        " free one (0 takes any)."
    )


def _bound(kind: int, address: tuple[object, int], host: str) -> socket.socket | None:
    """A listening socket; None where the port is taken."""
    # With the protocol named, asyncio switches Nagle's algorithm off for what connects: without,
    # every answer on a kept connection waits 40 ms for the other side's delayed acknowledgement.
    made = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two programs have one port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Handed down to what is accepted: the largest body that is read here has 24 kB.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED)
        made.bind(address)
        made.listen(WAITING)
    except OSError as problem:
        made.close()
        if problem.errno in (errno.EADDRINUSE, errno.EACCES) and address[1] >= 1024:
            return None
        passes = problem.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL)
        raise (CannotListenYet if passes else PortTrouble)(
            f"Nothing can be listened on at {host} port {address[1]} ({problem.strerror}): choose"
            " another with BOT_HOST and BOT_PORT (ports below 1024 need privileges)."
        ) from problem
    made.setblocking(False)
    return made


def _shown(host: str) -> str:
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


class _Server(uvicorn.Server):
    """Leaves signals alone: the bot stops everything in its own order. Takes up few connections in
    one go, and lets many wait for it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # The library has one number for both, and has set it to the smaller one.
        for listening in sockets or ():
            listening.listen(WAITING)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    app: ASGIApp,
    listening: Listening,
    *,
    closing: Callable[[], None],
    most: int = 0,
    within: float = WITHIN,
) -> None:
    """Answer requests until cancelled, then finish those in hand.

    ``closing`` is called when it ends: it must let the open streams go (their pages come back).
    ``most`` connections at once (0: what the files of this process allow), each with ``within``
    seconds for what it owes.
    """
    connections = Connections(most or room(), within)
    server = _Server(
        uvicorn.Config(
            app,
            http=connections.protocol,  # type: ignore[arg-type] # called like the class it makes
            backlog=ACCEPTED,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_keep_alive=round(WITHIN),
            timeout_graceful_shutdown=round(LAST_SECONDS),
            # A proxy on this machine is believed when it says whom it asks for; others are not.
            proxy_headers=True,
            forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1"),
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening.socket]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        closing()
        while not serving.done():
            # Cancelled once more while it ends: it still has to end.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(serving)
