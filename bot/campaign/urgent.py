"""What staff set in the chat, laid over the content: the urgent banner and the states of cases.

Like a broadcast it is proposed by one member and approved by another. ``values`` are what the desk
keeps, by name: "banner" and "case.ID" for what counts, "proposal.NAME" for what is proposed.
Decisions about held signatures (``campaign.held``) are proposed here too, and not kept once made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.campaign import held
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.broadcast_rules.checking import is_link
from bot.campaign.broadcast_rules.timing import read_day
from bot.campaign.capabilities import length
from bot.campaign.content import Banner, Campaign, CaseState
from bot.campaign.staff import Member, Right
from bot.campaign.visible import shows

BANNER = "banner"
LONGEST = 200
ACTS = ("propose", "confirm", "refuse")

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
class Wanted:
    """A banner: its texts by language, its last day (ISO) and its link ("" for none)."""

    texts: Mapping[str, str]
    until: str
    url: str = ""

    @property
    def banner(self) -> Banner:
        """As the campaign has it. Raises ValueError for what will not do."""
        if not self.texts or any(
            not shows(text) or length(text) > LONGEST for text in self.texts.values()
        ):
            raise ValueError("text")
        if self.url and not is_link(self.url):
            raise ValueError("link")
        read_day(self.until)
        return Banner(
            id="urgent", until=self.until, url=self.url or None, as_of=self.until, source="staff"
        )

    @property
    def value(self) -> str:
        """As it is kept; "" where no text is left."""
        if not self.texts:
            return ""
        kept = {"texts": dict(self.texts), "until": self.until, "url": self.url}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True)


NO_BANNER = Wanted({}, "")


def wanted_banner(value: str) -> Wanted:
    """The banner as it is kept; ``NO_BANNER`` without one. Raises ValueError."""
    if not value:
        return NO_BANNER
    try:
        kept = Wanted(**json.loads(value))
    except TypeError as problem:
        raise ValueError("banner") from problem
    texts = kept.texts.values() if isinstance(kept.texts, dict) else [None]
    if not all(isinstance(text, str) for text in (*texts, kept.until, kept.url)):
        raise ValueError("banner")
    return kept


def worded(value: str, language: str, typed: str, today: date) -> str:
    """The banner with this text in one language: "text | last day | link".

    Day and link stay as they are where they are left out; "-" takes the link away. Raises
    ValueError for what will not do.
    """
    before = wanted_banner(value)
    text, day, link = (*(part.strip() for part in typed.split("|", 2)), "", "")[:3]
    until = read_day(day).isoformat() if day else before.until
    url = {"": before.url, "-": ""}.get(link, link)
    made = Wanted({**before.texts, language: text}, until, url)
    if date.fromisoformat(made.banner.until) < today:
        raise ValueError("past")
    return made.value


def without_text(value: str, language: str) -> str:
    """The banner without its text in that language; "" where none is left. Raises ValueError."""
    before = wanted_banner(value)
    texts = {code: text for code, text in before.texts.items() if code != language}
    return Wanted(texts, before.until, before.url).value


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
        if not _will_do(about, wanted):
            raise NotAllowed("value")
        if wanted in _present(about, values, campaign):
            raise NotAllowed("same")
        # A banner is added to, language by language; whoever has a part in it is no second person.
        before = proposed.authors if proposed and about == BANNER and wanted else ()
        authors = [*(mark for mark in before if mark != member.mark), member.mark]
        return {f"proposal.{about}": json.dumps([authors, wanted], ensure_ascii=False)}
    if not member.may(Right.DECIDE):
        raise NotAllowed("right")
    if proposed is None:
        raise NotAllowed("nothing")
    if name == "refuse":
        return {f"proposal.{about}": "", f"told.{about}": ""}
    if proposed.fingerprint != wanted:
        raise NotAllowed("changed")
    if approvals and member.mark in proposed.authors:
        raise NotAllowed("own")
    if not _will_do(about, proposed.value):
        raise NotAllowed("value")
    settled = {f"proposal.{about}": "", f"told.{about}": ""}
    return settled if held.is_known(about, campaign) else {about: proposed.value, **settled}


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
    return about == BANNER or is_case or held.is_known(about, campaign)


def _will_do(about: str, value: str) -> bool:
    if not value:
        return True
    try:
        if about == BANNER:
            return bool(wanted_banner(value).banner)
        if about.startswith(f"{held.HELD}."):
            return bool(held.decision(about, value, ""))
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
