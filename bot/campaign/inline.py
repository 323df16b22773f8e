"""Cards for any chat: ``@bot mamat`` typed anywhere offers a case, and a button that leads here.

Nothing is recorded of whoever asks; the answer depends on the words typed and their language.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from bot.campaign import sharing
from bot.campaign.content import Campaign, Case
from bot.campaign.messages import Link, Words, words


@dataclass(frozen=True, slots=True)
class InlineCard:
    """A case as a card: ``text`` is what is sent into the other chat, with one button."""

    id: str
    title: Words
    about: Words
    text: Words
    button: Link


@dataclass(frozen=True, slots=True)
class RenderedCard:
    """A card in one language: ``text`` in the channel's markup, the rest plain. ``picture`` and
    ``tile`` (a square one) are addresses, "" where nobody outside could fetch them."""

    id: str
    title: str
    about: str
    text: str
    label: str
    url: str
    picture: str = ""
    tile: str = ""


def inline_cards(
    query: str, campaign: Campaign, bot_name: str, share_code: str = ""
) -> tuple[InlineCard, ...]:
    """The active cases that fit what was typed; all of them where none does.

    ``share_code``: the asker's own code, "" for somebody who never shared.
    """
    active = {case_id: case for case_id, case in campaign.cases.items() if case.is_active}
    wanted = _plain(query)
    fitting = [case_id for case_id, case in active.items() if _fits(wanted, case_id, case)]
    return tuple(
        _card(case_id, active[case_id], bot_name, share_code) for case_id in fitting or active
    )


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).strip()


def _fits(wanted: str, case_id: str, case: Case) -> bool:
    names = (case_id, case.full_name, case.chinese_name, case.pinyin or "")
    return any(wanted in _plain(name) for name in names)


def _card(case_id: str, case: Case, bot_name: str, share_code: str) -> InlineCard:
    link = f"https://t.me/{bot_name}?start={sharing.payload(case_id, share_code)}"
    named = {"name": case.full_name, "chinese": case.chinese_name}
    return InlineCard(
        id=case_id,
        title=words("inline.title", **named),
        about=words("inline.about", summary=words(f"{case_id}.summary")),
        text=words("inline.card", sentence=words(f"{case_id}.share"), **named),
        button=Link(words("buttons.read_and_act"), link),
    )
