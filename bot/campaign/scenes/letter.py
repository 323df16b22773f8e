"""From "I want to write" to a letter on the screen: one gentle question before it, no other.

First name and town are asked where the letter is finished: on the compose page, or here for whoever
wants to sign it in the chat.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from bot.campaign import letters
from bot.campaign.content import Campaign, LetterAction
from bot.campaign.effects import Effect, Evidence, OfferPage, Record
from bot.campaign.messages import Button, Copy, Link, Rows, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import safety
from bot.campaign.scenes.safety import answers
from bot.campaign.supporter import Answers
from bot.campaign.turn import NotOffered, Turn, choice, to_menu
from bot.campaign.typed import one_line

ASKED = {"first_name": 40, "town": 60}
"""What is asked for a letter, in this order, and how many characters an answer may have."""

LONGEST = {
    "first_name": "Wilhelmina-Anastasia Ñaaaaaaaaaaaaaaaaaaa"[: ASKED["first_name"]],
    "town": "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson-sur-la-Vallée-Haute"[: ASKED["town"]],
}
"""The longest answers, by which screens and letters are measured."""

SKIPPED_BY = {"first_name": "unsigned", "town": "skip"}
"""The label that leaves each of them out: without a first name nothing more is asked."""

PAGES = {"fr": "/ecrire", "en": "/write"}
"""The compose page by the language that it speaks; see bot/web/compose.py."""
NAMED = {"case": "cas", "action": "geste", "language": "langue", "number": "numero"}
"""What names a letter, and how the page's address calls it."""
UNSIGNED = "unsigned"
"""Stands last in the fragment of a link to that page: it offers no fields for a name."""


def begin(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """Straight to the letter where the questions have been answered, else the first question.

    Whoever said that a letter could harm them is told so before each one, as long as the answer
    is kept.
    """
    turn.to_act(case_id, action_id, LetterAction)
    if answers(turn).at_risk:
        opened = Record(case_id, action_id, Evidence.OPENED)
        return _careful(turn, case_id, action_id).with_effects(opened)
    return show(turn, case_id, action_id)


def ask_risk(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """Do you or your family live in or travel to China? Asked before any name."""
    return turn.answer(
        turn.screen(
            safety.asked(turn, words("letter.risk", name=turn.case(case_id).name), "risk"),
            *safety.choices(f"risk:{case_id}:{action_id}"),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[Record(case_id, action_id, Evidence.OPENED)],
        question=f"risk:{case_id}:{action_id}",
        case=case_id,
    )


def said_risk(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The answer typed as it stands on its button; anything else asks again."""
    turn.to_act(case_id, action_id, LetterAction)
    answer = safety.typed(turn)
    if not answer:
        return ask_risk(turn, case_id, action_id)
    return risk(turn, case_id, action_id, answer)


def risk(turn: Turn, case_id: str, action_id: str, answer: str) -> Outcome:
    """Anything but a clear no leads to the ways without a name."""
    turn.to_act(case_id, action_id, LetterAction)
    kept = safety.told(turn, answer)
    if not kept.at_risk:
        return show(turn.knowing(answers=kept), case_id, action_id)
    careful = _careful(turn.knowing(answers=kept), case_id, action_id)
    return careful.with_effects(*safety.effects(kept))


def _careful(turn: Turn, case_id: str, action_id: str) -> Outcome:
    here = f"{case_id}:{action_id}"
    language = turn.campaign.nearest(case_id, action_id, turn.language)
    return turn.answer(
        turn.screen(
            words("letter.careful", told=words("safety.told")),
            (choice("letter_without_name", f"draft:{here}:{language}:0"),),
            change_answer(turn, here),
            safety.untraced(turn),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        case=case_id,
    )


def change_answer(turn: Turn, here: str) -> tuple[Button, ...]:
    """The way back to the question, for those who see the letter without a name."""
    return (choice("change_answer", f"rename:{here}"),) if safety.at_risk(turn) else ()


def _ask(
    turn: Turn, case_id: str, action_id: str, what: str, kept: Answers, *, again: bool = False
) -> Outcome:
    asked = words(f"letter.ask_{what}")
    if again:
        asked = words("letter.too_long", most=ASKED[what], ask=asked)
    return turn.answer(
        turn.screen(
            asked,
            (choice(SKIPPED_BY[what], f"skip:{what}:{case_id}:{action_id}"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        question=f"{what}:{case_id}:{action_id}",
        answers=kept,
        case=case_id,
    )


def ask(turn: Turn, case_id: str, action_id: str, *, what: str) -> Outcome:
    """That question once more, as it was asked first."""
    turn.to_act(case_id, action_id, LetterAction)
    kept = answers(turn)
    if kept.at_risk is not False:
        return begin(turn, case_id, action_id)
    return _ask(turn, case_id, action_id, what, kept)


def said(turn: Turn, case_id: str, action_id: str, *, what: str) -> Outcome:
    """The text answers that question, where it can; on to the next, or to the letter."""
    turn.to_act(case_id, action_id, LetterAction)
    kept = answers(turn)
    if kept.at_risk is not False:
        return begin(turn, case_id, action_id)
    given = one_line(turn.said)
    if not given or len(given) > ASKED[what]:
        return _ask(turn, case_id, action_id, what, kept, again=True)
    return _go_on(turn, case_id, action_id, what, replace(_with(kept, what, given), at=turn.now))


def skip(turn: Turn, what: str, case_id: str, action_id: str) -> Outcome:
    """The question is left out. Who gives no first name wants no signature: on to the letter."""
    turn.to_act(case_id, action_id, LetterAction)
    kept = answers(turn)
    if what not in ASKED:
        raise NotOffered("question")
    if kept.at_risk is not False:
        return begin(turn, case_id, action_id)
    for unsaid in list(ASKED)[list(ASKED).index(what) :]:
        kept = _with(kept, unsaid, "")
    return show(turn.knowing(answers=kept), case_id, action_id)


def _with(kept: Answers, what: str, given: str) -> Answers:
    changed: dict[str, Any] = {what: given}
    return replace(kept, **changed)


def _go_on(turn: Turn, case_id: str, action_id: str, what: str, kept: Answers) -> Outcome:
    order = list(ASKED)
    left = order[order.index(what) + 1 :]
    if left:
        return _ask(turn, case_id, action_id, left[0], kept)
    return show(turn.knowing(answers=kept), case_id, action_id)


def rename(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """Ask for name and town, or before them the gentle question.

    Who could be harmed stays so until there is another answer.
    """
    turn.to_act(case_id, action_id, LetterAction)
    kept = answers(turn)
    if kept.at_risk is False:
        return _ask(turn, case_id, action_id, next(iter(ASKED)), kept)
    return ask_risk(turn, case_id, action_id)


def show(
    turn: Turn, case_id: str, action_id: str, language: str = "", variant: str = "0"
) -> Outcome:
    """The letter as a block to copy, and the way into the supporter's own mail program.

    It stands in the language that its addressee reads, with the supporter's own beside it. A day
    after the last answer the first question comes instead: a name would be missing without a word,
    or a warning.
    """
    action = turn.to_act(case_id, action_id, LetterAction)
    spoken = letters.spoken_to(turn.campaign, case_id, action, turn.language)
    draft = drafted(turn, case_id, action, language or spoken, variant)
    if answers(turn).at_risk is None:
        return ask_risk(turn, case_id, action_id)
    careful = bool(answers(turn).at_risk)
    link, offered = page(turn, action, draft)
    ways = (
        choice("sent", f"did:{draft.case}:{draft.action}"),
        choice("other_ways", f"ways:{carried(draft)}"),
    )
    # Without the page the first thing to do is to copy: the text by a tap, the address by this.
    first = link or _addresses(turn.campaign, action)[:1]
    message = turn.screen(
        words(
            "letter.ready_careful" if careful else "letter.ready",
            name=turn.case(case_id).name,
            to=_names(action.to),
            copies=_names(action.copy_to),
            subject=draft.subject.in_language(draft.language),
            named=int(bool(draft.first_name or draft.town)),
            page=int(bool(link)),
            reading=_reading(turn, action, draft),
            written=draft.language,
        ),
        # The nearest way to show who one is comes last where that could harm.
        *(
            (ways[1:], ways[:1], change_answer(turn, f"{case_id}:{action_id}"), first)
            if careful
            else (first, ways)
        ),
        (choice("actions", f"actions:{case_id}"), to_menu()),
    )
    return turn.answer(
        message.with_block(*letters.whole(draft)),
        effects=[Record(case_id, action_id, Evidence.PREPARED), *offered],
        answers=answers(turn),
        case=case_id,
    )


def drafted(
    turn: Turn, case_id: str, action: LetterAction, language: str, variant: str
) -> letters.Draft:
    """The supporter's letter; without name and town where a name could harm. Raises NotOffered."""
    known = turn.campaign.writes(language, case_id, action.id)
    if not known or not variant.isdecimal() or len(variant) > 6:
        raise NotOffered("letter")
    kept = answers(turn)
    safe = kept if kept.at_risk is False else Answers()
    return letters.draft(
        turn.campaign,
        case_id,
        action,
        language,
        seed=turn.supporter.seed,
        variant=int(variant),
        first_name=safe.first_name,
        town=safe.town,
        unconfirmed=turn.campaign.unconfirmed(case_id, turn.today),
    )


def _reading(turn: Turn, action: LetterAction, draft: letters.Draft) -> tuple[Words, ...]:
    """The same letter in the supporter's language: nobody sends what they cannot read."""
    written = turn.campaign.writes(turn.language, draft.case, action.id)
    if draft.language == turn.language or not written:
        return ()
    own = drafted(turn, draft.case, action, turn.language, str(draft.variant))
    return own.paragraphs


def page(
    turn: Turn, action: LetterAction, draft: letters.Draft
) -> tuple[tuple[Button, ...], list[Effect]]:
    """A link to the page that opens the letter in a mail program; nothing without a web part.

    Which letter it is stands in the query, so that the page comes with it; a token and what was
    told here stand in the fragment, which a browser sends to no server. The token lets the page say
    once that the letter was sent. A mark behind it lets the page ask for no name where a name could
    harm; first name and town follow as ``&first_name=…&town=…``.
    """
    if not turn.facts.compose:
        return (), []
    token = turn.facts.chance
    number = letters.number(
        turn.campaign, draft.case, action, turn.supporter.seed + draft.variant * letters.STRIDE
    )
    path = PAGES.get(turn.language, PAGES["en"])
    spoken = {} if turn.language in PAGES else {"lang": turn.language}
    values = (draft.case, draft.action, draft.language, number)
    query = urlencode({**spoken, **dict(zip(NAMED.values(), values, strict=True))})
    fragment = f"{token}.{UNSIGNED}" if answers(turn).at_risk else token
    told = (("first_name", draft.first_name), ("town", draft.town))
    fragment += "".join(f"&{name}={quote(text, safe='')}" for name, text in told if text)
    link = Link(words("buttons.compose"), f"{turn.facts.compose}{path}?{query}#{fragment}")
    return (link,), [OfferPage(draft.case, draft.action, token)] if token else []


def _names(addressees: list[str]) -> tuple[Words, ...]:
    return tuple(words(f"addressees.{addressee}.short") for addressee in addressees)


def _addresses(campaign: Campaign, action: LetterAction) -> tuple[Button, ...]:
    """Copy buttons for whoever has an e-mail address."""
    return tuple(
        Copy(
            words(label, name=words(f"addressees.{addressee}.short")),
            campaign.addressees[addressee].email or "",
        )
        for label, addressees in (
            ("buttons.copy_to", action.to),
            ("buttons.copy_cc", action.copy_to),
        )
        for addressee in addressees
        if campaign.addressees[addressee].email
    )


def other_forms(turn: Turn, action: LetterAction, draft: letters.Draft) -> Rows:
    """Other words, other languages, copying by hand, signing here, and doing it later."""
    here = f"{draft.case}:{draft.action}"
    others = [
        choice(f"letter_in_{language}", f"draft:{here}:{language}:{draft.variant}")
        for language in turn.campaign.written_for(draft.case, action.id)
        if language != draft.language
    ]
    another = f"draft:{here}:{draft.language}:{draft.variant + 1}"
    named = "change_name" if draft.first_name or draft.town else "sign_letter"
    subject = Copy(words("buttons.copy_subject"), draft.subject.in_language(draft.language))
    return (
        (choice("another_version", another), *others),
        *((address,) for address in _addresses(turn.campaign, action)),
        (subject,),
        change_answer(turn, here) or (choice(named, f"rename:{here}"),),
        (choice("will", f"will:{here}"),),
    )


def carried(draft: letters.Draft) -> str:
    """What a button about this letter carries."""
    return f"{draft.case}:{draft.action}:{draft.language}:{draft.variant}"


ROUTES = (
    Route(
        "risk",
        risk,
        question=said_risk,
        asked_again=ask_risk,
        answers=("?",),
        depends_on=DependsOn.ANSWERS,
        personal=True,
    ),
    Route("skip", skip, depends_on=DependsOn.ANSWERS, personal=True),
    Route("rename", rename, depends_on=DependsOn.ANSWERS, personal=True),
    Route("draft", show, depends_on=DependsOn.ANSWERS, versions="", personal=True),
    *(
        Route(
            what,
            question=partial(said, what=what),
            asked_again=partial(ask, what=what),
            answers=(LONGEST[what],),
            personal=True,
        )
        for what in ASKED
    ),
)
