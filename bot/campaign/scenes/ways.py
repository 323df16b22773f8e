"""A letter in other forms than the screen: an e-mail file, a PDF for post or fax."""

from __future__ import annotations

from dataclasses import replace

from bot.campaign.content import LetterAction
from bot.campaign.effects import Evidence, Record
from bot.campaign.letters import Draft, spoken_to
from bot.campaign.messages import words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import letter
from bot.campaign.scenes.safety import answers
from bot.campaign.turn import Turn, choice, to_menu


def show(turn: Turn, case_id: str, action_id: str, language: str, variant: str) -> Outcome:
    """The letter in other forms, and the addresses for post and fax."""
    action = turn.to_act(case_id, action_id, LetterAction)
    draft = letter.drafted(turn, case_id, action, language, variant)
    of = letter.carried(draft)
    on_paper = letter.carried(_on_paper(turn, action, draft))
    addressees = [*action.to, *action.copy_to]
    addresses = tuple(
        words(
            "letter.address",
            addressee=words(f"addressees.{addressee}.name"),
            lines="\n".join(turn.campaign.addressees[addressee].post),
            fax=turn.campaign.addressees[addressee].fax or "",
            as_of=turn.campaign.addressees[addressee].as_of,
        )
        for addressee in addressees
    )
    fax = any(turn.campaign.addressees[addressee].fax for addressee in addressees)
    careful = bool(answers(turn).at_risk)
    return turn.answer(
        turn.screen(
            words("letter.ways", addresses=addresses, careful=int(careful)),
            (choice("letter_eml", f"eml:{of}"), choice("letter_pdf", f"pdf:{on_paper}")),
            (choice("letter_fax", f"fax:{on_paper}"),) if fax else (),
            *letter.other_forms(turn, action, draft),
            (choice("back_to_letter", f"draft:{of}"), to_menu()),
        ),
        answers=answers(turn),
        case=case_id,
    )


def _on_paper(turn: Turn, action: LetterAction, draft: Draft) -> Draft:
    """The letter for post and fax: in the supporter's own language, unless they chose another."""
    if draft.language == spoken_to(turn.campaign, draft.case, action, turn.language):
        own = turn.campaign.nearest(draft.case, action.id, turn.language)
        return replace(draft, language=own)
    return draft


def eml(turn: Turn, case_id: str, action_id: str, language: str, variant: str) -> Outcome:
    """The letter as a file that a mail program opens as a message ready to be sent."""
    return _document(turn, "eml", case_id, action_id, language, variant)


def pdf(turn: Turn, case_id: str, action_id: str, language: str, variant: str) -> Outcome:
    """The letter to print, one for each addressee."""
    return _document(turn, "pdf", case_id, action_id, language, variant)


def fax(turn: Turn, case_id: str, action_id: str, language: str, variant: str) -> Outcome:
    """The same with the fax number on each sheet."""
    return _document(turn, "fax", case_id, action_id, language, variant)


def _document(
    turn: Turn, form: str, case_id: str, action_id: str, language: str, variant: str
) -> Outcome:
    action = turn.to_act(case_id, action_id, LetterAction)
    draft = letter.drafted(turn, case_id, action, language, variant)
    of = letter.carried(draft)
    message = turn.screen(
        words(
            f"letter.{form}",
            copies=len(action.copy_to),
            careful=int(bool(answers(turn).at_risk)),
        ),
        (choice("sent", f"did:{case_id}:{action_id}"),),
        letter.change_answer(turn, f"{case_id}:{action_id}"),
        (choice("back_to_letter", f"draft:{of}"), to_menu()),
        in_place=False,
    )
    return turn.answer(
        message.with_attachment(
            "letter.eml" if form == "eml" else "letter.pdf", **_values(turn, draft, form)
        ),
        effects=[Record(case_id, action_id, Evidence.PREPARED)],
        answers=answers(turn),
        case=case_id,
    )


def _values(turn: Turn, draft: Draft, form: str) -> dict[str, str | int | bool]:
    """What the maker of the document needs to write the same letter again."""
    return {
        "case": draft.case,
        "action": draft.action,
        "letter_language": draft.language,
        "seed": turn.supporter.seed,
        "variant": draft.variant,
        "first_name": draft.first_name,
        "town": draft.town,
        "fax": form == "fax",
    }


ROUTES = (
    Route("ways", show, depends_on=DependsOn.ANSWERS, versions="", personal=True),
    Route("eml", eml, depends_on=DependsOn.ANSWERS, versions="", personal=True),
    Route("pdf", pdf, depends_on=DependsOn.ANSWERS, versions="", personal=True),
    Route("fax", fax, depends_on=DependsOn.ANSWERS, versions="", personal=True),
)
