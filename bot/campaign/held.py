"""What is wanted of signatures that were held: proposed by one, approved by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.campaign.content import Campaign
from bot.campaign.desk_commands.settings import DecideHeld, Verdict

HELD = "held"
FITTING: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.ACCEPT: ("genuine", "campaign"),
    Verdict.REJECT: ("copies", "unknown"),
}
"""Reasons to choose from, so that none names anybody: `pending.reason.ID`."""
REASONS = tuple(reason for reasons in FITTING.values() for reason in reasons)


def fits(verdict: Verdict, reason: str) -> bool:
    """Whether the reason goes with the verdict; taking a decision back may have any of them."""
    return reason in FITTING.get(verdict, REASONS)


def name(petition: str, day: date) -> str:
    """What a proposal about the signatures of that day is called on the desk."""
    return f"{HELD}.{petition}.{day.isoformat()}"


def is_known(about: str, campaign: Campaign) -> bool:
    """Whether it is such a name, of a petition that there is."""
    kind, _, which = about.partition(".")
    petition, _, day = which.partition(".")
    try:
        return kind == HELD and petition in campaign.petitions and bool(date.fromisoformat(day))
    except ValueError:
        return False


def wanted(verdict: Verdict, reason: str) -> str:
    """What is proposed, as the desk keeps it."""
    return f"{verdict.value}:{reason}"


def decision(about: str, value: str) -> DecideHeld:
    """The decision that a proposal asks for. Raises ValueError for what will not do."""
    _, petition, day = about.split(".")
    verdict, _, reason = value.partition(":")
    if reason not in FITTING.get(Verdict(verdict), ()):
        raise ValueError("reason")
    return DecideHeld(petition, date.fromisoformat(day), Verdict(verdict), reason)
