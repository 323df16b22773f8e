"""Typed words that lead nowhere, say nothing or the same as others; help for those in need."""

from __future__ import annotations

from collections.abc import Iterator

from bot.campaign.bare_words import bare
from bot.campaign.entrances import TYPED
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem, did_you_mean


def check(content: Checked) -> Iterator[Problem]:
    """What stands under `typed`, and the words and answers that belong to it."""
    campaign = content.campaign
    for meaning, typed in campaign.typed.items():
        at = ("typed", meaning)
        if typed.leads is not None and typed.leads not in TYPED:
            yield content.at(
                (*at, "leads"),
                f'typed words "{meaning}" lead to "{typed.leads}", which there is not',
                did_you_mean(typed.leads, TYPED),
            )
        if typed.source is not None and typed.source not in campaign.sources:
            yield content.at(
                (*at, "source"),
                f'unknown source "{typed.source}"',
                did_you_mean(typed.source, campaign.sources),
            )
        if typed.source is not None and typed.as_of is None:
            yield content.at(at, f'typed words "{meaning}": a source, and no date', "add as_of")
        yield from _texts(content, meaning, answered=typed.leads is None)
    yield from _same(content)
    yield from _help(content)


def _texts(content: Checked, meaning: str, *, answered: bool) -> Iterator[Problem]:
    wanted = ["says", "answer"] if answered else ["says"]
    for language in _whole(content):
        for what in wanted:
            key = f"typed.{meaning}.{what}"
            if not content.wording.has(key, language):
                yield Problem(
                    content.texts[language].place(key, f"{content.messages}/{language}"),
                    f"{key} is missing",
                    "write it, or take the name out of cases.yaml",
                )


def _whole(content: Checked) -> list[str]:
    return [one.code for one in content.campaign.spoken if not one.partial]


def _same(content: Checked) -> Iterator[Problem]:
    """The same words with two meanings: the second is never reached."""
    for language, meant in content.campaign.phrases.items():
        first: dict[str, str] = {}
        for meaning, said in meant.items():
            for one in filter(None, map(bare, said)):
                if first.setdefault(one, meaning) != meaning:
                    key = f"typed.{meaning}.says"
                    yield Problem(
                        content.texts[language].place(key, f"{content.messages}/{language}"),
                        f'{key}: "{one}" stands under "{first[one]}" too',
                        "keep it in one place",
                        "warning",
                    )


def _help(content: Checked) -> Iterator[Problem]:
    campaign = content.campaign
    for n, place in enumerate(campaign.places_of_help):
        for language in _whole(content):
            key = f"typed.places.{place.id}"
            if not content.wording.has(key, language):
                yield Problem(
                    content.texts[language].place(key, f"{content.messages}/{language}"),
                    f"{key} is missing",
                    "name the place of help",
                )
        for meaning in place.helps:
            if meaning not in campaign.typed or not campaign.typed[meaning].care:
                yield content.at(
                    ("places_of_help", n, "helps"),
                    f'"{meaning}" are no typed words that need care',
                    did_you_mean(meaning, [m for m, one in campaign.typed.items() if one.care]),
                )
    if any(one.care for one in campaign.typed.values()) and campaign.relatives_contact is None:
        yield Problem(
            content.document.place(("typed",), name=True),
            "nobody is named to whom relatives of detained people can turn",
            "write relatives_contact: an address or number; until then they read the"
            " organisation's own",
            "warning",
        )
