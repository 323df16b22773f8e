"""The first words, the menu, and the ways in from a link."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.campaign.bare_words import bare
from bot.campaign.effects import Arrive
from bot.campaign.messages import Message, Value, words
from bot.campaign.outcome import Outcome
from bot.campaign.pictures import pictured
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

# What a link writes for somebody where a platform lets it carry words alone: "Bonjour, Mamat
# (affiche)". They read what they send; in brackets stands where the link was put up.
_GREETING = re.compile(r"[^()\n]{1,80}\((?P<code>[A-Za-z0-9-]{1,24})\)\s*")
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
    petitions = turn.campaign.petitions
    alone = case == SIGN and not what and bool(petitions)
    if case not in turn.campaign.cases and not alone:
        return hello(turn)
    try:
        outcome = petition.show(turn, next(iter(petitions))) if alone else _opened(turn, case, what)
    except NotOffered:
        outcome = story.show(turn, case, "1")
    except CaseClosed:
        outcome = closed.show(turn, case)
    if turn.supporter.known:
        return outcome
    # One message: what this is stands below what was asked for.
    first, *others = outcome.messages
    told = replace(first, foot=words("welcome.bot", org=turn.campaign.organisation.name))
    return replace(outcome, messages=(told, *others))


def _opened(turn: Turn, case: str, what: str) -> Outcome:
    match what:
        case "":
            return _with_picture(turn, case, story.show(turn, case, "1"))
        case "sign":
            return petition.show(turn, turn.case(case).petition)
        case "actions":
            return actions.show(turn, case)
        case "share":
            return share.show(turn, case)
        case _:
            return actions.open_action(turn, case, what)


def _with_picture(turn: Turn, case: str, outcome: Outcome) -> Outcome:
    first, *others = outcome.messages
    return replace(outcome, messages=(pictured(turn, first, case), *others))


def mentioned(turn: Turn) -> str:
    """The case whose person is named in what was typed, or ""."""
    said = bare(turn.said)
    spaced = f" {said} "
    for case_id, case in turn.campaign.cases.items():
        names = map(bare, (case_id, case.name, case.full_name))
        if any(f" {name} " in spaced for name in names) or case.chinese_name in turn.said:
            return case_id
    return ""


def in_a_greeting(said: str) -> str:
    """The code of a link that wrote these words, "" where none did."""
    read = _GREETING.fullmatch(said)
    return read["code"] if read else ""


def opened(turn: Turn, case: str) -> Outcome:
    """The story of somebody who was named."""
    return _lead(turn, case, "")


def typed(turn: Turn) -> Outcome:
    """Words that mean nothing to us: a greeting is returned; else a person can be asked.

    Whatever somebody says first is greeted: they are told what this is and who answers for it.
    """
    if turn.campaign.heard.get(bare(turn.said)) == HELLO or not turn.supporter.known:
        return hello(turn)
    return turn.answer(_menu(turn, "surprises.text", **reached(turn.campaign)))


def hello(turn: Turn) -> Outcome:
    """One person and what is done to them; that this is a bot, and who runs it."""
    case_id = turn.campaign.opening(turn.supporter.seed)
    case = turn.campaign.cases[case_id]
    act = (choice("act", f"actions:{case_id}"),) if case.is_active else ()
    screen = turn.screen(
        words(
            "welcome.hello",
            name=case.full_name,
            chinese=case.chinese_name,
            summary=words(f"{case_id}.summary"),
            active=int(case.is_active),
            org=turn.campaign.organisation.name,
        ),
        act,
        (choice("story", f"story:{case_id}:1"),),
        closed.other(turn, case),
        (choice("wide", "wide:menu"), choice("language", "languages")),
    )
    return turn.answer(pictured(turn, screen, case_id))


def resumed(turn: Turn) -> Outcome:
    """Where the supporter was: the step that was read last, what can be done, or the first
    screen."""
    supporter = turn.supporter
    if supporter.case not in turn.campaign.cases:
        return hello(turn)
    if supporter.step:
        return story.show(turn, supporter.case, str(supporter.step))
    return actions.show(turn, supporter.case)


def menu(turn: Turn) -> Outcome:
    """The menu that every screen leads back to."""
    return turn.answer(_menu(turn, "welcome.menu_more" if turn.wide else "welcome.menu"))


def menu_after(turn: Turn, key: str) -> Outcome:
    """The menu below a sentence that says why it is shown."""
    return turn.answer(_menu(turn, key))


STORIES = 2
"""So many names stand in the menu; more stand on a screen of their own."""


def _menu(turn: Turn, key: str, **values: Value) -> Message:
    case_id = turn.supporter.case
    if case_id not in turn.campaign.cases or not turn.campaign.cases[case_id].is_active:
        case_id = turn.campaign.opening(turn.supporter.seed)
    case = turn.campaign.cases[case_id]
    stories = case_choices(turn, "story")
    petitions = [
        choice("petition", f"petition:{petition_id}")
        for petition_id in list(turn.campaign.petitions)[:1]
    ]
    rest = (
        (*petitions, choice("others", "others")),
        (*safety.news(turn), choice("donate", "donate")),
        (choice("school", "school"), choice("privacy", "privacy")),
    )
    people = stories if len(stories) <= STORIES else [choice("cases", "cases")]
    return turn.screen(
        words(
            key,
            **{
                "org": turn.campaign.organisation.name,
                "news": len(safety.news(turn)),
                **values,
            },
        ),
        (choice("act_for", f"actions:{case_id}", name=case.name),) if case.is_active else (),
        *((button,) for button in people),
        (choice("help", "help"), choice("language", "languages")),
        rest=rest,
        here="menu",
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
