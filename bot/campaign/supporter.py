"""A supporter as the conversation knows them, and the facts it may ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.campaign.effects import Evidence


@dataclass(frozen=True, slots=True)
class Answers:
    """What a supporter told us for a letter. Personal: kept encrypted, and for 24 hours at most.

    ``at_risk``: whether they or their family live in or travel to China; None before the question.
    """

    at_risk: bool | None = None
    first_name: str = field(default="", repr=False)
    town: str = field(default="", repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Supporter:
    """What is remembered between two events of one supporter.

    ``seed`` is a number that stays the same for a supporter and tells nothing about them (from
    their pseudonym): it picks the variant of a letter. ``question`` names what the next text
    answers ("letter.first_name:mamat:letter"); empty when nothing was asked. ``topics`` are the
    updates taken. ``known`` is False before the first event was recorded.
    """

    seed: int = 0
    known: bool = False
    language: str = ""
    case: str = ""
    question: str = ""
    source: str = ""
    topics: frozenset[str] = frozenset()
    answers: Answers = Answers()
    seen_at: datetime | None = None

    def asked(self, question: str) -> Supporter:
        """The same supporter, whose next text answers that question."""
        return replace(self, question=question)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step may need to know, read from the store for the whole batch before it.

    ``signed``: petitions this supporter has signed. ``done``: how far each (case, action) of theirs
    has gone. ``signatures``: signatures counted here, per petition. ``bot_name``: the bot's public
    name on the channel, "" where it has none. ``web``: the public root of the web part, "" without.
    ``compose``: the root under which this supporter's browser reaches the compose page, "" without.
    ``share_code``: the supporter's own code for passing cases on, "" before the first time;
    ``friends``: how many people came by it. ``chance``: random letters and digits, other ones for
    each event, where a scene needs a secret or a code.
    """

    signed: frozenset[str] = frozenset()
    done: Mapping[tuple[str, str], Evidence] = field(default_factory=dict)
    signatures: Mapping[str, int] = field(default_factory=dict)
    bot_name: str = ""
    web: str = ""
    compose: str = ""
    share_code: str = ""
    friends: int = 0
    chance: str = field(default="", repr=False)
