"""What staff are told of a broadcast, by their own scenes and by the bot itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.campaign.broadcast_rules.acts import may
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.broadcast_rules.checking import Fault
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.button_data import under_news
from bot.campaign.content import Campaign
from bot.campaign.desk_commands.broadcasts import Cancel, Pause, Resume
from bot.campaign.messages import Button, Choice, Message, Value, Words, words
from bot.campaign.staff import Member
from bot.campaign.styled import Styled
from bot.campaign.visible import shows

BAR = 12
EXCERPT = 600
"""Characters of a text that those who approve read at once; the preview has the whole."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it goes: messages a second, and the seconds that remain (None: unknown)."""

    rate: float = 0.0
    remaining: int | None = None
    note: str = ""
    until: str = ""


def button(label: str, data: str, **values: Value) -> Choice:
    """A button of the staff, by its label under ``staff.button``."""
    return Choice(words(f"staff.button.{label}", **values), data)


def title(broadcast: Broadcast) -> str:
    """How a broadcast is called: by its title, else by the beginning of its text."""
    if shows(broadcast.title):
        return broadcast.title
    first = next(iter(broadcast.texts), "")
    line = broadcast.styled(first).text.strip().split("\n")[0][:24] if first else ""
    if not shows(line):
        return f"№ {broadcast.id}"
    return f"{line}…" if len(line) == 24 else line


def _excerpt(broadcast: Broadcast, before: Broadcast | None, campaign: Campaign) -> str:
    """How its text begins, without markup; of a correction each text that it changes."""
    had = {code: before.styled(code) for code in before.texts} if before else {}
    changed = [code for code in broadcast.texts if broadcast.styled(code) != had.get(code)]
    if before is None or not changed:
        return _beginning(broadcast.text("", campaign)[0]) if broadcast.texts else ""
    return "\n\n".join(_beginning(broadcast.styled(code)) for code in changed)


def _beginning(text: Styled) -> str:
    begins = text.text.strip()
    return begins if len(begins) <= EXCERPT else f"{begins[:EXCERPT].rstrip()}…"


def writers(broadcast: Broadcast, names: Mapping[str, Words]) -> tuple[Words, ...]:
    """Its author, and who else has a part in what is written now."""
    marks = dict.fromkeys((broadcast.author, *broadcast.hands))
    return tuple(names.get(mark, words("staff.as_typed", text="–")) for mark in marks)


def when(moment: datetime | None, campaign: Campaign) -> str:
    """A moment by the campaign's clock, as ``moment`` in the texts takes it; "" for none."""
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(campaign.time_zone)).strftime("%Y-%m-%d %H:%M")


def fault(one: Fault) -> Words:
    """What is wrong, in words."""
    return words(f"staff.fault.{one.what}", where=one.where, number=one.number)


def review(
    broadcast: Broadcast,
    approvals: int,
    names: Mapping[str, Words],
    campaign: Campaign,
    before: Broadcast | None = None,
    why_nobody: str = "",
) -> Message:
    """To those who may approve: the exact number of recipients and what an approval means.

    ``before``: what it corrects; ``why_nobody``: why nobody would get it.
    """
    text = words(
        "staff.review",
        title=title(broadcast),
        authors=writers(broadcast, names),
        count=broadcast.counted or 0,
        stars=broadcast.stars,
        approvals=approvals,
        excerpt=_excerpt(broadcast, before, campaign),
        nobody=nobody(why_nobody),
        audience=audience(broadcast, campaign),
        languages=", ".join(broadcast.texts),
        file=broadcast.attached.kind if broadcast.attached else "",
        buttons=len(broadcast.leads),
        options=options(broadcast),
        corrects=broadcast.corrects,
        at=when(broadcast.at, campaign),
        zone=campaign.time_zone,
    )
    here = f"staff.show:{broadcast.id}"
    return Message(
        text,
        buttons=(
            (button("preview", f"staff.preview:{broadcast.id}"),),
            (approve(broadcast), button("open", here)),
        ),
    )


def nobody(why: str) -> Words | str:
    """Why nobody would get it; "" where somebody does."""
    return words(f"staff.nobody.{why}") if why else ""


def options(broadcast: Broadcast) -> Words:
    """What is unusual about how it goes out; empty where nothing is."""
    return words(
        "staff.options_line",
        canary=broadcast.canary or bool(broadcast.corrects),
        quiet=broadcast.quiet or bool(broadcast.corrects),
        hold=broadcast.hold_unknown,
        paid=broadcast.paid,
    )


def case_name(case_id: str, campaign: Campaign) -> str:
    """How staff call a case; its id where the content no longer has it."""
    case = campaign.cases.get(case_id)
    return case.full_name if case else case_id


def audience(broadcast: Broadcast, campaign: Campaign) -> Words:
    """Whom it is for, in a sentence."""
    aimed = broadcast.audience
    return words(
        "staff.audience_line",
        topic=words(f"updates.topic.{aimed.topic}"),
        languages=", ".join(aimed.languages),
        case=case_name(aimed.case, campaign),
        source=aimed.source,
        signed=aimed.signed,
        done=aimed.done,
        pledged=aimed.pledged,
        active_days=aimed.active_days,
        rest_hours=aimed.rest_hours,
    )


def approve(broadcast: Broadcast) -> Button:
    """Approves exactly what is written now."""
    return button("approve", f"staff.approve:{broadcast.id}:{broadcast.approval_mark}")


def figures(record: BroadcastRecord) -> Words:
    """The figures of the deliveries."""
    return words(
        "staff.figures",
        recipients=record.expected,
        sent=record.sent,
        blocked=record.blocked,
        failed=record.failed,
        unknown=record.unknown,
        left=record.left,
    )


def progress(record: BroadcastRecord, pace: Pace, member: Member) -> Message:
    """How far it is: one message that is edited every few seconds, for one of those who follow it.

    Its buttons lead to messages of their own: this one is written anew all the time.
    """
    whole = record.expected
    share = record.settled / whole if whole else 0.0
    broadcast = record.broadcast
    text = words(
        "staff.progress",
        title=title(broadcast),
        state=words(f"staff.state.{broadcast.state}"),
        bar="▓" * round(share * BAR) + "░" * (BAR - round(share * BAR)),
        percent=int(share * 100),
        settled=record.settled,
        total=whole,
        rate=round(pace.rate, 1),
        moves=broadcast.state is State.SENDING,
        minutes=-1 if pace.remaining is None else -(-pace.remaining // 60),
        figures=figures(record),
        note=words(f"staff.note.{pace.note}", until=pace.until) if pace.note else "",
    )
    here = broadcast.id

    def beside(label: str, data: str) -> Button:
        return button(label, under_news(here, f"staff.{data}"))

    rows = [
        (beside(command.name, f"{command.name}:{here}"),)
        for command in (Pause, Resume)
        if may(broadcast, command, member)
    ]
    if may(broadcast, Cancel, member):
        rows.append((beside("cancel", f"sure:{here}:cancel"),))
    rows.append((beside("open", f"show:{here}"),))
    return Message(text, buttons=tuple(rows))


def notice(broadcast: Broadcast, what: str, **values: Value) -> Message:
    """Something has happened to it, in the words of ``staff.WHAT``."""
    text = words(f"staff.{what}", title=title(broadcast), **values)
    return Message(text, buttons=((button("open", f"staff.show:{broadcast.id}"),),))


def halted(broadcast: Broadcast, why: str) -> Message:
    """It has stopped by itself: why, and what can be done."""
    return Message(
        words(f"staff.halted.{why}", title=title(broadcast)),
        buttons=(
            (button("resume", f"staff.resume:{broadcast.id}"),),
            (
                button("cancel", f"staff.sure:{broadcast.id}:cancel"),
                button("open", f"staff.show:{broadcast.id}"),
            ),
        ),
    )


def report(record: BroadcastRecord, campaign: Campaign) -> Message:
    """What became of it; the figures of 48 hours once they are there."""
    broadcast, more = record.broadcast, record.report
    languages = tuple(
        words("staff.language_line", language=str(code), count=int(count))
        for code, count in more.get("by_language", ())
    )
    acted = more.get("acted") or {}
    seconds = int(more.get("seconds", 0))
    text = words(
        "staff.report",
        title=title(broadcast),
        state=words(f"staff.state.{broadcast.state}"),
        figures=figures(record),
        languages=languages,
        minutes=seconds // 60,
        seconds=seconds % 60,
        began=when(broadcast.started_at, campaign),
        gone=int(more.get("gone", 0)),
        unsubscribed=int(more.get("unsubscribed", 0)),
        declared=int(acted.get("declared", 0)),
        pledged=int(acted.get("pledged", 0)),
        prepared=int(acted.get("prepared", 0)),
        signed=int(acted.get("signed", more.get("signed", 0))),
        over=record.followed,
    )
    return Message(text, buttons=((button("open", f"staff.show:{broadcast.id}"),),))
