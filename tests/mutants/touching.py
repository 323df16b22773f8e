"""The tests that touch a line, the quickest first."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coverage import CoverageData

from tests.mutants import measuring
from tests.mutants.copying import digests, environment

QUICK = 1.0
"""Seconds; a test that takes longer starts the program, or waits for something."""


@dataclass(slots=True)
class Touched:
    """``seconds``: of each test that passes; ``lines``: file → line → tests. ``sources``: the
    digests of the files that this was measured with."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Path, copy: Path, kept: Path) -> Touched:
        """What was measured before; where tests have changed since, they are measured again, and
        all are where the program has."""
        now = digests(tree)
        known = cls.read(kept) if kept.exists() else cls()
        changed = {name for name in now | known.sources if now.get(name) != known.sources.get(name)}
        if not changed:
            return known
        modules = {name for name in changed if re.fullmatch(r"tests/test_\w+\.py", name)}
        if modules != changed:
            known, modules = cls(), set()
        known.forget(modules)
        known.measure(copy, sorted(name for name in modules if name in now))
        known.sources = now
        known.write(kept)
        return known

    def forget(self, modules: Iterable[str]) -> None:
        """Nothing is known of the tests of these modules."""
        gone = tuple(f"{name}::" for name in modules)
        self.seconds = {n: s for n, s in self.seconds.items() if not n.startswith(gone)}
        for lines in self.lines.values():
            for tests in lines.values():
                tests.difference_update([test for test in tests if test.startswith(gone)])

    def measure(self, copy: Path, modules: Sequence[str]) -> None:
        """Run the tests of these modules (all, where none is named), and see what they touch."""
        with tempfile.TemporaryDirectory() as directory:
            place = Path(directory)
            settings = place / "coveragerc"
            settings.write_text(measuring.SETTINGS.format(tree=copy, place=place))
            told = {"COVERAGE_PROCESS_START": str(settings), measuring.TIMES: str(place / "times")}
            subprocess.run(
                [*measuring.PYTEST, "-n", "2", "--tb", "line", *modules],
                cwd=copy,
                env=environment(copy, **told),
                check=False,
            )
            times = json.loads((place / "times").read_text(encoding="utf-8"))
            for test in times["failed"]:
                print(f"not used, it fails or is skipped where lines are measured: {test}")
            self.seconds |= times["seconds"]
            for file in place.glob("lines.*"):
                self._read_lines(file, copy)

    def _read_lines(self, file: Path, copy: Path) -> None:
        data = CoverageData(str(file))
        data.read()
        of_module: dict[str, set[str]] = defaultdict(set)
        for test in self.seconds:
            of_module[test.partition("::")[0]].add(test)
        for name in data.measured_files():
            lines = self.lines.setdefault(str(Path(name).relative_to(copy)), {})
            for line, contexts in data.contexts_by_lineno(name).items():
                tests = lines.setdefault(line, set())
                for context in contexts:
                    started_by, _, own = context.rpartition("|")
                    test, _, phase = (own or started_by).rpartition(" (")
                    if phase == "setup)":
                        # A program that several tests of the module may share.
                        tests |= of_module[test.partition("::")[0]]
                    else:
                        tests.add(test if phase in ("call)", "teardown)") else own)
        data.close()

    def by(self, tree: Path, path: str, line: int) -> set[str]:
        """The tests that notice what stands in that line, if any does."""
        statement = Statement.at((tree / path).read_text(encoding="utf-8"), line)
        if statement.runs_when_called:
            found = self._in(path, [line]) or self._in(path, statement.lines)
        else:
            found = self._that_use(tree, statement.names) or self._in(path, statement.lines)
        return found & self.seconds.keys()

    def _in(self, path: str, lines: Iterable[int]) -> set[str]:
        known = self.lines.get(path, {})
        return set().union(*(known.get(line, ()) for line in lines))

    def _that_use(self, tree: Path, names: Sequence[str]) -> set[str]:
        """What is run at an import is run for all tests: what counts is who uses the name."""
        if not names:
            return set()
        word = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
        found: set[str] = set()
        for path in filter(lambda path: path.endswith(".py"), self.lines):
            source = (tree / path).read_text(encoding="utf-8")
            if word.search(source):
                inner = lines_of_functions(source)
                found |= self._in(
                    path,
                    [
                        n
                        for n, text in enumerate(source.splitlines(), 1)
                        if word.search(text) and n in inner
                    ],
                )
        return found

    @classmethod
    def read(cls, kept: Path) -> Touched:
        """From a file that ``write`` made."""
        told = json.loads(kept.read_text(encoding="utf-8"))
        names = list(told["seconds"])
        lines = {
            path: {int(line): {names[n] for n in tests} for line, tests in by_line.items()}
            for path, by_line in told["lines"].items()
        }
        return cls(told["seconds"], lines, told["sources"])

    def write(self, kept: Path) -> None:
        """For the next time."""
        number = {name: at for at, name in enumerate(self.seconds)}
        lines = {
            path: {
                line: sorted(number[test] for test in tests if test in number)
                for line, tests in by_line.items()
            }
            for path, by_line in self.lines.items()
        }
        told = {"seconds": self.seconds, "lines": lines, "sources": self.sources}
        kept.write_text(json.dumps(told), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands at a line: the lines of the statement (of its head, if it has a body), whether
    it runs in a function, and otherwise the names that it makes."""

    lines: range
    runs_when_called: bool
    names: tuple[str, ...]

    @classmethod
    def at(cls, source: str, line: int) -> Statement:
        """The innermost one."""
        body: Sequence[ast.stmt] = ast.parse(source).body
        names: list[str] = []
        inside = False
        while True:
            node = next(n for n in body if _begin(n) <= line <= (n.end_lineno or n.lineno))
            names += _names(node)
            parts = list(_bodies(node))
            inner = [n for n in parts if _begin(n) <= line <= (n.end_lineno or n.lineno)]
            if not inner:
                last = min((_begin(n) for n in parts if n.lineno > line), default=0) - 1
                end = last if last >= line else node.end_lineno or line
                return cls(range(_begin(node), end + 1), inside, tuple(names))
            inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            body = parts


def _begin(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(one.lineno for one in decorators)])


def _bodies(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            found = [n for target in targets for n in ast.walk(target)]
            return [n.id for n in found if isinstance(n, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def lines_of_functions(source: str) -> set[int]:
    """Lines that run when somebody calls, not at an import."""
    return {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
    }
