"""Commands about what staff set or decide besides broadcasts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.signatures import Signer
from bot.campaign.urgent_banner import Wanted


@dataclass(frozen=True, slots=True)
class SetApprovals(StaffCommand):
    """How many others must approve a broadcast: 0 or 1. That nobody must is proposed by one owner
    and confirmed by another, or set by the shell."""

    name: ClassVar[str] = "approvals"
    approvals: int


@dataclass(frozen=True, slots=True)
class ProposeBanner(StaffCommand):
    """Want this urgent banner; one without texts takes it away."""

    name: ClassVar[str] = "propose"
    banner: Wanted


@dataclass(frozen=True, slots=True)
class ProposeState(StaffCommand):
    """Want a case to have this state; "": the one that stands in the content."""

    name: ClassVar[str] = "propose"
    case: str
    state: str


@dataclass(frozen=True, slots=True)
class ConfirmProposal(StaffCommand):
    """Approve what is proposed ``about`` "banner", "approvals", "case.ID",
    "held.PETITION.DAY.SIGNER" or "lots.PETITION.DAY", if it has that fingerprint."""

    name: ClassVar[str] = "confirm"
    about: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RefuseProposal(StaffCommand):
    """Drop what is proposed about that."""

    name: ClassVar[str] = "refuse"
    about: str


class Verdict(StrEnum):
    """What staff decide about signatures that were held, or about whole lots."""

    ACCEPT = "accept"
    REJECT = "reject"
    REOPEN = "reopen"
    TAKE_OUT = "take_out"
    PUT_BACK = "put_back"


@dataclass(frozen=True, slots=True)
class ProposeHeld(StaffCommand):
    """Want that to be decided about all signatures of a petition that were held on a day and came
    from signers of one kind."""

    name: ClassVar[str] = "propose"
    petition: str
    day: date
    signer: Signer
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class DecideHeld(StaffCommand):
    """Decide about all signatures of a petition that were held on a day and came from signers of
    one kind; reversible.

    ``reason`` is kept, so it must name nobody. Where another one must approve it, it is proposed
    instead and confirmed; to take a decision back nobody else is needed.
    """

    name: ClassVar[str] = "decide"
    petition: str
    day: date
    signer: Signer
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class ProposeLots(StaffCommand):
    """Want these lots of browsers' signatures of a petition and day taken out, or put back."""

    name: ClassVar[str] = "propose"
    petition: str
    day: date
    verdict: Verdict
    reason: str
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecideLots(StaffCommand):
    """Take them out or put them back. Where another one must approve it, it is proposed instead and
    confirmed, both ways: both change the number."""

    name: ClassVar[str] = "decide"
    petition: str
    day: date
    verdict: Verdict
    reason: str
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GiveCode(StaffCommand):
    """A code of one's second factor. It is used up, and opens what asks for it for some hours."""

    name: ClassVar[str] = "code"
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoteWrongCode(StaffCommand):
    """Something else was typed where a code was asked for."""

    name: ClassVar[str] = "wrong code"


@dataclass(frozen=True, slots=True)
class InviteMember(StaffCommand):
    """Let a member, by their mark, set up a second factor: they get a link for one use."""

    name: ClassVar[str] = "invite"
    mark: str


@dataclass(frozen=True, slots=True)
class AskForLink(StaffCommand):
    """Sign me in at the staff's pages, in the browser that shows this code: a link comes."""

    name: ClassVar[str] = "link"
    code: str


@dataclass(frozen=True, slots=True)
class EndSession(StaffCommand):
    """End a browser's session at the staff's pages: one's own, or as an owner anybody's."""

    name: ClassVar[str] = "sign out"
    session: str
