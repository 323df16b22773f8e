"""Whom a broadcast is for: a topic's subscribers, narrowed down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from bot.campaign.content import Campaign
from bot.campaign.parts import Id, LanguageCode, Part
from bot.campaign.sharing import source

YesNo = Literal["", "yes", "no"]

IN_A_SCENE = timedelta(minutes=10)
"""Whoever wrote so recently is in the middle of something: a broadcast waits for them."""


class Audience(Part):
    """Subscribers of ``topic`` to whom all of this applies; what is empty does not matter.

    ``case``: looked at last. ``signed``: that case's petition (else the first one). ``done`` and
    ``pledged``: an action for that case (else for any). ``active_days``: wrote within so many days.
    ``rest_hours``: had no broadcast within so many hours.
    """

    topic: Id
    languages: tuple[LanguageCode, ...] = ()
    case: str = ""
    source: str = ""
    signed: YesNo = ""
    done: YesNo = ""
    pledged: YesNo = ""
    active_days: int = Field(0, ge=0, le=3650)
    rest_hours: int = Field(24, ge=0, le=336)

    def petition(self, campaign: Campaign) -> str:
        """The petition that ``signed`` is about."""
        case = campaign.cases.get(self.case)
        return case.petition if case else next(iter(campaign.petitions))

    def aimed(self, name: str, value: str, campaign: Campaign) -> Audience:
        """The same with one condition changed ("" takes it away). Raises ValueError."""
        if name == "topic" and value not in campaign.topics:
            raise ValueError("topic")
        if name == "case" and value and value not in campaign.cases:
            raise ValueError("case")
        read = _READ.get(name)
        if read is None:
            raise ValueError(name)
        changed = {**self.model_dump(), name: read(self, value, campaign)}
        return Audience.model_validate(changed)


def _languages(audience: Audience, value: str, campaign: Campaign) -> Any:
    """A language that is there leaves, another one joins; "" means all."""
    if not value:
        return ()
    if value not in campaign.languages:
        raise ValueError("language")
    taken = set(audience.languages) ^ {value}
    return tuple(code for code in campaign.languages if code in taken)


def _as_is(audience: Audience, value: str, campaign: Campaign) -> Any:
    return value


def _number(audience: Audience, value: str, campaign: Campaign) -> Any:
    return int(value or 0)


_READ: Mapping[str, Callable[[Audience, str, Campaign], Any]] = {
    "topic": _as_is,
    "languages": _languages,
    "case": _as_is,
    "source": lambda audience, value, campaign: source(value),
    "signed": _as_is,
    "done": _as_is,
    "pledged": _as_is,
    "active_days": _number,
    "rest_hours": _number,
}
