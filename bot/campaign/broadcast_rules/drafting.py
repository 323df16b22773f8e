"""What is written in a broadcast and whom it is for. Any change (but the title's, which recipients
do not see) makes it a draft again: an approval holds for exactly what was approved."""

from __future__ import annotations

from collections.abc import Mapping

from bot.campaign.broadcast_rules.allowing import Doing, NotAllowed, Rule, changed, written_by
from bot.campaign.broadcast_rules.broadcast import (
    MOST_LEADS,
    OPEN,
    STOPPED,
    Attached,
    Broadcast,
    Lead,
    State,
)
from bot.campaign.broadcast_rules.checking import plain
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
    kept = {"title", "texts", "attached", "leads", "audience"}
    fresh = {name: value for name, value in dict(broadcast).items() if name in kept}
    draft = begun(Broadcast(**fresh, corrects=broadcast.id, canary=False), member)
    # What nobody has approved yet is not read because it stands in a correction now.
    return changed(draft, writers=written_by(broadcast, member))


def _rewritten(doing: Doing, **changes: object) -> Broadcast:
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


def _text(doing: Doing) -> Broadcast:
    language, _, text = doing.value.partition("\n")
    if language not in doing.rules.campaign.languages:
        raise ValueError("language")
    if text and not shows(plain(text)):
        raise NotAllowed("blank")
    texts = {**doing.broadcast.texts, language: text}
    return _rewritten(doing, texts={code: kept for code, kept in texts.items() if kept})


def _title(doing: Doing) -> Broadcast:
    if doing.value and not shows(doing.value):
        raise NotAllowed("blank")
    return changed(doing.broadcast, title=doing.value[:60])


def _attach(doing: Doing) -> Broadcast:
    _not_fixed(doing.broadcast)
    attached = Attached.model_validate_json(doing.value) if doing.value else None
    return _rewritten(doing, attached=attached)


def _not_fixed(broadcast: Broadcast) -> None:
    """A correction goes to whoever had the first version, with the file that they have."""
    if broadcast.corrects:
        raise NotAllowed("fixed")


def _lead(doing: Doing) -> Broadcast:
    lead, leads = Lead.model_validate_json(doing.value), doing.broadcast.leads
    if not all(map(shows, lead.labels.values())):
        raise NotAllowed("blank")
    if lead in leads:
        return doing.broadcast  # pressed twice
    if len(leads) >= MOST_LEADS:
        raise NotAllowed("full")
    return _rewritten(doing, leads=(*leads, lead))


def _unlead(doing: Doing) -> Broadcast:
    leads = doing.broadcast.leads
    kept = tuple(lead for lead in leads if lead.mark != doing.value)
    return doing.broadcast if kept == leads else _rewritten(doing, leads=kept)


def _aim(doing: Doing) -> Broadcast:
    _not_fixed(doing.broadcast)
    name, _, value = doing.value.partition("=")
    aimed = doing.broadcast.audience.aimed(name, value, doing.rules.campaign)
    return _rewritten(doing, audience=aimed)


def _switch(doing: Doing) -> Broadcast:
    name, _, value = doing.value.partition("=")
    if name not in SWITCHES or value not in ("on", "off"):
        raise ValueError("switch")
    return _rewritten(doing, **{name: value == "on"})


RULES: Mapping[str, Rule] = {
    "text": Rule(Right.WRITE, OPEN, _text),
    "title": Rule(Right.WRITE, OPEN, _title),
    "attach": Rule(Right.WRITE, OPEN, _attach),
    "lead": Rule(Right.WRITE, OPEN, _lead),
    "unlead": Rule(Right.WRITE, OPEN, _unlead),
    "aim": Rule(Right.WRITE, OPEN, _aim),
    "switch": Rule(Right.WRITE, OPEN, _switch),
}
"""By the name of the act."""
