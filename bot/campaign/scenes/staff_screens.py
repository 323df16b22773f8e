"""What staff are told of a broadcast, by their own scenes and by the bot itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.campaign.broadcasting.broadcast import Broadcast, State
from bot.campaign.broadcasting.checking import Fault, plain
from bot.campaign.broadcasting.standing import Standing
from bot.campaign.content import Campaign
from bot.campaign.messages import Button, Choice, Message, Value, Words, words

BAR = 12


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
    if broadcast.title:
        return broadcast.title
    first = next(iter(broadcast.texts.values()), "")
    line = plain(first).strip().split("\n")[0][:24]
    return f"{line}…" if len(line) == 24 else line or f"№ {broadcast.id}"


def when(moment: datetime | None, campaign: Campaign) -> str:
    """A moment by the campaign's clock, as ``moment`` in the texts takes it; "" for none."""
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(campaign.time_zone)).strftime("%Y-%m-%d %H:%M")


def fault(one: Fault) -> Words:
    """What is wrong, in words."""
    return words(f"staff.fault.{one.what}", where=one.where, number=one.number)


def review(
    broadcast: Broadcast, approvals: int, names: dict[str, str], campaign: Campaign
) -> Message:
    """To those who may approve: the exact number of recipients and what an approval means."""
    text = words(
        "staff.review",
        title=title(broadcast),
        author=names.get(broadcast.author, "–"),
        count=broadcast.counted or 0,
        stars=broadcast.stars,
        approvals=approvals,
        at=when(broadcast.at, campaign),
        zone=campaign.time_zone,
    )
    here = f"sb:{broadcast.id}"
    return Message(
        text,
        buttons=(
            (button("preview", f"sbd:{broadcast.id}:preview:"),),
            (approve(broadcast), button("open", here)),
        ),
    )


def approve(broadcast: Broadcast) -> Button:
    """Approves exactly what is written now."""
    return button("approve", f"sbd:{broadcast.id}:approve:{broadcast.fingerprint[:16]}")


def figures(standing: Standing) -> Words:
    """The figures of the deliveries."""
    return words(
        "staff.figures",
        recipients=standing.recipients,
        sent=standing.sent,
        blocked=standing.blocked,
        failed=standing.failed,
        unknown=standing.unknown,
        left=standing.left,
    )


def progress(standing: Standing, pace: Pace) -> Message:
    """How far it is: one message that is edited every few seconds."""
    total = (
        standing.recipients
        if standing.fixed
        else max(standing.recipients, standing.broadcast.counted or 0)
    )
    share = standing.settled / total if total else 0.0
    broadcast = standing.broadcast
    text = words(
        "staff.progress",
        title=title(broadcast),
        state=words(f"staff.state.{broadcast.state}"),
        bar="▓" * round(share * BAR) + "░" * (BAR - round(share * BAR)),
        percent=int(share * 100),
        settled=standing.settled,
        total=total,
        rate=round(pace.rate, 1),
        minutes=-1 if pace.remaining is None else -(-pace.remaining // 60),
        figures=figures(standing),
        note=words(f"staff.note.{pace.note}", until=pace.until) if pace.note else "",
    )
    rows: list[tuple[Button, ...]] = []
    if broadcast.state is State.SENDING:
        rows = [(button("pause", f"sbd:{broadcast.id}:pause:"),)]
    elif broadcast.state is State.PAUSED:
        rows = [(button("resume", f"sbd:{broadcast.id}:resume:"),)]
    if rows:
        rows.append((button("cancel", f"sbc:{broadcast.id}:cancel"),))
    return Message(text, buttons=tuple(rows))


def notice(broadcast: Broadcast, what: str, **values: Value) -> Message:
    """Something has happened to it, in the words of ``staff.WHAT``."""
    text = words(f"staff.{what}", title=title(broadcast), **values)
    return Message(text, buttons=((button("open", f"sb:{broadcast.id}"),),))


def halted(broadcast: Broadcast, why: str) -> Message:
    """It has stopped by itself: why, and what can be done."""
    return Message(
        words(f"staff.halted.{why}", title=title(broadcast)),
        buttons=(
            (button("resume", f"sbd:{broadcast.id}:resume:"),),
            (
                button("cancel", f"sbc:{broadcast.id}:cancel"),
                button("open", f"sb:{broadcast.id}"),
            ),
        ),
    )


def report(standing: Standing, campaign: Campaign) -> Message:
    """What became of it; the figures of 48 hours once they are there."""
    broadcast, more = standing.broadcast, standing.report
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
        figures=figures(standing),
        languages=languages,
        minutes=seconds // 60,
        seconds=seconds % 60,
        began=when(broadcast.started_at, campaign),
        gone=int(more.get("gone", 0)),
        unsubscribed=int(more.get("unsubscribed", 0)),
        declared=int(acted.get("declared", 0)),
        pledged=int(acted.get("pledged", 0)),
        prepared=int(acted.get("prepared", 0)),
        signed=int(more.get("signed", 0)),
        over=bool(more.get("followed")),
    )
    return Message(text, buttons=((button("open", f"sb:{broadcast.id}"),),))
