"""Whatever a browser posts or asks is answered clearly, is no fault, and the next one is served.

Tried with other bytes each time; see CONTRIBUTING.md for ten minutes of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.chat_page import Page, new_key, opened_page
from tests.test_splitting import deep

POSTS = ("/chat/turns", "/compose/sent", "/preview/walk", "/chat/documents/1")
Ask = Callable[..., httpx.Response]

_KEY = new_key()
_TURN = {"id": "0123456789abcdef", "kind": "say", "text": "Bonjour", "language": "fr"}
_WAY = {"turns": [], "languages": ["fr"], "states": {}, "seen": ""}
_NASTY = {
    "nested 300 deep": deep(300),
    "nested 100,000 deep": deep(11_000),
    "a number beyond 64 bits": b"18446744073709551616",
    "a number of 5,000 digits": b"9" * 5_000,
    "half a character": b'"\\ud83d"',
    "no UTF-8": b'"\xff\xfe"',
    "no JSON": b"nothing",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"token"',
    "not a number": b"NaN",
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a page that is served for all of these tests; nothing may be logged as a fault."""
    data = tmp_path_factory.mktemp("posts") / "data"
    with asyncio.Runner() as runner:
        context = opened_page(data)
        page: Page = runner.run(context.__aenter__())
        client = httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False, timeout=60)

        def ask(method: str, path: str, **more: Any) -> httpx.Response:
            headers = {
                "Origin": page.origin,
                "Authorization": f"Bearer {_KEY}",
                **more.pop("headers", {}),
            }
            with structlog.testing.capture_logs() as lines:
                answer = runner.run(client.request(method, path, headers=headers, **more))
            assert [line for line in lines if line["log_level"] == "error"] == []
            assert "Traceback" not in answer.text
            return answer

        yield ask
        assert ask("GET", "/privacy").status_code == 200
        runner.run(client.aclose())
        runner.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("nasty", _NASTY.values(), ids=_NASTY)
def test_a_body_that_nobody_can_read_is_refused(ask: Ask, path: str, nasty: bytes) -> None:
    assert 400 <= ask("POST", path, content=nasty).status_code < 500


@pytest.mark.parametrize(("path", "sound"), [("/chat/turns", _TURN), ("/preview/walk", _WAY)])
@pytest.mark.parametrize("nasty", _NASTY.values(), ids=_NASTY)
def test_no_field_makes_it_fail(ask: Ask, path: str, sound: dict[str, Any], nasty: bytes) -> None:
    for name in sound:
        rest = {key: value for key, value in sound.items() if key != name}
        body = b'{"%s":%s,' % (name.encode(), nasty) + json.dumps(rest).encode()[1:]
        assert ask("POST", path, content=body).status_code < 500


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/chat/documents/{'9' * 5_000}"),
        ("POST", "/chat/documents/9223372036854775808"),
        ("POST", "/chat/documents/0"),
        ("GET", f"/compose/letter?case=mamat&action=letter&language=fr&number={'9' * 5_000}"),
        ("GET", "/compose/letter?case=%00&action=%ff&language=%ED%A0%BD&number=%D9%A3"),
        ("GET", "/chat/labels/%00"),
        ("GET", "/static/%00"),
        ("GET", f"/static/{'x' * 5_000}"),
        ("GET", "/static/..%2f..%2fapp.py"),
        ("GET", "/?lang=%ED%A0%BD&start=%00"),
    ],
)
def test_an_address_that_nobody_has_made_is_answered(ask: Ask, method: str, path: str) -> None:
    assert ask(method, path).status_code < 500


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Origin", "http://[::1"),
        ("Origin", "http://[x]/"),
        ("Content-Length", "9" * 5_000),
        ("Content-Length", "-1"),
        ("Content-Length", "²"),
        ("Host", "["),
        ("Host", "²"),
        ("X-Forwarded-For", "[::1, x, ²"),
        ("Accept-Language", "fr;q=nan, en;q=1e999, ²;q=²"),
        ("Last-Event-ID", "9" * 5_000),
        ("Authorization", "Bearer ²"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_header_makes_it_fail(ask: Ask, method: str, name: str, value: str) -> None:
    headers = {name: value.encode("latin-1")}
    path = "/compose/sent" if method == "POST" else "/"
    try:
        answer = ask(method, path, headers=headers, content=b"{}" if method == "POST" else None)
    except httpx.HTTPError:
        assert name == "Content-Length"  # the server has closed the connection
        return
    assert answer.status_code < 500


async def test_who_goes_in_the_middle_of_a_post_is_no_fault(data: Path) -> None:
    async with opened_page(data) as page:
        with structlog.testing.capture_logs() as lines:
            for path in POSTS:
                host, _, port = page.origin.removeprefix("http://").partition(":")
                _, writer = await asyncio.open_connection(host, int(port))
                writer.write(
                    f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {page.origin}\r\n"
                    f"Authorization: Bearer {_KEY}\r\nContent-Length: 100\r\n\r\n{{".encode()
                )
                await writer.drain()
                await asyncio.sleep(0.05)
                writer.close()
                await writer.wait_closed()
            async with page.visitor() as visitor:
                assert (await visitor.posts("command", text="/help")).status_code == 204
    assert [line for line in lines if line["log_level"] == "error"] == []


_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=50)  # type: ignore[arg-type]
    | st.sampled_from(["start", "say", "choose", "command", "forget", "fr", "/help", "forget:all"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*_TURN, *_WAY, "data", "on", "label", "token"]), inner)
    ),
    max_leaves=8,
)
_BODY = st.dictionaries(
    st.sampled_from([*_TURN, *_WAY, "data", "on", "label", "token"]), _VALUE
).flatmap(lambda more: st.sampled_from([more, {**_TURN, **more}, {**_WAY, **more}]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    path=st.sampled_from(POSTS),
    body=st.binary(max_size=200) | st.builds(lambda value: json.dumps(value).encode(), _BODY),
)
@example(path="/chat/turns", body=json.dumps({**_TURN, "text": "/start \x00"}).encode())
def test_whatever_is_posted_is_answered(ask: Ask, path: str, body: bytes) -> None:
    assert ask("POST", path, content=body).status_code < 500
