"""One tap to the petition's text, one to sign, one to withdraw."""

from __future__ import annotations

from bot.campaign.effects import Sign, Withdraw
from bot.campaign.messages import Button, Message, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.petitions import Petition
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import safety
from bot.campaign.signatures import IN_THE_NUMBER, OwnSignature, SignatureState
from bot.campaign.supporter import Need
from bot.campaign.turn import NotOffered, Turn, choice, to_menu


def of(turn: Turn, petition_id: str) -> Petition:
    """The petition of that id. Raises NotOffered."""
    found = turn.campaign.petitions.get(petition_id)
    if found is None:
        raise NotOffered("petition")
    return found


def own(turn: Turn, petition_id: str) -> OwnSignature | None:
    """The supporter's own signature, None where they have none that could be changed or shown."""
    if petition_id not in turn.facts.signed:
        return None
    return turn.facts.own.get(petition_id, OwnSignature())


def changeable(turn: Turn, petition_id: str) -> OwnSignature | None:
    """The same, None also where it was kept without anything that leads to them."""
    signature = own(turn, petition_id)
    return None if signature and signature.state is SignatureState.SPENT else signature


def may_be_named(turn: Turn, country: str) -> bool:
    """Whether a name on the public list is offered to somebody who signs from there."""
    return not safety.at_risk(turn) and country not in turn.campaign.no_names_from


def show(turn: Turn, petition_id: str) -> Outcome:
    """The text that is signed, how many signed here, and what was handed over before."""
    petition = of(turn, petition_id)
    signature = own(turn, petition_id)
    status = signature.state.value if signature else petition.state
    return turn.answer(
        turn.screen(
            words(
                "petition.screen",
                title=words(f"petitions.{petition_id}.title"),
                text=words(f"petitions.{petition_id}.text"),
                status=words(f"petition.status.{status}"),
                counts=_counts(turn, petition_id),
                goes=_goes(petition),
            ),
            _sign_or_withdraw(turn, petition_id),
            *_with_signature(turn, petition_id),
            safety.change(turn, "petition", petition_id) if changeable(turn, petition_id) else (),
            (choice("figures", f"figures:{petition_id}"),),
            *_further(turn),
        )
    )


def of_last_case(turn: Turn) -> Outcome:
    """The petition of the case that was looked at last, else the first there is."""
    case = turn.campaign.cases.get(turn.supporter.case)
    return show(turn, case.petition if case else next(iter(turn.campaign.petitions)))


def _goes(petition: Petition) -> Words:
    """To whom what is signed here goes, when, and who decides: also that nobody has decided yet."""
    if petition.delivered is not None:
        return words("petition.delivered", day=petition.delivered)
    planned = petition.hand_over
    return words(
        "petition.goes",
        to=tuple(words(f"addressees.{addressee}.short") for addressee in planned.to),
        when=planned.when or "",
        decided_by=planned.decided_by or "",
    )


def _sign_or_withdraw(turn: Turn, petition_id: str) -> tuple[Button, ...]:
    if changeable(turn, petition_id):
        return (choice("withdraw", f"unsign:{petition_id}"),)
    if petition_id in turn.facts.signed or turn.campaign.petitions[petition_id].state != "open":
        return ()
    return (choice("sign", f"sign:{petition_id}:{turn.language}"),)


def _with_signature(turn: Turn, petition_id: str) -> tuple[tuple[Button, ...], ...]:
    """What can be added to a signature, and taken away from it."""
    signature = changeable(turn, petition_id)
    if signature is None:
        return ()
    country = choice("change_country" if signature.country else "country", f"country:{petition_id}")
    if signature.is_listed:
        return ((country,), (choice("unlist", f"unlist:{petition_id}"),))
    if not may_be_named(turn, signature.country):
        return ((country,),)
    return ((country,), (choice("list_name", f"listed:{petition_id}"),))


def _further(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    case = turn.supporter.case
    if case in turn.campaign.cases:
        return ((choice("actions", f"actions:{case}"), to_menu()),)
    return ((choice("cases", "cases"), to_menu()),)


def _counted_here(turn: Turn, petition_id: str, change: int = 0) -> Words:
    here = max(0, turn.facts.signatures.get(petition_id, 0) + change)
    return words("petition.counted_here", here=here)


def _counts(turn: Turn, petition_id: str) -> Words:
    """Those who signed here beside those whose signatures were handed over: never added up."""
    handed_over = turn.campaign.petitions[petition_id].handed_over
    if handed_over is None:
        return _counted_here(turn, petition_id)
    here = turn.facts.signatures.get(petition_id, 0)
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
    petition = of(turn, petition_id)
    signature = own(turn, petition_id)
    if signature is not None:
        return turn.answer(_said(turn, petition_id, f"petition.already.{signature.state.value}"))
    if petition.state != "open":
        return turn.answer(_said(turn, petition_id, "petition.closed"))
    read = language if language in turn.campaign.languages else turn.language
    held = petition_id in turn.facts.guarded
    message = _said(
        turn,
        petition_id,
        "petition.received" if held else "petition.signed",
        change=0 if held else 1,
        signed=True,
    )
    return turn.answer(message, effects=[Sign(petition_id, read, held)])


def withdraw(turn: Turn, petition_id: str) -> Outcome:
    """Take the signature back; asked for again, it says that there is none."""
    of(turn, petition_id)
    signature = changeable(turn, petition_id)
    if signature is None:
        key = "petition.kept" if petition_id in turn.facts.signed else "petition.not_signed"
        return turn.answer(_said(turn, petition_id, key))
    message = _said(
        turn,
        petition_id,
        "petition.withdrawn",
        change=-1 if signature.state in IN_THE_NUMBER else 0,
        signed=False,
    )
    return turn.answer(message, effects=[Withdraw(petition_id)])


def _said(
    turn: Turn, petition_id: str, key: str, *, change: int = 0, signed: bool | None = None
) -> Message:
    """A sentence below which the signature can be completed, told about, or taken back."""
    is_signed = changeable(turn, petition_id) is not None if signed is None else signed
    again = (
        choice("withdraw", f"unsign:{petition_id}")
        if is_signed
        else choice("petition", f"petition:{petition_id}")
    )
    where = (choice("country", f"country:{petition_id}"),) if signed else ()
    case = turn.supporter.case or next(iter(turn.campaign.cases))
    careful = safety.at_risk(turn)
    return turn.screen(
        # What was handed over before was told on the petition's own screen.
        words(key, counts=_counted_here(turn, petition_id, change), careful=int(careful)),
        where,
        (
            *(() if careful else (choice("share", f"share:{case}"),)),
            *safety.news(turn),
        ),
        (again,),
        safety.change(turn, "petition", petition_id),
        *_further(turn),
        in_place=False,
    )


ROUTES = (
    Route("petition", show, depends_on=DependsOn.ANSWERS),
    Route(
        "sign",
        sign,
        command=of_last_case,
        needs=(Need.GUARDED,),
        depends_on=DependsOn.RISK,
    ),
    Route("unsign", withdraw, depends_on=DependsOn.RISK),
)
