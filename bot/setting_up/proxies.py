"""The file of the proxy before the pages, with the operator's own host in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

EXAMPLE: Final = "chat.example.org"
PORT: Final = "127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class ProxyFile:
    """``source``: below the program's directory; ``target``: where the proxy reads it."""

    name: str
    source: str
    target: str


CADDY: Final = ProxyFile("Caddy", "deploy/Caddyfile", "/etc/caddy/Caddyfile")
NGINX: Final = ProxyFile("nginx", "deploy/nginx.conf", "/etc/nginx/sites-enabled/campaign.conf")


def filled(file: ProxyFile, root: Path, host: str, port: int) -> str:
    """The file for that host, before the bot at that port. Raises OSError."""
    text = (root / file.source).read_text(encoding="utf-8")
    return text.replace(EXAMPLE, host).replace(PORT, f"127.0.0.1:{port}")
