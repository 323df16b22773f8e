"""nginx and Caddy as an operator has them: the files of deploy/, with a test's ports."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.program import free_port
from tests.shipped import ROOT

HOST = "chat.example.org"
SERVERS = ("nginx", "caddy")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    version: str
    text: str
    headers: str


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy before the bot."""

    name: str
    port: int
    directory: Path

    @property
    def url(self) -> str:
        return address(self.port)

    def curl(self, path: str, *more: str, source: str = "127.0.0.2") -> list[str]:
        """A visitor's request, who has an address of their own."""
        there = f"{HOST}:{self.port}:127.0.0.1"
        name = f"{self.url}{path}"
        told = ["--insecure", "--path-as-is", "--noproxy", "*", "--interface", source]
        return ["curl", "--silent", "--max-time", "60", "--resolve", there, *told, *more, name]

    def ask(self, path: str, *more: str, source: str = "127.0.0.2") -> Answer:
        head = self.directory / "head"
        head.unlink(missing_ok=True)
        written = ["--dump-header", str(head), "--write-out", "\n%{http_code} %{http_version}"]
        asked = self.curl(path, *written, *more, source=source)
        text, _, told = subprocess.run(
            asked, capture_output=True, text=True, check=False
        ).stdout.rpartition("\n")
        status, version = told.split()
        return Answer(int(status), version, text, head.read_text() if head.exists() else "")

    @property
    def logs(self) -> str:
        return "".join(one.read_text() for one in self.directory.glob("*.log"))


def address(port: int) -> str:
    """What BOT_PUBLIC_URL is behind a proxy at that port."""
    return f"https://{HOST}:{port}"


@contextmanager
def before(bot_port: int, name: str, directory: Path, port: int) -> Iterator[Proxy]:
    """That server before a bot at ``bot_port``, with what deploy/ has for it."""
    directory.mkdir()
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subject = [
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={HOST}",
        "-addext",
        f"subjectAltName=DNS:{HOST}",
    ]
    subprocess.run(
        [*made, *subject, "-out", certificate, "-keyout", key], capture_output=True, check=True
    )
    command = {"nginx": _nginx, "caddy": _caddy}[name](directory, bot_port, port, certificate, key)
    with (directory / "program.log").open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env={"HOME": str(directory), "PATH": "/usr/sbin:/usr/bin:/bin"},
        )
    try:
        _answers(process, port, directory)
        yield Proxy(name, port, directory)
    finally:
        process.terminate()
        process.wait(30)


def _answers(process: subprocess.Popen[bytes], port: int, directory: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, (directory / "program.log").read_text()
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("it never listened")


def _replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _nginx(directory: Path, bot_port: int, port: int, certificate: Path, key: Path) -> list[str]:
    site = _replaced(
        (ROOT / "deploy" / "nginx.conf").read_text(),
        ("127.0.0.1:8080", f"127.0.0.1:{bot_port}"),
        ("listen 443", f"listen {port}"),
        ("listen [::]:443", f"listen [::]:{port}"),
        ("listen 80;", f"listen {free_port()};"),
        ("    listen [::]:80;\n", ""),
        (f"/etc/letsencrypt/live/{HOST}/fullchain.pem", str(certificate)),
        (f"/etc/letsencrypt/live/{HOST}/privkey.pem", str(key)),
        ("/var/log/nginx/", f"{directory}/"),
    )
    (directory / "site.conf").write_text(site)
    kept = "".join(
        f"{kind}_temp_path {directory}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = (
        f"pid {directory}/nginx.pid; error_log {directory}/error.log;\n"
        f"events {{ worker_connections 512; }}\n"
        f"http {{ access_log {directory}/access.log; {kept} include {directory}/site.conf; }}\n"
    )
    (directory / "nginx.conf").write_text(whole)
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    return [program, "-p", str(directory), "-c", str(directory / "nginx.conf"), "-g", "daemon off;"]


def _caddy(directory: Path, bot_port: int, port: int, certificate: Path, key: Path) -> list[str]:
    site = _replaced(
        (ROOT / "deploy" / "Caddyfile").read_text(),
        ("127.0.0.1:8080", f"127.0.0.1:{bot_port}"),
        (f"\n{HOST} {{\n", f"\n{address(port)} {{\n\ttls {certificate} {key}\n"),
        # Its own port for commands and for plain HTTP are taken by others on this machine.
        ("\n{\n", f"\n{{\n\tadmin off\n\thttp_port {free_port()}\n"),
    )
    (directory / "Caddyfile").write_text(site)
    return ["caddy", "run", "--config", str(directory / "Caddyfile"), "--adapter", "caddyfile"]
