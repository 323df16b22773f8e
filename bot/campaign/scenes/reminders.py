""" "Remind me": tomorrow, in three days, in a week; and what the reminder says when it comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.campaign.content import Campaign
from bot.campaign.effects import Evidence, Record, Remind, StopReminding
from bot.campaign.messages import Button, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import closed, safety
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

SUNDAY = 6


def _until_sunday(today: date) -> int:
    return (SUNDAY - today.weekday()) or 7


DAYS_FROM = {
    "tomorrow": lambda today: 1,
    "three": lambda today: 3,
    "week": lambda today: 7,
    # Offered no more, since it may be tomorrow by another name; its buttons still stand in chats.
    "sunday": _until_sunday,
}


def when(case_id: str, action_id: str) -> tuple[tuple[Button, ...], ...]:
    """The days to choose from."""
    at = f"remind:{case_id}:{action_id}"
    return (
        (choice("remind_tomorrow", f"{at}:tomorrow"),),
        (choice("remind_three", f"{at}:three"), choice("remind_week", f"{at}:week")),
    )


def due(campaign: Campaign, day: date) -> datetime:
    """The moment (UTC) at which reminders of that day are sent."""
    at = time(campaign.reminders.hour, tzinfo=ZoneInfo(campaign.time_zone))
    return datetime.combine(day, at).astimezone(UTC)


def set_(turn: Turn, case_id: str, action_id: str, what: str) -> Outcome:
    """A reminder on that day. It is also a pledge, where nothing was said or done yet.

    Whoever could be harmed gets none, since it would name the act: the pledge alone is noted. So is
    it where nobody can be written to on that day.
    """
    turn.action(case_id, action_id)
    if what not in DAYS_FROM:
        raise NotOffered("day")
    if not turn.case(case_id).is_active:
        return closed.show(turn, case_id)
    day = turn.today + timedelta(days=DAYS_FROM[what](turn.today))
    pledged = (
        []
        if turn.facts.done.get((case_id, action_id)) is Evidence.DECLARED
        else [Record(case_id, action_id, Evidence.PLEDGED)]
    )
    careful = safety.at_risk(turn)
    if careful or turn.facts.closes:
        return turn.answer(
            turn.screen(
                words("reminders.careful" if careful else "reminders.closes"),
                safety.change(turn, "actions", case_id),
                (choice("actions", f"actions:{case_id}"), to_menu()),
            ),
            effects=[*pledged, StopReminding(case_id, action_id)],
            case=case_id,
        )
    return turn.answer(
        turn.screen(
            words(
                "reminders.set",
                day=day,
                hour=turn.campaign.reminders.hour,
                title=words(f"{case_id}.action.{action_id}.title"),
                name=turn.case(case_id).name,
            ),
            (choice("do_it_now", f"act:{case_id}:{action_id}"),),
            (choice("remind_stop", f"noremind:{case_id}:{action_id}"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[*pledged, Remind(case_id, action_id, due(turn.campaign, day), day)],
        case=case_id,
    )


def stop(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """No reminder of this action any more; what was pledged stays pledged."""
    turn.action(case_id, action_id)
    return turn.answer(
        turn.screen(
            words("reminders.stopped"),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[StopReminding(case_id, action_id)],
        case=case_id,
    )


def message(campaign: Campaign, case_id: str, action_id: str) -> Message | None:
    """What a reminder says; None where the case or action is closed or there no longer."""
    case = campaign.cases.get(case_id)
    if case is None or not case.is_active or case.action(action_id) is None:
        return None
    return Message(
        words(
            "reminders.due",
            title=words(f"{case_id}.action.{action_id}.title"),
            name=case.full_name,
        ),
        buttons=(
            (choice("do_it_now", f"act:{case_id}:{action_id}"),),
            (
                choice("done", f"did:{case_id}:{action_id}"),
                choice("another_day", f"will:{case_id}:{action_id}"),
            ),
            (choice("remind_stop", f"noremind:{case_id}:{action_id}"), to_menu()),
        ),
    )


ROUTES = (
    Route("remind", set_, depends_on=DependsOn.RISK),
    Route("noremind", stop),
)
