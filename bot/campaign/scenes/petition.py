"""One tap to the petition's text, one to sign, one to withdraw."""

from __future__ import annotations

from bot.campaign.content import Petition
from bot.campaign.effects import Sign, Withdraw
from bot.campaign.messages import Button, Message, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.turn import NotOffered, Turn, choice, to_menu


def _petition(turn: Turn, petition_id: str) -> Petition:
    found = turn.campaign.petitions.get(petition_id)
    if found is None:
        raise NotOffered("petition")
    return found


def show(turn: Turn, petition_id: str, *, above: Words | None = None) -> Outcome:
    """The text that is signed, how many signed here, and what was handed over before."""
    petition = _petition(turn, petition_id)
    return turn.answer(
        turn.screen(
            words(
                "petition.screen",
                title=words(f"petitions.{petition_id}.title"),
                text=words(f"petitions.{petition_id}.text"),
                signed=int(petition_id in turn.facts.signed),
                open=int(petition.state == "open"),
                counts=_counts(turn, petition_id),
            ),
            _sign_or_withdraw(turn, petition_id),
            *_further(turn),
        )
    )


def _sign_or_withdraw(turn: Turn, petition_id: str) -> tuple[Button, ...]:
    if petition_id in turn.facts.signed:
        return (choice("withdraw", f"unsign:{petition_id}"),)
    if turn.campaign.petitions[petition_id].state != "open":
        return ()
    return (choice("sign", f"sign:{petition_id}:{turn.language}"),)


def _further(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    case = turn.supporter.case
    if case in turn.campaign.cases:
        return ((choice("actions", f"actions:{case}"), to_menu()),)
    return ((choice("cases", "cases"), to_menu()),)


def _counts(turn: Turn, petition_id: str, change: int = 0) -> Words:
    """Those who signed here beside those whose signatures were handed over: never added up."""
    handed_over = turn.campaign.petitions[petition_id].handed_over
    here = max(0, turn.facts.signatures.get(petition_id, 0) + change)
    if handed_over is None:
        return words("petition.counted_here", here=here)
    return words(
        "petition.counts",
        here=here,
        history=words(
            f"petitions.{petition_id}.history",
            count=handed_over.count,
            day=handed_over.day,
            territories=handed_over.territories,
            in_france=handed_over.in_france,
        ),
    )


def sign(turn: Turn, petition_id: str, language: str = "") -> Outcome:
    """Sign in the language whose text was on the screen; a repeat says that it is done already."""
    petition = _petition(turn, petition_id)
    if petition_id in turn.facts.signed:
        return turn.answer(_said(turn, petition_id, "petition.already"))
    if petition.state != "open":
        return turn.answer(_said(turn, petition_id, "petition.closed"))
    read = language if language in turn.campaign.languages else turn.language
    return turn.answer(
        _said(turn, petition_id, "petition.signed", 1), effects=[Sign(petition_id, read)]
    )


def withdraw(turn: Turn, petition_id: str) -> Outcome:
    """Take the signature back; asked for again, it says that there is none."""
    _petition(turn, petition_id)
    if petition_id not in turn.facts.signed:
        return turn.answer(_said(turn, petition_id, "petition.not_signed"))
    return turn.answer(
        _said(turn, petition_id, "petition.withdrawn", -1), effects=[Withdraw(petition_id)]
    )


def _said(turn: Turn, petition_id: str, key: str, change: int = 0) -> Message:
    signed = change > 0 or (petition_id in turn.facts.signed and change == 0)
    again = (
        choice("withdraw", f"unsign:{petition_id}")
        if signed
        else choice("petition", f"petition:{petition_id}")
    )
    case = turn.supporter.case or next(iter(turn.campaign.cases))
    return turn.screen(
        words(key, counts=_counts(turn, petition_id, change)),
        (choice("share", f"share:{case}"), choice("updates", "updates")),
        (again,),
        *_further(turn),
        in_place=False,
    )
