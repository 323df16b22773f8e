"""What a supporter is shown: first as words to be found in the content, then rendered as text.

``Message`` is what the conversation decides; ``wording`` turns it into ``Rendered`` for one
language and one kind of markup; a channel sends ``Rendered`` and knows nothing of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Union

Value = Union[str, int, float, date, "Words", tuple["Words", ...]]
Markup = Literal["html", "web", "plain"]
"""``html``: the few tags of a light HTML; ``web``: the page's own; ``plain``: none."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text of content/messages by its key (``file.path.to.text``) and the values it may use.

    ``language`` is set where a text must stand in another language than the conversation's
    (a letter in English for a supporter who reads French).
    """

    key: str
    values: tuple[tuple[str, Value], ...] = ()
    language: str = ""

    def in_language(self, language: str) -> Words:
        """The same text in that language, whatever the conversation's."""
        return Words(self.key, self.values, language)


def words(key: str, **values: Value) -> Words:
    """The text of that key, filled with these values."""
    return Words(key, tuple(sorted(values.items())))


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that asks for another screen; ``data`` (≤ 64 bytes) carries all that it needs."""

    label: Words
    data: str


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address outside the chat (http, https or tg only).

    ``query``: parameters that are put behind the address, percent-encoded (a space as ``%20``),
    words as plain text.
    """

    label: Words
    url: str
    query: tuple[tuple[str, Words | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A button that copies up to 256 characters to the clipboard."""

    label: Words
    text: str | Words


Button = Choice | Link | Copy
Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or document that is made when the message is sent.

    ``kind`` names the maker ("letter.eml", "letter.pdf", "share.qr", …), ``values`` is what the
    maker needs: JSON-safe, and small, since it waits in the outbox.
    """

    kind: str
    values: tuple[tuple[str, str | int | bool], ...] = ()

    def value(self, name: str) -> str | int | bool | None:
        """The value of that name, None where there is none."""
        return dict(self.values).get(name)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: text, an optional block to copy by a tap, buttons.

    ``in_place`` asks to change the message whose button was pressed, where there is one; a channel
    that cannot do so sends anew. ``banner`` texts come first, a line apart.
    """

    text: Words
    block: tuple[Words, ...] = ()
    buttons: Rows = ()
    in_place: bool = False
    banner: Words | None = None
    attachment: Attachment | None = None

    def with_block(self, *pieces: Words) -> Message:
        """The same message with a text to copy whole; pieces are set a blank line apart."""
        return replace(self, block=pieces)

    def with_attachment(self, kind: str, **values: str | int | bool) -> Message:
        """The same message with a document that is made when it is sent."""
        return replace(self, attachment=Attachment(kind, tuple(sorted(values.items()))))


@dataclass(frozen=True, slots=True)
class RenderedButton:
    """A button as a channel shows it: exactly one of ``data``, ``url``, ``copy`` is not empty.

    ``short`` is what stands on it where the label is too long for a channel; "" for none.
    """

    label: str
    data: str = ""
    url: str = ""
    copy: str = ""
    short: str = ""

    def as_json(self) -> list[str]:
        """A JSON-safe form: its fields in order, the last one where it says something."""
        kept = [self.label, self.data, self.url, self.copy]
        return [*kept, self.short] if self.short else kept


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as one channel sends it: ``text`` in that channel's markup, the rest plain.

    ``block`` is plain text that the channel shows for copying whole. ``replaces`` names the
    message to change in place ("" for a new one). ``again`` is the data of a button that shows the
    same screen and does nothing else, where there is one: for a channel that has to show its
    choices page by page.
    """

    text: str
    language: str
    block: str = ""
    buttons: tuple[tuple[RenderedButton, ...], ...] = ()
    replaces: str = ""
    attachment: Attachment | None = None
    again: str = ""

    def as_json(self) -> dict[str, object]:
        """A JSON-safe form for the outbox; ``from_json`` reads it back."""
        return ({"again": self.again} if self.again else {}) | {
            "text": self.text,
            "language": self.language,
            "block": self.block,
            "buttons": [[button.as_json() for button in row] for row in self.buttons],
            "replaces": self.replaces,
            "attachment": (
                None
                if self.attachment is None
                else [self.attachment.kind, dict(self.attachment.values)]
            ),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Rendered:
        """The message that ``as_json`` wrote."""
        kept: dict[str, object] = dict(stored)
        rows: Any = kept["buttons"]
        attachment = kept["attachment"]
        made: Attachment | None = None
        if isinstance(attachment, list):
            made = Attachment(attachment[0], tuple(attachment[1].items()))
        return cls(
            text=str(kept["text"]),
            language=str(kept["language"]),
            block=str(kept["block"]),
            buttons=tuple(tuple(RenderedButton(*button) for button in row) for row in rows),
            replaces=str(kept["replaces"]),
            attachment=made,
            again=str(kept.get("again", "")),
        )


Render = Callable[[Message, str, Markup, str], Rendered]
"""Make a message ready to send: message, language, markup, and the message that it replaces ("" for
a new one)."""
