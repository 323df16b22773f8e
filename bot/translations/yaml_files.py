"""Texts put into their YAML files, where all else stays as it is: order, comments, quotes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
)

from bot.wording.rendering import SHORT

_Step = str | int


def put(file: Path, model: Path, texts: Mapping[str, str]) -> str | None:
    """The file with these texts in it, by key; None where that changes nothing.

    ``model``: the same file of the language that was translated from. What is new takes its place
    from there; a file that is new takes its comments, too.
    """
    yaml = _yaml()
    source = yaml.load(model.read_text(encoding="utf-8"))
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    held = yaml.load(before) if before else _emptied(yaml.load(model.read_text("utf-8")))
    changed = [_set(held, source, _address(key), text) for key, text in texts.items()]
    if not any(changed):
        return None
    written = io.StringIO()
    yaml.dump(held, written)
    return written.getvalue()


def _yaml() -> YAML:
    """Writes what it has read to the letter (a test holds it for all that is shipped)."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    return yaml


def _address(key: str) -> list[_Step]:
    _, *names = key.split(".")
    if key.startswith("buttons.") and key.endswith(SHORT):
        return [*names[:-1], names[-1]]
    return [int(name) if name.isdecimal() else name for name in names]


def _emptied(model: Any) -> CommentedMap:
    """The head of a new file: the comment at the beginning of its model."""
    made = CommentedMap()
    if model.ca.comment:
        made.ca.comment = model.ca.comment
    return made


def _set(held: Any, source: Any, address: Sequence[_Step], text: str) -> bool:
    """Whether it was another text before, or none."""
    *way, last = address
    for n, step in enumerate(way):
        beside, source = source, _at(source, step)
        inner = _at(held, step)
        if not isinstance(inner, CommentedMap | CommentedSeq):
            kept = inner
            inner = CommentedSeq() if isinstance(address[n + 1], int) else CommentedMap()
            if kept is not None and last == "short":
                inner["text"] = kept
            _place(held, beside, step, inner)
        held = inner
    old = _at(held, last)
    if isinstance(old, CommentedMap):  # a label with a short form
        return _set(old, source, ["text"], text)
    if old is not None and str(old).rstrip("\n") == text.rstrip("\n"):
        return False
    _place(held, source, last, _scalar(text, _at(source, last) if old is None else old))
    return True


def _at(held: Any, step: _Step) -> Any:
    if isinstance(held, CommentedMap):
        return held.get(step)
    if isinstance(held, CommentedSeq) and isinstance(step, int) and step < len(held):
        return held[step]
    return None


def _place(held: Any, source: Any, step: _Step, value: object) -> None:
    """Set it where it is, else behind what stands before it in the language translated from."""
    if isinstance(held, CommentedSeq):
        if isinstance(step, int) and step < len(held):
            held[step] = value
        else:
            held.append(value)
    elif step in held:
        held[step] = value
    else:
        names = list(source) if isinstance(source, CommentedMap) else []
        before = names[: names.index(step)] if step in names else names
        there = list(held)
        position = max((there.index(name) + 1 for name in before if name in there), default=0)
        held.insert(position, step, value)


def _scalar(text: str, like: object) -> object:
    """The text in the form that the one before it had."""
    text = text.rstrip("\n")
    if "\n" in text:
        return LiteralScalarString(text)
    if isinstance(like, FoldedScalarString | LiteralScalarString):
        return type(like)(text)
    return DoubleQuotedScalarString(text)
