"""WebKit (half of the phones) and Firefox, each by the protocol that it speaks itself: a page
opened, a script run in it, a real click on what is shown."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.chromium import needed
from tests.program import free_port

WITHIN = 30.0
"""Seconds that a browser may take to start, and a page to show what is waited for."""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element's reference: https://www.w3.org/TR/webdriver2/#elements"""


class Command(Protocol):
    def __call__(self, name: str, **parameters: Any) -> Any: ...


class Window:
    """A browser's window. ``ask`` sends one command of WebDriver by Marionette's name for it."""

    def __init__(self, ask: Command):
        self._ask = ask

    def go(self, url: str) -> None:
        self._ask("Navigate", url=url)

    def back(self) -> None:
        self._ask("Back")

    def size(self, width: int, height: int) -> None:
        """Of the page itself: what the window's frame takes is added."""
        self._ask("SetWindowRect", width=width, height=height)
        wide, high = self.run("return [innerWidth, innerHeight]")
        self._ask("SetWindowRect", width=2 * width - wide, height=2 * height - high)

    def run(self, script: str) -> Any:
        return self._ask("ExecuteScript", script=script, args=[])

    def click(self, selector: str) -> None:
        """A click as a person makes it: on what is in sight."""
        self.until(f"return !!document.querySelector({json.dumps(selector)})")
        found = self._ask("FindElement", using="css selector", value=selector)
        reference = found.get("value", found)[ELEMENT]
        self._ask("ElementClick", id=reference)

    def until(self, script: str) -> None:
        end = time.monotonic() + WITHIN
        while not self.run(script):
            if time.monotonic() > end:
                raise AssertionError(f"not in {WITHIN:.0f} s: {script}")
            time.sleep(0.05)


@contextmanager
def webkit() -> Iterator[Window]:
    """WebKitGTK's own little browser on a virtual screen."""
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    needed(
        bool(browsers and shutil.which("WebKitWebDriver") and shutil.which("xvfb-run")),
        "WebKit (Debian's webkit2gtk-driver, xvfb and xauth)",
    )
    port = free_port()
    drawn = {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
    process = subprocess.Popen(
        ["xvfb-run", "-a", "-s", "-screen 0 1400x1100x24", "WebKitWebDriver", f"--port={port}"],
        env={**os.environ, **drawn, "LANG": "fr_FR.UTF-8", "LANGUAGE": "fr"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    root = f"http://127.0.0.1:{port}"
    options = {"binary": str(browsers[-1]), "args": ["--automation"]}
    try:
        with httpx.Client(trust_env=False, timeout=60) as client:
            _until_there(lambda: client.get(f"{root}/status").raise_for_status())
            wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
            made = client.post(f"{root}/session", json={"capabilities": wanted}).json()["value"]
            session = f"{root}/session/{made['sessionId']}"

            def ask(name: str, **parameters: Any) -> Any:
                path = _PATHS[name].format(**parameters)
                answer = client.post(f"{session}/{path}", json=parameters).json()["value"]
                if isinstance(answer, dict) and "error" in answer:
                    raise AssertionError(f"{name}: {answer['error']}: {answer.get('message')}")
                return answer

            try:
                yield Window(ask)
            finally:
                client.delete(session)
    finally:
        _end(process)


_PATHS = {
    "Navigate": "url",
    "Back": "back",
    "SetWindowRect": "window/rect",
    "ExecuteScript": "execute/sync",
    "FindElement": "element",
    "ElementClick": "element/{id}/click",
}


@contextmanager
def firefox(profile: Path) -> Iterator[Window]:
    """Firefox without a window, by Marionette: geckodriver is not needed for one page.

    https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
    """
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    needed(program is not None, "Firefox (Debian's firefox-esr)")
    port = free_port()
    profile.mkdir(parents=True)
    preferences = {
        "marionette.port": port,
        "intl.accept_languages": "fr",
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "app.update.disabledForTesting": True,
    }
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in preferences.items())
    (profile / "user.js").write_text("\n".join(lines))
    process = subprocess.Popen(
        [str(program), "--marionette", "--headless", "--no-remote", "--profile", str(profile)],
        env={**os.environ, "HOME": str(profile), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        told = _until_there(lambda: socket.create_connection(("127.0.0.1", port), timeout=60))
        with told, told.makefile("rb") as coming:

            def heard() -> Any:
                length = b""
                while (sign := coming.read(1)) != b":":
                    assert sign, "Firefox has gone"
                    length += sign
                return json.loads(coming.read(int(length)))

            number = 0

            def ask(name: str, **parameters: Any) -> Any:
                nonlocal number
                number += 1
                said = json.dumps([0, number, f"WebDriver:{name}", parameters]).encode()
                told.sendall(b"%d:%s" % (len(said), said))
                _, _, problem, answer = heard()
                if problem:
                    raise AssertionError(f"{name}: {problem['error']}: {problem['message']}")
                one = isinstance(answer, dict) and set(answer) == {"value"}
                return answer["value"] if one else answer

            heard()  # it says who it is
            ask("NewSession")
            yield Window(ask)
    finally:
        _end(process)


def _until_there(ask: Any) -> Any:
    end = time.monotonic() + WITHIN
    while True:
        try:
            return ask()
        except (OSError, httpx.HTTPError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and what it started, in its own session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
