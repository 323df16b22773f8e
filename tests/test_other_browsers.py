"""The chat page in WebKit, as on every iPhone, and in Firefox: read, signed, gone back in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.program import free_port
from tests.test_chat_page import program
from tests.webdriver import Window, firefox, webkit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    with program(tmp_path_factory.mktemp("browsers") / "data", port):
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module", params=["webkit", "firefox"])
def window(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Window]:
    opened = webkit() if request.param == "webkit" else firefox(tmp_path_factory.mktemp("p") / "p")
    with opened as window:
        window.size(500, 844)  # Firefox has no narrower window
        yield window


def step_is(window: Window, step: int) -> None:
    window.until(
        "return (document.querySelector('.now .step')?.textContent ?? '')"
        f".includes(' {step} ') && !document.querySelector('.first, .waiting')"
    )


def box(window: Window, selector: str) -> list[float]:
    found: list[float] = window.run(
        f"const box = document.querySelector('{selector}').getBoundingClientRect();"
        "return [box.left, box.top, box.right, box.bottom].map(Math.round)"
    )
    return found


def test_a_story_is_read_with_next_in_one_place_and_back_goes_back(
    window: Window, url: str
) -> None:
    window.go(f"{url}?lang=fr&start=mamat")
    places = set()
    for step in range(1, 8):
        step_is(window, step)
        card, bar = box(window, ".now .sheet"), box(window, ".now .bar")
        assert card[0] <= bar[0], "the progress is within its screen"
        assert bar[2] <= card[2], "the progress is within its screen"
        assert window.run("return document.documentElement.scrollWidth <= innerWidth")
        if step < 7:
            places.add(tuple(box(window, ".now .next")))
            window.click(".now .next")
    assert len(places) == 1
    window.back()
    window.until("return document.querySelector('.now .step').textContent.includes(' 6 ')")


def test_a_petition_is_signed(window: Window, url: str) -> None:
    window.go(f"{url}?lang=fr")
    window.until("return !!document.querySelector('.now [data-choice^=\"actions:\"]')")
    window.go(f"{url}?lang=fr&start=mamat-actions")
    window.click(".now [data-choice^='sign:']")
    window.until("return document.querySelector('.now').textContent.includes('signature')")
    window.until("return !document.querySelector('.now [data-choice^=\"sign:\"]')")


def test_a_word_is_typed(window: Window, url: str) -> None:
    window.go(f"{url}?lang=fr&start=akber")
    step_is(window, 1)
    window.click("#write")
    window.run("document.querySelector('#text').value = 'Bonjour'")
    window.click("#say button")
    window.until(
        "return [...document.querySelectorAll('.own')].at(-1)?.textContent.includes('Bonjour')"
    )
    window.until("return !document.querySelector('.pending')")
