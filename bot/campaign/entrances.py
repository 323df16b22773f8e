"""Every way into a scene: a button, an answer to a question, a command, a plain word.

Each scene says its own ways in (see routes). A new file of scenes is one more line in ``SCENES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

from bot.campaign import button_data
from bot.campaign.events import Chose, Commanded, Event, Said
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import (
    about,
    actions,
    closed,
    countries,
    donate,
    figures,
    letter,
    listed,
    lots,
    pending,
    petition,
    post,
    privacy,
    reminders,
    safety,
    share,
    staff_acts,
    staff_aiming,
    staff_answers,
    staff_broadcast,
    staff_desk,
    staff_factor,
    staff_menu,
    staff_urgent,
    story,
    support,
    surprises,
    updates,
    ways,
    welcome,
    whom,
    write_to_us,
)
from bot.campaign.scenes.staff_factor import CODE
from bot.campaign.supporter import Need
from bot.campaign.turn import CaseClosed, NotOffered, Scene, Turn
from bot.campaign.typed import is_money

SCENES = (
    welcome,
    story,
    actions,
    letter,
    ways,
    support,
    post,
    petition,
    countries,
    listed,
    figures,
    reminders,
    share,
    updates,
    donate,
    about,
    privacy,
    surprises,
    write_to_us,
    pending,
    lots,
    staff_menu,
    staff_factor,
    staff_desk,
    staff_broadcast,
    staff_acts,
    staff_aiming,
    staff_answers,
    staff_urgent,
)


def _in_language(turn: Turn, language: str) -> Outcome:
    """From now on in that language: the open question again, else where they were."""
    if language not in turn.campaign.languages:
        raise NotOffered("language")
    spoken = turn.knowing(language=language)
    name, arguments = spoken.supporter.open_question
    if name in QUESTIONS and (ask := QUESTIONS[name].asked_again):
        return ask(spoken, *arguments)
    return welcome.resumed(spoken)


def _answered(turn: Turn, name: str, of: str, more: str, answer: str) -> Outcome:
    """Another answer to the question of safety, and back to the screen that it was changed on."""
    kept = safety.told(turn, answer)
    back = (of, more) if more else (of,)
    scene = BUTTONS[name].scene if name in safety.RETURNS else None
    if scene is None or len(back) not in BUTTONS[name].arguments:
        raise NotOffered("way back")
    knowing = turn.knowing(answers=kept)
    try:
        outcome = scene(knowing, *back)
    except CaseClosed as ended:
        outcome = closed.show(knowing, ended.case_id)
    return outcome.with_effects(*safety.effects(kept))


def _said_answer(turn: Turn, name: str, of: str, more: str) -> Outcome:
    """The same, typed as it stands on its button; anything else asks again."""
    answer = safety.typed(turn)
    return _answered(turn, name, of, more, answer) if answer else safety.ask(turn, name, of, more)


def _pressed(turn: Turn, data: str) -> Outcome:
    """What that button answers to somebody who has proved who they are."""
    carried = button_data.read(data)
    route = BUTTONS.get(carried.name)
    if route is None or route.scene is None or len(carried.arguments) not in route.arguments:
        raise NotOffered(carried.name)
    return route.scene(turn, *carried.arguments)


_BACK = (
    Route("language", _in_language, command=about.languages),
    Route("change", safety.ask, depends_on=DependsOn.RISK, personal=True),
    Route(
        safety.CHANGED,
        _answered,
        question=_said_answer,
        asked_again=safety.ask,
        answers=("?",),
        depends_on=DependsOn.RISK,
        personal=True,
    ),
    Route(CODE, question=partial(staff_factor.said, pressed=_pressed), staff=True),
)
"""From these it goes on to whatever was there before, so they need to know all the others."""


def _by_name() -> Mapping[str, Route]:
    found: dict[str, Route] = {}
    for route in (*(route for scene in SCENES for route in scene.ROUTES), *_BACK):
        if found.setdefault(route.name, route) is not route:
            raise ValueError(f'two routes are called "{route.name}"')
    return found


ROUTES = _by_name()
BUTTONS = {name: route for name, route in ROUTES.items() if route.scene}
QUESTIONS = {name: route for name, route in ROUTES.items() if route.question}

_MENU = (
    "help",
    "cases",
    "actions",
    "letter",
    "sign",
    "support",
    "share",
    "updates",
    "stop",
    "language",
    "privacy",
    "mydata",
    "forget",
    "cancel",
)
ALL_COMMANDS = {route.called or name: route for name, route in ROUTES.items() if route.command}
COMMANDS = tuple(
    name for name in dict.fromkeys((*_MENU, *ALL_COMMANDS)) if not ALL_COMMANDS[name].staff
)
"""In the order in which a menu of commands shows them, new ones last; /start stands before all.
Those of staff are in no menu."""
GROUP_COMMANDS = ("help", "cases")

PLAIN_WORDS = {
    word: scene
    for route in ROUTES.values()
    for word in route.typed
    if (scene := route.command or route.scene)
}
"""What people type without a slash and expect to work."""


def needed(event: Event, question: str = "") -> tuple[Need, ...]:
    """Which of the facts that cost something answering the event needs; ``question``: what stands
    open with whoever it comes from."""
    if isinstance(event, Commanded):
        route = ALL_COMMANDS.get(event.name.lower())
    else:
        pressed = _pressed_for(event, question)
        route = BUTTONS.get(pressed.name) if pressed else None
    return route.needs if route else ()


def lots_asked(event: Event, question: str = "") -> tuple[str, date] | None:
    """The petition and day whose lots answering the event needs; None where it needs none."""
    pressed = _pressed_for(event, question)
    if pressed is None or Need.LOTS not in needed(event, question):
        return None
    petition, day, *_ = *pressed.arguments, "", ""
    try:
        return petition, date.fromisoformat(day)
    except ValueError:
        return None


def _pressed_for(event: Event, question: str) -> button_data.Carried | None:
    """The button that the event answers for: the one pressed, or that for which a code was asked
    and may be given now."""
    if isinstance(event, Chose):
        return button_data.origin(event.data)
    asked, _, data = question.partition(":")
    return button_data.read(data) if isinstance(event, Said) and asked == CODE else None


TYPED: Mapping[str, Scene] = {
    **{name: scene for name in COMMANDS if (scene := ALL_COMMANDS[name].command)},
    **{
        name: scene
        for name in ("menu", "donate", "others", "school")
        if (scene := BUTTONS[name].scene)
    },
    "story": whom.of_case(story.show, "story"),
}
"""What typed words can lead to (`typed` in content/cases.yaml)."""


def by_number(turn: Turn) -> Outcome | None:
    """A number alone: an action of the case that was looked at last, or a case; an amount of money
    leads to what it costs. None for everything else."""
    said = turn.said.strip(" .!)")
    if said.isdecimal() and len(said) == 1:
        case = turn.campaign.cases.get(turn.supporter.case)
        of_case = turn.supporter.case
        listed = actions.ordered(turn, of_case) if case else list(turn.campaign.cases)
        if not 0 < int(said) <= len(listed):
            return None
        chosen = listed[int(said) - 1]
        if case:
            return actions.open_act(turn, of_case, chosen)
        return story.show(turn, chosen)
    return donate.give(turn, said) if is_money(said) else None
