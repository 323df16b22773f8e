"""Passing a case on: a link that opens a friend's chat list, or the text to copy."""

from __future__ import annotations

from bot.campaign.messages import Button, Link, words
from bot.campaign.outcome import Outcome
from bot.campaign.turn import Turn, choice, to_menu

SHARE = "https://t.me/share/url"


def address(turn: Turn, case_id: str) -> str:
    """Where the shared link leads: the chat itself, else the web part, else the case's page."""
    if turn.facts.bot_name:
        return f"https://t.me/{turn.facts.bot_name}?start={case_id}_s-ami"
    if turn.facts.web:
        return f"{turn.facts.web}/?start={case_id}_s-ami"
    page = turn.case(case_id).page
    return page.url if page else turn.campaign.organisation.website


def show(turn: Turn, case_id: str) -> Outcome:
    """A sentence about the person with the link, as a block to copy and as a share button."""
    case = turn.case(case_id)
    sentence = words(f"{case_id}.share")
    link = address(turn, case_id)
    buttons: tuple[Button, ...] = (
        (Link(words("buttons.share_telegram"), SHARE, (("url", link), ("text", sentence))),)
        if turn.facts.bot_name
        else ()
    )
    message = turn.screen(
        words("share.screen", name=case.full_name),
        buttons,
        (choice("actions", f"actions:{case_id}"), to_menu()),
    )
    return turn.answer(
        message.with_block(words("share.block", sentence=sentence, link=link)),
        case=case_id,
    )
