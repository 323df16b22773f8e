"""Buttons that promise a page and lead only to a site's front page."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.content_files.reading import Address


def check(content: Checked) -> Iterator[Problem]:
    """A warning for each: the bot works, and supporters have to search."""
    for address, what in _promised(content):
        url = content.document.at((*address, "url"))
        if isinstance(url, str) and urlsplit(url).path in ("", "/") and not urlsplit(url).query:
            yield content.at(
                (*address, "url"),
                f"{what} leads to a front page",
                "put the exact address",
                severity="warning",
            )


def _promised(content: Checked) -> Iterator[tuple[Address, str]]:
    for case_id, case in content.campaign.cases.items():
        if case.page is not None:
            yield ("cases", case_id, "page"), f"the page on {case.name}"
        if case.video is not None:
            yield ("cases", case_id, "video"), f"the video on {case.name}"
    yield ("donate", "page"), "the donation page"
    yield ("school_groups",), "the page on school groups"
