"""Commands in the documentation work: each block of shell is run, unless it says why not.

A comment before a block says how: ``<!-- run -->``, ``<!-- run: what is typed -->``,
``<!-- not run: the reason -->``; ``<!-- start -->`` and ``<!-- test -->`` are the README's two
commands, which ``.ci/run`` and the last test here are about.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.program import ROOT, run

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?:<!-- (?P<how>[^>]*) -->\n)?```sh\n(?P<lines>.*?)```", re.DOTALL)
OUR_COMMAND = ".venv/bin/python run_bot.py "


def blocks() -> list[tuple[Path, str, str]]:
    return [
        (page, found["how"] or "", found["lines"])
        for page in PAGES
        for found in BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]


RUNNABLE = [
    (page, how, line)
    for page, how, lines in blocks()
    if how.startswith("run")
    for line in lines.splitlines()
    if line
]


def test_every_block_of_shell_says_how_it_is_held_to_work() -> None:
    for page, how, lines in blocks():
        assert re.match(r"(run(:|$)|not run: \w|start$|test$)", how), (page.name, lines)


@pytest.mark.parametrize(
    ("page", "how", "line"), RUNNABLE, ids=[f"{p.name}: {line[-40:]}" for p, _, line in RUNNABLE]
)
def test_a_command_of_the_documentation_works(page: Path, how: str, line: str, data: Path) -> None:
    assert line.startswith(OUR_COMMAND), (page.name, line)
    said = how.removeprefix("run").removeprefix(":").strip()
    result = run(*shlex.split(line.removeprefix(OUR_COMMAND)), data=data, said=f"{said}\n")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def test_the_readme_names_two_commands_that_do_all_the_set_up() -> None:
    named = {how: lines for page, how, lines in blocks() if page.name == "README.md"}
    for how, end in (("start", "run_bot.py"), ("test", "-m pytest")):
        command = named[how].strip()
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && ")
        assert "-c constraints.txt" in command
        assert command.endswith(end)


def test_every_dependency_has_its_reason_and_its_pin() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    listed = project.split("dependencies = [", 1)[1].split("]\n", 1)[0]
    names = re.findall(r'"([a-z0-9-]+)', listed)
    reasons = (ROOT / "docs" / "decisions.md").read_text().lower()
    pins = (ROOT / "constraints.txt").read_text().lower()
    aliases = {"pyyaml": "pyyaml", "starlette": "starlette"}
    assert len(names) > 10
    for name in names:
        assert aliases.get(name, name) in reasons, f"{name}: no reason in docs/decisions.md"
        assert re.search(rf"^{name}==", pins, re.MULTILINE), f"{name}: no pin"
