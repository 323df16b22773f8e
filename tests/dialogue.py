"""A conversation with a program that asks at a terminal or a pipe."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from dataclasses import dataclass


@dataclass(slots=True)
class Dialogue:
    """A program that asks; ``said`` is all that it has said, with the answers."""

    process: Process
    said: str = ""

    async def asks(self, words: str, seconds: float = 60) -> None:
        """Wait until it says so, and asks."""
        output = self.process.stdout
        assert output is not None
        while words not in self.said or not self.said.endswith("> "):
            read = await asyncio.wait_for(output.read(4096), seconds)
            assert read, self.said
            self.said += read.decode()

    async def says(self, words: str) -> None:
        output = self.process.stdout
        assert output is not None
        while words not in self.said:
            read = await asyncio.wait_for(output.read(4096), 60)
            assert read, self.said
            self.said += read.decode()

    def answer(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())
        self.said += f"{text}\n"

    async def ends(self) -> int:
        rest, _ = await asyncio.wait_for(self.process.communicate(), 60)
        self.said += rest.decode()
        return self.process.returncode or 0
