"""What becomes of a screen's buttons on channels with few, short or no buttons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.campaign.capabilities import Capabilities, Choices
from bot.campaign.layout import lay_out
from bot.campaign.messages import Rendered, RenderedButton
from bot.channels.telegram.capabilities import TELEGRAM
from bot.content_files import load
from tests.content_builder import TODAY, build_content

NARROW = Capabilities(
    channel="narrow",
    markup="plain",
    text=1024,
    caption=1024,
    choices=(Choices("rows", 3, 20, 256), Choices("list", 10, 24, 200)),
    copy=0,
    payload=64,
    counted="characters",
    links_apart=1,
)


def choice(n: int, label: str = "Suite", short: str = "") -> RenderedButton:
    return RenderedButton(label, data=f"x:{n}", short=short)


def labels(rows: tuple[tuple[RenderedButton, ...], ...]) -> list[list[str]]:
    return [[button.label for button in row] for row in rows]


def test_where_everything_fits_rows_stay_as_they_are() -> None:
    rows = ((choice(1), choice(2)), (RenderedButton("Page", url="https://example.org"),))
    assert lay_out(rows, TELEGRAM).rows == rows


def test_a_label_gives_way_to_its_short_form_only_where_it_is_too_long() -> None:
    rows = ((choice(1, "Changer prénom et ville", "Changer le nom"),),)
    assert labels(lay_out(rows, NARROW).rows) == [["Changer le nom"]]
    assert labels(lay_out(rows, TELEGRAM).rows) == [["Changer prénom et ville"]]


def test_more_choices_than_buttons_become_a_list() -> None:
    layout = lay_out((tuple(choice(n) for n in range(4)),), NARROW)
    assert (layout.form.form, len(layout.rows)) == ("list", 4)


def test_labels_that_fit_only_into_a_list_make_one() -> None:
    layout = lay_out(((choice(1, "x" * 24),),), NARROW)
    assert layout.form.form == "list"


@pytest.mark.parametrize("count", [10, 11, 18, 19, 40])
def test_a_list_has_as_many_pages_as_it_takes_and_loses_no_choice(count: int) -> None:
    layout = lay_out(tuple((choice(n),) for n in range(count)), NARROW)
    assert [b.data for page in layout.pages for row in page for b in row] == [
        f"x:{n}" for n in range(count)
    ]
    most = 10 if len(layout.pages) == 1 else 9
    assert all(len(page) <= most for page in layout.pages)


def test_links_and_texts_to_copy_stand_apart_where_the_channel_wants_them_so() -> None:
    link, copied = RenderedButton("Page", url="https://x.org"), RenderedButton("Copier", copy="x")
    layout = lay_out(((choice(1), link), (copied,)), NARROW)
    assert (layout.rows, layout.links, layout.copies) == (((choice(1),),), (link,), (copied,))


def test_a_short_form_waits_in_the_outbox_with_its_label() -> None:
    kept = Rendered("x", "fr", buttons=((choice(1, "long", "kurz"), choice(2)),))
    assert Rendered.from_json(kept.as_json()) == kept


def test_the_check_wants_short_forms_only_where_a_channel_needs_them(tmp_path: Path) -> None:
    content = build_content(tmp_path / "content")
    label = 'change_name: "Changer prénom et ville"'
    assert label in content.file("fr/buttons.yaml").read_text(encoding="utf-8")
    english = '"Change first name and town"'
    content.change(
        "en/buttons.yaml", f'{{text: {english}, short: "Change name and town"}}', english
    )

    def found(*channels: Capabilities) -> list[str]:
        problems = load(content.path, channels, today=TODAY).problems
        return [str(one) for one in problems if "buttons.change_name" in one.text]

    tight = replace(NARROW, choices=(Choices("list", 100, 20, 200),))
    assert found(TELEGRAM) == []
    assert ["20 fit on narrow: give it a short form" in one for one in found(TELEGRAM, tight)] == [
        True,
        True,
    ]
    shortened = '\n  text: "Changer prénom et ville"\n  short: "Changer le nom"'
    content.change("fr/buttons.yaml", label, f"change_name:{shortened}")
    assert ["/en/" in one for one in found(TELEGRAM, tight)] == [True]
