"""What staff set in the chat, laid over the content: the urgent banner and the states of cases.

Like a broadcast it is proposed by one member and approved by another. ``values`` are what the desk
keeps, by name: "banner" and "case.ID" for what counts, "proposal.NAME" for what is proposed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.campaign.broadcasting.allowing import NotAllowed
from bot.campaign.content import Banner, Campaign, CaseState
from bot.campaign.limits import length
from bot.campaign.staff import Member, Right

BANNER = "banner"
LONGEST = 200
ACTS = ("propose", "confirm", "refuse")

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody wants a value changed ("" takes it away)."""

    author: str
    value: str

    @property
    def fingerprint(self) -> str:
        """What an approval is bound to."""
        return hashlib.sha256(self.value.encode()).hexdigest()[:16]


def proposal(values: Values, name: str) -> Proposal | None:
    """What is proposed under that name."""
    kept = values.get(f"proposal.{name}")
    return Proposal(*json.loads(kept)) if kept else None


def banner(value: str) -> tuple[Mapping[str, str], str, str]:
    """The banner's texts by language, its last day and its link; all empty without one."""
    if not value:
        return {}, "", ""
    kept = json.loads(value)
    return kept["texts"], kept["until"], kept["url"]


def worded(value: str, language: str, text: str, until: str, url: str, today: date) -> str:
    """The banner with this text in one language. Raises ValueError for what will not do."""
    if not text or length(text) > LONGEST or date.fromisoformat(until) < today:
        raise ValueError("banner")
    if url and not url.startswith("https://"):
        raise ValueError("link")
    texts, _, _ = banner(value)
    kept = {"texts": {**texts, language: text}, "until": until, "url": url}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def act(
    values: Values, name: str, value: str, member: Member, approvals: int, campaign: Campaign
) -> Mapping[str, str]:
    """What is to be kept after an act ("" is taken away). Raises NotAllowed.

    ``name`` is the act, ``value`` what it is about: "NAME=VALUE", or "NAME=FINGERPRINT" to confirm.
    """
    about, _, wanted = value.partition("=")
    if not _is_known(about, campaign):
        raise NotAllowed("value")
    proposed = proposal(values, about)
    if name == "propose":
        if not member.may(Right.WRITE) and not member.may(Right.DECIDE):
            raise NotAllowed("right")
        if about != BANNER and wanted and wanted not in set(CaseState):
            raise NotAllowed("value")
        return {f"proposal.{about}": json.dumps([member.mark, wanted], ensure_ascii=False)}
    if not member.may(Right.DECIDE):
        raise NotAllowed("right")
    if proposed is None:
        raise NotAllowed("nothing")
    if name == "refuse":
        return {f"proposal.{about}": ""}
    if proposed.fingerprint != wanted:
        raise NotAllowed("changed")
    if approvals and proposed.author == member.mark:
        raise NotAllowed("own")
    return {about: proposed.value, f"proposal.{about}": ""}


def _is_known(about: str, campaign: Campaign) -> bool:
    return about == BANNER or about.removeprefix("case.") in campaign.cases


def overlay(campaign: Campaign, values: Values) -> Campaign:
    """The campaign as staff have set it. What the content no longer has is left out."""
    changed: dict[str, object] = {}
    texts, until, url = banner(values.get(BANNER, ""))
    if texts:
        changed["urgent"] = texts
        changed["banner"] = Banner(
            id="urgent", until=until, url=url or None, as_of=until, source="staff"
        )
    states = {
        case_id: CaseState(values[f"case.{case_id}"])
        for case_id in campaign.cases
        if values.get(f"case.{case_id}")
    }
    if states:
        changed["cases"] = {
            case_id: case.model_copy(update={"state": states.get(case_id, case.state)})
            for case_id, case in campaign.cases.items()
        }
    return campaign.model_copy(update=changed) if changed else campaign
