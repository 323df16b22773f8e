"""The conversation on a terminal or through a pipe: a line is a turn, choices have numbers."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from bot.campaign.channel import Lane, Made, Result, Sent
from bot.campaign.events import Chose, Commanded, Event, Said, Started
from bot.campaign.layout import lay_out
from bot.campaign.messages import Rendered, RenderedButton
from bot.channels.terminal.capabilities import NAME, TERMINAL

ADDRESS = "here"


class Terminal:
    """Prints messages; reads a line as the event that it means.

    A number presses that choice of the last screen, a label the choice that was last shown with
    it; ``/`` begins a command; ``=`` says what follows as it stands (a number that is meant as
    text); all else is said.
    """

    name = NAME
    capabilities = TERMINAL

    def __init__(self, out: TextIO = sys.stdout, *, documents: Path, language: str = ""):
        """``documents``: the directory that attachments are put into."""
        self._out = out
        self._documents = documents
        self._language = language
        self.closed = False
        """Whether nobody reads any more (``| head`` has seen enough)."""
        self.silent = False
        """Whether messages are taken and not shown."""
        self._choices: list[RenderedButton] = []
        self._labels: dict[str, RenderedButton] = {}

    def parse(self, line: str) -> Event:
        """The event that a line means."""
        typed = line.strip()
        chosen = self._chosen(typed)
        if chosen is not None:
            return self.choose(chosen.data)
        if typed.startswith("/"):
            name, _, rest = typed[1:].partition(" ")
            if name == "start":
                return self._event(Started, payload=rest.strip())
            return self._event(Commanded, name=name, rest=rest)
        return self._event(Said, text=typed.removeprefix("="))

    def choose(self, data: str) -> Event:
        """The event of a choice that carries this."""
        return self._event(Chose, data=data)

    def _chosen(self, typed: str) -> RenderedButton | None:
        if typed.isdecimal() and 1 <= int(typed) <= len(self._choices):
            return self._choices[int(typed) - 1]
        return self._labels.get(_plain(typed))

    def _event(self, kind: Callable[..., Event], **told: str) -> Event:
        return kind(
            id=uuid.uuid4().hex, channel=NAME, address=ADDRESS, language=self._language, **told
        )

    async def send(
        self, address: str, message: Rendered, made: tuple[Made, ...], lane: Lane
    ) -> Result:
        """Print the message, keep its choices, save its documents."""
        if self.silent:
            return Sent("")
        lines = ["", message.text]
        if message.block:
            lines += ["", *(f"  | {line}".rstrip() for line in message.block.split("\n"))]
        for document in made:
            lines.append(f"[{self._saved(document)}]")
        lines += ["", *self._numbered(message)]
        try:
            print("\n".join(lines).rstrip(), file=self._out, flush=True)
        except BrokenPipeError:
            # Taken as sent: there is nobody to whom it could be said again.
            self.closed = True
        return Sent("")

    def _numbered(self, message: Rendered) -> list[str]:
        buttons = [button for row in lay_out(message.buttons, TERMINAL).rows for button in row]
        self._choices = [button for button in buttons if button.data] or self._choices
        self._labels |= {_plain(button.label): button for button in self._choices}
        lines = []
        number = 0
        for button in buttons:
            if button.data:
                number += 1
                lines.append(f"  {number:>2}. {button.label}")
            else:
                lines.append(f"   → {button.label}: {button.url or button.copy}")
        return lines

    def _saved(self, document: Made) -> Path:
        self._documents.mkdir(parents=True, exist_ok=True)
        place = self._documents / document.name
        place.write_bytes(document.content)
        return place

    async def busy(self, address: str) -> None:
        """Nothing to show: the document follows at once."""


def _plain(label: str) -> str:
    """As somebody types it: any space for a no-break space, a straight apostrophe, any case."""
    return " ".join(label.replace("’", "'").casefold().split())
