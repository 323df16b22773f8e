"""For staff: signatures that were held, to be accepted or rejected, and reopened again."""

from __future__ import annotations

from datetime import date

from bot.campaign.effects import Decide, Verdict
from bot.campaign.messages import Button, Choice, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

MAY_DECIDE = frozenset({"owner", "editor", "sender"})
REASONS = ("genuine", "campaign", "copies", "unknown")
"""Reasons to choose from, so that none names anybody: `pending.reason.ID`."""
FITTING = {Verdict.ACCEPT: ("genuine", "campaign"), Verdict.REJECT: ("copies", "unknown")}
DAYS_SHOWN = 8


def _staff_only(turn: Turn) -> None:
    if turn.facts.staff not in MAY_DECIDE:
        raise NotOffered("a screen of the staff")


def show(turn: Turn, petition_id: str = "", day: str = "", verdict: str = "") -> Outcome:
    """What is held; or, for one day of a petition, the reasons to accept or reject it."""
    _staff_only(turn)
    if petition_id:
        return _ask_reason(turn, petition_id, _day(day), _verdict(verdict))
    held = sorted(turn.facts.held.items(), key=lambda item: item[0][1], reverse=True)
    rows: list[tuple[Button, ...]] = []
    for (petition, on), _ in held[:DAYS_SHOWN]:
        rows.append(
            (
                Choice(words("pending.accept", day=on), f"pending:{petition}:{on}:accept"),
                Choice(words("pending.reject", day=on), f"pending:{petition}:{on}:reject"),
            )
        )
    lines = tuple(
        words("pending.line", title=words(f"petitions.{petition}.title"), day=on, number=number)
        for (petition, on), number in held[:DAYS_SHOWN]
        if petition in turn.campaign.petitions
    )
    return turn.answer(turn.screen(words("pending.screen", lines=lines), *rows, (to_menu(),)))


def _ask_reason(turn: Turn, petition_id: str, day: date, verdict: Verdict) -> Outcome:
    if verdict is Verdict.REOPEN:
        return decide(turn, petition_id, day.isoformat(), verdict.value, "unknown")
    rows = [
        (
            Choice(
                words(f"pending.reason.{reason}"),
                f"decide:{petition_id}:{day}:{verdict.value}:{reason}",
            ),
        )
        for reason in FITTING[verdict]
    ]
    text = words(
        f"pending.why_{verdict.value}",
        number=turn.facts.held.get((petition_id, day), 0),
        day=day,
    )
    return turn.answer(turn.screen(text, *rows, (choice("back", "pending"), to_menu())))


def decide(turn: Turn, petition_id: str, day: str, verdict: str, reason: str) -> Outcome:
    """Done for all that was held on that day; "reopen" takes it back."""
    _staff_only(turn)
    if petition_id not in turn.campaign.petitions or reason not in REASONS:
        raise NotOffered("a decision")
    on, what = _day(day), _verdict(verdict)
    reopen = f"pending:{petition_id}:{on}:{Verdict.REOPEN.value}"
    again: tuple[Button, ...] = (
        () if what is Verdict.REOPEN else (Choice(words("pending.reopen"), reopen),)
    )
    return turn.answer(
        turn.screen(
            words(f"pending.done_{what.value}", day=on),
            again,
            (choice("back", "pending"), to_menu()),
        ),
        effects=[Decide(petition_id, on, what, reason, turn.facts.staff)],
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotOffered("a day") from None


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise NotOffered("a verdict") from None


def alarm(petition_id: str, signatures: int, minutes: int) -> Message:
    """Told to staff when signatures begin to be held."""
    return Message(
        words(
            "pending.alarm",
            title=words(f"petitions.{petition_id}.title"),
            signatures=signatures,
            minutes=minutes,
        ),
        buttons=((Choice(words("pending.open"), "pending"),), (to_menu(),)),
    )
