"""The certificate of the public address, as a browser would judge it."""

from __future__ import annotations

import ssl
from datetime import datetime
from typing import Final

from bot.findings import Finding, warning, well, wrong
from bot.health.certificate import end_of

SOON: Final = 14
"""Days before its end. Those that are renewed by themselves are so a month before."""
# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_EXPIRED, _NOT_YET = 10, 9
_NAMES: Final = {62: "certificate.other_host", 64: "certificate.other_host"}


async def look(host: str, port: int, at: datetime) -> Finding:
    """Whether it is trusted, for this host, and for how long."""
    try:
        ends = await end_of(host, port)
    except ssl.SSLCertVerificationError as problem:
        return _refused(problem, host)
    except ssl.SSLError as problem:
        return wrong("certificate.no_tls", str(problem.reason or ""), host=host, port=port)
    except (OSError, TimeoutError) as problem:
        kind = type(problem).__name__
        return wrong("public.unreachable", kind=kind, host=host, port=port)
    days = (ends - at).days
    day = f"{ends:%Y-%m-%d}"
    if days < SOON:
        return warning("certificate.ends_soon", host=host, days=days, day=day)
    return well("certificate", host=host, days=days, day=day)


def _refused(problem: ssl.SSLCertVerificationError, host: str) -> Finding:
    if problem.verify_code == _EXPIRED:
        return wrong("certificate.expired", host=host)
    if problem.verify_code == _NOT_YET:
        return wrong("certificate.not_yet", host=host)
    name = _NAMES.get(problem.verify_code, "certificate.untrusted")
    return wrong(name, problem.verify_message, host=host)
