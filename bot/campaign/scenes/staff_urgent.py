"""The urgent banner and the states of cases: proposed by one, approved by another."""

from __future__ import annotations

from collections.abc import Mapping

from bot.campaign import urgent
from bot.campaign.broadcasting.acts import StaffAct
from bot.campaign.broadcasting.allowing import NotAllowed
from bot.campaign.content import CaseState
from bot.campaign.messages import Button, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Scene, Turn


def show(turn: Turn) -> Outcome:
    """The banner as it is, and as somebody wants it."""
    return _banner(turn, desk_of(turn).set_values)


def _banner(turn: Turn, values: urgent.Values, *effects: StaffAct) -> Outcome:
    desk = desk_of(turn)
    proposed = urgent.proposal(values, urgent.BANNER)
    texts, until, _ = urgent.banner(values.get(urgent.BANNER, ""))
    wanted, wanted_until, _ = urgent.banner(proposed.value if proposed else "")
    text = words(
        "staff.urgent",
        now=" / ".join(texts.values()),
        until=until or "2000",
        proposed=" / ".join(wanted.values()) or ("–" if proposed else ""),
        proposed_until=wanted_until or "2000",
        author=desk.names.get(proposed.author, "–") if proposed else "",
    )
    rows: list[tuple[Button, ...]] = []
    if desk.member.may(Right.WRITE) or desk.member.may(Right.DECIDE):
        rows.append(
            tuple(button("text", f"sup:{code}", language=code) for code in turn.campaign.languages)
        )
        if texts:
            rows.append((button("take_away", f"svp:{urgent.BANNER}:"),))
    rows += _verdicts(turn, values, urgent.BANNER)
    rows.append((button("menu", "staff"),))
    return turn.answer(turn.screen(text, *rows), effects=effects)


def _verdicts(turn: Turn, values: urgent.Values, name: str) -> list[tuple[Button, ...]]:
    proposed = urgent.proposal(values, name)
    if proposed is None or not desk_of(turn).member.may(Right.DECIDE):
        return []
    return [
        (
            button("accept", f"svc:{name}:{proposed.fingerprint}"),
            button("refuse", f"svr:{name}"),
        )
    ]


def ask(turn: Turn, language: str) -> Outcome:
    """Ask for the banner's text, last day and link."""
    desk_of(turn)
    if language not in turn.campaign.languages:
        raise NotOffered("language")
    return turn.answer(
        turn.screen(words("staff.ask_urgent"), (button("back", "su"),)),
        question=f"b_urgent:{language}",
    )


def said(turn: Turn, language: str) -> Outcome:
    """The banner, typed."""
    values = desk_of(turn).set_values
    text, until, url = (*(part.strip() for part in turn.said.split("|", 2)), "", "")[:3]
    proposed = urgent.proposal(values, urgent.BANNER)
    before = proposed.value if proposed else values.get(urgent.BANNER, "")
    try:
        wanted = urgent.worded(before, language, text, until, url, turn.today)
    except ValueError:
        return turn.answer(
            turn.screen(words("staff.again_urgent"), (button("back", "su"),)),
            question=f"b_urgent:{language}",
        )
    return _done(turn, "propose", f"{urgent.BANNER}={wanted}")


def propose(turn: Turn, name: str, value: str = "") -> Outcome:
    """Propose a value by its button."""
    return _done(turn, "propose", f"{name}={value}")


def confirm(turn: Turn, name: str, fingerprint: str) -> Outcome:
    """Approve what was on the screen."""
    return _done(turn, "confirm", f"{name}={fingerprint}")


def refuse(turn: Turn, name: str) -> Outcome:
    """Drop a proposal."""
    return _done(turn, "refuse", f"{name}=")


def _done(turn: Turn, act: str, value: str) -> Outcome:
    desk = desk_of(turn)
    screen = _banner if value.startswith(urgent.BANNER) else _cases
    try:
        changed = urgent.act(
            desk.set_values, act, value, desk.member, desk.approvals, turn.campaign
        )
    except NotAllowed as refusal:
        note = words(f"staff.note.no_{refusal.reason}", until="")
        return turn.answer(turn.screen(note, (button("menu", "staff"),)))
    return screen(turn, {**desk.set_values, **changed}, StaffAct(0, act, value))


def cases(turn: Turn) -> Outcome:
    """Every case with its state, and what is proposed."""
    return _cases(turn, desk_of(turn).set_values)


def _cases(turn: Turn, values: urgent.Values, *effects: StaffAct) -> Outcome:
    desk = desk_of(turn)
    lines: list[Words] = []
    rows: list[tuple[Button, ...]] = []
    for case_id, case in turn.campaign.cases.items():
        name = f"case.{case_id}"
        proposed = urgent.proposal(values, name)
        lines.append(
            words(
                "staff.case_line",
                name=case.full_name,
                state=_state(values.get(name) or case.state.value),
                proposed=_state(proposed.value) if proposed else "",
                author=desk.names.get(proposed.author, "–") if proposed else "",
            )
        )
        rows.append((button("one", f"scs:{case_id}", title=case.full_name, state="…"),))
        rows += _verdicts(turn, values, name)
    rows.append((button("menu", "staff"),))
    return turn.answer(
        turn.screen(words("staff.cases", lines=tuple(lines)), *rows), effects=effects
    )


def _state(state: str) -> Words:
    return words(f"staff.case_state.{state.replace('-', '') or 'content'}")


def states(turn: Turn, case_id: str) -> Outcome:
    """The states that a case can have."""
    desk_of(turn)
    case = turn.case(case_id)
    rows: list[tuple[Button, ...]] = [
        (button("case_to", f"svp:case.{case_id}:{state}", name=case.name, state=_state(state)),)
        for state in (*(state.value for state in CaseState), "")
    ]
    rows.append((button("back", "sc"),))
    return turn.answer(
        turn.screen(
            words("staff.cases", lines=(words("staff.as_typed", text=case.full_name),)), *rows
        )
    )


CHOICES: Mapping[str, Scene] = {
    "su": show,
    "sup": ask,
    "sc": cases,
    "scs": states,
    "svp": propose,
    "svc": confirm,
    "svr": refuse,
}
QUESTIONS: Mapping[str, Scene] = {"b_urgent": said}
