"""What is written in a broadcast and whom it is for. Any change (but the title's, which recipients
do not see) makes it a draft again: an approval holds for exactly what was approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.campaign.broadcast_rules.allowing import Doing, NotAllowed, Rule, changed, written_by
from bot.campaign.broadcast_rules.broadcast import (
    MOST_LEADS,
    OPEN,
    STOPPED,
    Broadcast,
    State,
)
from bot.campaign.desk_commands.broadcasts import (
    AddLead,
    Aim,
    Attach,
    BroadcastCommand,
    DropLead,
    SetText,
    SetTitle,
    Switch,
)
from bot.campaign.markup import plain, write
from bot.campaign.staff import Member, Right
from bot.campaign.visible import shows

SWITCHES = ("hold_unknown", "paid", "canary", "quiet")


def begun(broadcast: Broadcast, member: Member) -> Broadcast:
    """A new draft of that member. Raises NotAllowed."""
    if not member.may(Right.WRITE):
        raise NotAllowed("right")
    return changed(
        broadcast,
        author=member.mark,
        writers=(member.mark,),
        state=State.DRAFT,
        approved_by=(),
        approved_hash="",
    )


def correction(broadcast: Broadcast, member: Member) -> Broadcast:
    """A draft whose text takes the place of what this broadcast has sent. Raises NotAllowed."""
    if broadcast.state not in STOPPED or broadcast.corrects or broadcast.retract:
        raise NotAllowed("state")
    kept = {"title", "texts", "written_in", "attached", "leads", "audience"}
    fresh = {name: value for name, value in dict(broadcast).items() if name in kept}
    draft = begun(Broadcast(**fresh, corrects=broadcast.id, canary=False), member)
    # What nobody has approved yet is not read because it stands in a correction now.
    return changed(draft, writers=written_by(broadcast, member))


def _rewritten(doing: Doing[Any], **changes: object) -> Broadcast:
    """Changed in what an approval is bound to: a draft again, and its writer remembered."""
    return changed(
        doing.broadcast,
        **changes,
        writers=written_by(doing.broadcast, doing.member),
        state=State.DRAFT,
        approved_by=(),
        approved_hash="",
        reason="",
    )


def _text(doing: Doing[SetText]) -> Broadcast:
    language, text = doing.command.language, doing.command.text
    if language not in doing.rules.campaign.languages:
        raise ValueError("language")
    if text and not shows(plain(text)):
        raise NotAllowed("blank")
    before = doing.broadcast
    texts = dict(before.texts)
    if before.written_in == "html":
        texts = {code: write(before.styled(code)) for code in texts}
    texts[language] = text
    kept = {code: written for code, written in texts.items() if written}
    return _rewritten(doing, texts=kept, written_in="markup")


def _title(doing: Doing[SetTitle]) -> Broadcast:
    title = doing.command.title
    if title and not shows(title):
        raise NotAllowed("blank")
    return changed(doing.broadcast, title=title[:60])


def _attach(doing: Doing[Attach]) -> Broadcast:
    _not_fixed(doing.broadcast)
    return _rewritten(doing, attached=doing.command.file)


def _not_fixed(broadcast: Broadcast) -> None:
    """A correction goes to whoever had the first version, with the file that they have."""
    if broadcast.corrects:
        raise NotAllowed("fixed")


def _lead(doing: Doing[AddLead]) -> Broadcast:
    lead, leads = doing.command.lead, doing.broadcast.leads
    if not all(map(shows, lead.labels.values())):
        raise NotAllowed("blank")
    if lead in leads:
        return doing.broadcast  # pressed twice
    if len(leads) >= MOST_LEADS:
        raise NotAllowed("full")
    return _rewritten(doing, leads=(*leads, lead))


def _unlead(doing: Doing[DropLead]) -> Broadcast:
    leads = doing.broadcast.leads
    kept = tuple(lead for lead in leads if lead.mark != doing.command.mark)
    return doing.broadcast if kept == leads else _rewritten(doing, leads=kept)


def _aim(doing: Doing[Aim]) -> Broadcast:
    _not_fixed(doing.broadcast)
    condition, value = doing.command.condition, doing.command.value
    aimed = doing.broadcast.audience.aimed(condition, value, doing.rules.campaign)
    return _rewritten(doing, audience=aimed)


def _switch(doing: Doing[Switch]) -> Broadcast:
    option = doing.command.option
    if option not in SWITCHES:
        raise ValueError("switch")
    return _rewritten(doing, **{option: doing.command.on})


RULES: Mapping[type[BroadcastCommand], Rule] = {
    SetText: Rule(Right.WRITE, OPEN, _text),
    SetTitle: Rule(Right.WRITE, OPEN, _title),
    Attach: Rule(Right.WRITE, OPEN, _attach),
    AddLead: Rule(Right.WRITE, OPEN, _lead),
    DropLead: Rule(Right.WRITE, OPEN, _unlead),
    Aim: Rule(Right.WRITE, OPEN, _aim),
    Switch: Rule(Right.WRITE, OPEN, _switch),
}
"""What becomes of each command, and who may give it."""
