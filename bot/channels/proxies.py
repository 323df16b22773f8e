"""The proxy between this machine and a platform, from the variables that all programs know."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from bot.channels.service import ChannelTrouble

USABLE = ("http", "https")


class ProxyTrouble(ChannelTrouble):
    """The proxy that is set cannot be used; the text is a sentence for whoever runs the bot."""


def proxy_to(address: str) -> str | None:
    """The proxy for requests to that address: HTTPS_PROXY or HTTP_PROXY (by the address's own
    scheme), else ALL_PROXY, unless NO_PROXY names its host; None where there is none.

    Raises ``ProxyTrouble``. Nothing in its text is secret: a proxy's address may hold a password.
    """
    # Not aiohttp's trust_env: it does not know ALL_PROXY, and would send passwords of ~/.netrc.
    proxies = urllib.request.getproxies_environment()
    parts = urlsplit(address)
    names = [name for name in (parts.scheme, "all") if proxies.get(name)]
    # typeshed knows this one on no system.
    bypasses = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]
    if not names or bypasses(parts.netloc, proxies):
        return None
    name, proxy = f"{names[0].upper()}_PROXY", proxies[names[0]]
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        told = urlsplit(proxy)
        usable, port = bool(told.hostname), told.port
    except ValueError:
        usable, port = False, None
    if not usable or port == 0:
        raise ProxyTrouble(f"{name}: write it like http://proxy.example.org:3128.")
    if told.scheme not in USABLE:
        raise ProxyTrouble(
            f"{name}: a proxy of this kind ({told.scheme}) is not supported, only HTTP proxies:"
            " write it like http://proxy.example.org:3128, or name api.telegram.org in NO_PROXY."
        )
    return proxy
