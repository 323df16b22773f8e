"""Passing a case on: a link, a picture or a poster that lead here, under the supporter's own code.

The code is random and made when somebody shares for the first time. It tells how many people came
by it, to that supporter alone, and never who. Whoever could be harmed is offered nothing.
"""

from __future__ import annotations

from bot.campaign import sharing
from bot.campaign.effects import Effect, KeepShareCode
from bot.campaign.messages import Button, Link, PassOn, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import safety
from bot.campaign.scenes.whom import of_case
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

SHARE = "https://t.me/share/url"


def address(turn: Turn, case_id: str) -> tuple[str, list[Effect]]:
    """Where the shared link leads: the chat itself, else the web part, else the case's page."""
    facts = turn.facts
    if not facts.bot_name and not facts.web:
        page = turn.case(case_id).page
        return page.url if page else turn.campaign.organisation.website, []
    code = facts.share_code or sharing.code(facts.chance)
    root = f"https://t.me/{facts.bot_name}" if facts.bot_name else f"{facts.web}/"
    link = f"{root}?start={sharing.payload(case_id, code)}"
    return link, [] if facts.share_code or not code else [KeepShareCode(code)]


def show(turn: Turn, case_id: str) -> Outcome:
    """A sentence about the person with the link, as a block to copy and as a share button."""
    case = turn.active_case(case_id)
    if safety.at_risk(turn):
        return _careful(turn, case_id)
    sentence = words(f"{case_id}.share")
    link, kept = address(turn, case_id)
    buttons: tuple[Button, ...] = ()
    if turn.facts.inline:
        # A card, with its picture and a button; the link alone goes by the block.
        buttons = (PassOn(words("buttons.share_chat"), case_id),)
    elif turn.facts.bot_name:
        buttons = (Link(words("buttons.share_chat"), SHARE, (("url", link), ("text", sentence))),)
    friends = (choice("friends", f"friends:{case_id}"),) if turn.facts.friends else ()
    message = turn.screen(
        words(
            "share.screen",
            name=case.full_name,
            bot=turn.facts.bot_name if turn.facts.inline else "",
            short=case.name,
        ),
        buttons,
        (choice("share_qr", f"qr:{case_id}"),),
        (choice("share_poster", f"poster:{case_id}"),),
        (choice("actions", f"actions:{case_id}"), to_menu()),
        rest=(friends,),
        here=f"share:{case_id}",
    )
    return turn.answer(
        message.with_block(words("share.block", sentence=sentence, link=link)),
        effects=kept,
        case=case_id,
    )


def command(turn: Turn) -> Outcome:
    """Whom to tell others about is no question to those who are offered nothing to share."""
    if safety.at_risk(turn) and turn.supporter.case not in turn.campaign.cases:
        return show(turn, next(iter(turn.campaign.cases)))
    return of_case(show, "share")(turn)


def _careful(turn: Turn, case_id: str) -> Outcome:
    return turn.answer(
        turn.screen(
            words("share.careful", told=words("safety.told")),
            (choice("sign_petition", f"petition:{turn.case(case_id).petition}"),),
            safety.change(turn, "share", case_id),
            safety.untraced(turn),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        case=case_id,
    )


def qr(turn: Turn, case_id: str) -> Outcome:
    """The link as a QR code, for another phone to look at."""
    return _document(turn, case_id, "qr")


def poster(turn: Turn, case_id: str) -> Outcome:
    """The link on a poster (A4), for a stand."""
    return _document(turn, case_id, "poster")


def _document(turn: Turn, case_id: str, kind: str) -> Outcome:
    name = turn.active_case(case_id).full_name
    if safety.at_risk(turn):
        return _careful(turn, case_id)
    link, kept = address(turn, case_id)
    message = turn.screen(
        words(f"share.{kind}", name=name),
        (choice("back_to_share", f"share:{case_id}"), to_menu()),
        in_place=False,
    )
    return turn.answer(
        message.with_attachment(f"share.{kind}", case=case_id, link=link),
        effects=kept,
        case=case_id,
    )


def friends(turn: Turn, case_id: str) -> Outcome:
    """How many people came by the supporter's code; told only when asked, and never who."""
    turn.case(case_id)
    if not turn.facts.friends:
        raise NotOffered("nobody came yet")
    if safety.at_risk(turn):
        return _careful(turn, case_id)
    return turn.answer(
        turn.screen(
            words("share.friends", count=turn.facts.friends),
            (choice("back_to_share", f"share:{case_id}"), to_menu()),
        ),
        case=case_id,
    )


ROUTES = (
    Route("share", show, command=command, depends_on=DependsOn.RISK),
    Route("qr", qr, depends_on=DependsOn.RISK),
    Route("poster", poster, depends_on=DependsOn.RISK),
    Route("friends", friends, depends_on=DependsOn.RISK),
)
