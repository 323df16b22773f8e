"""For how long the certificate of the public address is still good, as a browser would see it."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

PATIENCE = 15.0
DAY = 86_400.0


async def end_of(host: str, port: int) -> datetime:
    """When it ends. Raises SSLCertVerificationError where browsers refuse it, another SSLError
    where nobody speaks TLS there, OSError and TimeoutError where nobody answers."""
    async with asyncio.timeout(PATIENCE):
        _, writer = await asyncio.open_connection(
            host, port, ssl=ssl.create_default_context(), server_hostname=host
        )
        try:
            told = writer.get_extra_info("peercert")["notAfter"]
        finally:
            writer.close()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(told), UTC)


async def days_left(url: str, now: datetime) -> float | None:
    """Days until it ends, below 0 where browsers refuse it; None where nobody could look: the
    address is not https, or cannot be reached from this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    try:
        end = await end_of(parts.hostname, parts.port or 443)
    except ssl.SSLCertVerificationError:
        return -1.0
    except (OSError, TimeoutError):
        return None
    return (end - now).total_seconds() / DAY
