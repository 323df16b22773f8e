"""What pydantic found wrong in content/cases.yaml, in plain words and with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.campaign.content import Structure
from bot.content_files import schema
from bot.content_files.problems import Place, Problem, did_you_mean
from bot.content_files.reading import Address, Document, value_at

_NAMED = {
    "cases": "case",
    "addressees": "addressee",
    "petitions": "petition",
    "sources": "source",
}
_LISTED = {"actions": "action", "story": "step", "others": "person"}

# By the pattern in bot/campaign/parts.py: what a value of that kind looks like.
LOOKS_LIKE = {
    r"^[a-z][a-z0-9]{0,19}$": "use small letters and digits, a letter first, 20 at most",
    r"^[a-z]{2,3}$": "write the code of the language in two or three small letters",
    r"^((early |spring |summer |autumn |late )?\d{4}|\d{4}-\d{2}(-\d{2})?)$": (
        'write "2021", "late 2021", "2021-10" or "2021-10-07", in quotes'
    ),
    r"^https?://[^\s/,;]+\.[^\s/,;]+(/[^\s]*)?$": "write the whole address, beginning with https://",
    r"^#[0-9a-fA-F]{6}$": 'write a colour like "#0b5f6b", in quotes',
    r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.(png|jpg|jpeg)$": (
        "write the name of a file below content/, like pictures/mamat.jpg (png or jpg)"
    ),
    r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.(png|svg)$": (
        "write the name of a file below content/, like pictures/logo.svg (svg or png)"
    ),
    r"^[^@\s,;:<>()]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$": (
        "write one e-mail address, with dots and no comma behind the @"
    ),
    r"^\w+$": "write it without #, spaces and signs",
    r"^[A-Z]{2}$": "write the code of a country in two capital letters (FR, BE, …)",
    r"^\d{4}-\d{2}-\d{2}$": 'write a day like "2021-10-07", in quotes',
}


def explain(error: ValidationError, document: Document) -> Iterator[Problem]:
    """Every error as a problem, in the order of the file."""
    problems = [_problem(details, document) for details in error.errors(include_url=False)]
    yield from sorted(problems, key=lambda problem: problem.place)


def about(address: Address, value: object) -> str:
    """Whom or what an address is about, as the beginning of a sentence: "case akber: "."""
    if not address:
        return ""
    top = str(address[0])
    names = [top]
    if top in _NAMED and len(address) > 1:
        names = [f"{_NAMED[top]} {address[1]}"]
    for n, step in enumerate(address[:-1]):
        item = address[n + 1]
        if step in _LISTED and isinstance(item, int):
            held = value_at(value, address[: n + 2])
            given = held.get("id") if isinstance(held, dict) else None
            named = given if isinstance(given, str) else f"number {item + 1}"
            names = [*(names if n else []), f"{_LISTED[str(step)]} {named}"]
    return ", ".join(names) + ": "


def _problem(details: ErrorDetails, document: Document) -> Problem:
    address, at_key = _address(details, document.value)
    kind = details["type"]
    missing = kind == "missing"
    place = _place(document, address, name=at_key or kind == "extra_forbidden", missing=missing)
    last = "a name" if at_key else str(address[-1]) if address else ""
    text, remedy = _SAID.get(kind, _other)(details, last, address, document)
    whole = about(address[:-1] if len(address) == 1 else address, document.value)
    return Problem(place, whole + text, remedy)


def _place(document: Document, address: Address, *, name: bool, missing: bool) -> Place:
    if missing:
        # What lacks something is best found by its own name.
        holder = address[:-1]
        return document.place(holder, name=bool(holder) and isinstance(holder[-1], str))
    return document.place(address, name=name)


def _address(details: ErrorDetails, value: object) -> tuple[Address, bool]:
    """The address in the file: pydantic's, without the kinds it puts between."""
    address: list[str | int] = []
    at_key = False
    for n, step in enumerate(details["loc"]):
        if step == "[key]":
            at_key = True
        elif isinstance(step, str) and n and _is_kind(value, step):
            continue
        else:
            address.append(step)
            value = value_at(value, (step,))
    return tuple(address), at_key


def _is_kind(value: object, step: str) -> bool:
    return isinstance(value, dict) and step not in value and value.get("kind") == step


Said = tuple[str, str]


def _missing(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    remedy = _TO_ADD.get(last, f'add "{last}: …"')
    return f'"{last}" is missing', remedy


_TO_ADD = {
    "as_of": 'add since when this is true: as_of: "2021-10"',
    "source": "add the code of the page that says so (see sources): source: S0",
    "kind": "add kind: letter, support or post",
}


def _unknown_name(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    allowed = schema.fields_at(address[:-1], document.value)
    return f'unknown name "{last}"', did_you_mean(last, allowed)


def _choice(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    context = details.get("ctx", {})
    expected = str(context.get("expected", context.get("expected_tags", "")))
    wrong = str(context.get("tag", details["input"]))
    where = "kind" if "tag" in context else last
    return f'unknown {where} "{wrong}"', did_you_mean(wrong, re.findall(r"'([^']*)'", expected))


def _pattern(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    pattern = str(details.get("ctx", {}).get("pattern", ""))
    return f'"{details["input"]}" does not do for {last}', LOOKS_LIKE.get(pattern, "")


def _text_wanted(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    given = details["input"]
    if given is None:
        return f"{last} is empty", "write a text, or delete the line"
    if isinstance(given, dict | list):
        return f"{last} takes one text", "write it on one line, in quotes"
    written = str(given).lower() if isinstance(given, bool) else str(given)
    return f"{last} takes a text, not {written}", f'put it in quotes: "{written}"'


def _number_wanted(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    return f"{last} takes a whole number, not {_shown(details)}", "write digits only"


def _too_small(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    context = details.get("ctx", {})
    least = context.get("ge", context.get("gt", 0))
    word = "at least" if "ge" in context else "more than"
    return f"{last} is {_shown(details)}", f"write {word} {least}"


def _too_large(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    most = details.get("ctx", {}).get("le", 0)
    return f"{last} is {_shown(details)}", f"write {most} at most"


def _too_few(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    context = details.get("ctx", {})
    return f"{last} has {context.get('actual_length', 0)}", f"give {context['min_length']} or more"


def _too_many(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    context = details.get("ctx", {})
    given = context.get("actual_length") or len(value_at(document.value, address) or [])
    return f"{last} has {given}", f"keep {context['max_length']}"


def _list_wanted(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    return f"{last} takes a list", 'write each item on a line of its own after "- ", or in [ ]'


def _names_wanted(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    return f"{last or 'the file'} takes names with values", 'write "name: value" lines below it'


def _empty(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    return f"{last} is empty", "write a text, or delete the line"


def _refused(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    """A rule of the model itself, which says what is wrong, a colon, and what to do."""
    said = str(details.get("ctx", {}).get("error", details["msg"]))
    text, _, remedy = said.partition(": ")
    return text, remedy


def _other(details: ErrorDetails, last: str, address: Address, document: Document) -> Said:
    return f"{last}: {details['msg']}", ""


def _shown(details: ErrorDetails) -> str:
    given = details["input"]
    return f'"{given}"' if isinstance(given, str) else str(given)


_SAID: Mapping[str, Callable[[ErrorDetails, str, Address, Document], Said]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_name,
    "literal_error": _choice,
    "enum": _choice,
    "union_tag_invalid": _choice,
    "union_tag_not_found": lambda details, last, address, document: _missing(
        details, "kind", address, document
    ),
    "string_pattern_mismatch": _pattern,
    "string_type": _text_wanted,
    "string_too_short": _empty,
    "int_type": _number_wanted,
    "int_parsing": _number_wanted,
    "int_from_float": _number_wanted,
    "greater_than": _too_small,
    "greater_than_equal": _too_small,
    "less_than": _too_large,
    "less_than_equal": _too_large,
    "too_short": _too_few,
    "too_long": _too_many,
    "list_type": _list_wanted,
    "dict_type": _names_wanted,
    "model_type": _names_wanted,
    "model_attributes_type": _names_wanted,
    "value_error": _refused,
}


def validated(document: Document) -> Structure | None:
    """The structure that the file holds; None, with the problems noted, where it holds none."""
    value = document.value if document.value is not None else {}
    try:
        return Structure.model_validate(value)
    except ValidationError as error:
        document.problems.extend(explain(error, document))
        return None
