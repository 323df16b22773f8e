"""The urgent banner and the states of cases: proposed by one, approved by another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.campaign import urgent
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.content import CaseState
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    ProposeBanner,
    ProposeState,
    RefuseProposal,
)
from bot.campaign.messages import Button, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Turn
from bot.campaign.urgent_banner import (
    NO_BANNER,
    Wanted,
    wanted_banner,
    without_text,
    worded,
)

NEVER = "2000-01-01"
"""Stands for a last day where there is none; never shown."""


def show(turn: Turn) -> Outcome:
    """The banner as it is, and as somebody wants it."""
    return _banner(turn, desk_of(turn).set_values)


def _banner(turn: Turn, values: urgent.Values, *effects: StaffCommand) -> Outcome:
    desk = desk_of(turn)
    proposed = urgent.proposal(values, urgent.BANNER)
    placed = _usable(values.get(urgent.BANNER, ""))
    wanted = _usable(proposed.value) if proposed else NO_BANNER
    text = words(
        "staff.urgent",
        now=_lines(placed),
        url=placed.url,
        until=placed.until or NEVER,
        over=bool(placed.texts) and placed.until < turn.today.isoformat(),
        proposed=_lines(wanted),
        proposed_url=wanted.url,
        proposed_until=wanted.until or NEVER,
        away=bool(proposed and not proposed.value),
        author=desk.names.get(proposed.author, "–") if proposed else "",
    )
    rows: list[tuple[Button, ...]] = []
    if desk_of(turn).member.may_propose:
        rows.append(
            tuple(
                button("text", f"staff.banner_text:{code}", language=code)
                for code in turn.campaign.languages
            )
        )
        shown = wanted if wanted.texts else placed
        if len(shown.texts) > 1:
            rows += [
                (button("less", f"staff.banner_less:{code}", language=code),)
                for code in shown.texts
            ]
        if placed.texts:
            rows.append((button("take_away", "staff.banner_away"),))
    rows += _verdicts(turn, values, urgent.BANNER)
    rows.append((button("menu", "staff"),))
    return turn.answer(turn.screen(text, *rows), effects=effects)


def _usable(value: str) -> Wanted:
    try:
        return wanted_banner(value)
    except ValueError:
        return NO_BANNER


def _lines(wanted: Wanted) -> tuple[Words, ...]:
    return tuple(
        words("staff.urgent_line", language=code, text=text) for code, text in wanted.texts.items()
    )


def _verdicts(turn: Turn, values: urgent.Values, name: str) -> list[tuple[Button, ...]]:
    proposed, desk = urgent.proposal(values, name), desk_of(turn)
    if proposed is None or not desk.member.may(Right.DECIDE):
        return []
    refuse = button("refuse", f"staff.refuse:{name}")
    if desk.approvals and desk.member.mark in proposed.authors:
        return [(refuse,)]
    return [(button("accept", f"staff.accept:{name}:{proposed.fingerprint}"), refuse)]


def ask(turn: Turn, language: str) -> Outcome:
    """Ask for the banner's text, last day and link."""
    desk_of(turn)
    if language not in turn.campaign.languages:
        raise NotOffered("language")
    return turn.answer(
        turn.screen(words("staff.ask_urgent"), (button("back", "staff.banner"),)),
        question=f"b_urgent:{language}",
    )


def said(turn: Turn, language: str) -> Outcome:
    """The banner, typed."""
    values = desk_of(turn).set_values
    try:
        wanted = worded(_wanted(values), language, turn.said, turn.today)
    except ValueError:
        return turn.answer(
            turn.screen(words("staff.again_urgent"), (button("back", "staff.banner"),)),
            question=f"b_urgent:{language}",
        )
    return _done(turn, urgent.BANNER, ProposeBanner(wanted))


def _wanted(values: urgent.Values) -> Wanted:
    """What a change begins with: what is proposed, else what is in place. Raises ValueError."""
    proposed = urgent.proposal(values, urgent.BANNER)
    return wanted_banner(proposed.value if proposed else values.get(urgent.BANNER, ""))


def drop_text(turn: Turn, language: str) -> Outcome:
    """Propose the banner without its text in that language."""
    values = desk_of(turn).set_values
    try:
        wanted = without_text(_wanted(values), language)
    except ValueError:
        raise NotOffered("banner") from None
    return _done(turn, urgent.BANNER, ProposeBanner(wanted))


def take_away(turn: Turn) -> Outcome:
    """Propose to have no banner."""
    return _done(turn, urgent.BANNER, ProposeBanner(NO_BANNER))


def propose_state(turn: Turn, case_id: str, state: str = "") -> Outcome:
    """Propose another state of a case."""
    return _done(turn, urgent.of_case(case_id), ProposeState(case_id, state))


def confirm(turn: Turn, about: str, fingerprint: str) -> Outcome:
    """Approve what was on the screen."""
    return _done(turn, about, ConfirmProposal(about, fingerprint))


def refuse(turn: Turn, about: str) -> Outcome:
    """Drop a proposal."""
    return _done(turn, about, RefuseProposal(about))


def _done(turn: Turn, about: str, command: StaffCommand) -> Outcome:
    desk = desk_of(turn)
    screen = _SCREENS.get(about, _cases)
    try:
        changed = urgent.act(desk.set_values, command, desk.member, desk.approvals, turn.campaign)
    except NotAllowed as refusal:
        # What has changed is a proposal here, not a broadcast.
        reason = {"changed": "stale", "nothing": "stale"}.get(refusal.reason, refusal.reason)
        note = words(f"staff.note.no_{reason}", until="")
        rows = (
            [(button("back", _BACK[kind]),)] if (kind := about.partition(".")[0]) in _BACK else []
        )
        return turn.answer(turn.screen(note, *rows, (button("menu", "staff"),)))
    return screen(turn, {**desk.set_values, **changed}, command)


def _approvals(turn: Turn, values: urgent.Values, *effects: StaffCommand) -> Outcome:
    said = "approvals_set" if urgent.approvals(values) else "approvals_lifted"
    screen = turn.screen(words(f"staff.{said}"), (button("menu", "staff"),))
    return turn.answer(screen, effects=effects)


_SCREENS: Mapping[str, Callable[..., Outcome]] = {
    urgent.BANNER: _banner,
    urgent.APPROVALS: _approvals,
}
"""What is shown after something was decided; of cases all are shown."""
_BACK = {urgent.BANNER: "staff.banner", "case": "staff.cases"}


def cases(turn: Turn) -> Outcome:
    """Every case with its state, and what is proposed."""
    return _cases(turn, desk_of(turn).set_values)


def _cases(turn: Turn, values: urgent.Values, *effects: StaffCommand) -> Outcome:
    desk = desk_of(turn)
    lines: list[Words] = []
    rows: list[tuple[Button, ...]] = []
    for case_id, case in turn.campaign.cases.items():
        name = urgent.of_case(case_id)
        proposed = urgent.proposal(values, name)
        lines.append(
            words(
                "staff.case_line",
                name=case.full_name,
                state=_state(values.get(name) or case.state.value),
                proposed=_state(proposed.value) if proposed else "",
                author=desk.names.get(proposed.author, "–") if proposed else "",
                unconfirmed=turn.campaign.unconfirmed(case_id, turn.today),
            )
        )
        if desk_of(turn).member.may_propose:
            rows.append((button("case_state", f"staff.case:{case_id}", name=case.full_name),))
        rows += _verdicts(turn, values, name)
    rows.append((button("menu", "staff"),))
    return turn.answer(
        turn.screen(words("staff.cases", lines=tuple(lines)), *rows), effects=effects
    )


def _state(state: str) -> Words:
    return words(f"staff.case_state.{state.replace('-', '') or 'content'}")


def states(turn: Turn, case_id: str) -> Outcome:
    """The states that a case can have."""
    if not desk_of(turn).member.may_propose:
        raise NotOffered("state")
    case = turn.case(case_id)
    rows: list[tuple[Button, ...]] = [
        (button("case_to", f"staff.state:{case_id}:{state}", name=case.name, state=_state(state)),)
        for state in (*(state.value for state in CaseState), "")
    ]
    rows.append((button("back", "staff.cases"),))
    return turn.answer(
        turn.screen(
            words("staff.cases", lines=(words("staff.as_typed", text=case.full_name),)), *rows
        )
    )


ROUTES = (
    Route("staff.banner", show, staff=True),
    Route("staff.banner_text", ask, staff=True),
    Route("b_urgent", question=said, staff=True),
    Route("staff.banner_less", drop_text, staff=True),
    Route("staff.banner_away", take_away, staff=True),
    Route("staff.cases", cases, staff=True),
    Route("staff.case", states, staff=True),
    Route("staff.state", propose_state, staff=True),
    Route("staff.accept", confirm, staff=True),
    Route("staff.refuse", refuse, staff=True),
)
