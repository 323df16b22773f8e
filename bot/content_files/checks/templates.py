"""Texts that Jinja cannot read, and names in them that no screen fills in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError

from bot.campaign.content import LetterAction
from bot.content_files.checks.content import Checked
from bot.content_files.checks.translations import paragraph_keys, required, version_keys
from bot.content_files.problems import Problem, did_you_mean
from bot.wording import FILTERS, looks_dynamic, read_template, template_names

UNCONFIRMED = frozenset({"unconfirmed"})
_UNREADABLE = re.compile("[\U000f0000-\U0010ffff]")


def check(content: Checked) -> Iterator[Problem]:
    """Each text of each language by itself."""
    given = _given(content)
    for language, texts in content.texts.items():
        for key, source in texts.sources.items():
            if looks_dynamic(source):
                yield from _template(content, language, key, source, given)
            if match := _UNREADABLE.search(source):
                line = source.count("\n", 0, match.start()) + 1
                yield content.in_text(
                    language, key, "a character that no font has", "delete it", line=line
                )


def _given(content: Checked) -> Mapping[str, frozenset[str]]:
    """The names of the values that each text always gets: for what letters are made of, since when
    nobody has confirmed that the person is still detained."""
    given = dict.fromkeys(required(content), frozenset[str]())
    for case_id, case in content.campaign.cases.items():
        for action in case.actions:
            if isinstance(action, LetterAction):
                for key in paragraph_keys(case_id, action):
                    given.update(dict.fromkeys(version_keys(content, key), UNCONFIRMED))
    for key, spoken in content.said.items():
        names = [frozenset(name for name, _ in one.values) for one in spoken]
        given[key] = frozenset.intersection(*names)
    return given


def _template(
    content: Checked, language: str, key: str, source: str, given: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    bare = source.lstrip()
    try:
        read_template(bare)
    except TemplateSyntaxError as error:
        yield content.in_text(
            language, key, *_explained(str(error.message)), line=error.lineno or 1
        )
        return
    if key not in given:
        return
    for name in sorted(template_names(bare) - given[key]):
        place = re.search(rf"\{{[{{%][^}}]*\b{re.escape(name)}\b", source)
        line = source.count("\n", 0, place.start()) + 1 if place else 1
        yield content.in_text(
            language,
            key,
            f'unknown placeholder "{name}"',
            did_you_mean(name, [*given[key], "org"]),
            line=line,
        )


def _explained(message: str) -> tuple[str, str]:
    wrong = re.search(r'there is no filter "(\w+)"', message)
    if wrong:
        return message, did_you_mean(wrong.group(1), FILTERS)
    if "unexpected char" in message and any(sign in message for sign in "“”„«»‘’"):
        return (
            "Word's quotes stand in the placeholder",
            'write straight ones: one="…"',
        )
    return (
        f"the placeholder cannot be read: {message.rstrip('.')}",
        "a placeholder looks like {{ name }}, a condition like {% if name %} … {% endif %}",
    )
