"""A rendered message as what is posted to the Cloud API: as few messages as it takes. Pure.

Each has a price since October 2026, and one person takes one in six seconds in the long run. So an
address that is short stands in the text, and a picture that only adds to one goes in its header or
not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from typing import Any, Final

from bot.campaign.messages import Rendered, RenderedButton
from bot.campaign.pictures import is_pictured
from bot.campaign.screen_parts import Part, parts
from bot.channels.whatsapp.capabilities import BODY, UNDER_BUTTONS, WHATSAPP
from bot.channels.whatsapp.markup import with_signs

SHORT_ADDRESS: Final = 80
"""An address that is longer stands behind a button of its own."""
PICTURES: Final = ("image/png", "image/jpeg")
WORDS: Final = {"more": "buttons.more", "rest": "surprises.rest", "choose": "buttons.choose"}
"""What the channel says itself, and where it stands in the content."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the platform has, by its name there."""

    id: str
    media_type: str
    name: str

    @property
    def kind(self) -> str:
        """How a message calls it."""
        return "image" if self.media_type in PICTURES else "document"

    @property
    def held(self) -> dict[str, str]:
        """The object of that kind."""
        return {"id": self.id} if self.kind == "image" else {"id": self.id, "filename": self.name}


def wants_file(message: Rendered, said: Mapping[str, str]) -> bool:
    """Whether the message's file goes out: a picture that only adds to a text does where it needs
    no message of its own."""
    if message.attachment is None:
        return False
    if not is_pictured(message):
        return True
    made = _joined(message, said)
    return len(made) == 1 and made[0].file and (made[0].form is None or _is_rows(made[0]))


def payloads(
    message: Rendered, files: Sequence[File], said: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What is posted, in order, without whom it is for. ``said``: see ``WORDS``."""
    if not files:
        message = replace(message, attachment=None)
    made: list[dict[str, Any]] = []
    for part in _joined(message, said):
        held = list(files) if part.file else []
        # The last one stands with the words, where these can have one.
        above = held[:-1] if _takes_file(part) else held
        made += [{"type": file.kind, file.kind: file.held} for file in above]
        made += _payload(part, held[-1] if len(held) > len(above) else None, said)
    return made


def _takes_file(part: Part) -> bool:
    return bool(part.text) and (part.form is None or _is_rows(part))


def _is_rows(part: Part) -> bool:
    return part.form is not None and part.form.form == "rows"


def _joined(message: Rendered, said: Mapping[str, str]) -> list[Part]:
    """The messages that a screen takes, with as many addresses in its text as fit there, and a
    single one behind the button of the text itself."""
    made = list(parts(_without_doubles(message), WHATSAPP, said))
    main = next((at for at, one in enumerate(made) if one.text and not one.plain), None)
    if main is None:
        return made
    while made[main + 1 :] and not made[main + 1].plain and not _is_link(made[main + 1]):
        main += 1  # a long text: what stands last has the choices
    links = [one for one in made if _is_link(one)]
    rest = [one for one in made if not _is_link(one)]
    text = made[main]
    kept: list[Part] = []
    for one in links:
        button = next(one.buttons)
        line = f"\n\n{escape(one.text)} : {escape(button.url)}"
        alone = text.form is None and len(links) == 1 and not text.rows
        if alone and len(text.text) <= UNDER_BUTTONS:
            text = replace(text, rows=one.rows)
        elif len(button.url) <= SHORT_ADDRESS and _fits(text, line):
            text = replace(text, text=text.text + line)
        else:
            kept.append(one)
    rest[main] = text
    return [*rest, *kept]


def _without_doubles(message: Rendered) -> Rendered:
    """Each choice once, since two that carry the same are refused; and no card in another chat,
    which is offered where a platform can be called from any."""
    seen: set[str] = set()
    rows = []
    for row in message.buttons:
        kept = []
        for one in row:
            if not one.card and one.data not in seen:
                kept.append(one)
                seen.update({one.data} - {""})
        rows.append(tuple(kept))
    return replace(message, buttons=tuple(row for row in rows if row))


def _fits(part: Part, more: str) -> bool:
    most = part.form.text if part.form and part.form.text else WHATSAPP.text
    most = min(most, WHATSAPP.caption) if part.file else most
    return len(part.text) + len(more) <= most


def _is_link(part: Part) -> bool:
    return part.plain and any(one.url for one in part.buttons)


def _payload(part: Part, file: File | None, said: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    buttons = list(part.buttons)
    if not part.text and not buttons:
        return
    narrow = bool(buttons) or file is not None
    most = UNDER_BUTTONS if narrow else BODY
    text = part.text if part.plain else with_signs(part.text, most)
    if not buttons:
        if file is not None:
            yield {"type": file.kind, file.kind: {**file.held, "caption": text}}
        else:
            yield {"type": "text", "text": {"body": text, "preview_url": False}}
        return
    shown: dict[str, Any] = {"body": {"text": text}}
    if file is not None:
        shown["header"] = {"type": file.kind, file.kind: file.held}
    if buttons[0].url:
        shown |= _link(buttons[0])
    elif _is_rows(part):
        shown |= _replies(buttons)
    else:
        shown |= _list(buttons, dict(part.details), said["choose"])
    yield {"type": "interactive", "interactive": shown}


def _link(button: RenderedButton) -> dict[str, Any]:
    held = {"display_text": button.label, "url": button.url}
    return {"type": "cta_url", "action": {"name": "cta_url", "parameters": held}}


def _replies(buttons: Sequence[RenderedButton]) -> dict[str, Any]:
    labels = _different([one.label for one in buttons], 20)
    held = [
        {"type": "reply", "reply": {"id": one.data, "title": label}}
        for one, label in zip(buttons, labels, strict=True)
    ]
    return {"type": "button", "action": {"buttons": held}}


def _list(
    buttons: Sequence[RenderedButton], details: Mapping[str, str], label: str
) -> dict[str, Any]:
    rows = []
    for one in buttons:
        row = {"id": one.data, "title": one.label}
        if one.data in details:
            row["description"] = details[one.data]
        rows.append(row)
    return {"type": "list", "action": {"button": label, "sections": [{"rows": rows}]}}


def _different(labels: Sequence[str], most: int) -> list[str]:
    """Two reply buttons may not say the same: the second is told apart by a number."""
    if all(one != other for one, other in pairwise(sorted(labels))):
        return list(labels)
    seen: dict[str, int] = {}
    made = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        again = f" {seen[label]}" if seen[label] > 1 else ""
        made.append(label[: most - len(again)] + again)
    return made
