"""The certificate of the public address is looked at as a browser would, over real TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.health.certificate import days_left

NOW = datetime.now(UTC).replace(microsecond=0)


def certificate(directory: Path, days: float, host: str = "localhost") -> Path:
    """One for that host that is good for so long from now on; with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=90))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = directory / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@asynccontextmanager
async def proxy(file: Path) -> AsyncIterator[int]:
    """What serves that certificate; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    # Python writes a line for each handshake that fails, which is what is tried here.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("days", [60, 3.5])
async def test_so_many_days_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float
) -> None:
    file = certificate(tmp_path, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with proxy(file) as port:
        assert await days_left(f"https://localhost:{port}", NOW) == days


async def test_what_a_browser_refuses_is_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = certificate(tmp_path, -1)
    async with proxy(over) as port:
        assert await days_left(f"https://localhost:{port}", NOW) == -1
        monkeypatch.setenv("SSL_CERT_FILE", str(over))
        assert await days_left(f"https://localhost:{port}", NOW) == -1
    another = certificate(tmp_path, 60, "chat.example.org")
    async with proxy(another) as port:
        assert await days_left(f"https://localhost:{port}", NOW) == -1


@pytest.mark.parametrize("url", ["", "http://localhost:9", "https://localhost:9", "https://"])
async def test_where_nobody_can_look_nothing_is_said(url: str) -> None:
    assert await days_left(url, NOW) is None
