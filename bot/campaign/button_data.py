"""What a button carries: ``SCENE:ARGUMENT:…``; below a broadcast ``news:NUMBER:`` before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.campaign.former_buttons import renamed

NEWS = "news"
MORE = "more"
"""Before a button whose screen had more choices than a channel shows: ``more:SHOWN:DATA``."""


@dataclass(frozen=True, slots=True)
class Carried:
    """``under_news``: the button stands below a broadcast, which stays as it is."""

    name: str
    arguments: Sequence[str]
    under_news: bool = False

    @property
    def data(self) -> str:
        """The same in one text, without what stands before it below a broadcast."""
        return ":".join((self.name, *self.arguments))


def under_news(number: int, data: str) -> str:
    """What that button carries below the broadcast of that number."""
    return f"{NEWS}:{number}:{data}"


def read(data: str) -> Carried:
    """What a pressed button carries, in the words of this version. It may be forged."""
    name, *arguments = renamed(data).split(":")
    if name == NEWS and len(arguments) > 1:
        inner = read(":".join(arguments[1:]))
        return Carried(inner.name, inner.arguments, under_news=True)
    return Carried(name, arguments)


def origin(data: str) -> str:
    """The name of the button whose screen is shown, of one to further choices too."""
    carried = read(data)
    if carried.name == MORE and len(carried.arguments) > 1:
        return read(":".join(carried.arguments[1:])).name
    return carried.name
