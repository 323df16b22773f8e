"""For whom? A command that is about a case, where none was looked at yet."""

from __future__ import annotations

from collections.abc import Callable

from bot.campaign.content import CaseState
from bot.campaign.messages import Button, Choice, words
from bot.campaign.outcome import Outcome
from bot.campaign.turn import Scene, Turn, to_menu


def of_case(scene: Callable[[Turn, str], Outcome], button: str) -> Scene:
    """A command that is about a case: the one looked at last, the only one, or asked for."""

    def answer(turn: Turn) -> Outcome:
        cases = turn.campaign.cases
        case = turn.supporter.case if turn.supporter.case in cases else ""
        if not case and len(cases) == 1:
            case = next(iter(cases))
        return scene(turn, case) if case else ask(turn, button)

    return answer


def ask(turn: Turn, button: str) -> Outcome:
    """Which case? Each leads to that button's scene."""
    return turn.answer(
        turn.screen(
            words("welcome.whom"),
            *((one,) for one in case_choices(turn, button)),
            (to_menu(),),
        )
    )


def case_choices(turn: Turn, button: str) -> list[Button]:
    """One button a case, leading to that scene of it."""
    return [
        Choice(
            words(
                "buttons.case" if case.state is CaseState.ACTIVE else "buttons.case_closed",
                name=case.full_name,
            ),
            f"{button}:{case_id}",
        )
        for case_id, case in turn.campaign.cases.items()
    ]
