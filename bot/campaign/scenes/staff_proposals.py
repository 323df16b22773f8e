"""What members of the staff are told of a proposal, and of what another one has decided."""

from __future__ import annotations

from datetime import date

from bot.campaign.content import Campaign
from bot.campaign.held import HELD
from bot.campaign.messages import Message, Value, Words, words
from bot.campaign.scenes.staff_screens import button, case_name
from bot.campaign.urgent import APPROVALS, BANNER, Decision
from bot.campaign.urgent_banner import wanted_banner

_DECIDED = {
    BANNER: ("urgent", "staff.banner"),
    "case": ("case", "staff.cases"),
    "held": ("held", "pending"),
    "broadcast": ("broadcast", ""),
    APPROVALS: ("approvals", "staff"),
}
_PROPOSED = {
    BANNER: ("urgent", "staff.banner"),
    "case": ("case", "staff.cases"),
    HELD: ("held", "pending"),
    APPROVALS: ("approvals", "staff"),
}


def proposed(about: str, by: Value, value: str, campaign: Campaign) -> Message:
    """Somebody wants the banner or a case changed, or held signatures decided about: what."""
    what, screen = _PROPOSED[about.partition(".")[0]]
    text = words(f"staff.proposed.{what}", by=by, what=_wanted(about, value, campaign))
    return Message(text, buttons=((button("open", screen),),))


def decided(about: str, by: Value, decision: Decision, campaign: Campaign) -> Message:
    """What somebody proposed or approved was decided about by another one."""
    what, screen = _DECIDED[about.partition(".")[0]]
    if what == "broadcast":
        screen = f"staff.show:{about.partition('.')[2]}"
    text = words(
        f"staff.decided.{what}",
        by=by,
        yes=decision.yes,
        what=_wanted(about, decision.value, campaign),
    )
    return Message(text, buttons=((button("open", screen),),))


def _wanted(about: str, value: str, campaign: Campaign) -> tuple[Words, ...]:
    """What somebody wants, line by line."""
    kind, _, name = about.partition(".")
    if kind == "case":
        state = words(f"staff.case_state.{(value or 'content').replace('-', '')}")
        called = case_name(name, campaign)
        return (words("staff.case_line", name=called, state=state, proposed="", author=""),)
    if kind == HELD:
        verdict, _, reason = value.partition(":")
        day = date.fromisoformat(name.rpartition(".")[2])
        because = words(f"pending.reason.{reason}")
        return (words("staff.held_line", day=day, wanted=verdict, reason=because),)
    if kind == BANNER:
        wanted = wanted_banner(value)
        lines = [
            words("staff.urgent_line", language=code, text=text)
            for code, text in wanted.texts.items()
        ]
        return tuple(lines) or (words("staff.urgent_none"),)
    return ()
