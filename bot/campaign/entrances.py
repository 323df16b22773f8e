"""Every way into a scene: a button, an answer to a question, a command, a plain word.

Every button's data is ``SCENE:ARGUMENT:…`` and carries all that its scene needs, so a button works
after a year, a restart or a change of content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from inspect import signature

from bot.campaign.outcome import Outcome
from bot.campaign.scenes import (
    about,
    actions,
    closed,
    countries,
    donate,
    figures,
    letter,
    listed,
    pending,
    petition,
    post,
    privacy,
    reminders,
    safety,
    share,
    staff_acts,
    staff_answers,
    staff_menu,
    story,
    support,
    surprises,
    updates,
    ways,
    welcome,
)
from bot.campaign.turn import CaseClosed, NotOffered, Scene, Turn


def _first_of_kind(kind: str) -> Callable[[Turn, str], Outcome]:
    """The main action of that kind in a case: the last one listed (the letter to the highest)."""

    def answer(turn: Turn, case_id: str) -> Outcome:
        fitting = [action for action in turn.case(case_id).actions if action.kind == kind]
        if not fitting:
            return actions.show(turn, case_id)
        return actions.open_action(turn, case_id, fitting[-1].id)

    return answer


def _in_language(turn: Turn, language: str) -> Outcome:
    """From now on in that language: the open question again, else what can be done for the case."""
    if language not in turn.campaign.languages:
        raise NotOffered("language")
    spoken = turn.knowing(language=language)
    name, *arguments = spoken.supporter.question.split(":")
    if name in ASKED_AGAIN:
        return ASKED_AGAIN[name](spoken, *arguments)
    return welcome.resumed(spoken)


def _answered(turn: Turn, scene: str, of: str, more: str, answer: str) -> Outcome:
    """Another answer to the question of safety, and back to the screen that it was changed on."""
    kept = safety.told(turn, answer)
    back = (of, more) if more else (of,)
    if scene not in safety.RETURNS or len(back) not in ARGUMENTS[scene]:
        raise NotOffered("way back")
    knowing = turn.knowing(answers=kept)
    try:
        outcome = CHOICES[scene](knowing, *back)
    except CaseClosed as ended:
        outcome = closed.show(knowing, ended.case_id)
    return outcome.with_effects(*safety.effects(kept))


def _more(turn: Turn, scene: str, *of: str) -> Outcome:
    """A screen once more, with what stands behind "More". Raises NotOffered."""
    if scene == "more" or len(of) not in ARGUMENTS.get(scene, ()):
        raise NotOffered("more")
    return CHOICES[scene](replace(turn, wide=True), *of)


def _said_answer(turn: Turn, scene: str, of: str, more: str) -> Outcome:
    """The same, typed as it stands on its button; anything else asks again."""
    answer = safety.typed(turn)
    return _answered(turn, scene, of, more, answer) if answer else safety.ask(turn, scene, of, more)


CHOICES: Mapping[str, Scene] = {
    "change": safety.ask,
    "anyrisk": _answered,
    "more": _more,
    "menu": welcome.menu,
    "cases": welcome.cases,
    "language": _in_language,
    "languages": about.languages,
    "story": story.show,
    "video": story.video,
    "actions": actions.show,
    "act": actions.open_action,
    "letter": _first_of_kind("letter"),
    "support": _first_of_kind("support"),
    "did": actions.did,
    "will": actions.will,
    "undo": actions.undo,
    "risk": letter.risk,
    "skip": letter.skip,
    "rename": letter.rename,
    "draft": letter.show,
    "ways": ways.show,
    "eml": ways.eml,
    "pdf": ways.pdf,
    "fax": ways.fax,
    "card": support.card,
    "cardpdf": support.pdf,
    "cardtown": support.ask_town,
    "cardrisk": support.risk,
    "post": post.show,
    "petition": petition.show,
    "sign": petition.sign,
    "unsign": petition.withdraw,
    "country": countries.ask,
    "listed": listed.ask,
    "namerisk": listed.risk,
    "unlist": listed.take_off,
    "figures": figures.of_petition,
    "ladder": figures.of_case,
    "remind": reminders.set_,
    "noremind": reminders.stop,
    "pending": pending.show,
    "decide": pending.decide,
    "heldok": pending.confirm,
    "heldno": pending.refuse,
    "share": share.show,
    "qr": share.qr,
    "poster": share.poster,
    "friends": share.friends,
    "updates": updates.show,
    "leave": updates.leave,
    "topic": updates.turn_topic,
    "topics": lambda turn, _off: updates.stop(turn),
    "donate": donate.show,
    "give": donate.give,
    "others": about.others,
    "other": about.other,
    "school": about.school,
    "privacy": privacy.show,
    "howlong": privacy.how_long,
    "mydata": privacy.my_data,
    "forget": privacy.forget,
    "stay": privacy.stay,
    "help": about.help_,
    **staff_acts.CHOICES,
}


MOST_ARGUMENTS = 8


def _arguments(scene: Scene) -> range:
    """How many arguments a button may carry for this scene (forged data may carry any)."""
    taken = [p for p in signature(scene).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    needed = [parameter for parameter in taken if parameter.default is parameter.empty]
    rest = any(p.kind is p.VAR_POSITIONAL for p in signature(scene).parameters.values())
    return range(len(needed) - 1, MOST_ARGUMENTS if rest else len(taken))


ARGUMENTS: Mapping[str, range] = {name: _arguments(scene) for name, scene in CHOICES.items()}

QUESTIONS: Mapping[str, Scene] = {
    **{what: partial(letter.said, what=what) for what in letter.ASKED},
    "card_town": support.said_town,
    "amount": donate.said_amount,
    "country": countries.said,
    "listed_name": listed.said_name,
    "risk": letter.said_risk,
    "cardrisk": support.said_risk,
    "namerisk": listed.said_risk,
    "anyrisk": _said_answer,
    **staff_answers.QUESTIONS,
}

ASKED_AGAIN: Mapping[str, Scene] = {
    **{what: partial(letter.ask, what=what) for what in letter.ASKED},
    "card_town": support.ask_town,
    "amount": lambda turn: donate.give(turn, "free"),
    "country": countries.ask,
    "listed_name": listed.ask,
    "risk": letter.ask_risk,
    "cardrisk": support.ask_town,
    "namerisk": listed.ask,
    "anyrisk": safety.ask,
}
"""How a question is asked once more: in another language, or where no text came as an answer."""


def _of_case(scene: Callable[[Turn, str], Outcome], button: str) -> Scene:
    """A command that is about a case: the one looked at last, the only one, or asked for."""

    def answer(turn: Turn) -> Outcome:
        cases = turn.campaign.cases
        case = turn.supporter.case if turn.supporter.case in cases else ""
        if not case and len(cases) == 1:
            case = next(iter(cases))
        return scene(turn, case) if case else welcome.whom(turn, button)

    return answer


def _sign(turn: Turn) -> Outcome:
    case = turn.campaign.cases.get(turn.supporter.case)
    return petition.show(turn, case.petition if case else next(iter(turn.campaign.petitions)))


def _share(turn: Turn) -> Outcome:
    """Whom to tell others about is no question to those who are offered nothing to share."""
    if safety.at_risk(turn) and turn.supporter.case not in turn.campaign.cases:
        return share.show(turn, next(iter(turn.campaign.cases)))
    return _of_case(share.show, "share")(turn)


COMMANDS: Mapping[str, Scene] = {
    "help": about.help_,
    "cases": welcome.cases,
    "actions": _of_case(actions.show, "actions"),
    "letter": _of_case(_first_of_kind("letter"), "letter"),
    "sign": _sign,
    "support": _of_case(_first_of_kind("support"), "support"),
    "share": _share,
    "updates": updates.show,
    "stop": updates.stop,
    "language": about.languages,
    "privacy": privacy.show,
    "mydata": privacy.my_data,
    "forget": privacy.forget,
    "cancel": surprises.cancel,
}
"""In the order in which a menu of commands shows them; /start stands before all."""

STAFF_COMMANDS: Mapping[str, Scene] = {"staff": staff_menu.menu, "pending": pending.show}
"""In no menu: to whoever is not staff they are unknown commands."""

PLAIN_WORDS: Mapping[str, Scene] = {
    "stop": updates.stop,
    "menu": welcome.menu,
    "aide": about.help_,
    "help": about.help_,
}
"""What people type without a slash and expect to work."""

GROUP_COMMANDS = ("help", "cases")
