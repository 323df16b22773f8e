"""Which scene answers which event. Pure: the same turn always has the same outcome.

What is not offered any more shows the menu.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.campaign import button_data
from bot.campaign.content import Campaign
from bot.campaign.effects import Unsubscribe
from bot.campaign.entrances import (
    ALL_COMMANDS,
    BUTTONS,
    PLAIN_WORDS,
    QUESTIONS,
    TYPED,
    by_number,
)
from bot.campaign.events import (
    Blocked,
    CalledInGroup,
    Chose,
    Commanded,
    Corrected,
    Event,
    Returned,
    Said,
    Showed,
    Started,
)
from bot.campaign.messages import Choice, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import (
    closed,
    elsewhere,
    staff_answers,
    staff_factor,
    surprises,
    typed,
    welcome,
)
from bot.campaign.sharing import PLACE
from bot.campaign.supporter import Facts, Supporter
from bot.campaign.turn import CaseClosed, NotOffered, Scene, Turn

DESK = ("staff", "desk", "pending", "lots")
"""What staff read at their desk: the banner calls supporters to act."""


def step(
    supporter: Supporter, event: Event, facts: Facts, campaign: Campaign, now: datetime
) -> Outcome:
    """The answer to one event. ``now`` is an aware time in UTC."""
    turn = Turn(supporter, event, facts, campaign, now)
    outcome = _answered(turn)
    if outcome.supporter is None:
        return replace(outcome, language=turn.language)
    language = campaign.language(outcome.supporter.language or event.language)
    remembered = replace(outcome.supporter, language=language, known=True, seen_at=now)
    return replace(
        outcome,
        supporter=remembered,
        messages=elsewhere.first_line(turn, _with_banner(turn, outcome.messages)),
        language=language,
    )


def apology(event: Event, supporter: Supporter, campaign: Campaign, now: datetime) -> Message:
    """What is said when answering an event failed on our side."""
    return surprises.apology(Turn(supporter, event, Facts(), campaign, now))


def _answered(turn: Turn) -> Outcome:
    match turn.event:
        case Started(payload=payload):
            return welcome.started(turn, payload)
        case Commanded(name=name):
            return _commanded(turn, name)
        case Chose(data=data):
            return _chosen(turn, data)
        case Said(text=said):
            return _said(turn, said)
        case Showed(kind=kind):
            return staff_answers.showed(turn) or _asked_again(turn) or surprises.showed(turn, kind)
        case Corrected():
            return _asked_again(turn) or surprises.corrected(turn)
        case CalledInGroup(bot_name=bot_name):
            return surprises.in_group(turn, bot_name)
        case Blocked():
            return turn.answer(effects=[Unsubscribe()], topics=frozenset[str]())
        case Returned():
            return turn.answer()
    raise TypeError(f"no scene answers {type(turn.event).__name__}")


def _route(turn: Turn, ways: Mapping[str, Route], name: str) -> Route | None:
    """The route of that name, where there is one for whoever asks."""
    route = ways.get(name)
    return None if route is None or (route.staff and not turn.facts.of_staff) else route


def _chosen(turn: Turn, data: str) -> Outcome:
    carried = button_data.read(data)
    turn = replace(turn, wide=carried.wide)
    if carried.name == button_data.MORE and len(carried.arguments) > 1:
        return _rest(turn, carried.arguments[0], ":".join(carried.arguments[1:]))
    route = _route(turn, BUTTONS, carried.name)
    if route is None or len(carried.arguments) not in route.arguments:
        outcome = surprises.old_button(turn)
    else:
        scene = elsewhere.show if route.personal and elsewhere.applies(turn) else route.scene
        outcome = _entered(scene, turn, carried.arguments, surprises.old_button)
        outcome = staff_factor.guarded(turn, carried.data, outcome)
    if not carried.under_news:
        return outcome
    beside = tuple(replace(one, in_place=False) for one in outcome.messages)
    return replace(outcome, messages=beside)


def _rest(turn: Turn, shown: str, data: str) -> Outcome:
    """The choices of a screen behind the first so many, for a channel that cannot show them all;
    the whole screen where it has fewer now. What does something is not done once more by it."""
    if button_data.read(data).name == button_data.MORE or not shown.isdecimal():
        return surprises.old_button(turn)
    outcome = _chosen(turn, data)
    if outcome.effects or not outcome.messages:
        return surprises.old_button(turn)
    screen = outcome.messages[-1]
    if screen in surprises.old_button(turn).messages:
        return outcome
    choices = [one for row in screen.buttons for one in row if isinstance(one, Choice)]
    rest = turn.screen(words("surprises.rest"), *((one,) for one in choices[int(shown) :]))
    return replace(outcome, messages=(rest if rest.buttons else screen,))


def _entered(
    scene: Scene | None, turn: Turn, arguments: Sequence[str], otherwise: Scene
) -> Outcome:
    """What the scene answers; why a case is closed; or ``otherwise`` where it offers no such."""
    if scene is None:
        return otherwise(turn)
    try:
        return scene(turn, *arguments)
    except CaseClosed as ended:
        return closed.show(turn, ended.case_id)
    except NotOffered:
        return otherwise(turn)


def _commanded(turn: Turn, name: str) -> Outcome:
    route = _route(turn, ALL_COMMANDS, name.lower())
    # What can be typed works with a slash before it, too.
    scene = route.command if route else TYPED.get(name.lower())
    return _entered(scene, turn, (), surprises.unknown_command)


def _said(turn: Turn, said: str) -> Outcome:
    if said.startswith("/"):
        return surprises.unknown_command(turn)
    plain = PLAIN_WORDS.get(said.strip(" .!").lower())
    if plain is not None:
        return plain(turn)
    name, arguments = turn.supporter.open_question
    route = _route(turn, QUESTIONS, name)
    if route is None:
        return _meant(turn)
    if not route.staff and not route.takes_all and _in_need(turn):
        return _meant(turn)
    scene = elsewhere.show if route.personal and elsewhere.applies(turn) else route.question
    return _entered(scene, turn, arguments, surprises.old_button)


def _meant(turn: Turn) -> Outcome:
    """Words that answer no question, by what they mean; whoever may be in need comes first."""
    campaign = turn.campaign
    meaning = campaign.typed_words.meaning(turn.said, turn.language)
    if meaning and campaign.typed[meaning].care:
        return typed.answered(turn, meaning)
    case = welcome.mentioned(turn)
    if case and (code := welcome.in_a_greeting(turn.said)):
        return welcome.started(turn, f"{case}_{PLACE}{code}")
    about = turn.knowing(case=case) if case else turn
    if meaning:
        scene = TYPED.get(campaign.typed[meaning].leads or "")
        if scene is None:
            return typed.answered(about, meaning)
        return _entered(scene, about, (), surprises.old_button)
    if case:
        return welcome.opened(turn, case)
    return by_number(about) or welcome.typed(turn)


def _in_need(turn: Turn) -> bool:
    """Whether the whole of what was typed may be said in need: a town may have such a word in its
    name."""
    meaning = turn.campaign.typed_words.meaning(turn.said, turn.language, exactly=True)
    return bool(meaning) and turn.campaign.typed[meaning].care


def _asked_again(turn: Turn) -> Outcome | None:
    """The open question once more, to somebody who answered it with no text."""
    name, arguments = turn.supporter.open_question
    route = _route(turn, QUESTIONS, name)
    if route is None or route.asked_again is None:
        return None
    scene = elsewhere.show if route.personal and elsewhere.applies(turn) else route.question
    return _entered(scene, turn, arguments, surprises.old_button)


def _with_banner(turn: Turn, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    banner = turn.campaign.banner_on(turn.today)
    if banner is None or not messages or messages[0].text.key.partition(".")[0] in DESK:
        return messages
    said = turn.campaign.urgent_texts if banner is turn.campaign.urgent else {}
    typed = said.get(turn.language) or next(iter(said.values()), "")
    call = words("staff.as_typed", text=typed) if typed else words(f"banner.{banner.id}")
    text = words("banner.screen", text=call, url=banner.url or "")
    return (replace(messages[0], banner=text), *messages[1:])
