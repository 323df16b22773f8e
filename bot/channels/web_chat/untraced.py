"""Conversations that leave no trace: they are held in memory, for as long as somebody talks.

What a visitor reads, answers and does stays in this process, and goes after half an hour without a
word, when the tab is closed, or with the program. One thing is recorded, because it counts: a
signature, in one transaction with the erasure of whose it is; what stays is the number and the mark
that every erased signer leaves (see ``SignatureState.SPENT``).
"""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.campaign import conversation
from bot.campaign.content import CampaignNow
from bot.campaign.effects import (
    Effect,
    Evidence,
    Forget,
    KeepShareCode,
    ListName,
    NameCountry,
    Record,
    Remind,
    Sign,
    Subscribe,
    TakeBack,
    Withdraw,
    WriteToUs,
)
from bot.campaign.events import Event
from bot.campaign.messages import Message, Render, Rendered, words
from bot.campaign.outcome import Outcome
from bot.campaign.signatures import OwnSignature, SignatureState, Signer
from bot.campaign.supporter import Supporter
from bot.campaign.turn import choice, to_menu
from bot.channels.web_chat.channel import Posted, WebChat, parse, shown
from bot.clock import Clock, utc_now

FORGET_KEEPING_SIGNATURES = "forget:keep"
IDLE = timedelta(minutes=30)
"""So long after the last word everything is gone; the page says so, and goes by itself."""
MOST = 2_000
"""Visitors at once; the one who has been silent longest makes room. Each takes 80 kilobytes at
most, or so."""
OF_A_NETWORK = MOST // 8
"""Of them from one network (a lot): whoever floods makes nobody else's conversation go."""
DOCUMENTS = 4
"""Answers of a visitor that are remembered, since documents belong to them."""
AGAIN = 3
"""Turns whose answers are remembered: they come again where the line broke off."""

NEEDS_KEEPING = (KeepShareCode, ListName, NameCountry, Remind, Subscribe, Withdraw, WriteToUs)
"""What cannot be done for somebody of whom nothing is kept."""

Take = Callable[[Sequence[Event]], Awaitable[None]]


@dataclass(slots=True)
class _Visit:
    supporter: Supporter
    last: datetime
    lot: str
    number: int = 0
    done: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    papers: deque[tuple[int, Rendered]] = field(default_factory=lambda: deque(maxlen=DOCUMENTS))
    told: OrderedDict[str, list[dict[str, object]]] = field(default_factory=OrderedDict)


class Untraced:
    """The visitors of whom nothing is kept. One for the running bot."""

    def __init__(
        self,
        chat: WebChat,
        campaign: CampaignNow,
        render: Render,
        take: Take,
        clock: Clock = utc_now,
    ):
        """``take`` records the events of a signature (``Engine.take``)."""
        self._chat = chat
        self._campaign = campaign
        self._render = render
        self._take = take
        self._clock = clock
        self._visits: OrderedDict[str, _Visit] = OrderedDict()

    def __len__(self) -> int:
        return len(self._visits)

    async def answer(self, key: str, posted: Posted, host: str) -> list[dict[str, object]]:
        """The turns that one turn brings: the visitor's own, and the answers to it.

        Raises what ``take`` does where a signature could not be recorded: nothing has changed.
        """
        event = parse(key, posted, self._chat.origins.provenance(key, posted.id, "", host))
        visit = self._visit(key, event.provenance.lot)
        if posted.id in visit.told:
            return visit.told[posted.id]
        campaign = self._campaign()
        facts = replace(
            await self._chat.figures(event, campaign.petitions),
            signed=frozenset(visit.signed),
            done=dict(visit.done),
            own={one: OwnSignature(SignatureState.SPENT) for one in visit.signed},
            signer=Signer.BROWSER,
            chance=secrets.token_hex(13),
        )
        now = self._clock()
        outcome = conversation.step(visit.supporter, event, facts, campaign, now)
        if any(isinstance(effect, NEEDS_KEEPING) for effect in outcome.effects):
            outcome = _refused(visit.supporter, outcome)
        replaced = event.on
        answers = [
            self._render(one, outcome.language, "web", replaced if one.in_place else "")
            for one in outcome.messages
        ]
        signing = next((one for one in outcome.effects if isinstance(one, Sign)), None)
        if signing is not None:
            answers = await self._sign(key, posted, signing, host)
            visit.signed.add(signing.petition)
        if any(isinstance(effect, Forget) for effect in outcome.effects):
            self.forget(key)
            return []
        _remember(visit, outcome)
        return self._told(visit, posted, answers)

    def message(self, key: str, number: int) -> Rendered | None:
        """The answer of that number, where a document belongs to it and it is remembered."""
        visit = self._visits.get(key)
        return dict(visit.papers).get(number) if visit else None

    def forget(self, key: str) -> None:
        """The tab was closed, or its visitor wants everything gone."""
        self._visits.pop(key, None)

    def _visit(self, key: str, lot: str) -> _Visit:
        now = self._clock()
        self.tidy()
        visit = self._visits.pop(key, None)
        if visit is None:
            neighbours = [one for one, other in self._visits.items() if other.lot == lot]
            if len(neighbours) >= OF_A_NETWORK:
                del self._visits[neighbours[0]]
            while len(self._visits) >= MOST:
                self._visits.popitem(last=False)
            # Not from the key, as elsewhere: the number leads back to nobody.
            visit = _Visit(Supporter(seed=secrets.randbelow(1 << 30)), now, lot)
        visit.last = now
        self._visits[key] = visit
        return visit

    def tidy(self) -> None:
        """Drop who has been silent for too long."""
        now = self._clock()
        for visit in reversed(self._visits.values()):
            if visit.last <= now:
                break
            visit.last = now  # the clock was set back
        end = now - IDLE
        while self._visits and next(iter(self._visits.values())).last <= end:
            self._visits.popitem(last=False)

    async def _sign(self, key: str, posted: Posted, sign: Sign, host: str) -> list[Rendered]:
        """Record the signature and forget whose it is, at once; what the engine answered."""
        data = f"sign:{sign.petition}:{sign.language}"
        signed = posted.model_copy(update={"kind": "choose", "data": data, "text": "", "on": ""})
        left = Posted(id=secrets.token_hex(16), kind="choose", data=FORGET_KEEPING_SIGNATURES)
        with self._chat.unkept(key, signed, host) as (event, answers):
            await self._take([event, parse(key, left)])
        return [replace(one, replaces="") for one in answers]

    def _told(
        self, visit: _Visit, posted: Posted, answers: Sequence[Rendered]
    ) -> list[dict[str, object]]:
        own = {"id": posted.id, "kind": posted.kind, "text": posted.label or posted.text}
        turns: list[dict[str, object]] = [{"n": visit.number + 1, "own": own}]
        for number, one in enumerate(answers, start=visit.number + 2):
            if one.attachment is not None:
                visit.papers.append((number, one))
            turns.append({"n": number, "message": shown(one)})
        visit.number += len(turns)
        visit.told[posted.id] = turns
        while len(visit.told) > AGAIN:
            visit.told.popitem(last=False)
        return turns


def _remember(visit: _Visit, outcome: Outcome) -> None:
    if outcome.supporter is not None:
        visit.supporter = outcome.supporter
    for effect in outcome.effects:
        match effect:
            case Record(case=case, action=action, evidence=evidence):
                visit.done[case, action] = evidence
            case TakeBack(case=case, action=action):
                visit.done[case, action] = Evidence.WITHDRAWN


def _refused(supporter: Supporter, outcome: Outcome) -> Outcome:
    """What would have to be kept is not done, and it is said."""
    message = Message(
        words("safety.untraced_not_here"),
        buttons=((choice("cases", "cases"), to_menu()),),
    )
    effects: tuple[Effect, ...] = ()
    return replace(outcome, supporter=supporter, messages=(message,), effects=effects)
