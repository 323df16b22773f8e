"""How requests reach the Bot API: python-telegram-bot's request layer over aiohttp.

python-telegram-bot's own layer (httpx) costs several times the CPU of aiohttp for one message, and
writes the address of each request, which holds the token, to its log. Parameters go out as a form,
as python-telegram-bot sends them; ``yarl`` encodes it (5 µs a message, ``urllib`` 27 µs).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, cast

import aiohttp
import orjson
from telegram._utils.types import JSONDict, ODVInput
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.channels import splitting

CONNECT: Final = 10.0
READ: Final = 20.0
# Idle connections are let go well before a server lets go of them: writing to a connection that
# the other side is closing ends as "no answer", and nobody can tell whether the message arrived.
KEEP_ALIVE: Final = 30.0
LONGEST_ANSWER: Final = 4_000_000
"""Bytes of an answer that are read. A hundred updates are a tenth of it; of more the updates that
came whole are taken, and the others come again."""


class NotConnected(NetworkError):
    """The request never left: nothing arrived at Telegram."""


class AnswerLost(TimedOut):
    """The request left, no answer came: Telegram may have acted on it."""


class Unavailable(NetworkError):
    """Telegram answered with a 5xx: it did not act."""


class Flooded(NetworkError):
    """429: nothing more until ``seconds`` have passed."""

    def __init__(self, seconds: float) -> None:
        super().__init__("flood limit")
        self.seconds = seconds


class AiohttpRequest(BaseRequest):
    """One pool of connections. Each lane has its own, so that none waits for another.

    No exception that leaves here names the address, since it holds the token: neither in its text
    nor as its cause or context.
    """

    def __init__(
        self,
        *,
        connections: int,
        proxy: str | None = None,
        connect_timeout: float = CONNECT,
        read_timeout: float = READ,
    ) -> None:
        self._connections = connections
        self._proxy = proxy
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=None, sock_connect=connect_timeout, sock_read=read_timeout
        )
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return self._timeout.sock_read

    async def initialize(self) -> None:
        """Open the pool; a second call changes nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=KEEP_ALIVE, ttl_dns_cache=300
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                proxy=self._proxy,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )

    async def shutdown(self) -> None:
        """Close the pool and cut what is under way."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The status and body that Telegram answered, or one of the errors of this module.

        Waiting for a free connection of the pool has no time limit of its own: the pools are
        smaller than what callers let run at once only in a flood, and then waiting is right.
        """
        if self._session is None:
            raise NotConnected("the channel is not open")
        body, headers = _encoded(request_data)
        timeout = self._timeouts(connect_timeout, read_timeout)
        failure: NetworkError
        try:
            async with self._session.request(
                method,
                self._url(url),
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                status = answer.status
                payload = await _read(answer)
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientConnectionResetError,
            aiohttp.ClientHttpProxyError,  # it did not let us through
            aiohttp.InvalidURL,
        ) as problem:
            failure = NotConnected(type(problem).__name__)
        except Exception as problem:
            failure = AnswerLost(type(problem).__name__)
        else:
            if status == 200:
                return status, payload
            return _checked(status, payload)
        # Raised out here, so that the library's exception, which may hold the URL, is not even
        # its context.
        raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        """The answer, which holds a result or says why not. The payload is never quoted in an
        error."""
        try:
            answer = splitting.value(payload)
        except splitting.Illegible:
            answer = None
        if not isinstance(answer, dict) or not answer.keys() & {"result", "description"}:
            raise TelegramError("unreadable answer")
        return answer

    def _url(self, url: str) -> URL:
        known = self._urls.get(url)
        if known is None:
            known = self._urls[url] = URL(url)
        return known

    def _timeouts(
        self, connect_timeout: ODVInput[float], read_timeout: ODVInput[float]
    ) -> aiohttp.ClientTimeout:
        unset = BaseRequest.DEFAULT_NONE
        if connect_timeout is unset and read_timeout is unset:
            return self._timeout
        connect = self._timeout.sock_connect if connect_timeout is unset else connect_timeout
        read = self._timeout.sock_read if read_timeout is unset else read_timeout
        return aiohttp.ClientTimeout(
            total=None,
            connect=None,
            sock_connect=cast("float | None", connect),
            sock_read=cast("float | None", read),
        )


class UpdatesRequest(AiohttpRequest):
    """Asks for updates; they come as ``splitting.Piece``, each for itself."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        """The answer, its ``result`` a list of pieces where it holds updates."""
        found = splitting.pieces(payload, "result")
        if found is None:
            return AiohttpRequest.parse_json_payload(payload)
        return {"ok": True, "result": found}


def hush_libraries() -> None:
    """Keep the token and what supporters write out of the libraries' logs, at any log level.

    At DEBUG python-telegram-bot logs the address of the API and all parameters; httpx, which comes
    with it, would log addresses at INFO.
    """
    for name in ("telegram", "aiohttp", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body; of one that is too long the beginning, and its connection is closed."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LONGEST_ANSWER:
            answer.close()
            break
    return b"".join(parts)[:LONGEST_ANSWER]


def form(parameters: Mapping[str, str]) -> bytes:
    """The body of a form. Half characters, which UTF-8 cannot carry, are left out."""
    return URL.build(query=parameters).raw_query_string.encode()


def _encoded(data: RequestData | None) -> tuple[Any, dict[str, str] | None]:
    if data is None:
        return None, None
    try:
        parameters = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in data.parameters.items()
        }
        if not data.contains_files:
            return form(parameters), {"Content-Type": "application/x-www-form-urlencoded"}
    except (UnicodeEncodeError, TypeError):
        unsendable = BadRequest("text is not valid unicode")
    else:
        multipart = aiohttp.FormData(quote_fields=False)
        for name, value in parameters.items():
            multipart.add_field(name, value)
        for name, (filename, content, media_type) in data.multipart_data.items():
            multipart.add_field(name, content, filename=filename, content_type=media_type)
        return multipart, None
    raise unsendable


def _checked(status: int, payload: bytes) -> tuple[int, bytes]:
    """What python-telegram-bot reads right passes; what it reads less exactly is raised here."""
    if status == 429:
        raise Flooded(_retry_after(payload))
    if status == 413:
        raise BadRequest("request entity too large")
    if status >= 500:
        raise Unavailable(f"status {status}")
    return status, payload


def _retry_after(payload: bytes) -> float:
    try:
        seconds = orjson.loads(payload)["parameters"]["retry_after"]
        return max(0.0, float(seconds))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return 5.0
