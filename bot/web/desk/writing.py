"""What staff do with broadcasts at their pages: every form becomes the commands of the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, Lead
from bot.campaign.broadcast_rules.checking import is_label
from bot.campaign.broadcast_rules.drafting import SWITCHES
from bot.campaign.broadcast_rules.timing import read_time
from bot.campaign.desk_commands.broadcasts import (
    LONGEST_TITLE,
    LONGEST_WORD,
    AddLead,
    Aim,
    Approve,
    Begin,
    BroadcastCommand,
    Cancel,
    Correct,
    Discard,
    DropLead,
    Pause,
    Release,
    Resume,
    Retract,
    Return,
    Schedule,
    SetText,
    SetTitle,
    Submit,
    Switch,
)
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.requests import SendTest
from bot.campaign.markup import plain
from bot.campaign.visible import shows
from bot.web.desk.broadcasts import record_of
from bot.web.desk.room import Visit

CONDITIONS = ("topic", "case", "source", "signed", "done", "pledged", "active_days", "rest_hours")


async def begin(visit: Visit) -> Response:
    """A new draft of the texts that were written."""
    texts = {
        code: text for code in visit.campaign.languages if (text := _text(visit, f"text-{code}"))
    }
    if not texts or not all(shows(plain(text)) for text in texts.values()):
        raise NotAllowed("blank")
    title = visit.posted("title")[:LONGEST_TITLE]
    audience = Audience(topic=visit.campaign.topics[0])
    draft = Broadcast(title=title, texts=texts, audience=audience)
    made = await visit.act(Begin(draft))
    assert isinstance(made, Broadcast)  # noqa: S101 - what Begin makes
    return visit.to(f"staff/broadcasts/{made.id}")


async def write(visit: Visit) -> Response:
    """Its texts and title; what was left as it is changes nothing."""
    broadcast = await _broadcast(visit)
    commands: list[StaffCommand] = []
    title = visit.posted("title")
    if title != broadcast.title:
        commands.append(SetTitle(broadcast.id, title[:LONGEST_TITLE]))
    for code in visit.campaign.languages:
        text = _text(visit, f"text-{code}")
        if text != broadcast.texts.get(code, ""):
            commands.append(SetText(broadcast.id, code, text))
    return await _done(visit, broadcast.id, *commands)


async def aim(visit: Visit) -> Response:
    """Whom it is for."""
    broadcast = await _broadcast(visit)
    number, aimed = broadcast.id, broadcast.audience
    commands: list[StaffCommand] = [
        Aim(number, name, value)
        for name in CONDITIONS
        if (value := visit.posted(name)) != str(getattr(aimed, name) or "")
        and not (name == "rest_hours" and (value or "0") == str(aimed.rest_hours))
    ]
    chosen = [str(one) for one in visit.form.getlist("languages")]
    if set(chosen) != set(aimed.languages):
        commands += [Aim(number, "languages", one) for one in ("", *chosen)]
    return await _done(visit, number, *commands)


async def switch(visit: Visit) -> Response:
    """How it goes out."""
    broadcast = await _broadcast(visit)
    commands = [
        Switch(broadcast.id, option, visit.posted(option) == "on")
        for option in SWITCHES
        if (visit.posted(option) == "on") != getattr(broadcast, option)
        and (option != "paid" or visit.access.paid_rate)
    ]
    return await _done(visit, broadcast.id, *commands)


async def lead(visit: Visit) -> Response:
    """A button more, or one less."""
    number = (await _broadcast(visit)).id
    if mark := visit.posted("drop"):
        return await _done(visit, number, DropLead(number, mark))
    url = visit.posted("url")
    if url:
        labels = {c: t for c in visit.campaign.languages if (t := visit.posted(f"label-{c}"))}
        if not labels or not all(is_label(one, visit.access.channels) for one in labels.values()):
            raise NotAllowed("value")
        return await _done(visit, number, AddLead(number, Lead(url=url, labels=labels)))
    case, _, action = visit.posted("to").partition(":")
    found = visit.campaign.cases.get(case)
    if found is None or (action and found.action(action) is None):
        raise NotAllowed("value")
    return await _done(visit, number, AddLead(number, Lead(case=case, action=action)))


async def do(visit: Visit) -> Response:
    """One of ``ACTS``."""
    broadcast = await _broadcast(visit)
    make = ACTS.get(str(visit.request.path_params["what"]))
    if make is None:
        raise HTTPException(404)
    try:
        command = make(visit, broadcast)
    except ValueError:
        raise NotAllowed("value") from None
    made = await visit.prove_and_do(command)
    number = made.id if isinstance(made, Broadcast) else broadcast.id
    return visit.to(f"staff/broadcasts/{number}")


def _schedule(visit: Visit, broadcast: Broadcast) -> BroadcastCommand:
    typed = visit.posted("at").replace("T", " ")
    now = visit.access.clock()
    at = read_time(typed, visit.campaign.time_zone, now) if typed else None
    return Schedule(broadcast.id, at)


def _return(visit: Visit, broadcast: Broadcast) -> BroadcastCommand:
    return Return(broadcast.id, visit.posted("word")[:LONGEST_WORD])


ACTS: Mapping[str, Callable[[Visit, Broadcast], StaffCommand]] = {
    "submit": lambda visit, one: Submit(one.id),
    "approve": lambda visit, one: Approve(one.id, visit.posted("mark")),
    "return": _return,
    "schedule": _schedule,
    "pause": lambda visit, one: Pause(one.id),
    "resume": lambda visit, one: Resume(one.id),
    "cancel": lambda visit, one: Cancel(one.id),
    "discard": lambda visit, one: Discard(one.id),
    "retract": lambda visit, one: Retract(one.id),
    "correct": lambda visit, one: Correct(one.id),
    "release": lambda visit, one: Release(one.id),
    "test": lambda visit, one: SendTest(one.id),
}
"""What a page's button does, by the last part of its address."""


async def _broadcast(visit: Visit) -> Broadcast:
    async with visit.access.store.reading() as connection:
        return (await record_of(visit, connection)).broadcast


async def _done(visit: Visit, number: int, *commands: StaffCommand) -> Response:
    if commands:
        await visit.act(*commands)
    return visit.to(f"staff/broadcasts/{number}")


def _text(visit: Visit, name: str) -> str:
    return visit.posted(name).replace("\r\n", "\n")
