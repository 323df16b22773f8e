"""Which scene answers which event. Pure: the same turn always has the same outcome.

Every button's data is ``SCENE:ARGUMENT:…`` and carries all that its scene needs, so a button works
after a year, a restart or a change of content; what is not offered any more shows the menu.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from inspect import signature

from bot.campaign.content import Campaign
from bot.campaign.effects import Unsubscribe
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
from bot.campaign.messages import Message, words
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
    share,
    staff_acts,
    staff_menu,
    story,
    support,
    surprises,
    updates,
    ways,
    welcome,
)
from bot.campaign.supporter import Facts, Supporter
from bot.campaign.turn import CaseClosed, NotOffered, Scene, Turn


def _first_of_kind(kind: str) -> Callable[[Turn, str], Outcome]:
    """The main action of that kind in a case: the last one listed (the letter to the highest)."""

    def answer(turn: Turn, case_id: str) -> Outcome:
        fitting = [action for action in turn.case(case_id).actions if action.kind == kind]
        if not fitting:
            return actions.show(turn, case_id)
        return actions.open_action(turn, case_id, fitting[-1].id)

    return answer


CHOICES: Mapping[str, Scene] = {
    "menu": welcome.menu,
    "cases": welcome.cases,
    "language": welcome.choose_language,
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


def _arguments(scene: Scene) -> range:
    """How many arguments a button may carry for this scene (forged data may carry any)."""
    taken = [p for p in signature(scene).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    needed = [parameter for parameter in taken if parameter.default is parameter.empty]
    return range(len(needed) - 1, len(taken))


ARGUMENTS: Mapping[str, range] = {name: _arguments(scene) for name, scene in CHOICES.items()}

QUESTIONS: Mapping[str, Scene] = {
    **{what: partial(letter.said, what=what) for what in letter.ASKED},
    "card_town": support.said_town,
    "amount": donate.said_amount,
    "country": countries.said,
    "listed_name": listed.said_name,
    **staff_acts.QUESTIONS,
}

ASKED_AGAIN = frozenset({*letter.ASKED, "card_town", "amount", "country", "listed_name"})
"""Questions that are asked once more where a picture, a voice or a correction came instead."""


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


COMMANDS: Mapping[str, Scene] = {
    "help": about.help_,
    "cases": welcome.cases,
    "actions": _of_case(actions.show, "actions"),
    "letter": _of_case(_first_of_kind("letter"), "letter"),
    "sign": _sign,
    "support": _of_case(_first_of_kind("support"), "support"),
    "share": _of_case(share.show, "share"),
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
        messages=_with_banner(turn, outcome.messages),
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
            return staff_acts.showed(turn) or _asked_again(turn) or surprises.showed(turn, kind)
        case Corrected():
            return _asked_again(turn) or surprises.corrected(turn)
        case CalledInGroup(bot_name=bot_name):
            return surprises.in_group(turn, bot_name)
        case Blocked():
            return turn.answer(effects=[Unsubscribe()], topics=frozenset[str]())
        case Returned():
            return turn.answer()
    raise TypeError(f"no scene answers {type(turn.event).__name__}")


def _chosen(turn: Turn, data: str) -> Outcome:
    name, *arguments = data.split(":")
    if name == "news" and len(arguments) > 1:
        # A button under a broadcast: the broadcast itself stays as it is.
        opened = _chosen(turn, ":".join(arguments[1:]))
        return replace(
            opened, messages=tuple(replace(one, in_place=False) for one in opened.messages)
        )
    if len(arguments) not in ARGUMENTS.get(name, ()):
        return surprises.old_button(turn)
    return _entered(CHOICES[name], turn, arguments, surprises.old_button)


def _entered(scene: Scene, turn: Turn, arguments: Sequence[str], otherwise: Scene) -> Outcome:
    """What the scene answers; why a case is closed; or ``otherwise`` where it offers no such."""
    try:
        return scene(turn, *arguments)
    except CaseClosed as ended:
        return closed.show(turn, ended.case_id)
    except NotOffered:
        return otherwise(turn)


def _commanded(turn: Turn, name: str) -> Outcome:
    scene = COMMANDS.get(name.lower()) or STAFF_COMMANDS.get(name.lower())
    return _entered(scene or surprises.unknown_command, turn, (), surprises.unknown_command)


def _said(turn: Turn, said: str) -> Outcome:
    if said.startswith("/"):
        return surprises.unknown_command(turn)
    plain = PLAIN_WORDS.get(said.strip(" .!").lower())
    if plain is not None:
        return plain(turn)
    name, *arguments = turn.supporter.question.split(":")
    return _entered(QUESTIONS.get(name, surprises.text), turn, arguments, surprises.old_button)


def _asked_again(turn: Turn) -> Outcome | None:
    """The open question once more, to somebody who answered it with no text."""
    name, *arguments = turn.supporter.question.split(":")
    if name not in ASKED_AGAIN:
        return None
    return _entered(QUESTIONS[name], turn, arguments, surprises.old_button)


def _with_banner(turn: Turn, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    banner = turn.campaign.banner_on(turn.today)
    if banner is None or not messages:
        return messages
    said = turn.campaign.urgent
    typed = said.get(turn.language) or next(iter(said.values()), "")
    call = words("staff.as_typed", text=typed) if typed else words(f"banner.{banner.id}")
    text = words("banner.screen", text=call, url=banner.url or "")
    return (replace(messages[0], banner=text), *messages[1:])
