"""From "I want to write" to a letter on the screen: one gentle question first, then at most two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.campaign import letters
from bot.campaign.content import Campaign, LetterAction
from bot.campaign.effects import Effect, Evidence, OfferPage, Record
from bot.campaign.messages import Button, Copy, Link, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Answers
from bot.campaign.turn import NotOffered, Turn, choice, to_menu
from bot.campaign.typed import one_line

KEPT = timedelta(hours=24)
"""How long answers given for a letter may be used: see Answers."""

FIRST_NAME = 40
TOWN = 60

PAGES = {"fr": "/ecrire", "en": "/write"}
"""The compose page by the language that it speaks; see bot/web/compose.py."""


def answers(turn: Turn) -> Answers:
    """What the supporter told us for letters, as long as it may be used."""
    given = turn.supporter.answers
    if given.at is not None and turn.now - given.at > KEPT:
        return Answers()
    return given


def begin(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """Straight to the letter where the questions have been answered, else the first question."""
    turn.to_act(case_id, action_id, LetterAction)
    if answers(turn).at_risk is None:
        return ask_risk(turn, case_id, action_id)
    return show(turn, case_id, action_id)


def ask_risk(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """Do you or your family live in or travel to China? Asked before any name."""
    return turn.answer(
        turn.screen(
            words("letter.risk", name=turn.case(case_id).name),
            (
                choice("risk_no", f"risk:{case_id}:{action_id}:no"),
                choice("risk_yes", f"risk:{case_id}:{action_id}:yes"),
            ),
            (choice("risk_unsaid", f"risk:{case_id}:{action_id}:unsaid"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[Record(case_id, action_id, Evidence.OPENED)],
        case=case_id,
    )


def risk(turn: Turn, case_id: str, action_id: str, answer: str) -> Outcome:
    """Anything but a clear no leads to the ways without a name."""
    turn.to_act(case_id, action_id, LetterAction)
    if answer not in ("no", "yes", "unsaid"):
        raise NotOffered("risk answer")
    if answer == "no":
        kept = replace(answers(turn), at_risk=False, at=turn.now)
        return _ask(turn, case_id, action_id, "first_name", kept)
    careful = Answers(at_risk=True, at=turn.now)
    return turn.answer(
        turn.screen(
            words("letter.careful", name=turn.case(case_id).name),
            (choice("letter_without_name", f"draft:{case_id}:{action_id}:{turn.language}:0"),),
            (choice("share", f"share:{case_id}"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        answers=careful,
        case=case_id,
    )


def _ask(turn: Turn, case_id: str, action_id: str, what: str, kept: Answers) -> Outcome:
    return turn.answer(
        turn.screen(
            words(f"letter.ask_{what}"),
            (choice("skip", f"skip:{what}:{case_id}:{action_id}"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        question=f"{what}:{case_id}:{action_id}",
        answers=kept,
        case=case_id,
    )


def said_first_name(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The text is a first name, where it can be one."""
    turn.to_act(case_id, action_id, LetterAction)
    if answers(turn).at_risk is not False:
        return ask_risk(turn, case_id, action_id)
    first_name = one_line(turn.said)
    if not first_name or len(first_name) > FIRST_NAME:
        return _again(turn, "first_name", FIRST_NAME, case_id, action_id)
    kept = replace(answers(turn), first_name=first_name, at=turn.now)
    return _ask(turn, case_id, action_id, "town", kept)


def said_town(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The text is a town; the letter follows."""
    turn.to_act(case_id, action_id, LetterAction)
    if answers(turn).at_risk is not False:
        return ask_risk(turn, case_id, action_id)
    town = one_line(turn.said)
    if not town or len(town) > TOWN:
        return _again(turn, "town", TOWN, case_id, action_id)
    kept = replace(answers(turn), town=town, at=turn.now)
    return show(turn.knowing(answers=kept), case_id, action_id)


def _again(turn: Turn, what: str, most: int, case_id: str, action_id: str) -> Outcome:
    return turn.answer(
        turn.screen(
            words("letter.too_long", most=most, ask=words(f"letter.ask_{what}")),
            (choice("skip", f"skip:{what}:{case_id}:{action_id}"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        question=f"{what}:{case_id}:{action_id}",
    )


def skip(turn: Turn, what: str, case_id: str, action_id: str) -> Outcome:
    """The question is left out: on to the next, or to the letter."""
    turn.to_act(case_id, action_id, LetterAction)
    kept = answers(turn)
    if kept.at_risk is None:
        return ask_risk(turn, case_id, action_id)
    if what == "first_name":
        return _ask(turn, case_id, action_id, "town", replace(kept, first_name=""))
    if what != "town":
        raise NotOffered("question")
    return show(turn.knowing(answers=replace(kept, town="")), case_id, action_id)


def rename(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """Ask again for name and town, and begin with the gentle question."""
    turn.to_act(case_id, action_id, LetterAction)
    return ask_risk(turn.knowing(answers=Answers()), case_id, action_id)


def show(
    turn: Turn, case_id: str, action_id: str, language: str = "", variant: str = "0"
) -> Outcome:
    """The letter as a block to copy, with its addresses and every way to send it."""
    action = turn.to_act(case_id, action_id, LetterAction)
    draft = drafted(turn, case_id, action, language or turn.language, variant)
    link, offered = page(turn, action, draft)
    message = turn.screen(
        words(
            "letter.ready",
            name=turn.case(case_id).name,
            to=_names(action.to),
            copies=_names(action.copy_to),
            subject=draft.subject.in_language(draft.language),
            named=int(bool(draft.first_name or draft.town)),
            page=int(bool(link)),
        ),
        link,
        *_ways(turn.campaign, action, draft),
        *_next(turn.campaign, draft),
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
    known = language in turn.campaign.languages
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
    )


def page(
    turn: Turn, action: LetterAction, draft: letters.Draft
) -> tuple[tuple[Button, ...], list[Effect]]:
    """A link to the page that opens the letter in a mail program; nothing without a web part.

    Case, language, number of the letter and a token stand in the fragment, which a browser sends
    to no server. The token lets the page say once that the letter was sent.
    """
    if not turn.facts.compose:
        return (), []
    token = turn.facts.chance
    number = letters.number(
        turn.campaign, draft.case, action, turn.supporter.seed + draft.variant * letters.STRIDE
    )
    path = PAGES.get(turn.language) or f"{PAGES['en']}?lang={turn.language}"
    fragment = ".".join((draft.case, draft.action, draft.language, str(number), token))
    link = Link(words("buttons.compose"), f"{turn.facts.compose}{path}#{fragment}")
    return (link,), [OfferPage(draft.case, draft.action, token)] if token else []


def _names(addressees: list[str]) -> tuple[Words, ...]:
    return tuple(words(f"addressees.{addressee}.short") for addressee in addressees)


def _ways(
    campaign: Campaign, action: LetterAction, draft: letters.Draft
) -> tuple[tuple[Button, ...], ...]:
    """Copy buttons for whoever has an e-mail address, the subject, and the ways beside e-mail."""
    addresses = [
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
    ]
    subject = Copy(words("buttons.copy_subject"), draft.subject.in_language(draft.language))
    ways = choice("other_ways", f"ways:{carried(draft)}")
    return (*((address,) for address in addresses), (subject,), (ways,))


def _next(campaign: Campaign, draft: letters.Draft) -> tuple[tuple[Button, ...], ...]:
    another = f"draft:{draft.case}:{draft.action}:{draft.language}:{draft.variant + 1}"
    others = [
        choice(
            f"letter_in_{language}", f"draft:{draft.case}:{draft.action}:{language}:{draft.variant}"
        )
        for language in campaign.languages
        if language != draft.language
    ]
    return (
        (choice("another_version", another), *others),
        (
            choice("sent", f"did:{draft.case}:{draft.action}"),
            choice("will", f"will:{draft.case}:{draft.action}"),
        ),
    )


def carried(draft: letters.Draft) -> str:
    """What a button about this letter carries."""
    return f"{draft.case}:{draft.action}:{draft.language}:{draft.variant}"
