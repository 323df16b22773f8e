"""For how long the certificate of the public address is still good, as a browser would see it."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

LONGEST = 10.0
DAY = 86_400.0


async def days_left(url: str, now: datetime) -> float | None:
    """Days until it ends, below 0 where browsers refuse it; None where nobody could look: the
    address is not https, or cannot be reached from this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    try:
        async with asyncio.timeout(LONGEST):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=ssl.create_default_context()
            )
    except ssl.SSLCertVerificationError:
        return -1.0
    except (OSError, TimeoutError):
        return None
    try:
        told: Any = writer.get_extra_info("peercert") or {}
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await writer.wait_closed()
    if "notAfter" not in told:
        return None
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC)
    return (end - now).total_seconds() / DAY
