"""The staff's own menu: broadcasts, who must approve, the urgent banner, the states of cases."""

from __future__ import annotations

from bot.campaign.broadcasting.acts import StaffAct
from bot.campaign.broadcasting.audience import Audience
from bot.campaign.broadcasting.broadcast import ENDED, Broadcast
from bot.campaign.broadcasting.drafting import begun
from bot.campaign.broadcasting.standing import Desk
from bot.campaign.messages import Button, words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes.staff_screens import button, title
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Turn

SHOWN = 8


def desk_of(turn: Turn) -> Desk:
    """What lies before a member of the staff. Raises NotOffered for everybody else."""
    if turn.facts.desk is None:
        raise NotOffered("a screen of the staff")
    return turn.facts.desk


def menu(turn: Turn, ended: str = "") -> Outcome:
    """What is going on, and what this member may begin; ``ended``: what is over."""
    desk = desk_of(turn)
    over = [one for one in desk.standings if one.broadcast.state in ENDED]
    live = [one for one in desk.standings if one.broadcast.state not in ENDED]
    rows: list[tuple[Button, ...]] = [
        (
            button(
                "one",
                f"sb:{one.broadcast.id}",
                title=title(one.broadcast),
                state=words(f"staff.state.{one.broadcast.state}"),
            ),
        )
        for one in (over if ended else live)[:SHOWN]
    ]
    if desk.member.may(Right.WRITE):
        rows.append((button("new", "sbn"),))
    if over and not ended:
        rows.append((button("ended", "staff:ended"),))
    urgent = (button("urgent", "su"), button("cases", "sc"))
    rows.append(urgent if desk.member.may(Right.LOOK) else ())
    if desk.member.may(Right.RULE):
        rows.append((button("approvals", f"sap:{1 - desk.approvals}", now=desk.approvals),))
    text = words(
        "staff.menu",
        role=words(f"staff.role.{desk.member.role}"),
        approvals=desk.approvals,
        live=len(live),
    )
    return turn.answer(turn.screen(text, *rows))


def set_approvals(turn: Turn, wanted: str) -> Outcome:
    """How many others must approve: an owner's alone to say, and shown to everybody."""
    desk = desk_of(turn)
    if not desk.member.may(Right.RULE) or wanted not in ("0", "1"):
        raise NotOffered("approvals")
    return turn.answer(
        turn.screen(
            words("staff.approvals_set", approvals=int(wanted)), (button("menu", "staff"),)
        ),
        effects=[StaffAct(0, "approvals", wanted)],
    )


def new(turn: Turn) -> Outcome:
    """A new broadcast: its text is asked for at once."""
    desk = desk_of(turn)
    if not desk.member.may(Right.WRITE):
        raise NotOffered("new")
    draft = begun(Broadcast(audience=Audience(topic=turn.campaign.topics[0])), desk.member)
    language = turn.language
    return turn.answer(
        turn.screen(
            words("staff.ask_text", language=language),
            (button("back", f"sb:{desk.next_number}"),),
        ),
        effects=[StaffAct(0, "new", draft.model_dump_json(exclude={"id"}))],
        question=f"b_text:{desk.next_number}:{language}",
    )
