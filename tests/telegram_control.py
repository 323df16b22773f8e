"""The verbs of a ``tests.telegram_server`` that runs as its own process, over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any


class ServerProcess:
    """The server as a process; stopped at the end of the ``with`` block.

    ``call("text", chat=77, text="Bonjour")`` does what ``TelegramServer.text`` does.
    """

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.telegram_server", *options],
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.root = self._process.stdout.readline().strip()
        if not self.root:
            raise RuntimeError("the Bot API server did not start")

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def call(self, verb: str, timeout: float = 120.0, **arguments: Any) -> Any:
        """What the verb returns; AssertionError with its reason where it refuses."""
        request = urllib.request.Request(
            f"{self.root}/control/{verb}", json.dumps(arguments).encode(), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as problem:
            with problem:
                raise AssertionError(json.load(problem)["error"]) from None
