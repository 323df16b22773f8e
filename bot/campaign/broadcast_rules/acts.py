"""What staff and the bot do with a broadcast: who may, in which state, and what becomes of it.

draft → in review → approved → sending ⇄ paused → done | cancelled. A change of what an approval is
bound to takes the broadcast back to a draft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.campaign.broadcast_rules import course, drafting
from bot.campaign.broadcast_rules.allowing import Doing, NotAllowed, Rules
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.effects import Effect
from bot.campaign.staff import BOT, SHELL, Member, Right, Role

ORDERS = ("preview", "test", "count", "report")
"""What staff ask for that changes nothing: answered by messages of their own."""
WORD = "word"
"""A word to the author of a broadcast that is returned to them; kept no longer than an order."""


@dataclass(frozen=True, slots=True)
class StaffAct(Effect):
    """One of the staff wants ``name`` done with a broadcast (0: with none in particular).

    ``value`` is what the act needs, as text.
    """

    broadcast: int
    name: str
    value: str = ""


_RULES = {**drafting.RULES, **course.RULES}


def perform(
    broadcast: Broadcast, name: str, value: str, member: Member, rules: Rules, now: datetime
) -> Broadcast:
    """The broadcast after the act. Raises NotAllowed."""
    rule = _RULES.get(name)
    if rule is None:
        raise NotAllowed("value")
    if not rule.allows(member) or (rule.by_itself and member.mark != BOT):
        raise NotAllowed("right")
    if broadcast.state not in rule.states:
        raise NotAllowed("state")
    try:
        return rule.do(Doing(broadcast, value, member, rules, now))
    except ValueError as problem:
        raise NotAllowed("value") from problem


def may(broadcast: Broadcast, name: str, member: Member) -> bool:
    """Whether to offer the act at all."""
    rule = _RULES[name]
    return rule.allows(member) and not rule.by_itself and broadcast.state in rule.states


def may_order(name: str, member: Member) -> bool:
    """Whether this member may ask for it: a test writes to other people."""
    if name == "test":
        return member.may(Right.WRITE) or member.may(Right.DECIDE)
    return member.may(Right.LOOK)


def allowed(
    rule: Callable[[Broadcast, Member], object], broadcast: Broadcast, member: Member
) -> bool:
    """Whether ``drafting.correction`` or ``course.released`` would not refuse."""
    try:
        rule(broadcast, member)
    except NotAllowed:
        return False
    return True


def member_of_shell() -> Member:
    """Whoever runs commands on the machine has its keys, and so an owner's rights."""
    return Member(SHELL, Role.OWNER)


def the_bot() -> Member:
    """The bot, for what it does by itself."""
    return Member(BOT, Role.OWNER)
