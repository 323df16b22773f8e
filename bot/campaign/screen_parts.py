"""A whole screen as the messages that a channel can send: each within its bounds, nothing left out.

A channel with room for everything sends one message, and needs none of this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape

from bot.campaign.button_data import MORE
from bot.campaign.capabilities import Capabilities, Choices
from bot.campaign.layout import ButtonRows, Layout, lay_out
from bot.campaign.messages import Markup, Rendered, RenderedButton

_TAG = re.compile(r"<(/?)[^>]*>")
# Where a text is rather parted: between paragraphs, lines, words; else anywhere.
_GAPS = tuple(re.compile(gap, re.DOTALL) for gap in (r"\n\n+", r"\n", r" ", r"(?<=.)(?=.)"))


@dataclass(frozen=True, slots=True)
class Part:
    """One message.

    ``plain``: the text is no markup, and is there to be copied. ``rows`` stand below it in that
    ``form`` (None: they are links that stand apart, or there are none); ``details``, by a button's
    data: what a row of a list says besides its label. ``file``: the screen's file comes with it.
    """

    text: str
    rows: ButtonRows = ()
    form: Choices | None = None
    details: tuple[tuple[str, str], ...] = ()
    plain: bool = False
    file: bool = False

    @property
    def buttons(self) -> Iterator[RenderedButton]:
        """All of them, in order."""
        return (button for row in self.rows for button in row)


def parts(message: Rendered, able: Capabilities, said: Mapping[str, str]) -> tuple[Part, ...]:
    """The messages in the order in which they are sent: the text with its choices, what is to be
    copied, the links.

    ``said``: the channel's words in the language of the message: "more" on the row that leads on,
    "rest" above choices that come in a message of their own.
    """
    layout = lay_out(message.buttons, able)
    pages = _pages(message, layout, able, said["more"])
    first, *others = pages or [()]
    made = list(_texts(message, layout.form if first else None, first, able))
    made += [_below(said["rest"], page, layout.form, able) for page in others]
    copies = [message.block] if message.block else []
    copies += [one.copy for one in layout.copies]
    for one in copies:
        made += [Part(piece, plain=True) for piece in _pieces(one, able.text, able, "plain")]
    return (*made, *_links(layout.links, able))


def further(again: str, shown: int) -> str:
    """What a button carries that shows the choices behind the first so many of a screen; ``again``
    shows that screen, or is such a button's own."""
    name, _, rest = again.partition(":")
    if name == MORE:
        before, _, again = rest.partition(":")
        shown += int(before)
    return f"{MORE}:{shown}:{again}"


def _pages(
    message: Rendered, layout: Layout, able: Capabilities, label: str
) -> Sequence[ButtonRows]:
    """One page that leads on where a button can carry what it takes; else all of them at once."""
    later = (button for page in layout.pages[1:] for row in page for button in row)
    if len(layout.pages) < 2 or not message.again or not all(one.data for one in later):
        return _whole(layout)
    first = layout.pages[0]
    shown = sum(bool(button.data) for row in first for button in row)
    data = further(message.again, shown)
    if len(data.encode()) > layout.form.data:
        return _whole(layout)
    return [(*first, (RenderedButton(_cut(label, layout.form.label, able), data=data),))]


def _whole(layout: Layout) -> Sequence[ButtonRows]:
    """Rows that are too many for one message stand below several, too."""
    most = layout.form.most
    if sum(len(row) for page in layout.pages for row in page) <= most:
        return layout.pages
    every = [button for page in layout.pages for row in page for button in row]
    return [tuple((one,) for one in every[at : at + most]) for at in range(0, len(every), most)]


def _texts(
    message: Rendered, form: Choices | None, page: ButtonRows, able: Capabilities
) -> Iterator[Part]:
    """The text, the last of it with the buttons and the file."""
    most = min(able.text, form.text or able.text) if form else able.text
    *before, last = _pieces(message.text, able.text, able, able.markup, last=most)
    for piece in before:
        yield Part(piece)
    part = _below(last, page, form, able) if form else Part(last)
    fits = _length(last, able, able.markup) <= able.caption
    if message.attachment is None:
        yield part
    elif fits:
        yield replace(part, file=True)
    else:
        yield Part("", file=True)
        yield part


def _below(text: str, page: ButtonRows, form: Choices, able: Capabilities) -> Part:
    rows, details = [], []
    for row in page:
        rows.append(tuple(replace(one, label=_cut(one.label, form.label, able)) for one in row))
        for one in row:
            if form.detail and able.length(one.label) > form.label:
                details.append((one.data, _cut(one.label, form.detail, able)))
    return Part(text, tuple(rows), form, tuple(details))


def _links(links: Sequence[RenderedButton], able: Capabilities) -> Iterator[Part]:
    together = able.links_apart or 0
    if not together:
        for one in links:
            yield from map(Part, _pieces(f"{one.label} : {one.url}", able.text, able, "plain"))
        return
    text = ""
    rows: ButtonRows = ()
    for one in links:
        label = _cut(one.label, able.text, able)
        row = (replace(one, label=_cut(one.label, able.label, able)),)
        longer = f"{text}\n{label}"
        if rows and len(rows) < together and able.length(longer) <= able.text:
            text, rows = longer, (*rows, row)
            continue
        if rows:
            yield Part(text, rows, plain=True)
        text, rows = label, (row,)
    if rows:
        yield Part(text, rows, plain=True)


def _cut(label: str, most: int, able: Capabilities) -> str:
    """A label that nobody has given a short form: ``check`` tells of it before anybody sees it."""
    if able.length(label) <= most:
        return label
    while able.length(label) > most - 1:
        label = label[:-1]
    return label.rstrip() + "…"


def _pieces(
    text: str, most: int, able: Capabilities, markup: Markup, *, last: int = 0
) -> list[str]:
    """The text in pieces that fit, no mark open at the end of any; ``last``: how long the last one
    may be, if not as long as the others."""
    last = last or most
    pieces: list[str] = []
    while _length(text, able, markup) > (last if _length(text, able, markup) <= most else most):
        short = _length(text, able, markup) <= most
        place = _gap(text, last if short else most, able, markup, from_end=short)
        if place is None:
            break  # one mark around more than fits; ``check`` tells of it
        begin, end = place
        pieces.append(text[:begin])
        text = text[end:]
    return [*pieces, text]


def _gap(
    text: str, most: int, able: Capabilities, markup: Markup, *, from_end: bool
) -> tuple[int, int] | None:
    """Where to part it, so that what stands before (``from_end``: behind) fits, and is the most
    that does."""
    for pattern in _GAPS:
        found: tuple[int, int] | None = None
        for gap in pattern.finditer(text):
            begin, end = gap.span()
            if not text[:begin].strip() or not text[end:].strip():
                continue
            if not _closed(text[:begin], markup):
                continue
            piece = text[end:] if from_end else text[:begin]
            fits = _length(piece, able, markup) <= most
            if fits and from_end:
                return begin, end
            if fits:
                found = begin, end
            elif not from_end:
                break
        if found is not None:
            return found
    return None


def _closed(text: str, markup: Markup) -> bool:
    """Whether every mark is closed there, and no sign is cut in two."""
    if markup == "plain":
        return True
    depth = sum(-1 if found[1] else 1 for found in _TAG.finditer(text))
    return depth == 0 and text.rfind("<") <= text.rfind(">") and not re.search(r"&\w*$", text)


def _length(text: str, able: Capabilities, markup: Markup) -> int:
    """How long it is once its marks are read."""
    return able.length(text if markup == "plain" else unescape(_TAG.sub("", text)))
