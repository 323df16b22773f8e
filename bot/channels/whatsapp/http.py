"""Requests to the Graph API. Nothing that leaves here names an address, a token or a person."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import orjson

from bot.campaign.channel import Made, Refused, Unknown
from bot.channels import splitting

VERSION: Final = "v25.0"
CONNECT: Final = 10.0
READ: Final = 20.0
KEEP_ALIVE: Final = 30.0
CONNECTIONS: Final = 100
LONGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. ``body`` is None where it is no JSON."""

    status: int
    body: Any

    @property
    def is_good(self) -> bool:
        """Whether it was done."""
        return self.status == 200 and isinstance(self.body, dict)


class Graph:
    """The Graph API for one token. Use as an async context manager."""

    def __init__(
        self, root: str, token: str, *, proxy: str | None = None, read_timeout: float = READ
    ) -> None:
        """``root``: without the version, which stands here."""
        # At DEBUG the library would log what is sent.
        logging.getLogger("aiohttp").setLevel(logging.WARNING)
        self._root = f"{root.rstrip('/')}/{VERSION}/"
        self._token = token
        self._proxy = proxy
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=None, sock_connect=CONNECT, sock_read=read_timeout
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Graph:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE, ttl_dns_cache=300
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                proxy=self._proxy,
                headers={"Authorization": f"Bearer {self._token}"},
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str, **asked: str) -> Answer | Refused | Unknown:
        """What is there."""
        return await self._ask("GET", path, params=asked or None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer | Refused | Unknown:
        """Have something done; Refused where the request never left, Unknown where no answer
        came."""
        try:
            written = orjson.dumps(body)
        except (orjson.JSONEncodeError, TypeError):
            return Refused("text is not valid unicode", permanent=True)
        headers = {"Content-Type": "application/json"}
        return await self._ask("POST", path, data=written, headers=headers)

    async def upload(self, path: str, file: Made, media_type: str) -> Answer | Refused | Unknown:
        """Put a file there."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", media_type)
        form.add_field("file", file.content, filename=file.name, content_type=media_type)
        return await self._ask("POST", path, data=form)

    async def _ask(self, method: str, path: str, **more: Any) -> Answer | Refused | Unknown:
        if self._session is None:
            return Refused("the channel is not open")
        try:
            async with self._session.request(
                method, self._root + path, allow_redirects=False, **more
            ) as answer:
                body = await answer.content.read(LONGEST)
                while not answer.content.at_eof() and len(body) < LONGEST:
                    body += await answer.content.read(LONGEST)
                return Answer(answer.status, _value(body))
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientConnectionResetError,
            aiohttp.ClientHttpProxyError,
            aiohttp.InvalidURL,
        ):
            return Refused("no connection")
        except Exception as problem:
            # It left, and no answer came: only the kind is told, since texts can quote addresses.
            return Unknown(f"no answer ({type(problem).__name__})")


def _value(body: bytes) -> Any:
    try:
        return splitting.value(body)
    except splitting.Illegible:
        return None
