"""The core asks what a channel can do, and names no platform."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"
PLATFORMS = ("telegram", "whatsapp")


@pytest.mark.parametrize("room", ["campaign", "broadcasts", "desk", "engine", "store"])
def test_no_room_of_the_core_names_a_platform(room: str) -> None:
    named = [
        f"{file.relative_to(BOT)}:{line}: {word}"
        for file in sorted((BOT / room).rglob("*.py"))
        for line, word in words_of(ast.parse(file.read_text("utf-8")))
        if any(platform in word.lower() for platform in PLATFORMS)
    ]
    assert named == []


def words_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names and texts of a module. A text that stands alone tells a source, and no program."""
    alone = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=str(text)) if id(node) not in alone:
                yield line, text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield line, name
            case ast.alias(name=name) | ast.keyword(arg=str(name)):
                yield line, name
            case ast.ImportFrom(module=str(name)):
                yield line, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield line, name
            case ast.ClassDef(name=name):
                yield line, name
