"""Which small faults there are, and a fair sample of them.

The faults are those of cosmic-ray, and one more: a statement that is left out. A place is drawn
first and then one of its faults, so that a sum with eleven wrong operators counts once.
"""

from __future__ import annotations

import ast
import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

COMPARED = {
    "Eq": ("NotEq", "LtE", "GtE"),
    "NotEq": ("Eq", "Lt", "Gt"),
    "Lt": ("LtE", "GtE"),
    "LtE": ("Lt", "Gt"),
    "Gt": ("GtE", "LtE"),
    "GtE": ("Gt", "Lt"),
    "Is": ("IsNot",),
    "IsNot": ("Is",),
}
CALCULATED = {
    "Add": ("Sub",),
    "Sub": ("Add",),
    "Mul": ("FloorDiv",),
    "Div": ("Mul",),
    "FloorDiv": ("Mul",),
    "Mod": ("FloorDiv",),
    "BitOr": ("BitAnd",),
    "BitAnd": ("BitOr",),
    "RShift": ("LShift",),
    "LShift": ("RShift",),
}
"""Faults that somebody might make; ``x ** y`` for ``x | y`` only proves that there is a test."""
NAMES = (
    *(f"ReplaceComparisonOperator_{a}_{b}" for a, others in COMPARED.items() for b in others),
    *(f"ReplaceBinaryOperator_{a}_{b}" for a, others in CALCULATED.items() for b in others),
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ZeroIterationForLoop",
)
WAITING = re.compile(r"second|pause|patience|wait|timeout|interval", re.IGNORECASE)
"""What a constant of waiting is called, or what its docstring says: no test depends on those."""
WAITS = {"sleep", "timeout", "wait_for", "wait"}


class LeaveOut(Operator):
    """A statement is left out: a call, a change of something's state, a raise, an early return."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Where."""
        if node.type == "simple_stmt" and self._does_something(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """``pass`` in its place."""
        first = node.children[0]
        prefix = first.get_first_leaf().prefix
        node.children[0] = parso.python.tree.Keyword("pass", first.start_pos, prefix)
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """None."""
        return ()

    @staticmethod
    def _does_something(statement: Any) -> bool:
        match statement.type:
            case "atom_expr" | "power":
                return statement.get_last_leaf().value == ")"
            case "expr_stmt":
                target, *rest = statement.children
                return target.type in ("atom_expr", "power") or (
                    rest[0].type == "operator" and rest[0].value != "="
                )
            case "raise_stmt" | "del_stmt":
                return True
            case "keyword":
                return bool(statement.value == "return")
        return False


@cache
def operators() -> dict[str, Operator]:
    """All kinds of fault by name."""
    return {"LeaveOut": LeaveOut(), **{name: get_operator(f"core/{name}")() for name in NAMES}}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault at one place of the file ``path``, which is relative to the tree."""

    path: str
    line: int
    operator: str
    occurrence: int
    key: str

    def code(self, source: str) -> str:
        """The file with this fault in it."""
        made: str = MutationVisitor.mutate_code(source, operators()[self.operator], self.occurrence)
        return made


def sample(tree: Path, rooms: Sequence[str], number: int, seed: int) -> list[Mutant]:
    """So many mutants of those rooms (folders of ``bot/``), the same ones for the same seed."""
    files = sorted(
        file
        for room in rooms
        for file in (tree / "bot" / room).rglob("*.py")
        if file.parent.name != "versions"  # of the database: history, held to the letter by a test
    )
    places: dict[tuple[str, Any], list[Mutant]] = {}
    for file in files:
        for position, mutant in _all_of(file, str(file.relative_to(tree))):
            places.setdefault((mutant.path, position), []).append(mutant)
    chance = random.Random(seed)
    drawn: list[Mutant] = []
    for place in chance.sample(sorted(places), len(places)):
        if len(drawn) == number:
            break
        mutant = chance.choice(places[place])
        source = (tree / mutant.path).read_text(encoding="utf-8")
        if _differs(source, mutant.code(source)):
            drawn.append(mutant)
    return drawn


def _all_of(file: Path, path: str) -> Iterator[tuple[Any, Mutant]]:
    source = file.read_text(encoding="utf-8")
    digest = hashlib.sha256(source.encode()).hexdigest()
    spared = Spared(source)
    counts = dict.fromkeys(operators(), -1)
    for node in ast_nodes(get_ast(source)):
        if node.type in ("name", "string", "newline"):
            continue
        for name, operator in operators().items():
            for start, end in operator.mutation_positions(node):
                counts[name] += 1
                if not spared.covers(start):
                    told = f"{digest} {name} {counts[name]}"
                    key = hashlib.sha256(told.encode()).hexdigest()[:12]
                    yield (start, end), Mutant(path, start[0], name, counts[name], key)


def _differs(source: str, mutated: str) -> bool:
    try:
        return ast.dump(ast.parse(mutated)) != ast.dump(ast.parse(source))
    except SyntaxError:
        return False


class Spared:
    """What is no target in a file: declarations, what the log says, how long something waits."""

    def __init__(self, source: str):
        """Read the file."""
        self._ranges: list[tuple[tuple[int, int], tuple[int, int]]] = []
        tree = ast.parse(source)
        for node in ast.walk(tree):
            for spared in self._spared_by(node):
                assert spared.end_lineno is not None
                assert spared.end_col_offset is not None
                # A decorator's sign belongs to it.
                begin = (spared.lineno, max(0, spared.col_offset - 1))
                self._ranges.append((begin, (spared.end_lineno, spared.end_col_offset)))

    def covers(self, position: tuple[int, int]) -> bool:
        """Whether that (line, column) is spared."""
        return any(begin <= position < end for begin, end in self._ranges)

    def _spared_by(self, node: ast.AST) -> Iterator[Any]:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Assert():
                yield node
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield node
            case ast.arg(annotation=ast.expr() as annotation):
                yield annotation
            case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
                if returns is not None:
                    yield returns
            case ast.AnnAssign(annotation=annotation):
                yield annotation
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log")))):
                yield node
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                yield from (word.value for word in node.keywords if word.arg == "timeout")
                if name in WAITS:
                    yield from (one for one in node.args if isinstance(one, ast.Constant))
        if isinstance(node, ast.ClassDef):
            yield from (one for one in node.decorator_list if "dataclass" in ast.unparse(one))
        if isinstance(node, ast.Module | ast.ClassDef):
            yield from self._constants(node.body)

    @staticmethod
    def _constants(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
        for at, statement in enumerate(body):
            if not isinstance(statement, ast.Assign) or statement.value is None:
                continue
            name, value = ast.unparse(statement.targets[0]), statement.value
            after = body[at + 1] if at + 1 < len(body) else None
            about = ast.unparse(after) if isinstance(after, ast.Expr) else ""
            is_number = isinstance(value, ast.Constant) and not isinstance(value.value, str)
            is_type = isinstance(value, ast.BinOp | ast.Subscript) and not any(
                isinstance(part, ast.Constant) and part.value is not None
                for part in ast.walk(value)
            )
            if (
                name == "__slots__"
                or (is_number and WAITING.search(f"{name} {about}"))
                or (is_type and name[0].isupper() and not name.isupper())
            ):
                yield statement
