"""What can be seen of a bot at one moment. Ages are in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.meters import Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """``heard``: since it last told what is new, or that there is nothing; None for one that is not
    listened to (our own pages). ``trouble``: what the log calls the reason, and ``why``.

    ``stuck``: for how long nothing has got through to it; None while messages do. ``waiting``
    messages are recorded for it; the ``oldest`` of those that were never tried for so long, and
    for longer than is bearable in ``late`` chats. ``through``: since it last took an answer, None
    where it never did.
    """

    heard: float | None = None
    trouble: str = ""
    why: Silence = Silence.NO_ANSWER
    stuck: float | None = None
    waiting: int = 0
    oldest: float = 0.0
    late: int = 0
    through: float | None = None

    @property
    def closed(self) -> bool:
        """Whether nobody can be told anything there just now."""
        return self.stuck is not None or (bool(self.trouble) and self.why is Silence.NO_ANSWER)


@dataclass(frozen=True, slots=True)
class Disk:
    """Where the database is, in bytes. ``falling``: so many less are free each second."""

    free: int
    size: int
    falling: float = 0.0

    @property
    def percent(self) -> float:
        """How much of it is free."""
        return 100 * self.free / self.size if self.size else 0.0

    @property
    def hours(self) -> float | None:
        """Until it is full at this rate; None where it does not get fuller."""
        return self.free / self.falling / 3600 if self.falling > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """``written``: since something was last written, None where that is not known.

    ``dead_letters`` of the last day, ``letters_kept`` in all. ``backup``: since the last one, or
    since there was a database where ``backed_up`` is false. ``certificate``: days that the one of
    the public address is still good for, None where nobody could look. ``refused``: problems of a
    change of content. ``alarms``: the names of what owners are told of.
    """

    written: float | None = None
    damaged: bool = False
    keys_fit: bool = True
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    disk: Disk | None = None
    database: int = 0
    dead_letters: int = 0
    letters_kept: int = 0
    held: int = 0
    broadcasts: Mapping[str, int] = field(default_factory=dict)
    backup: float | None = None
    backed_up: bool = False
    certificate: float | None = None
    refused: int = 0
    alarms: frozenset[str] = frozenset()
