"""A Bot API server on loopback: real HTTP, Telegram's checks, and faults that can be switched on.

In a test::

    async with TelegramServer() as server:      # a free port; give the bot server.root
        server.start(77, "mamat")               # a supporter follows a link
        shown = await server.answer(77)         # the bot's next message
        server.press(77, "Signer")              # a label, or the data behind it

As a process, with the same verbs over HTTP (see ``tests.telegram_control``)::

    python -m tests.telegram_server --port 8081 --no-checks
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from tests.telegram_chats import File, Shown
from tests.telegram_methods import METHODS, Methods
from tests.telegram_rules import Flood, Refusal, too_many

TOKEN = "123456:TEST-loopback-token-of-35-characters"
_TOKEN_SHAPE = re.compile(r"\d+:[\w-]{30,}")


@dataclass(slots=True)
class Asked:
    """One request of the bot, and what it was answered (0: nothing, the connection was cut)."""

    method: str
    params: Mapping[str, Any]
    status: int
    at: float


@dataclass(slots=True)
class Fault:
    """Something going wrong with ``method`` ("*": any), ``times`` times (None: until healed).

    ``kind``: "slow" waits ``seconds`` before acting; "fail" answers ``status`` and does nothing;
    "drop before" and "drop after" cut the connection without an answer, before or after acting;
    "mute" acts and never answers; "cut" leaves the last quarter of an answer out; "flood" answers
    429 with ``seconds`` to wait.
    """

    method: str
    kind: str
    times: int | None = 1
    seconds: float = 0.0
    status: int = 502
    chat: int | None = None


class TelegramServer(Methods):
    """The server and everything a test wants to do or know.

    ``checks=False`` accepts any text and keyboard, ``record=False`` keeps counters instead of
    requests and messages: both for benchmarks. ``flood`` switches the flood limits on.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        checks: bool = True,
        record: bool = True,
        flood: Flood | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(checks=checks, record=record, flood=flood)
        self.token = token
        self.requests: list[Asked] = []
        self.calls: Counter[str] = Counter()
        self._host, self._port = host, port
        self._faults: list[Fault] = []
        self._runner: web.ServerRunner | None = None
        self._mute: set[asyncio.Event] = set()

    # -- life ---------------------------------------------------------------------------------

    async def __aenter__(self) -> TelegramServer:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def root(self) -> str:
        """What BOT_API_URL is to be."""
        return f"http://{self._host}:{self._port}"

    async def open(self) -> None:
        """Listen; after ``close`` on the same port again, with all state as it was."""
        self._runner = web.ServerRunner(
            web.Server(
                self._handle, request_factory=_request, access_log=None, keepalive_timeout=75
            ),
            shutdown_timeout=0.1,
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.go_on_posting()

    async def close(self) -> None:
        """Cut every connection and refuse new ones: for the bot, the network is gone."""
        for muted in self._mute:
            muted.set()
        for posting in filter(None, (self.posting, *self.replaced)):
            await posting.end()
        if self._poller is not None and not self._poller.done():
            self._poller.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # -- what tests want to know --------------------------------------------------------------

    async def answer(self, chat: int, after: int = 0, seconds: float = 30.0) -> Shown:
        """What the bot has sent or changed last, once this chat got more than ``after`` messages
        and edits."""
        await self.until(lambda: self.answered[chat] > after, seconds, f"more than {after} answers")
        return self.newest[chat]

    async def answered_all(self, count: int, seconds: float = 60.0) -> None:
        """Wait until ``count`` different chats have been answered."""
        await self.until(lambda: len(self.answered) >= count, seconds, f"{count} answered chats")

    def asked(self, method: str) -> list[Asked]:
        """All requests of this method, oldest first."""
        return [asked for asked in self.requests if asked.method == method]

    @property
    def unanswered(self) -> list[str]:
        """Callback queries that were never answered: their supporters look at a spinner."""
        return [query for query, answered in self.queries.items() if not answered]

    @property
    def violations(self) -> list[str]:
        """Everything that Telegram lets pass and supporters suffer from."""
        return self.doubts + [f"callback query {query} unanswered" for query in self.unanswered]

    @property
    def waiting(self) -> list[int]:
        """The ids of the updates that are not confirmed."""
        return [number for number, _ in self._waiting]

    def figures(self) -> dict[str, Any]:
        """Counters and times for benchmarks."""
        return {
            "first_poll": self.first_poll,
            "last_answer": self.last_answer,
            "answered": len(self.answered),
            "messages": sum(self.answered.values()),
            "calls": dict(self.calls),
            "waiting": len(self._waiting),
            "flood_refusals": self.flood.refused if self.flood else 0,
            "violations": self.violations[:20],
        }

    # -- faults -------------------------------------------------------------------------------

    def fault(
        self,
        method: str,
        kind: str,
        *,
        times: int | None = 1,
        seconds: float = 0.0,
        status: int = 502,
        chat: int | None = None,
    ) -> None:
        """From now on something goes wrong; see ``Fault``."""
        self._faults.append(Fault(method.lower(), kind, times, seconds, status, chat))

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()

    def _fault(self, method: str, params: Mapping[str, Any]) -> Fault | None:
        for fault in self._faults:
            if fault.method not in ("*", method):
                continue
            if fault.chat is not None and str(fault.chat) != str(params.get("chat_id")):
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            return fault
        return None

    # -- HTTP ---------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/control/"):
            return await self._control(path.removeprefix("/control/"), request)
        token, _, method = path.removeprefix("/bot").partition("/")
        if not path.startswith("/bot") or not _TOKEN_SHAPE.fullmatch(token):
            return _json(404, Refusal(404, "Not Found").body())
        if token != self.token:
            return _json(401, Refusal(401, "Unauthorized").body())
        params = await _parameters(request)
        status, body = await self._act(method.lower(), params, request)
        self.calls[method] += 1
        if self.record:
            self.requests.append(Asked(method, params, status, time.monotonic()))
        self._changed.set()
        if not status:
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=500)
        return _json(status, body)

    async def _act(
        self, method: str, params: dict[str, Any], request: web.BaseRequest
    ) -> tuple[int, bytes]:
        fault = self._fault(method, params) if self._faults else None
        try:
            if fault is not None:
                await self._suffer(fault)
                if fault.kind == "drop before":
                    return 0, b""
            if method == "getupdates":
                body = await self._get_updates(params)
            else:
                action = METHODS.get(method)
                if action is None:
                    raise Refusal(404, "Not Found")
                body = orjson.dumps({"ok": True, "result": action(self, params)})
            status = 200
        except Refusal as refusal:
            status, body = refusal.code, refusal.body()
        if fault is not None and fault.kind == "mute":
            await self._silence(request)
        if fault is not None and fault.kind in ("drop after", "mute"):
            return 0, b""
        if fault is not None and fault.kind == "cut":
            body = body[: len(body) * 3 // 4]
        return status, body

    async def _suffer(self, fault: Fault) -> None:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "fail":
            raise Refusal(fault.status, "Internal Server Error: restart")
        elif fault.kind == "flood":
            raise too_many(int(fault.seconds))

    async def _silence(self, request: web.BaseRequest) -> None:
        self._changed.set()
        muted = asyncio.Event()
        self._mute.add(muted)
        try:
            while not muted.is_set() and request.transport is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(muted.wait(), 0.5)
        finally:
            self._mute.discard(muted)

    async def _control(self, verb: str, request: web.BaseRequest) -> web.Response:
        if verb not in _VERBS:
            return _json(404, orjson.dumps({"error": f"no verb {verb}", "verbs": sorted(_VERBS)}))
        arguments = orjson.loads(await request.read() or b"{}")
        try:
            given = _VERBS[verb](self, **arguments)
            result = await given if isinstance(given, Awaitable) else given
        except (AssertionError, TypeError, KeyError) as problem:
            return _json(400, orjson.dumps({"error": str(problem)}))
        return _json(200, orjson.dumps({"result": result}, default=_plain))


_VERBS: dict[str, Callable[..., Any]] = {
    name: getattr(TelegramServer, name)
    for name in [
        "start",
        "text",
        "show",
        "photo",
        "edit",
        "press",
        "forge",
        "block",
        "unblock",
        "vanish",
        "group_command",
        "raw_update",
        "repeat",
        "load",
        "meet",
        "chat",
        "last",
        "answer",
        "answered_all",
        "asked",
        "figures",
        "fault",
        "heal",
    ]
}


def _request(*parts: Any) -> web.BaseRequest:
    """A request that may carry a file of the size that Telegram takes."""
    return web.BaseRequest(*parts, asyncio.get_running_loop(), client_max_size=64_000_000)


async def _parameters(request: web.BaseRequest) -> dict[str, Any]:
    """All parameters of a request, from wherever Telegram takes them."""
    params: dict[str, Any] = dict(request.query) if request.query_string else {}
    content = request.headers.get("Content-Type", "")
    if content.startswith("application/json"):
        body = await request.read()
        try:
            params.update(orjson.loads(body or b"{}"))
        except orjson.JSONDecodeError:
            raise web.HTTPBadRequest from None
    elif content.startswith("multipart/"):
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                params[name] = File(value.filename, value.content_type, value.file.read())
            else:
                params[name] = value
    else:
        body = await request.read()
        params.update(parse_qsl(body.decode(), keep_blank_values=True))
    for name, value in list(params.items()):
        if isinstance(value, str) and value.startswith("attach://"):
            params[name] = params.get(value.removeprefix("attach://"))
    return params


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


async def _serve(arguments: argparse.Namespace) -> None:
    server = TelegramServer(
        token=arguments.token,
        checks=not arguments.no_checks,
        record=not arguments.no_record,
        flood=Flood(arguments.flood) if arguments.flood else None,
        port=arguments.port,
    )
    async with server:
        print(server.root, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped; the first line printed is the root."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--no-checks", action="store_true", help="accept any text and keyboard")
    parser.add_argument("--no-record", action="store_true", help="count, keep nothing")
    parser.add_argument("--flood", type=float, default=0.0, help="messages a second, 0: no limit")
    try:
        asyncio.run(_serve(parser.parse_args()))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
