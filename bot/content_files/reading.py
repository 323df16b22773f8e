"""A YAML file → plain values, with the place of each, and every trap of YAML reported.

PyYAML's ``compose`` keeps line and column. The values are made here, because its loaders turn an
unquoted ``no`` into False, a day into a date and ``0142`` into 98 without a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.content_files.problems import Place, Problem

Address = tuple[str | int, ...]
"""The way to a value: names and numbers from the top of the file."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")


@dataclass(slots=True)
class Document:
    """What a file holds. ``values`` and ``keys`` tell where each value and its name stand."""

    file: str
    value: object = None
    values: dict[Address, Place] = field(default_factory=dict)
    keys: dict[Address, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: bool = False

    def place(self, address: Address, *, name: bool = False) -> Place:
        """Where a value (or its name) stands, or what holds it where it is missing."""
        for length in range(len(address), -1, -1):
            known = self.keys if name and length else self.values
            if address[:length] in known:
                return known[address[:length]]
        return Place(self.file)

    def at(self, address: Address) -> Any:
        """The value at an address; None where there is none."""
        return value_at(self.value, address)


def value_at(value: object, address: Address) -> Any:
    """What stands at an address below a value; None where nothing does."""
    for step in address:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]  # type: ignore[index]
        else:
            return None
    return value


def read(path: Path, shown: str) -> Document:
    """Read a file; ``shown`` is its name in reports. Never raises for what stands in it."""
    document = Document(shown)
    text = _text_of(path, document)
    if text is None:
        document.broken = True
        return document
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        document.problems.append(
            _unclosed(error, text, shown) or _syntax_problem(error, text, shown)
        )
        document.broken = True
        return document
    if root is not None:
        document.value = _Reader(document, text.splitlines()).value(root, ())
    return document


def _text_of(path: Path, document: Document) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "not readable"
        document.problems.append(
            Problem(Place(document.file), f"the file cannot be read: {reason}", "put it back")
        )
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig", "replace")
        place = Place(
            document.file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        )
        document.problems.append(
            Problem(place, "this character is not UTF-8", "save the file with the encoding UTF-8")
        )
    return None


def _unclosed(error: yaml.YAMLError, text: str, shown: str) -> Problem | None:
    """The quote that was forgotten at the end of a line: the parser stumbles only further down."""
    mark = getattr(error, "problem_mark", None)
    lines = text.splitlines()
    block = -1  # how far the name of a block of text is indented, while in one
    for number, line in enumerate(lines[: mark.line + 1] if mark else ()):
        indent = len(line) - len(line.lstrip())
        if not line.strip() or indent > block >= 0:
            continue
        block = indent if _BLOCK.search(line) else -1
        opened = _OPENED.match(line)
        following = next((one for one in lines[number + 1 :] if one.strip()), "")
        if (
            opened
            and not _CLOSED[opened["sign"]].match(opened["rest"])
            and (not following or _NAMED.match(following))
        ):
            return Problem(Place(shown, number + 1, opened.start("sign") + 1), *NOT_CLOSED)
    return None


NOT_CLOSED = (
    "a quote is opened here and not closed",
    "close it; a quote inside a quoted text is written \\\" or ''",
)
_NAMED = re.compile(r"""\s*(?:- |(?:- )?["']?\w[\w.-]*["']?:(?:\s|$))""")
_BLOCK = re.compile(r"(?:^|[:\s])[|>][+-]?\d?\s*(?:#.*)?$")
_OPENED = re.compile(r"""\s*(?:- )*(?:["']?\w[\w.-]*["']?:\s+)?(?P<sign>["'])(?P<rest>.*)$""")
_CLOSED = {
    '"': re.compile(r"""(?:[^"\\]|\\.)*"\s*(?:#.*|:.*)?$"""),
    "'": re.compile(r"""(?:[^']|'')*'\s*(?:#.*|:.*)?$"""),
}


def _syntax_problem(error: yaml.YAMLError, text: str, shown: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", "") or "not YAML")
    if mark is None:
        position = getattr(error, "position", 0)
        before = text[: position if isinstance(position, int) else 0]
        place = Place(shown, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        return Problem(place, "a character that no text may hold", "delete it")
    line = [*text.splitlines(), "", ""][mark.line]
    opened = getattr(error, "context_mark", None)
    for signs, at_opening, problem, remedy in _SYNTAX:
        if signs.search(f"{said}\n{line}"):
            mark = opened if at_opening and opened is not None else mark
            return Problem(Place(shown, mark.line + 1, mark.column + 1), problem, remedy)
    place = Place(shown, mark.line + 1, mark.column + 1)
    return Problem(place, f"not YAML: {said}", "compare with the lines above")


# What the parser says, and the line where it says so; the first that fits counts.
_SYNTAX = tuple(
    (re.compile(signs), at_opening, problem, remedy)
    for signs, at_opening, problem, remedy in (
        (
            r"tab character|cannot start any token\n[ ]*\t",
            False,
            "a tab stands at the beginning of the line",
            "indent with spaces",
        ),
        (
            r"\n.*[:-] +\{\{",
            False,
            "a text that begins with {{ is not text to YAML",
            "put it in quotes, or write it below after a |",
        ),
        (
            "mapping values are not allowed",
            False,
            "a colon stands here where YAML expects none",
            "put the text in quotes, or check the indentation",
        ),
        (
            "unexpected end of stream",
            True,
            *NOT_CLOSED,
        ),
        (
            r"expected '?,'? or '[\]}]'",
            True,
            "a bracket is opened here and not closed",
            "close it; a text that begins with a bracket belongs in quotes",
        ),
        (
            "did not find expected (key|'-')|<block end>|block sequence entries",
            False,
            "this does not fit the lines above",
            "check the indentation; a text with quotes inside belongs in quotes as a whole",
        ),
        (
            "could not find expected ':'",
            True,
            "a name without a colon",
            'write "name: text", or indent the line under the text that it continues',
        ),
        (
            "cannot start any token|undefined alias|anchor",
            False,
            "a text cannot begin with this sign",
            "put the text in quotes",
        ),
        (
            "another document",
            False,
            "a second document begins here",
            'delete the line with "---"',
        ),
    )
)


class _Reader:
    """Makes values from nodes, and notes where they stand."""

    def __init__(self, document: Document, lines: list[str]) -> None:
        self._document = document
        self._lines = lines
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, address: Address) -> object:
        self._document.values[address] = place = self._place(node)
        if id(node) in self._seen:
            self._report(place, "a reference to another part (*)", "write the text out here")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, address)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*address, n)) for n, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, address: Address) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in node.value:
            place = self._place(key)
            if not isinstance(key, yaml.ScalarNode) or key.tag == _TAG + "merge":
                self._report(
                    place,
                    "brackets stand here instead of a name",
                    "a text that begins with {{ belongs in quotes",
                )
                continue
            # A name is taken as it is written: nobody means False by a name "no".
            name = key.value
            inner = (*address, name)
            if name in made:
                first = self._document.keys[inner].line
                self._report(
                    place, f'"{name}" stands here twice', f"the first is in line {first}: keep one"
                )
                continue
            self._document.keys[inner] = place
            made[name] = self.value(value, inner)
        return made

    def _scalar(self, node: yaml.Node, place: Place) -> object:
        written: str = node.value
        if self._swallows(node):
            self._report(place, *NOT_CLOSED)
        tag = node.tag.removeprefix(_TAG)
        if tag == "str":
            return written
        if tag == "null":
            return None
        if tag == "int" and _WHOLE.fullmatch(written):
            return int(written)
        if tag == "float" and re.fullmatch(r"[-+]?[0-9]+\.[0-9]+", written):
            return float(written)
        if tag == "bool" and written.lower() in ("true", "false"):
            return written.lower() == "true"
        reason = (
            "YAML drops the leading zero of"
            if _LEADING_ZERO.fullmatch(written)
            else _TRAPS.get(tag, "YAML does not read as text")
        )
        self._report(place, f"{reason} {written}", f'put it in quotes: "{written}"')
        return written

    def _swallows(self, node: yaml.Node) -> bool:
        """Whether a quoted text goes on over lines that were meant as names of their own."""
        if getattr(node, "style", None) not in ("'", '"'):
            return False
        below = self._lines[node.start_mark.line + 1 : node.end_mark.line + 1]
        return any(_NAMED.match(line) for line in below)

    def _place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        block = getattr(node, "style", None) in ("|", ">")
        return Place(self._document.file, mark.line + 1, mark.column + 1, block)

    def _report(self, place: Place, text: str, remedy: str) -> None:
        self._document.problems.append(Problem(place, text, remedy))


_TRAPS = {
    "bool": "YAML reads as true or false:",
    "timestamp": "YAML reads as a date, not as text:",
    "int": "YAML reads as another number:",
    "float": "YAML reads as a number:",
}
