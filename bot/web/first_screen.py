"""The first screen of the chat page, made on the server: what a newcomer would be answered.

Nothing is recorded for it. It is there before any script, in its final look.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from markupsafe import Markup

from bot.campaign import conversation
from bot.campaign.events import Started
from bot.campaign.layout import lay_out
from bot.campaign.messages import Rendered
from bot.campaign.outcome import Outcome
from bot.campaign.pictures import is_pictured, with_room
from bot.campaign.signatures import Signer
from bot.campaign.supporter import Facts, Supporter
from bot.channels.web_chat.capabilities import NAME, WEB
from bot.clock import utc_now
from bot.content_files.watching import InUse
from bot.logs import place
from bot.web.cards import as_told

log = structlog.get_logger(__name__)

SEEDS = 1 << 30

_PLACE = re.compile(r"^(?P<name>.+) · (?P<step>\d{1,2})\s*/\s*(?P<steps>\d{1,2})$")
_HEADING = re.compile(r"^<strong>([^\n]*)</strong>$")
_NAMED = re.compile(r"^<strong>([^\n<]*)</strong> ([\u3400-\u9fff·‧・]+)$")
_NOTE = re.compile(r"^<em>[^\n]*</em>$")
_CALL = re.compile(r"^(\u200f?)👉\s*")
_MARKS = re.compile("[\u200f\u2066\u2069]")
"""Marks of direction: see ``bot.wording.direction``."""


def first_screen(now: InUse, language: str, payload: str) -> list[dict[str, Any]]:
    """The messages that answer a newcomer who comes by that link, as the page is told of them.

    None of them where they depend on what only the store knows (how many have signed).
    """
    seed = secrets.randbelow(SEEDS)
    event = Started(id="", channel=NAME, address="", language=language, payload=payload)
    many: Mapping[str, Mapping[Signer, int]] = {
        petition: dict.fromkeys(Signer, 12_345) for petition in now.campaign.petitions
    }
    screens = []
    try:
        for signatures in ({}, many):
            facts = Facts(signatures=signatures, signer=Signer.BROWSER, chance="a" * 26)
            supporter = Supporter(seed=seed, language=language)
            outcome = conversation.step(supporter, event, facts, now.campaign, utc_now())
            screens.append(_rendered(now, outcome, language))
    except Exception as problem:
        # The conversation itself gives up one event; the page is there all the same.
        log.error("first_screen_failed", reason=place(problem))
        return []
    one, other = screens
    return one if one == other else []


def _rendered(now: InUse, outcome: Outcome, language: str) -> list[dict[str, Any]]:
    spoken = outcome.language or language
    shown: list[dict[str, Any]] = []
    for message in outcome.messages:
        made: Rendered = with_room(now.wording.render(message, spoken, "web"), WEB)
        if made.attachment is not None and not is_pictured(made):
            return []
        told = replace(made, buttons=lay_out(made.buttons, WEB).rows).as_json()
        shown.append(as_told(told) if made.attachment else told)
    return shown


def sheet(message: Mapping[str, Any]) -> dict[str, Any]:
    """What a screen is made of, for the template; static/words.js and screens.js do the same."""
    parts = [part for part in message["text"].split("\n\n") if part.strip()]
    banner = ""
    if len(parts) > 1 and not _begins(parts[0]) and _begins(parts[1]):
        banner = parts.pop(0)
    place = _PLACE.match(_bare(parts[0])) if parts else None
    if place:
        parts.pop(0)
    heading = ""
    if parts:
        first, _, rest = parts[0].partition("\n")
        found = _HEADING.match(_bare(first)) or (None if rest else _NAMED.match(_bare(first)))
        if found:
            heading = " ".join(found.groups())
            parts[:1] = [rest] if rest else []
    step = int(place["step"]) if place else 0
    return {
        "language": message["language"],
        "banner": _lines(banner),
        "picture": message.get("picture"),
        "place": {**place.groupdict(), "step": step, "steps": int(place["steps"])}
        if place
        else None,
        "heading": _lines(heading),
        "body": [{"kind": _kind(one), "text": _lines(_CALL.sub(r"\1", one))} for one in parts],
        "block": message.get("block") or "",
        "short": len(message["text"]) < SHORT and not message.get("block"),
        **_buttons(message["buttons"], step),
    }


def _begins(part: str) -> bool:
    bare = _bare(part)
    return bool(_PLACE.match(bare) or _HEADING.match(bare.split("\n")[0]))


def _bare(part: str) -> str:
    return _MARKS.sub("", part)


def _kind(part: str) -> str:
    return "call" if _CALL.match(part) else "note" if _NOTE.match(_bare(part)) else ""


def _lines(text: str) -> Markup:
    # Rendered by the wording as light HTML, escaped there.
    return Markup(text.strip().replace("\n", "<br>"))  # noqa: S704


def _buttons(rows: Sequence[Sequence[Sequence[str]]], step: int) -> dict[str, Any]:
    """The rows in front, and what is quiet: the same order and weights as in screens.js."""
    front: list[list[dict[str, str]]] = []
    quiet: list[dict[str, str]] = []
    every = [button for row in rows for button in row]
    for row in rows:
        kept: list[dict[str, str]] = []
        for button in row:
            label, data, url, copy = button[:4]
            kind = weight(every, every.index(button), step)
            one = {"label": label, "data": data, "url": url, "copy": copy, "kind": kind}
            (quiet if kind == "quiet" else kept).append(one)
        if front and _is_narrow(front[-1]) and _is_narrow(kept):
            front[-1] += kept
        elif kept:
            front.append(kept)
    return {"front": front, "quiet": quiet}


def _is_narrow(row: Sequence[Mapping[str, str]]) -> bool:
    """Whether another button has room beside it."""
    return (
        len(row) == 1
        and not row[0]["kind"]
        and not row[0]["url"]
        and len(row[0]["label"]) <= NARROW
    )


SHORT = 420
"""Characters of a screen that may speak a little louder."""
NARROW = 17
"""Characters of a label of which two have room beside each other."""
EQUALS = frozenset({"country", "language", "story"})
"""Scenes whose buttons stand beside each other as equals."""
FRONT = 3


def weight(buttons: Sequence[Sequence[str]], place: int, step: int) -> str:
    """How a button looks: the first one leads, two more are ordinary, what follows is quiet.

    ``step``: which step of a story this is, 0 for none. Answers to a question are equals.
    """
    data = buttons[place][1]
    scene, *arguments = data.split(":")
    if scene == "story" and step and len(arguments) > 1:
        if arguments[1] == str(step + 1):
            return "next"
        if arguments[1] == str(step - 1):
            return "back"
    if scene in ("menu", "more"):
        return "quiet"
    if arguments and arguments[-1] in ("no", "yes", "unsaid"):
        return ""
    scenes = [one[1].split(":")[0] for one in buttons[:2]]
    if scene in EQUALS and scenes == [scene, scene]:
        return ""
    if place == 0:
        return "main"
    return "" if place < FRONT else "quiet"
