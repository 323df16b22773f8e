"""A command of the staff, decided, done and logged in one transaction, whoever gives it: a member
in the chat, somebody at the machine, or the bot by itself.

A command that changes a broadcast by its own rules needs only its rule (``broadcast_rules``);
any other has its handler in ``HANDLERS``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, overload
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import held as wanted
from bot.campaign import urgent
from bot.campaign.broadcast_rules import acts, course, drafting
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign
from bot.campaign.crowd import plainly
from bot.campaign.desk_commands.broadcasts import (
    Approve,
    Begin,
    BroadcastCommand,
    Correct,
    NoteAsked,
    NoteCount,
    Release,
    Return,
    Start,
)
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.inbox import AnswerLetter, CloseLetter
from bot.campaign.desk_commands.requests import (
    Count,
    Preview,
    Report,
    Request,
    SendTest,
    ShowFigures,
)
from bot.campaign.desk_commands.settings import (
    AskForLink,
    ConfirmProposal,
    DecideHeld,
    DecideLots,
    EndSession,
    GiveCode,
    InviteMember,
    NoteWrongCode,
    Verdict,
)
from bot.campaign.second_factor import asks
from bot.campaign.staff import BOT, SHELL, Right
from bot.desk import letter_acts, member_acts
from bot.desk.acting import Acting, enter
from bot.desk.details import DETAILS
from bot.keys import Keys
from bot.store import staff_settings
from bot.store.audit import Entry
from bot.store.broadcasts import deliveries, desk_requests, records
from bot.store.petitions import held, lots

__all__ = ["HANDLERS", "Acting", "act", "approvals", "expel", "rules_now"]

UNTOLD = (NoteCount, NoteAsked)
"""What the bot does all the time is not logged."""


@overload
async def act(acting: Acting, command: BroadcastCommand | Begin) -> Broadcast: ...
@overload
async def act(acting: Acting, command: DecideHeld | DecideLots) -> int: ...
@overload
async def act(acting: Acting, command: StaffCommand) -> object: ...
async def act(acting: Acting, command: StaffCommand) -> object:
    """Do it and log it: the broadcast as it is then, or how many signatures it changed.

    Raises NotAllowed.
    """
    if asks(command) and not acting.factors.opens(acting.member.mark, acting.now, acting.where):
        raise NotAllowed("code")
    return await HANDLERS[type(command)](acting, command)


def approvals(kept: Mapping[str, str]) -> int:
    """How many must approve, by what the desk keeps."""
    return urgent.approvals(kept)


async def rules_now(
    connection: AsyncConnection, keys: Keys, campaign: Campaign, channels: Sequence[Capabilities]
) -> Rules:
    """What the organisation has set. ``channels``: those to which broadcasts go."""
    return Rules(
        approvals(await staff_settings.values(connection, keys)), campaign, tuple(channels)
    )


async def _begin(acting: Acting, command: Begin) -> Broadcast:
    draft = drafting.begun(command.draft, acting.member)
    made = await records.add(acting.connection, acting.keys, draft, acting.now)
    await _log(acting, command, made, made.fingerprint)
    return made


async def _correct(acting: Acting, command: Correct) -> Broadcast:
    draft = drafting.correction(await _found(acting, command.number), acting.member)
    made = await records.add(acting.connection, acting.keys, draft, acting.now)
    await _log(acting, command, made, f"of {command.number}")
    return made


async def _change(acting: Acting, command: BroadcastCommand) -> Broadcast:
    """By the rule of the command."""
    before = await _found(acting, command.number)
    changed = acts.perform(before, command, acting.member, acting.rules, acting.now)
    await records.change(acting.connection, acting.keys, changed, acting.now)
    if not isinstance(command, UNTOLD):
        await _log(acting, command, changed, _detail(acting, command, changed))
    return changed


async def _start(acting: Acting, command: Start) -> Broadcast:
    changed = await _change(acting, command)
    if changed.corrects:
        await _take_over(acting, changed)
    return changed


async def _return(acting: Acting, command: Return) -> Broadcast:
    approved_by = (await _found(acting, command.number)).approved_by
    changed = await _change(acting, command)
    concerned = tuple(mark for mark in approved_by if mark not in (changed.author, BOT))
    if concerned:
        returned = urgent.Decision(concerned, acting.member.mark, False, "")
        about = f"decided.broadcast.{changed.id}"
        await staff_settings.put(acting.connection, acting.keys, about, returned.kept)
    if command.word:
        # The author hears of it in a message of its own.
        await desk_requests.add(
            acting.connection, acting.keys, acting.member.mark, command, acting.now
        )
    return changed


async def _found(acting: Acting, number: int) -> Broadcast:
    """Raises NotAllowed, also where somebody without keys has written it: nobody's act may make it
    the bot's own."""
    found = await records.find(acting.connection, number, acting.keys)
    if found is None:
        raise NotAllowed("nothing")
    if not found.vouched:
        raise NotAllowed("changed")
    return found.broadcast


async def expel(acting: Acting, number: int) -> Broadcast | None:
    """Call off a broadcast that somebody without keys has written or changed; None where it is not
    so. Who is said to have approved it has not."""
    found = await records.find(acting.connection, number, acting.keys)
    if found is None or found.vouched:
        return None
    ended = course.expelled(found.broadcast, acting.now)
    await records.change(acting.connection, acting.keys, ended, acting.now)
    await enter(acting, Entry(BOT, "forged", number, "written without the keys"))
    return ended


async def _take_over(acting: Acting, correction: Broadcast) -> None:
    """The corrected broadcast has these words from now on: whoever has yet to get it gets them."""
    connection, now = acting.connection, acting.now
    found = await records.find(connection, correction.corrects, acting.keys)
    if found is None or not found.vouched:
        return
    whole = course.corrected(found.broadcast, correction)
    await records.change(connection, acting.keys, whole, now)
    by = f"by {correction.id}"
    await enter(acting, Entry(BOT, "corrected", whole.id, by))
    # The words that were approved last count: an earlier correction that still waits does not.
    under_way = (State.APPROVED, State.SENDING, State.PAUSED)
    for other in await records.in_states(connection, under_way, acting.keys):
        earlier = other.broadcast
        if (
            other.vouched
            and earlier.corrects == correction.corrects
            and earlier.id != correction.id
        ):
            ended = course.superseded(earlier, now)
            await records.change(connection, acting.keys, ended, now)
            await enter(acting, Entry(BOT, "cancel", ended.id, by))


async def _release(acting: Acting, command: Release) -> Broadcast:
    """Send held messages after all, of which nobody knows whether they arrived."""
    going_on = course.released(await _found(acting, command.number), acting.member)
    number = await deliveries.release(acting.connection, command.number)
    if not number:
        raise NotAllowed("nothing")
    await records.change(acting.connection, acting.keys, going_on, acting.now)
    await _log(acting, command, going_on, plainly(number))
    return going_on


async def _request(acting: Acting, command: Request) -> None:
    """Keep it: it is answered once this is committed."""
    if not acts.may_request(type(command), acting.member):
        raise NotAllowed("right")
    await desk_requests.add(acting.connection, acting.keys, acting.member.mark, command, acting.now)


async def _send_test(acting: Acting, command: SendTest) -> None:
    await _request(acting, command)
    whom = command.group or "oneself"
    await enter(acting, Entry(acting.member.mark, command.name, command.number, whom))


async def _show_figures(acting: Acting, command: ShowFigures) -> None:
    if not acting.member.may(Right.LOOK):
        raise NotAllowed("right")
    await desk_requests.add(acting.connection, acting.keys, acting.member.mark, command, acting.now)


async def _set_value(acting: Acting, command: StaffCommand) -> None:
    """Propose, confirm or refuse the banner, a case's state, or that nobody has to approve."""
    kept = await staff_settings.values(acting.connection, acting.keys)
    rules = acting.rules
    changed = urgent.act(kept, command, acting.member, rules.approvals, rules.campaign)
    for one, value in changed.items():
        await staff_settings.put(acting.connection, acting.keys, one, value)
    detail = DETAILS[type(command)](command)
    await enter(acting, Entry(acting.member.mark, command.name, 0, detail))


async def _confirm(acting: Acting, command: ConfirmProposal) -> None:
    """Keep what was proposed; what is decided about held signatures is done with them."""
    proposed = urgent.proposal(
        await staff_settings.values(acting.connection, acting.keys), command.about
    )
    await _set_value(acting, command)
    if proposed is not None and wanted.is_known(command.about, acting.rules.campaign):
        await _decided(acting, wanted.decision(command.about, proposed.value))


async def _decide_held(acting: Acting, command: DecideHeld) -> int:
    """At once, where nobody else has to approve it. Raises NotAllowed."""
    if not acting.member.may_propose:
        raise NotAllowed("right")
    if acting.rules.approvals and command.verdict is not Verdict.REOPEN:
        raise NotAllowed("own")
    if not wanted.fits(command.verdict, command.reason):
        raise NotAllowed("value")
    return await _decided(acting, command)


async def _decide_lots(acting: Acting, command: DecideLots) -> int:
    """At once, where nobody else has to approve it. Raises NotAllowed."""
    if not acting.member.may_propose:
        raise NotAllowed("right")
    if acting.rules.approvals:
        raise NotAllowed("own")
    about = wanted.name_of_lots(command.petition, command.day)
    try:
        value = wanted.wanted(command.verdict, command.reason, command.lots)
        return await _decided(acting, wanted.decision(about, value))
    except ValueError:
        raise NotAllowed("value") from None


async def _decided(acting: Acting, command: DecideHeld | DecideLots) -> int:
    member = acting.member
    today = acting.now.astimezone(ZoneInfo(acting.rules.campaign.time_zone)).date()
    by = SHELL if member.mark == SHELL else member.role.value
    if isinstance(command, DecideLots):
        changed = await lots.decide(acting.connection, acting.keys, command, by, today)
    else:
        changed = await held.decide(acting.connection, command, by, today)
    detail = DETAILS[type(command)](command)
    await enter(acting, Entry(member.mark, command.name, 0, detail))
    return changed


HANDLERS: Mapping[type[StaffCommand], Callable[[Acting, Any], Awaitable[object]]] = {
    **dict.fromkeys(acts.RULES, _change),
    Begin: _begin,
    Correct: _correct,
    Start: _start,
    Return: _return,
    Release: _release,
    **dict.fromkeys((Preview, Count, Report), _request),
    SendTest: _send_test,
    ShowFigures: _show_figures,
    GiveCode: member_acts.give_code,
    NoteWrongCode: member_acts.note_wrong_code,
    InviteMember: member_acts.invite,
    AskForLink: member_acts.ask_for_link,
    EndSession: member_acts.end_session,
    AnswerLetter: letter_acts.answer,
    CloseLetter: letter_acts.close,
    **dict.fromkeys(urgent.RULES, _set_value),
    ConfirmProposal: _confirm,
    DecideHeld: _decide_held,
    DecideLots: _decide_lots,
}


def _detail(acting: Acting, command: BroadcastCommand, changed: Broadcast) -> str:
    told = DETAILS.get(type(command))
    if told is not None:
        return told(command)
    detail = f"{changed.state} {changed.fingerprint}"
    if isinstance(command, Approve):
        approvals = acting.rules.approvals
        many = plainly(changed.counted or 0)
        detail += f" {many} recipients, {approvals} approvals, {changed.stars} stars"
    return detail


async def _log(acting: Acting, command: StaffCommand, broadcast: Broadcast, detail: str) -> None:
    await enter(acting, Entry(acting.member.mark, command.name, broadcast.id, detail))
