"""A supporter as the conversation knows them, and the facts it may ask about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.campaign.broadcast_rules.record import Desk
from bot.campaign.effects import Evidence
from bot.campaign.held import Lot
from bot.campaign.signatures import OwnSignature, Signer, Why


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

    ``case`` was looked at last, ``step`` of its story read last (0: none), and ``furthest`` before:
    who goes back and forth has read it once. ``seed`` is a number
    that stays the same for a supporter and tells nothing about them (from their pseudonym): it
    picks the variant of a letter. ``question`` names what the next text answers
    ("letter.first_name:mamat:letter"); empty when nothing was asked. ``topics`` are the updates
    taken. ``known`` is False before the first event was recorded.
    """

    seed: int = 0
    known: bool = False
    language: str = ""
    case: str = ""
    step: int = 0
    furthest: int = 0
    question: str = ""
    source: str = ""
    topics: frozenset[str] = frozenset()
    answers: Answers = Answers()
    seen_at: datetime | None = None

    @property
    def open_question(self) -> tuple[str, Sequence[str]]:
        """Its name and its arguments; "" where nothing was asked."""
        name, *arguments = self.question.split(":")
        return name, arguments


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step may need to know, read from the store for the whole batch before it.

    ``signed``: petitions this supporter has signed. ``done``: how far each (case, action) of theirs
    has gone. ``signatures``: signatures counted here, per petition and kind of signer, as they were
    at the full hour (see ``crowd``). ``signer``: as what this supporter signs. ``bot_name``: the
    bot's public name on the channel, "" where it has none; ``inline``: whether it can be called by
    it from any chat. ``exposed``: whether the channel's platform knows this supporter by their
    telephone number; ``closes``: whether it lets nobody be written to long after their last word,
    so that no reminder and no news can be promised. ``web``: the public root of the web part, ""
    without.
    ``compose``: the root under which this supporter's browser reaches the compose page, "" without.
    ``names_closed``: whether a name for the list is closed so that nobody here can read it.
    ``share_code``: the supporter's own code for passing cases on, "" before the first time;
    ``friends``: how many people came by it. ``chance``: random letters and digits, other ones for
    each event, where a scene needs a secret or a code.

    ``staff``: the role of a member of the staff, "" for everybody else.
    ``own``: what is known of each signature of theirs. Only where an event needs them (see
    ``Need``): ``guarded``: petitions that a signature of this supporter would be held for now, and
    why; ``by_country``: signatures counted per petition, kind of signer and country, and
    ``evidence``: how many supporters went how far, per (case, action, evidence), both as at the
    full hour; ``held``: signatures that staff have to decide about, per (petition, day, kind of
    signer); ``exact``: like ``signatures``, but of this moment; ``lot_days``: the newest days on
    which browsers signed, and how many did; ``lots``: those of the days that are asked for.
    """

    signed: frozenset[str] = frozenset()
    done: Mapping[tuple[str, str], Evidence] = field(default_factory=dict)
    signatures: Mapping[str, Mapping[Signer, int]] = field(default_factory=dict)
    signer: Signer = Signer.ACCOUNT
    staff: str = ""
    bot_name: str = ""
    inline: bool = False
    exposed: bool = False
    closes: bool = False
    web: str = ""
    compose: str = ""
    names_closed: bool = False
    share_code: str = ""
    friends: int = 0
    chance: str = field(default="", repr=False)
    own: Mapping[str, OwnSignature] = field(default_factory=dict)
    guarded: Mapping[str, Why] = field(default_factory=dict)
    by_country: Mapping[str, Mapping[Signer, Mapping[str, int]]] = field(default_factory=dict)
    evidence: Mapping[tuple[str, str, Evidence], int] = field(default_factory=dict)
    held: Mapping[tuple[str, date, Signer], int] = field(default_factory=dict)
    exact: Mapping[str, Mapping[Signer, int]] = field(default_factory=dict)
    lot_days: Mapping[tuple[str, date], int] = field(default_factory=dict)
    lots: Mapping[tuple[str, date], tuple[Lot, ...]] = field(default_factory=dict)
    desk: Desk | None = None
    """What staff find on their desk; None for everybody else."""

    @property
    def of_staff(self) -> bool:
        """Whether a member of the staff did it."""
        return bool(self.staff) or self.desk is not None


class Need(StrEnum):
    """Facts that cost something and are found out only where an event needs them; see routes."""

    BY_COUNTRY = "by_country"
    EVIDENCE = "evidence"
    HELD = "held"
    GUARDED = "guarded"
    LOT_DAYS = "lot_days"
    LOTS = "lots"
    """Costs much in a large petition: read for staff only."""
