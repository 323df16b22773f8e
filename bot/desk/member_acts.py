"""What members do about themselves and each other: codes, invitations, signing in and out."""

from __future__ import annotations

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.desk_commands.settings import (
    AskForLink,
    EndSession,
    GiveCode,
    InviteMember,
    NoteWrongCode,
)
from bot.campaign.staff import Right
from bot.desk import signing_in
from bot.desk.acting import Acting, enter
from bot.store.audit import Entry
from bot.store.broadcasts import desk_requests


async def give_code(acting: Acting, command: GiveCode) -> None:
    """It is used up, and opens for some hours. Raises NotAllowed."""
    member = acting.member
    if not await acting.factors.give(
        acting.connection, member.mark, command.code, acting.now, acting.where
    ):
        raise NotAllowed("code")
    await enter(acting, Entry(member.mark, command.name))


async def note_wrong_code(acting: Acting, command: NoteWrongCode) -> None:
    """After some of them no code is taken for a while, and the owners hear of it."""
    member = acting.member
    locked = acting.factors.wrong(member.mark, acting.now)
    await enter(acting, Entry(member.mark, command.name, 0, "locked" if locked else ""))
    if locked:
        # Somebody is guessing: the owners hear of it.
        await desk_requests.add(acting.connection, acting.keys, member.mark, command, acting.now)


async def invite(acting: Acting, command: InviteMember) -> None:
    """The link comes once this is committed. Raises NotAllowed."""
    if not acting.member.may(Right.RULE):
        raise NotAllowed("right")
    # Another's factor is taken from them at the machine only, by `run_bot.py staff enrol`.
    if not await acting.factors.missing(acting.connection, [command.mark]):
        raise NotAllowed("value")
    await desk_requests.add(acting.connection, acting.keys, acting.member.mark, command, acting.now)
    await enter(acting, Entry(acting.member.mark, command.name, 0, command.mark))


async def ask_for_link(acting: Acting, command: AskForLink) -> None:
    """The link comes once this is committed. Raises NotAllowed."""
    if not acting.member.may(Right.LOOK):
        raise NotAllowed("right")
    if not signing_in.read_code(command.code):
        raise NotAllowed("value")
    await desk_requests.add(acting.connection, acting.keys, acting.member.mark, command, acting.now)


async def end_session(acting: Acting, command: EndSession) -> None:
    """Raises NotAllowed."""
    ended = await signing_in.end(acting.connection, acting.keys, acting.member, command, acting.now)
    if ended is None:
        raise NotAllowed("nothing")
    whose = "" if ended.kept.mark == acting.member.mark else f" of {ended.kept.mark}"
    await enter(acting, Entry(acting.member.mark, command.name, 0, ended.name + whose))
