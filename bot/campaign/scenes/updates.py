"""Updates on topics: off until asked for, and off again by one tap."""

from __future__ import annotations

from bot.campaign.effects import Subscribe, Unsubscribe
from bot.campaign.messages import Choice, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.turn import NotOffered, Turn, choice, to_menu


def show(turn: Turn) -> Outcome:
    """Every topic with its state, and a button that changes it."""
    if turn.facts.closes and not turn.supporter.topics:
        return turn.answer(turn.screen(words("updates.closes"), (to_menu(),)))
    return _screen(turn, turn.supporter.topics)


def _screen(turn: Turn, taken: frozenset[str]) -> Outcome:
    topics = turn.campaign.topics
    rows = [
        (
            Choice(
                words(
                    "buttons.topic_on" if topic in taken else "buttons.topic_off",
                    topic=words(f"updates.topic.{topic}"),
                ),
                f"topic:{topic}:{'off' if topic in taken else 'on'}",
            ),
        )
        for topic in topics
    ]
    all_off = (choice("updates_stop", "topics:off"),) if taken else ()
    return turn.answer(
        turn.screen(words("updates.screen", taken=len(taken)), *rows, all_off, (to_menu(),)),
        topics=taken,
    )


def turn_topic(turn: Turn, topic: str, state: str) -> Outcome:
    """Take or leave one topic; the screen shows the new state."""
    if topic not in turn.campaign.topics or state not in ("on", "off"):
        raise NotOffered("topic")
    taken = turn.supporter.topics
    if state == "on" and turn.facts.closes:
        return show(turn)
    if state == "on":
        return _screen(turn, taken | {topic}).with_effects(Subscribe(topic))
    return _screen(turn, taken - {topic}).with_effects(Unsubscribe(topic))


def stop(turn: Turn) -> Outcome:
    """No more updates at all; the conversation stays open."""
    message = turn.screen(
        words("updates.stopped"), (choice("updates", "updates"), to_menu()), in_place=False
    )
    return turn.answer(message, effects=[Unsubscribe()], topics=frozenset[str]())


def leave(turn: Turn, topic: str) -> Outcome:
    """The button under a broadcast: one tap, and no more of these news. The broadcast stays."""
    if topic not in turn.campaign.topics:
        raise NotOffered("topic")
    message = turn.screen(
        words("updates.left", topic=words(f"updates.topic.{topic}")),
        (choice("take_again", f"topic:{topic}:on"),),
        (choice("updates", "updates"), to_menu()),
        in_place=False,
    )
    taken = turn.supporter.topics - {topic}
    return turn.answer(message, effects=[Unsubscribe(topic)], topics=taken)


ROUTES = (
    Route("updates", show, command=show),
    Route("leave", leave),
    Route("topic", turn_topic, depends_on=DependsOn.TOPICS),
    Route("topics", lambda turn, _off: stop(turn), depends_on=DependsOn.TOPICS),
    Route("stop", command=stop, typed=("stop",)),
)
