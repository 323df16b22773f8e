"""What the team does with what supporters wrote to it."""

from __future__ import annotations

from dataclasses import replace

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.desk_commands.inbox import AnswerLetter, CloseLetter, SendAnswers
from bot.campaign.visible import shows
from bot.desk.acting import Acting, enter
from bot.store.audit import Entry
from bot.store.broadcasts import desk_requests
from bot.store.people import inbox

LONGEST_ANSWER = 3000
"""Characters of an answer to a supporter: one message on every channel."""


async def answer(acting: Acting, command: AnswerLetter) -> None:
    """It goes out once this is committed. Raises NotAllowed."""
    if not shows(command.text) or len(command.text) > LONGEST_ANSWER:
        raise NotAllowed("value")
    thread = await _thread(acting, command.thread)
    said = inbox.Line("team", command.text, acting.now, sent=False)
    lines = (*thread.kept.lines, said)[-inbox.MOST :]
    answered = replace(thread.kept, lines=lines, open=False)
    await inbox.put(
        acting.connection, acting.keys, inbox.KeptThread(thread.pseudonym, answered), acting.now
    )
    # The words stay sealed in the thread: what is asked for is that they go out.
    await desk_requests.add(
        acting.connection, acting.keys, acting.member.mark, SendAnswers(thread.name), acting.now
    )
    await enter(acting, Entry(acting.member.mark, command.name, 0, thread.name))


async def close(acting: Acting, command: CloseLetter) -> None:
    """Raises NotAllowed."""
    thread = await _thread(acting, command.thread)
    closed = inbox.KeptThread(thread.pseudonym, replace(thread.kept, open=False))
    await inbox.put(acting.connection, acting.keys, closed, acting.now)
    await enter(acting, Entry(acting.member.mark, command.name, 0, thread.name))


async def _thread(acting: Acting, name: str) -> inbox.KeptThread:
    if not acting.member.may_propose:
        raise NotAllowed("right")
    found = await inbox.named(acting.connection, acting.keys, name)
    if found is None:
        raise NotAllowed("nothing")
    return found
