"""For staff: whole lots of browsers' signatures, taken out of the number and put back.

A lot is all that came from one network on one day. Both ways one proposes it and another approves
it, on whatever later day, unless an owner has lifted the second pair of eyes.
"""

from __future__ import annotations

from datetime import date

from bot.campaign import crowd, held
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    DecideLots,
    ProposeLots,
    RefuseProposal,
    Verdict,
)
from bot.campaign.held import Lot
from bot.campaign.messages import Button, Choice, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import pending
from bot.campaign.supporter import Need
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

SHOWN = 8
LARGE = "large"
"""In the place of a lot: all with ``crowd.FEWEST`` signatures or more."""


def days(turn: Turn) -> Outcome:
    """The newest days on which browsers signed."""
    pending.staff_only(turn)
    rows = [
        (_day(petition, day, number),)
        for (petition, day), number in turn.facts.lot_days.items()
        if petition in turn.campaign.petitions
    ]
    text = words("lots.days", any=int(bool(rows)))
    return turn.answer(turn.screen(text, *rows, (choice("back", "pending"), to_menu())))


def _day(petition_id: str, day: date, number: int) -> Choice:
    label = words("lots.day", day=day, number=crowd.people(number))
    return Choice(label, f"lotday:{petition_id}:{day}")


def of_day(turn: Turn, petition_id: str, day: str, first: str = "0") -> Outcome:
    """The lots of a day, the largest first, and what is proposed about them."""
    pending.staff_only(turn)
    on, begin = pending.day_of(day), int(first) if first.isdecimal() else 0
    found = _lots(turn, petition_id, on)
    here, name = f"{petition_id}:{on}", held.name_of_lots(petition_id, on)
    proposed = pending.proposal(turn, name)
    rows = pending.verdicts(
        turn,
        proposed,
        Choice(words("lots.confirm"), f"lotok:{here}:{proposed.fingerprint if proposed else ''}"),
        Choice(words("lots.refuse"), f"lotno:{here}"),
    )
    page = found[begin : begin + SHOWN]
    for lot in page:
        verdict = "in" if lot.counted + lot.waiting else "back"
        data = f"lotout:{here}:{lot.name}:{verdict}"
        rows.append((Choice(words(f"lots.{verdict}", lot=lot.name), data),))
    if len(held.large(found, crowd.FEWEST)) > 1:
        rows.append(
            (Choice(words("lots.large", fewest=crowd.FEWEST), f"lotout:{here}:{LARGE}:in"),)
        )
    if found[begin + SHOWN :]:
        rows.append((Choice(words("lots.more"), f"lotday:{here}:{begin + SHOWN}"),))
    text = words(
        "lots.screen",
        title=words(f"petitions.{petition_id}.title"),
        day=on,
        lines=tuple(_line(lot) for lot in page),
        lots=_number_of_lots(proposed.value) if proposed else 0,
        **pending.told_of(turn, name),
    )
    return turn.answer(turn.screen(text, *rows, (choice("back", "lots"), to_menu())))


def _line(lot: Lot) -> Words:
    numbers = {
        name: crowd.people(number) if number else ""
        for name, number in (("counted", lot.counted), ("waiting", lot.waiting), ("out", lot.out))
    }
    return words("lots.line", lot=lot.name, **numbers)


def _number_of_lots(proposed: str) -> int:
    return len(proposed.rpartition(":")[2].split(","))


def _lots(turn: Turn, petition_id: str, day: date) -> tuple[Lot, ...]:
    if petition_id not in turn.campaign.petitions:
        raise NotOffered("petition")
    return turn.facts.lots.get((petition_id, day), ())


def ask(
    turn: Turn, petition_id: str, day: str, lot: str, verdict: str, reason: str = ""
) -> Outcome:
    """Why a lot (or all large ones) shall go out of the number, or back into it; then propose it,
    or do it where nobody else has to approve it."""
    pending.staff_only(turn)
    on = pending.day_of(day)
    chosen = {"in": Verdict.TAKE_OUT, "back": Verdict.PUT_BACK}.get(verdict)
    if chosen is None:
        raise NotOffered("a verdict")
    there = _lots(turn, petition_id, on)
    names = held.large(there, crowd.FEWEST) if lot == LARGE else (lot,)
    if not names or not set(names) <= {one.name for one in there}:
        raise NotOffered("a lot")
    if not reason:
        return _ask_reason(turn, f"{petition_id}:{on}", lot, verdict, chosen, len(names))
    if reason not in held.FITTING[chosen]:
        raise NotOffered("a reason")
    desk = turn.facts.desk
    if desk is not None and desk.approvals:
        command = ProposeLots(petition_id, on, chosen, reason, names)
        refused = pending.why_not(turn, command)
        return refused or _told(turn, petition_id, on, words("pending.proposed"), command)
    decided = DecideLots(petition_id, on, chosen, reason, names)
    return _told(turn, petition_id, on, words(f"lots.done_{chosen.value}"), decided)


def _ask_reason(
    turn: Turn, here: str, lot: str, verdict: str, chosen: Verdict, number: int
) -> Outcome:
    rows = [
        (Choice(words(f"pending.reason.{reason}"), f"lotout:{here}:{lot}:{verdict}:{reason}"),)
        for reason in held.FITTING[chosen]
    ]
    text = words(f"lots.why_{chosen.value}", lots=number)
    return turn.answer(turn.screen(text, *rows, (choice("back", f"lotday:{here}"), to_menu())))


def confirm(turn: Turn, petition_id: str, day: str, fingerprint: str) -> Outcome:
    """Approve what somebody else has proposed: it is done."""
    pending.staff_only(turn)
    on = pending.day_of(day)
    name = held.name_of_lots(petition_id, on)
    proposed = pending.proposal(turn, name)
    command = ConfirmProposal(name, fingerprint)
    refused = pending.why_not(turn, command)
    if refused is not None or proposed is None:
        return refused or days(turn)
    decided = held.decision(name, proposed.value)
    return _told(turn, petition_id, on, words(f"lots.done_{decided.verdict.value}"), command)


def refuse(turn: Turn, petition_id: str, day: str) -> Outcome:
    """Drop what is proposed: the lots stay as they are."""
    pending.staff_only(turn)
    on = pending.day_of(day)
    command = RefuseProposal(held.name_of_lots(petition_id, on))
    refused = pending.why_not(turn, command)
    return refused or _told(turn, petition_id, on, words("lots.refused"), command)


def _told(turn: Turn, petition_id: str, day: date, said: Words, command: StaffCommand) -> Outcome:
    back: tuple[Button, ...] = (choice("back", f"lotday:{petition_id}:{day}"), to_menu())
    return turn.answer(turn.screen(said, back), effects=[command])


ROUTES = (
    Route("lots", days, needs=(Need.LOT_DAYS,), staff=True),
    Route("lotday", of_day, needs=(Need.LOTS,), staff=True),
    Route("lotout", ask, needs=(Need.LOTS,), staff=True),
    Route("lotok", confirm, staff=True),
    Route("lotno", refuse, staff=True),
)
