"""The staff's own menu: broadcasts, who must approve, the urgent banner, the states of cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.broadcast_rules.broadcast import ENDED, State
from bot.campaign.broadcast_rules.record import BroadcastRecord, Desk
from bot.campaign.desk_commands.settings import SetApprovals
from bot.campaign.messages import Button, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes.staff_screens import button, title
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Turn
from bot.campaign.urgent import APPROVALS, BANNER, act, proposal

SHOWN = 12
DRAFTS_SHOWN = 3
LISTED = 30
_UNDER_WAY = (State.SENDING, State.PAUSED, State.APPROVED, State.REVIEW)
"""In the order of the menu: what goes out now comes first."""


def desk_of(turn: Turn) -> Desk:
    """What lies before a member of the staff. Raises NotOffered for everybody else."""
    if turn.facts.desk is None:
        raise NotOffered("a screen of the staff")
    return turn.facts.desk


def menu(turn: Turn, which: str = "") -> Outcome:
    """What is going on, and what this member may begin; or all "drafts", or what has "ended"."""
    desk = desk_of(turn)
    over = [one for one in desk.broadcasts if one.broadcast.state in ENDED]
    drafts = [one for one in desk.broadcasts if one.broadcast.state is State.DRAFT]
    if which:
        return _listed(turn, which, {"drafts": drafts, "ended": over}.get(which, []))
    live = [one for state in _UNDER_WAY for one in desk.broadcasts if one.broadcast.state is state]
    rows = _rows([*live[:SHOWN], *drafts[:DRAFTS_SHOWN]])
    if desk.member.may(Right.WRITE):
        rows.append((button("new", "staff.new"),))
    if len(drafts) > DRAFTS_SHOWN:
        rows.append((button("drafts", "staff:drafts", number=len(drafts)),))
    if over:
        rows.append((button("ended", "staff:ended"),))
    waiting = {name.removeprefix("proposal.") for name in desk.set_values if "proposal." in name}
    rows.append(
        (
            button("urgent", "staff.banner", waits=int(BANNER in waiting)),
            button(
                "cases",
                "staff.cases",
                waits=int(any(name.startswith("case.") for name in waiting)),
            ),
        )
    )
    if desk.member.may(Right.RULE):
        rows += _rules(desk)
    rows.append((button("figures", "staff.figures"), button("desk", "staff.desk")))
    text = words(
        "staff.menu",
        role=words(f"staff.role.{desk.member.role}"),
        approvals=desk.approvals,
        live=len(live),
    )
    return turn.answer(turn.screen(text, *rows))


def _rules(desk: Desk) -> list[tuple[Button, ...]]:
    """What owners say: whether others must approve, and who gets a second factor."""
    proposed = proposal(desk.set_values, APPROVALS)
    rows: list[tuple[Button, ...]] = []
    if proposed is not None and desk.member.mark not in proposed.authors:
        accept = button("accept_alone", f"staff.accept:{APPROVALS}:{proposed.fingerprint}")
        rows.append((accept, button("refuse", f"staff.refuse:{APPROVALS}")))
    else:
        label = f"staff.approvals:{1 - desk.approvals}"
        rows.append((button("approvals", label, now=desk.approvals),))
    if desk.without_factor:
        rows.append((button("members", "staff.members", number=len(desk.without_factor)),))
    return rows


def _rows(found: Sequence[BroadcastRecord]) -> list[tuple[Button, ...]]:
    """One below the other; those that are called the same with their numbers."""
    called = Counter(title(one.broadcast) for one in found)
    rows: list[tuple[Button, ...]] = []
    for one in found:
        name, number = title(one.broadcast), one.broadcast.id
        if called[name] > 1:
            name = f"№ {number} {name}"
        state = words(f"staff.state.{one.broadcast.state}")
        rows.append((button("one", f"staff.show:{number}", title=name, state=state),))
    return rows


def _listed(turn: Turn, which: str, found: list[BroadcastRecord]) -> Outcome:
    return turn.answer(
        turn.screen(
            words(f"staff.listed.{which}", number=len(found)) if found else words("staff.no_list"),
            *_rows(found[:LISTED]),
            (button("menu", "staff"),),
        )
    )


def set_approvals(turn: Turn, wanted: str) -> Outcome:
    """How many others must approve: an owner's alone to say, and shown to everybody."""
    desk = desk_of(turn)
    if wanted not in ("0", "1"):
        raise NotOffered("approvals")
    command = SetApprovals(int(wanted))
    try:
        act(desk.set_values, command, desk.member, desk.approvals, turn.campaign)
    except NotAllowed:
        raise NotOffered("approvals") from None
    said = "approvals_set" if command.approvals else "approvals_proposed"
    return turn.answer(
        turn.screen(words(f"staff.{said}"), (button("menu", "staff"),)), effects=[command]
    )


def new(turn: Turn) -> Outcome:
    """A new broadcast: it is made once its first text is there."""
    return ask_first_text(turn)


def ask_first_text(turn: Turn, said: str = "ask_text") -> Outcome:
    """Ask for it, or once more where what came shows nothing."""
    if not desk_of(turn).member.may(Right.WRITE):
        raise NotOffered("new")
    language = turn.language
    return turn.answer(
        turn.screen(words(f"staff.{said}", language=language), (button("menu", "staff"),)),
        question=f"b_new:{language}",
    )


ROUTES = (
    Route("staff", menu, command=menu, staff=True),
    Route("staff.approvals", set_approvals, staff=True),
    Route("staff.new", new, staff=True),
)
