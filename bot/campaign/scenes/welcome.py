"""The first words, the menu, and the ways in from a link."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.campaign.countries import plain
from bot.campaign.effects import Arrive
from bot.campaign.messages import Message, Value, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import actions, closed, petition, safety, share, story
from bot.campaign.scenes.typed import reached
from bot.campaign.scenes.whom import case_choices
from bot.campaign.sharing import BY_A_FRIEND, FRIEND, known_source
from bot.campaign.turn import CaseClosed, NotOffered, Turn, choice, to_menu

# CASE, CASE-WHAT, and behind either _s-CODE for where the link was put up, or _f-CODE for
# the friend who sent it. What follows the case may be malformed: the case is opened all the same.
PAYLOAD = re.compile(
    r"(?!(?:s|f)-)(?P<case>[A-Za-z][A-Za-z0-9]*)?(?:-(?P<what>[A-Za-z0-9]+))?"
    r"(?:_(?P<kind>[sf]-)(?P<source>[A-Za-z0-9-]{1,24}))?(?:_.*)?"
    r"|(?P<kind_alone>[sf]-)(?P<source_alone>[A-Za-z0-9-]{1,24})"
)

SIGN = "sign"
"""What a link says that leads to the petition: behind a case, or alone."""
HELLO = "hello"
"""What a greeting is heard as; see Campaign.heard."""


def started(turn: Turn, payload: str) -> Outcome:
    """/start: with a payload straight to what the link promised, else to the first words."""
    read = PAYLOAD.fullmatch(payload)
    source = (read and (read["source"] or read["source_alone"])) or ""
    friend = bool(source and read and (read["kind"] or read["kind_alone"]) == FRIEND)
    counted = FRIEND + source.lower()
    if friend:
        # By whom somebody came is counted, and remembered of nobody.
        source = BY_A_FRIEND
    else:
        counted = source = known_source(source, turn.campaign.link_codes)
    came = turn if turn.supporter.known else turn.knowing(source=source)
    outcome = _lead(
        came, ((read and read["case"]) or "").lower(), ((read and read["what"]) or "").lower()
    )
    if turn.supporter.known:
        return outcome
    return outcome.with_effects(Arrive(counted, turn.today))


def _lead(turn: Turn, case: str, what: str) -> Outcome:
    if case == SIGN and not what and turn.campaign.petitions:
        return petition.show(turn, next(iter(turn.campaign.petitions)))
    if case not in turn.campaign.cases:
        return hello(turn)
    try:
        outcome = _opened(turn, case, what)
    except NotOffered:
        outcome = story.show(turn, case, "1")
    except CaseClosed:
        outcome = closed.show(turn, case)
    if turn.supporter.known:
        return outcome
    first = Message(words("welcome.first", org=turn.campaign.organisation.name))
    return replace(outcome, messages=(first, *outcome.messages))


def _opened(turn: Turn, case: str, what: str) -> Outcome:
    match what:
        case "":
            return story.show(turn, case, "1")
        case "sign":
            return petition.show(turn, turn.case(case).petition)
        case "actions":
            return actions.show(turn, case)
        case "share":
            return share.show(turn, case)
        case _:
            return actions.open_action(turn, case, what)


def mentioned(turn: Turn) -> str:
    """The case whose person is named in what was typed, or ""."""
    said = plain(turn.said)
    spaced = f" {said} "
    for case_id, case in turn.campaign.cases.items():
        names = map(plain, (case_id, case.name, case.full_name))
        if any(f" {name} " in spaced for name in names) or case.chinese_name in turn.said:
            return case_id
    return ""


def opened(turn: Turn, case: str) -> Outcome:
    """The story of somebody who was named."""
    return _lead(turn, case, "")


def typed(turn: Turn) -> Outcome:
    """Words that mean nothing to us: a greeting is returned; else a person can be asked.

    Whatever somebody says first is greeted: they are told what this is and who answers for it.
    """
    if turn.campaign.heard.get(plain(turn.said)) == HELLO or not turn.supporter.known:
        return hello(turn)
    return turn.answer(_menu(turn, "surprises.text", **reached(turn.campaign)))


def hello(turn: Turn) -> Outcome:
    """What this is, who runs it, that it is a bot: choose a case."""
    return turn.answer(_menu(turn, "welcome.hello"))


def menu(turn: Turn) -> Outcome:
    """The menu that every screen leads back to."""
    return turn.answer(_menu(turn, "welcome.menu"))


def menu_after(turn: Turn, key: str) -> Outcome:
    """The menu below a sentence that says why it is shown."""
    return turn.answer(_menu(turn, key))


def _menu(turn: Turn, key: str, **values: Value) -> Message:
    petitions = [
        choice("petition", f"petition:{petition_id}")
        for petition_id in list(turn.campaign.petitions)[:1]
    ]
    return turn.screen(
        words(
            key,
            **{
                "org": turn.campaign.organisation.name,
                "news": len(safety.news(turn)),
                **values,
            },
        ),
        *((button,) for button in case_choices(turn, "story")),
        (*petitions, choice("others", "others")),
        (*safety.news(turn), choice("donate", "donate")),
        (choice("school", "school"), choice("language", "languages")),
        (choice("privacy", "privacy"), choice("help", "help")),
    )


def cases(turn: Turn) -> Outcome:
    """Who the people are, and a button to each story."""
    return turn.answer(
        turn.screen(
            words(
                "welcome.cases",
                people=tuple(
                    words(
                        "welcome.person",
                        name=case.full_name,
                        chinese=case.chinese_name,
                        summary=words(f"{case_id}.summary"),
                    )
                    for case_id, case in turn.campaign.cases.items()
                ),
            ),
            *((button,) for button in case_choices(turn, "story")),
            (to_menu(),),
        )
    )


ROUTES = (
    Route("menu", menu, typed=("menu",)),
    Route("cases", cases, command=cases),
)
