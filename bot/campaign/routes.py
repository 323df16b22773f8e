"""A route: the ways into one scene, what it needs, and how it is tried; said once.

The file of a scene ends with its ``ROUTES``; ``entrances`` lists the files.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import Enum
from functools import cached_property
from inspect import signature

from bot.campaign.supporter import Need
from bot.campaign.turn import Scene


class DependsOn(Enum):
    """What is remembered of a supporter that may change what a scene answers, besides their case,
    language and open question."""

    NOTHING_MORE = "nothing more"
    ANSWERS = "answers"
    RISK = "risk"
    TOPICS = "topics"


@dataclass(frozen=True)
class Route:
    """What a name leads to: in a button, as a command, as a question that stands open.

    A button carries ``NAME:ARGUMENT:…``, all that its ``scene`` needs, so that it works after a
    year, a restart or a change of content. ``command`` answers ``/NAME``, or ``/CALLED`` where that
    name is another's; who writes one of the ``typed`` words means the same (or the button, where
    there is no command).

    A supporter's open question is ``NAME:ARGUMENT:…`` too. ``question`` takes the text that answers
    it; ``asked_again`` asks once more, in another language or where no text came.

    ``needs``: facts that are found out only before this button or command, since they cost
    something; whoever comes to the scene by another way finds them empty. ``staff``: for everybody
    else there is no such route. ``takes_all``: its question takes words said in need as well.
    ``personal``: it asks for a name or shows a letter, which where the platform knows who writes
    is done on a page (``scenes.elsewhere``).

    The last three are for the walk through all screens: ``answers`` are texts that answer the
    question (the longest, and what leads to another screen); ``depends_on`` says who may be
    answered differently; ``versions`` names the text of a case whose versions the last argument
    counts ("": those of a letter).
    """

    name: str
    scene: Scene | None = None
    _: KW_ONLY
    command: Scene | None = None
    called: str = ""
    typed: tuple[str, ...] = ()
    question: Scene | None = None
    asked_again: Scene | None = None
    needs: tuple[Need, ...] = ()
    staff: bool = False
    takes_all: bool = False
    personal: bool = False
    answers: tuple[str, ...] = ()
    depends_on: DependsOn = DependsOn.NOTHING_MORE
    versions: str | None = None

    @cached_property
    def arguments(self) -> range:
        """How many arguments a button may carry (a forged one may carry any)."""
        if self.scene is None:
            return range(0)
        every = signature(self.scene).parameters.values()
        taken = [one for one in every if one.kind is one.POSITIONAL_OR_KEYWORD]
        needed = [one for one in taken if one.default is one.empty]
        return range(len(needed) - 1, len(taken))
