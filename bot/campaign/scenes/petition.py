"""One tap to the petition's text, one to sign, one to withdraw."""

from __future__ import annotations

from bot.campaign import crowd
from bot.campaign.effects import Sign, Withdraw
from bot.campaign.messages import Button, Message, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.petitions import Petition
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import next_act, safety
from bot.campaign.signatures import OwnSignature, SignatureState, Signer
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
    if turn.facts.exposed:
        return False
    return not safety.at_risk(turn) and country not in turn.campaign.no_names_from


def presented(turn: Turn, petition_id: str, title: Words | None = None) -> Words:
    """The text that is signed, how many signed here, and what was handed over before; below its
    own title, or below that one."""
    petition = of(turn, petition_id)
    signature = own(turn, petition_id)
    status = signature.state.told.value if signature else petition.state
    return words(
        "petition.screen",
        title=title or words(f"petitions.{petition_id}.title"),
        text=words(f"petitions.{petition_id}.text"),
        status=words(
            f"petition.status.{status}",
            signer=(signature.signer if signature else turn.facts.signer).value,
        ),
        consent=words("petition.consent") if _may_sign(turn, petition_id) else "",
        counts=_counts(turn, petition_id),
        goes=_goes(petition),
    )


def show(turn: Turn, petition_id: str) -> Outcome:
    """What is signed, with the button that signs it, or what can be done with a signature."""
    text = presented(turn, petition_id)
    signature = changeable(turn, petition_id)
    withdraw = (choice("withdraw", f"unsign:{petition_id}"),) if signature else ()
    open_to_sign = not signature and _may_sign(turn, petition_id)
    return turn.answer(
        turn.screen(
            text,
            (sign_button(turn, petition_id),) if open_to_sign else (),
            *_with_signature(turn, petition_id),
            withdraw,
            safety.change(turn, "petition", petition_id) if signature else (),
            _further(turn),
            rest=((choice("figures", f"figures:{petition_id}"),),),
            here=f"petition:{petition_id}",
        )
    )


def of_last_case(turn: Turn) -> Outcome:
    """The petition of the case that was looked at last, else the first there is."""
    case = turn.campaign.cases.get(turn.supporter.case)
    return show(turn, case.petition if case else next(iter(turn.campaign.petitions)))


def sign_button(turn: Turn, petition_id: str) -> Button:
    """Signs, in the language whose text is on the screen."""
    return choice("sign", f"sign:{petition_id}:{turn.language}")


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


def _may_sign(turn: Turn, petition_id: str) -> bool:
    is_open = turn.campaign.petitions[petition_id].state == "open"
    return is_open and petition_id not in turn.facts.signed


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


def _further(turn: Turn) -> tuple[Button, ...]:
    case = turn.supporter.case
    if case in turn.campaign.cases:
        return (choice("actions", f"actions:{case}"), to_menu())
    return (choice("cases", "cases"), to_menu())


def counted_here(turn: Turn, petition_id: str, *, own: bool = False) -> Words:
    """How many signed here at the full hour, rounded down; ``own``: theirs is not in it yet."""
    here = turn.facts.signatures.get(petition_id, {})
    numbers = {signer.value: crowd.more_than(here.get(signer, 0)) for signer in Signer}
    return words("petition.counted_here", own=int(own), **numbers)


def _counts(turn: Turn, petition_id: str) -> Words:
    """Those who signed here beside those whose signatures were handed over: never added up."""
    handed_over = turn.campaign.petitions[petition_id].handed_over
    here = counted_here(turn, petition_id)
    if handed_over is None:
        return here
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
        return turn.answer(
            _said(turn, petition_id, f"petition.already.{signature.state.told.value}")
        )
    if petition.state != "open":
        return turn.answer(_said(turn, petition_id, "petition.closed"))
    read = language if language in turn.campaign.languages else turn.language
    held = turn.facts.guarded.get(petition_id)
    key = f"petition.received.{held.value}" if held else "petition.signed"
    message = _said(turn, petition_id, key, own=held is None, signed=True)
    lot = turn.event.provenance.lot
    return turn.answer(message, effects=[Sign(petition_id, read, held is not None, lot)])


def withdraw(turn: Turn, petition_id: str) -> Outcome:
    """Take the signature back; asked for again, it says that there is none."""
    of(turn, petition_id)
    signature = changeable(turn, petition_id)
    if signature is None:
        key = "petition.kept" if petition_id in turn.facts.signed else "petition.not_signed"
        return turn.answer(_said(turn, petition_id, key))
    message = _said(turn, petition_id, "petition.withdrawn", signed=False)
    return turn.answer(message, effects=[Withdraw(petition_id)])


def _said(
    turn: Turn, petition_id: str, key: str, *, own: bool = False, signed: bool | None = None
) -> Message:
    """A sentence, the next step for the person whose story was read, and the way back to it."""
    is_signed = changeable(turn, petition_id) is not None if signed is None else signed
    case_id, further = _next(turn)
    return turn.screen(
        words(
            key,
            # What was handed over before was told on the petition's own screen.
            counts=counted_here(turn, petition_id, own=own),
            further=next_act.title(case_id, further) if further else "",
        ),
        (next_act.button(turn, case_id, further),) if further else (),
        (next_act.story(turn, case_id),),
        safety.change(turn, "petition", petition_id),
        (
            choice("my_signature" if is_signed else "petition", f"petition:{petition_id}"),
            to_menu(),
        ),
        in_place=False,
    )


def _next(turn: Turn) -> tuple[str, str]:
    """The case that was looked at, else that of the first screen, and what comes next for it."""
    case_id = turn.supporter.case
    if case_id not in turn.campaign.cases:
        case_id = turn.campaign.opening(turn.supporter.seed)
    if not turn.campaign.cases[case_id].is_active:
        return case_id, ""
    return case_id, next_act.after(turn, case_id, next_act.SIGN)


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
