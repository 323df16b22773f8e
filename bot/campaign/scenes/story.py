"""A person's story in steps, each with its own call to act; and the video behind its notice."""

from __future__ import annotations

from bot.campaign.content import Case, PostAction, Step
from bot.campaign.messages import Button, Choice, Link, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import closed, safety
from bot.campaign.turn import NotOffered, Turn, choice, to_menu


def show(turn: Turn, case_id: str, number: str = "1") -> Outcome:
    """Step ``number`` (from 1) of a case; a number that is past the end shows the last one."""
    case = turn.case(case_id)
    if not number.isdecimal() or len(number) > 3:
        raise NotOffered("story step")
    position = min(max(int(number), 1), len(case.story))
    step = case.story[position - 1]
    text = words(
        "story.screen",
        name=case.full_name,
        chinese=case.chinese_name,
        text=words(f"{case_id}.story.{step.id}.text"),
        call=_call(turn, case_id, case, step),
        closed=int(not case.is_active),
        step=position,
        steps=len(case.story),
        told=case.told,
        unconfirmed=turn.campaign.unconfirmed(case_id, turn.today) if case.is_active else "",
    )
    return turn.answer(
        turn.screen(
            text,
            _act(turn, case_id, case, step),
            _change(turn, case_id, case, position),
            _video(case_id, case, step),
            _ways(case_id, case, position),
            closed.other(turn, case) if position == len(case.story) else (),
            _further(case_id, case, position),
        ),
        case=case_id,
        step=position,
    )


def _further(case_id: str, case: Case, position: int) -> tuple[Button, ...]:
    """The menu; at the end of the story also the other acts."""
    if position < len(case.story):
        return (to_menu(),)
    return (choice("actions", f"actions:{case_id}"), to_menu())


def _is_too_public(turn: Turn, case: Case, step: Step) -> bool:
    """Whether the step calls for a public message that could harm whoever posts it."""
    return isinstance(case.action(step.act), PostAction) and safety.at_risk(turn)


def _call(turn: Turn, case_id: str, case: Case, step: Step) -> Words:
    if not case.is_active:
        return closed.why(case_id, case)
    if _is_too_public(turn, case, step):
        return words("story.careful")
    return words(f"{case_id}.story.{step.id}.call")


def _change(turn: Turn, case_id: str, case: Case, position: int) -> tuple[Button, ...]:
    if not case.is_active or not _is_too_public(turn, case, case.story[position - 1]):
        return ()
    return safety.change(turn, "story", case_id, str(position))


def _act(turn: Turn, case_id: str, case: Case, step: Step) -> tuple[Button, ...]:
    if not case.is_active:
        return ()
    if step.act == "sign" or _is_too_public(turn, case, step):
        return (choice("sign_petition", f"petition:{case.petition}"),)
    return (Choice(words(f"{case_id}.action.{step.act}.title"), f"act:{case_id}:{step.act}"),)


def _video(case_id: str, case: Case, step: Step) -> tuple[Button, ...]:
    if case.video is None or case.video.step != step.id:
        return ()
    return (choice("video", f"video:{case_id}"),)


def _ways(case_id: str, case: Case, position: int) -> tuple[Button, ...]:
    back = (
        choice("back", f"story:{case_id}:{position - 1}")
        if position > 1
        else choice("cases", "cases")
    )
    if position < len(case.story):
        return (back, choice("next", f"story:{case_id}:{position + 1}"))
    return (back,)


def video(turn: Turn, case_id: str) -> Outcome:
    """The notice that the site sets cookies, before the link to the video."""
    case = turn.case(case_id)
    if case.video is None:
        raise NotOffered("video")
    step = [step.id for step in case.story].index(case.video.step) + 1
    return turn.answer(
        turn.screen(
            words("story.video", name=case.name, site=case.video.site),
            (Link(words("buttons.open_video"), case.video.url),),
            (choice("back", f"story:{case_id}:{step}"), to_menu()),
        ),
        case=case_id,
    )


ROUTES = (
    Route("story", show, depends_on=DependsOn.RISK),
    Route("video", video),
)
