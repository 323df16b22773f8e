"""What staff set in the chat, laid over the content: the urgent banner and the states of cases.

Like a broadcast it is proposed by one member and approved by another. ``values`` are what the desk
keeps, by name: "banner", "case.ID" and "approvals" for what counts, "proposal.NAME" for what is
proposed. That nobody has to approve anything is for two owners, or for whoever is at the machine.
Decisions about held signatures (``campaign.held``) are proposed here too, and not kept once made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.campaign import held
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.content import Campaign, CaseState
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    ProposeBanner,
    ProposeHeld,
    ProposeState,
    RefuseProposal,
    SetApprovals,
)
from bot.campaign.staff import SHELL, Member, Right
from bot.campaign.urgent_banner import wanted_banner

BANNER = "banner"
APPROVALS = "approvals"
TOLD_APPROVALS = "told.approvals_set"
"""How many must approve, as all staff were told last."""

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody wants a value changed ("" takes it away); others may have added to it."""

    authors: tuple[str, ...]
    value: str

    @property
    def author(self) -> str:
        """Who has changed it last."""
        return self.authors[-1]

    @property
    def fingerprint(self) -> str:
        """What an approval is bound to."""
        return hashlib.sha256(self.value.encode()).hexdigest()[:16]


def proposal(values: Values, name: str) -> Proposal | None:
    """What is proposed under that name."""
    kept = values.get(f"proposal.{name}")
    if not kept:
        return None
    authors, value = json.loads(kept)
    return Proposal((authors,) if isinstance(authors, str) else tuple(authors), value)


def approvals(values: Values) -> int:
    """How many must approve."""
    return int(values.get(APPROVALS, "1"))


def approvals_untold(values: Values) -> bool:
    """Whether that has changed, and staff were not told yet."""
    return values.get(TOLD_APPROVALS, "1") != str(approvals(values))


def untold(values: Values) -> dict[str, Proposal]:
    """The proposals that those who decide were not told of yet, by what they are about."""
    found: dict[str, Proposal] = {}
    for name in values:
        about = name.removeprefix("proposal.")
        proposed = proposal(values, about) if about != name else None
        if proposed is not None and values.get(f"told.{about}") != proposed.fingerprint:
            found[about] = proposed
    return found


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody has decided about: ``concerned`` had proposed or approved it."""

    concerned: tuple[str, ...]
    by: str
    yes: bool
    value: str

    @property
    def kept(self) -> str:
        """As it waits until they are told."""
        return json.dumps([self.concerned, self.by, self.yes, self.value], ensure_ascii=False)


def decisions(values: Values) -> dict[str, Decision]:
    """What those who had a part in it were not told of yet, by what it is about."""
    found = {}
    for name, kept in values.items():
        if name.startswith("decided.") and kept:
            concerned, by, yes, value = json.loads(kept)
            found[name.removeprefix("decided.")] = Decision(tuple(concerned), by, yes, value)
    return found


def act(
    values: Values, command: StaffCommand, member: Member, approvals: int, campaign: Campaign
) -> Mapping[str, str]:
    """What is to be kept after a command ("" is taken away). Raises NotAllowed."""
    return RULES[type(command)](_Doing(values, command, member, approvals, campaign))


Command = TypeVar("Command", bound=StaffCommand)


@dataclass(frozen=True, slots=True)
class _Doing(Generic[Command]):
    """One command: on which values, by whom."""

    values: Values
    command: Command
    member: Member
    approvals: int
    campaign: Campaign


def _propose_banner(doing: _Doing[ProposeBanner]) -> Mapping[str, str]:
    return _propose(doing, BANNER, doing.command.banner.value)


def _propose_state(doing: _Doing[ProposeState]) -> Mapping[str, str]:
    return _propose(doing, of_case(doing.command.case), doing.command.state)


def _set_approvals(doing: _Doing[SetApprovals]) -> Mapping[str, str]:
    """To have more eyes on it one owner is enough."""
    wanted, member = doing.command.approvals, doing.member
    if not member.may(Right.RULE):
        raise NotAllowed("right")
    if wanted not in (0, 1):
        raise NotAllowed("value")
    if wanted or member.mark == SHELL:
        return {APPROVALS: str(wanted), f"proposal.{APPROVALS}": "", f"told.{APPROVALS}": ""}
    if not approvals(doing.values):
        raise NotAllowed("same")
    return {f"proposal.{APPROVALS}": json.dumps([[member.mark], str(wanted)])}


def _propose_held(doing: _Doing[ProposeHeld]) -> Mapping[str, str]:
    command = doing.command
    about = held.name(command.petition, command.day)
    return _propose(doing, about, held.wanted(command.verdict, command.reason))


def _propose(doing: _Doing[Any], about: str, wanted: str) -> Mapping[str, str]:
    values, member = doing.values, doing.member
    if not _is_known(about, doing.campaign):
        raise NotAllowed("value")
    if not member.may_propose:
        raise NotAllowed("right")
    if not _will_do(about, wanted):
        raise NotAllowed("value")
    if wanted in _present(about, values, doing.campaign):
        raise NotAllowed("same")
    # A banner is added to, language by language; whoever has a part in it is no second person.
    proposed = proposal(values, about)
    before = proposed.authors if proposed and about == BANNER and wanted else ()
    authors = [*(mark for mark in before if mark != member.mark), member.mark]
    return {f"proposal.{about}": json.dumps([authors, wanted], ensure_ascii=False)}


def _confirm(doing: _Doing[ConfirmProposal]) -> Mapping[str, str]:
    about, member, proposed = doing.command.about, doing.member, _proposed(doing)
    if proposed.fingerprint != doing.command.fingerprint:
        raise NotAllowed("changed")
    if (doing.approvals or about == APPROVALS) and member.mark in proposed.authors:
        raise NotAllowed("own")
    if not _will_do(about, proposed.value):
        raise NotAllowed("value")
    settled = _settled(doing, proposed, yes=True)
    # What is decided about held signatures is done with them, and not kept here.
    return settled if held.is_known(about, doing.campaign) else {about: proposed.value, **settled}


def _refuse(doing: _Doing[RefuseProposal]) -> Mapping[str, str]:
    return _settled(doing, _proposed(doing), yes=False)


def _settled(doing: _Doing[Any], proposed: Proposal, *, yes: bool) -> dict[str, str]:
    about = doing.command.about
    decision = Decision(proposed.authors, doing.member.mark, yes, proposed.value)
    told = {f"decided.{about}": decision.kept} if decision.concerned != (decision.by,) else {}
    return {f"proposal.{about}": "", f"told.{about}": "", **told}


def _proposed(doing: _Doing[Any]) -> Proposal:
    """What is to be decided. Raises NotAllowed."""
    about = doing.command.about
    if not _is_known(about, doing.campaign):
        raise NotAllowed("value")
    if not doing.member.may(right_for(about)):
        raise NotAllowed("right")
    proposed = proposal(doing.values, about)
    if proposed is None:
        raise NotAllowed("nothing")
    return proposed


RULES: Mapping[type[StaffCommand], Callable[[_Doing[Any]], Mapping[str, str]]] = {
    ProposeBanner: _propose_banner,
    ProposeState: _propose_state,
    ProposeHeld: _propose_held,
    SetApprovals: _set_approvals,
    ConfirmProposal: _confirm,
    RefuseProposal: _refuse,
}
"""What becomes of each command, and who may give it."""


def right_for(about: str) -> Right:
    """Who decides about what is proposed."""
    return Right.RULE if about == APPROVALS else Right.DECIDE


def of_case(case_id: str) -> str:
    """The name under which a case's state is kept."""
    return f"case.{case_id}"


def _present(about: str, values: Values, campaign: Campaign) -> tuple[str, ...]:
    """What would change nothing."""
    if held.is_known(about, campaign):
        return ("",)
    kept = values.get(about, "")
    if about == BANNER or kept:
        return (kept,)
    return "", campaign.cases[about.removeprefix("case.")].state.value


def _is_known(about: str, campaign: Campaign) -> bool:
    kind, _, case_id = about.partition(".")
    is_case = kind == "case" and case_id in campaign.cases
    return about in (BANNER, APPROVALS) or is_case or held.is_known(about, campaign)


def _will_do(about: str, value: str) -> bool:
    if not value:
        return True
    try:
        if about == BANNER:
            return bool(wanted_banner(value).banner)
        if about == APPROVALS:
            return value == "0"
        if about.startswith(f"{held.HELD}."):
            return bool(held.decision(about, value))
        return bool(CaseState(value))
    except ValueError:
        return False


def unusable(values: Values) -> list[str]:
    """The names of values that will not do: an earlier version or another hand kept them."""
    names = [name for name in values if name == BANNER or name.startswith("case.")]
    return [name for name in names if not _will_do(name, values[name])]


def overlay(campaign: Campaign, values: Values) -> Campaign:
    """The campaign as staff have set it.

    What the content no longer has, and what will not do, is left out: supporters are answered
    whatever the desk keeps.
    """
    useless = unusable(values)
    values = {name: value for name, value in values.items() if value and name not in useless}
    changed: dict[str, object] = {}
    if BANNER in values:
        wanted = wanted_banner(values[BANNER])
        changed |= {"urgent": wanted.banner, "urgent_texts": wanted.texts}
    states = {
        case_id: CaseState(values[f"case.{case_id}"])
        for case_id in campaign.cases
        if f"case.{case_id}" in values
    }
    if states:
        changed["cases"] = {
            case_id: case.model_copy(update={"state": states.get(case_id, case.state)})
            for case_id, case in campaign.cases.items()
        }
    return campaign.model_copy(update=changed) if changed else campaign
