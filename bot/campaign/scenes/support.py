"""A card with words of support, sent to the secretariat: nobody promises that it arrives."""

from __future__ import annotations

from dataclasses import replace

from bot.campaign.content import SupportAction
from bot.campaign.effects import Evidence, Record
from bot.campaign.messages import Button, Copy, Rows, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import safety
from bot.campaign.scenes.letter import ASKED, LONGEST
from bot.campaign.scenes.safety import answers
from bot.campaign.supporter import Answers
from bot.campaign.turn import NotOffered, Turn, choice, to_menu
from bot.campaign.typed import one_line

TOWN = ASKED["town"]
PREFERRED = "en"
"""The language that those who get the cards prefer, offered first where content has it."""


def begin(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """How it works and what is better not written, before any words are offered."""
    turn.to_act(case_id, action_id, SupportAction)
    if answers(turn).at_risk:
        opened = Record(case_id, action_id, Evidence.OPENED)
        return _careful(turn, case_id, action_id).with_effects(opened)
    here = f"{case_id}:{action_id}"
    return turn.answer(
        turn.screen(
            words(
                "support.screen",
                name=turn.case(case_id).full_name,
                about=words(f"{case_id}.support.about"),
                safety=words(f"{case_id}.support.safety"),
            ),
            (choice("support_words", f"card:{here}:{first_language(turn, here)}:0"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[Record(case_id, action_id, Evidence.OPENED)],
        case=case_id,
    )


def first_language(turn: Turn, here: str) -> str:
    """The language in which words are offered first, for that "case:action"."""
    return turn.campaign.nearest(*here.split(":"), PREFERRED, turn.language)


def _town(turn: Turn) -> str:
    """The town for the card; none where it could harm."""
    kept = answers(turn)
    return kept.town if kept.at_risk is False else ""


def card(turn: Turn, case_id: str, action_id: str, language: str, version: str) -> Outcome:
    """Suggested words as a block to copy, and the address block of the card."""
    action = turn.to_act(case_id, action_id, SupportAction)
    _known(turn, case_id, action_id, language, version)
    versions = turn.campaign.variants.get(f"{case_id}.support.words", 1)
    text = words(f"{case_id}.support.words.{int(version) % versions}", town=_town(turn))
    here = f"{case_id}:{action_id}"
    others = [
        choice(f"words_in_{other}", f"card:{here}:{other}:{version}")
        for other in turn.campaign.written_for(case_id, action_id)
        if other != language
    ]
    message = turn.screen(
        words(
            "support.card",
            name=turn.case(case_id).name,
            address="\n".join(action.send_to),
            as_of=action.as_of,
            careful=int(bool(answers(turn).at_risk)),
        ),
        (choice("card_pdf", f"cardpdf:{here}:{language}:{version}"),),
        (choice("sent", f"did:{here}"),),
        (choice("other_words", f"card:{here}:{language}:{int(version) + 1}"),),
        safety.change(turn, "act", case_id, action_id),
        (choice("back", f"act:{here}"), to_menu()),
        rest=(
            (Copy(words("buttons.copy_address"), "\n".join(action.send_to)),),
            others,
            town_button(turn, here),
            (choice("will_card", f"will:{here}"),),
        ),
        here=f"card:{here}:{language}:{version}",
    )
    return turn.answer(
        message.with_block(text.in_language(language)),
        effects=[Record(case_id, action_id, Evidence.PREPARED)],
        answers=answers(turn),
        case=case_id,
    )


def _known(turn: Turn, case_id: str, action_id: str, language: str, version: str) -> None:
    written = turn.campaign.writes(language, case_id, action_id)
    if not written or not version.isdecimal() or len(version) > 6:
        raise NotOffered("card")


def pdf(turn: Turn, case_id: str, action_id: str, language: str, version: str) -> Outcome:
    """The card to print: address side and message side."""
    turn.to_act(case_id, action_id, SupportAction)
    _known(turn, case_id, action_id, language, version)
    here = f"{case_id}:{action_id}"
    message = turn.screen(
        words("support.pdf", town=_town(turn), careful=int(bool(answers(turn).at_risk))),
        (choice("sent", f"did:{here}"),),
        (choice("will_card", f"will:{here}"),),
        safety.change(turn, "act", case_id, action_id),
        (choice("back_to_card", f"card:{here}:{language}:{version}"), to_menu()),
        in_place=False,
    )
    return turn.answer(
        message.with_attachment(
            "card.pdf",
            case=case_id,
            action=action_id,
            card_language=language,
            version=int(version),
            town=_town(turn),
        ),
        effects=[Record(case_id, action_id, Evidence.PREPARED)],
        answers=answers(turn),
        case=case_id,
    )


def town_button(turn: Turn, here: str) -> tuple[Button, ...]:
    """Put a town on the card; not offered to those whom it could harm."""
    if answers(turn).at_risk or turn.facts.exposed:
        return ()
    label = "change_town" if _town(turn) else "add_town"
    return (choice(label, f"cardtown:{here}"),)


def ask_town(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """From where the card comes; the gentle question stands before it, as before a letter."""
    turn.to_act(case_id, action_id, SupportAction)
    kept = answers(turn)
    if kept.at_risk is None:
        return _ask_risk(turn, case_id, action_id)
    if kept.at_risk:
        first = first_language(turn, f"{case_id}:{action_id}")
        return card(turn, case_id, action_id, first, "0")
    return _question(turn, kept, case_id, action_id)


def _ask_risk(turn: Turn, case_id: str, action_id: str) -> Outcome:
    here = f"{case_id}:{action_id}"
    return turn.answer(
        turn.screen(
            safety.asked(turn, words("support.risk"), "cardrisk"),
            *safety.choices(f"cardrisk:{here}"),
            (
                choice("back_to_card", f"card:{here}:{first_language(turn, here)}:0"),
                to_menu(),
            ),
        ),
        question=f"cardrisk:{here}",
        case=case_id,
    )


def said_risk(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The answer typed as it stands on its button; anything else asks again."""
    answer = safety.typed(turn)
    if not answer:
        return ask_town(turn, case_id, action_id)
    return risk(turn, case_id, action_id, answer)


def risk(turn: Turn, case_id: str, action_id: str, answer: str) -> Outcome:
    """Anything but a clear no leads to the card without a town."""
    turn.to_act(case_id, action_id, SupportAction)
    kept = safety.told(turn, answer)
    if not kept.at_risk:
        return _question(turn, kept, case_id, action_id)
    careful = _careful(turn.knowing(answers=kept), case_id, action_id)
    return careful.with_effects(*safety.effects(kept))


def _careful(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """What a card can show of whom; before every card, as long as the answer is kept."""
    here = f"{case_id}:{action_id}"
    return turn.answer(
        turn.screen(
            words(
                "support.careful",
                told=words("safety.told"),
                safety=words(f"{case_id}.support.safety"),
            ),
            (choice("support_words", f"card:{here}:{first_language(turn, here)}:0"),),
            safety.change(turn, "act", case_id, action_id),
            safety.untraced(turn),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        case=case_id,
    )


def said_town(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The text is a town or a place; the card follows with it."""
    turn.to_act(case_id, action_id, SupportAction)
    kept = answers(turn)
    if kept.at_risk is not False:
        return ask_town(turn, case_id, action_id)
    town = one_line(turn.said)
    if not town or len(town) > TOWN:
        return _question(turn, kept, case_id, action_id, again=True)
    kept = replace(kept, town=town, at=turn.now)
    first = first_language(turn, f"{case_id}:{action_id}")
    return card(turn.knowing(answers=kept), case_id, action_id, first, "0")


def _question(
    turn: Turn, kept: Answers, case_id: str, action_id: str, *, again: bool = False
) -> Outcome:
    asked, here = words("support.ask_town"), f"{case_id}:{action_id}"
    if again:
        asked = words("letter.too_long", most=TOWN, ask=asked)
    skip = choice("skip", f"card:{here}:{first_language(turn, here)}:0")
    return turn.answer(
        turn.screen(asked, (skip,), (choice("actions", f"actions:{case_id}"), to_menu())),
        question=f"card_town:{case_id}:{action_id}",
        answers=kept,
        case=case_id,
    )


def pledged(turn: Turn, case_id: str, action_id: str) -> tuple[Words, Rows]:
    """What is said to somebody who means to send a card, and what can be done with it."""
    here = f"{case_id}:{action_id}"
    place = town_button(turn, here)
    text = words(
        "support.pledged",
        name=turn.case(case_id).name,
        town=_town(turn),
        asks=int(bool(place)),
        careful=int(safety.at_risk(turn) or turn.facts.closes),
    )
    return text, (
        (
            choice("card_pdf", f"cardpdf:{here}:{first_language(turn, here)}:0"),
            *place,
        ),
    )


ROUTES = (
    Route("card", card, depends_on=DependsOn.ANSWERS, versions="support.words"),
    Route("cardpdf", pdf, depends_on=DependsOn.ANSWERS, versions="support.words"),
    Route("cardtown", ask_town, personal=True),
    Route(
        "card_town",
        question=said_town,
        asked_again=ask_town,
        answers=(LONGEST["town"],),
        personal=True,
    ),
    Route(
        "cardrisk", risk, question=said_risk, asked_again=ask_town, answers=("?",), personal=True
    ),
)
