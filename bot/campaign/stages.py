"""How far supporters come, as the campaign's own people see it: how many, never who.

Counted when it happens, by one thing at a time: two of them together (a language and a source)
could lead to somebody. Each counts somebody once, as far as is remembered of them: an act in a case
counts there, the first in any case counts in all. A story counts each time it is begun anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.campaign.content import Campaign, LetterAction, PostAction, SupportAction
from bot.campaign.effects import Evidence
from bot.campaign.parts import Part
from bot.campaign.sharing import BY_A_FRIEND, BY_A_GROUP, ELSEWHERE
from bot.campaign.supporter import Supporter


class Stage(StrEnum):
    """Where somebody has come to, in the order of the way."""

    STARTED = "started"
    READ = "read"
    """A step of a story; counted by step alone."""
    FINISHED = "finished"
    BEGAN = "began"
    PREPARED = "prepared"
    WROTE = "wrote"
    SIGNED = "signed"
    POSTED = "posted"
    SUPPORTED = "supported"
    SUBSCRIBED = "subscribed"
    TOOK_BACK = "took_back"


FUNNEL = tuple(one for one in Stage if one not in (Stage.READ, Stage.TOOK_BACK))
DECLARED = frozenset({Stage.WROTE, Stage.POSTED, Stage.SUPPORTED})
"""Supporters say so; the others the bot has seen itself."""


class Dimension(StrEnum):
    """By what is counted."""

    ALL = "all"
    CASE = "case"
    LANGUAGE = "language"
    CHANNEL = "channel"
    SOURCE = "source"
    STEP = "step"


SHOWN = tuple(one for one in Dimension if one is not Dimension.ALL)
Counted = tuple[Dimension, str, Stage]


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody came to a stage: in a case ("": the one that they look at), at a step of its story.

    ``first``: for the first time in any case.
    """

    stage: Stage
    case: str = ""
    step: int = 0
    first: bool = True


_OF_ACTS: Mapping[type[Part], Mapping[Evidence, Stage]] = {
    LetterAction: {
        Evidence.OPENED: Stage.BEGAN,
        Evidence.PREPARED: Stage.PREPARED,
        Evidence.DECLARED: Stage.WROTE,
    },
    PostAction: {Evidence.DECLARED: Stage.POSTED},
    SupportAction: {Evidence.DECLARED: Stage.SUPPORTED},
}
Act = tuple[str, str, Evidence]


def reached_by(act: Act, before: Iterable[Act], campaign: Campaign) -> list[Reached]:
    """What an act leads to that was not there before."""
    stage = _stage(act, campaign)
    if stage is None:
        return []
    cases = {
        case
        for case, action, evidence in before
        if _stage((case, action, evidence), campaign) is stage
    }
    return [] if act[0] in cases else [Reached(stage, act[0], first=not cases)]


def _stage(act: Act, campaign: Campaign) -> Stage | None:
    case, action_id, evidence = act
    found = campaign.cases[case].action(action_id) if case in campaign.cases else None
    kind = next((one for one in _OF_ACTS if isinstance(found, one)), None)
    return _OF_ACTS[kind].get(evidence) if kind else None


def reached_by_reading(
    before: Supporter | None, after: Supporter, campaign: Campaign
) -> Iterator[Reached]:
    """That somebody came, and what they have read now. ``before``: None where they were not
    known."""
    if before is None:
        yield Reached(Stage.STARTED)
    case = campaign.cases.get(after.case)
    if case is None:
        return
    same = before is not None and before.case == after.case
    known = before.furthest if before is not None and same else 0
    for step in range(known + 1, after.furthest + 1):
        yield Reached(Stage.READ, after.case, step)
        if step == len(case.story):
            yield Reached(Stage.FINISHED, after.case)


def furthest(before: Supporter, after: Supporter) -> int:
    """The furthest step of the case's story that was read."""
    return max(before.furthest if before.case == after.case else 0, after.step)


def counted(
    reached: Reached, supporter: Supporter, channel: str, campaign: Campaign
) -> Iterator[Counted]:
    """What is counted one more of it."""
    case, stage = reached.case or supporter.case, reached.stage
    if stage is Stage.READ:
        yield Dimension.STEP, f"{case}:{reached.step}", stage
        return
    if case in campaign.cases:
        yield Dimension.CASE, case, stage
    if not reached.first:
        return
    yield Dimension.ALL, "", stage
    yield Dimension.LANGUAGE, campaign.language(supporter.language), stage
    yield Dimension.CHANNEL, channel, stage
    yield Dimension.SOURCE, _source(supporter.source, campaign), stage


def _source(source: str, campaign: Campaign) -> str:
    """The campaign's own; what anybody can make up is one."""
    known = {"", BY_A_FRIEND, BY_A_GROUP, *campaign.link_codes}
    return source if source in known else ELSEWHERE
