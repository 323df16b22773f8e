"""What staff and the bot do with a broadcast: who may, in which state, and what becomes of it.

draft → in review → approved → sending ⇄ paused → done | cancelled. A change of what an approval is
bound to takes the broadcast back to a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.campaign.broadcast_rules import course, drafting
from bot.campaign.broadcast_rules.allowing import Doing, NotAllowed, Rule, Rules
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.desk_commands.broadcasts import BroadcastCommand
from bot.campaign.desk_commands.requests import Request, SendTest
from bot.campaign.staff import BOT, SHELL, Member, Right, Role

RULES: Mapping[type[BroadcastCommand], Rule] = {**drafting.RULES, **course.RULES}


def perform(
    broadcast: Broadcast, command: BroadcastCommand, member: Member, rules: Rules, now: datetime
) -> Broadcast:
    """The broadcast after the command. Raises NotAllowed."""
    rule = RULES.get(type(command))
    if rule is None:
        raise NotAllowed("value")
    if not rule.allows(member) or (rule.by_itself and member.mark != BOT):
        raise NotAllowed("right")
    if broadcast.state not in rule.states:
        raise NotAllowed("state")
    try:
        return rule.do(Doing(broadcast, command, member, rules, now))
    except ValueError as problem:
        raise NotAllowed("value") from problem


def may(broadcast: Broadcast, command: type[BroadcastCommand], member: Member) -> bool:
    """Whether to offer the command at all."""
    rule = RULES[command]
    return rule.allows(member) and not rule.by_itself and broadcast.state in rule.states


def may_request(request: type[Request], member: Member) -> bool:
    """Whether this member may ask for it: a test writes to other people."""
    if request is SendTest:
        return member.may_propose
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
