"""What becomes of a screen's buttons under a channel's capabilities: nothing is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.campaign.capabilities import Capabilities, Choices
from bot.campaign.messages import RenderedButton

ButtonRows = tuple[tuple[RenderedButton, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The buttons as they are sent.

    ``form``: how those stand that are below the text; ``pages``: of rows one page of them, of a
    list as many as it takes, each with room for the row that leads on. ``links`` stand in messages
    of their own, and so do the texts of ``copies``.
    """

    form: Choices
    pages: tuple[ButtonRows, ...] = ()
    links: tuple[RenderedButton, ...] = ()
    copies: tuple[RenderedButton, ...] = ()

    @property
    def rows(self) -> ButtonRows:
        """The first page: all there is where buttons stand in rows."""
        return self.pages[0] if self.pages else ()


_ACTS: Final = frozenset({"act", "actions", "draft", "ladder", "petition", "sign"})


def main_button(rows: ButtonRows) -> RenderedButton | None:
    """The one that a channel may set off from the others: the first of a screen, where it leads to
    an act."""
    if not rows or not rows[0]:
        return None
    first = rows[0][0]
    return first if first.data.partition(":")[0] in _ACTS else None


def lay_out(buttons: ButtonRows, able: Capabilities) -> Layout:
    """The buttons of a screen on a channel.

    The first form that holds them all with labels that fit; else the first that holds them; else
    the last form, page by page. Where a label does not fit, its short form stands.
    """
    if _stands_as_it_is(buttons, able):
        return Layout(able.choices[0], (buttons,) if buttons else ())
    every = [button for row in buttons for button in row]
    links = tuple(one for one in every if one.url) if able.links_apart is not None else ()
    copies = tuple(one for one in every if one.copy) if not able.copy else ()
    apart = {*links, *copies}
    rows = tuple(kept for row in buttons if (kept := tuple(one for one in row if one not in apart)))
    below = [button for row in rows for button in row]
    holding = [form for form in able.choices if len(below) <= form.most]
    form = next(
        (one for one in holding if all(_fits(button, one, able) for button in below)),
        (holding or able.choices[-1:])[0],
    )
    shown = tuple(tuple(_labelled(button, form, able) for button in row) for row in rows)
    # A link has a message of its own there, whatever form the choices take.
    narrow = replace(form, label=able.label)
    links = tuple(_labelled(button, narrow, able) for button in links)
    return Layout(form, _pages(shown, form), links, copies)


def _stands_as_it_is(buttons: ButtonRows, able: Capabilities) -> bool:
    """Nearly every screen of a channel with wide buttons: 7 µs where the long way takes 47 (six
    buttons), a tenth of an answer's CPU."""
    form = able.choices[0]
    if form.form != "rows" or able.links_apart is not None or not able.copy:
        return False
    # No sign is longer than two units.
    sure = form.label // 2
    return sum(map(len, buttons)) <= form.most and all(
        len(one.label) <= sure or able.length(one.label) <= form.label
        for row in buttons
        for one in row
    )


def _pages(rows: ButtonRows, form: Choices) -> tuple[ButtonRows, ...]:
    if form.form == "rows" or not rows:
        return (rows,) if rows else ()
    listed = [(button,) for row in rows for button in row]
    if len(listed) <= form.most:
        return (tuple(listed),)
    room = form.most - 1
    return tuple(tuple(listed[at : at + room]) for at in range(0, len(listed), room))


def _fits(button: RenderedButton, form: Choices, able: Capabilities) -> bool:
    return able.length(_labelled(button, form, able).label) <= form.label


def _labelled(button: RenderedButton, form: Choices, able: Capabilities) -> RenderedButton:
    if not button.short or able.length(button.label) <= form.label:
        return button
    return replace(button, label=button.short, short="")
