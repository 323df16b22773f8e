"""Commands in the documentation work: each block of shell is run, unless it says why not.

A comment before a block says how: ``<!-- run -->``, ``<!-- run: what is typed -->``,
``<!-- run in order -->`` (all such of a page, in one directory, by a shell),
``<!-- not run: the reason -->``; ``<!-- start -->`` and ``<!-- test -->`` are the README's two
commands, which ``.ci/run`` and the last test here are about.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.opening import EXIT_CODES, Exit
from tests.program import ROOT, environment, run
from tests.recorded import rows

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?:<!-- (?P<how>[^>]*) -->\n)?```sh\n(?P<lines>.*?)```", re.DOTALL)
IN_ORDER = "run in order"
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
    if how.startswith("run") and how != IN_ORDER
    for line in lines.splitlines()
    if line
]


def test_every_block_of_shell_says_how_it_is_held_to_work() -> None:
    for page, how, lines in blocks():
        assert re.match(r"(run(:|$| in order$)|not run: \w|start$|test$)", how), (page.name, lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "how", "line"), RUNNABLE, ids=[f"{p.name}: {line[-40:]}" for p, _, line in RUNNABLE]
)
def test_a_command_of_the_documentation_works(page: Path, how: str, line: str, data: Path) -> None:
    assert line.startswith(OUR_COMMAND), (page.name, line)
    said = how.removeprefix("run").removeprefix(":").strip()
    result = run(*shlex.split(line.removeprefix(OUR_COMMAND)), data=data, said=f"{said}\n")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_backing_up_and_restoring_go_as_the_operators_page_says(data: Path) -> None:
    """A signature is given, backed up and lost; what the page says brings it back."""
    assert run("chat", "--case", "mamat", data=data, said="/start mamat-sign\n1\n").returncode == 0
    signed = rows(data, "select * from signatures")
    assert len(signed) == 1
    page = [(lines, how) for file, how, lines in blocks() if file.name == "operations.md"]
    steps = [lines for lines, how in page if how == IN_ORDER]
    restore = next(at for at, lines in enumerate(steps) if "run_bot.py restore" in lines)

    for step in steps[:restore]:
        in_the_bots_place(data, step)
    [backup] = (data.parent / "backups").glob("campaign-*.sqlite3")
    [*_, key] = sorted((data.parent / "safe" / "keys").iterdir())
    assert (backup.stat().st_mode & 0o077, key.stat().st_mode & 0o077) == (0, 0)
    assert [file.name for file in data.rglob("*backup*")] == ["backup.made"], "only when it was"
    assert backup.parent.stat().st_mode & 0o077 == 0
    (data / "campaign.sqlite3").write_bytes(b"damaged")
    shutil.rmtree(data / "keys")
    assert "all right" in in_the_bots_place(data, "\n".join(steps[restore:]))
    assert rows(data, "select * from signatures") == signed
    assert run("chat", data=data, said="/help\n").returncode == 0


@pytest.mark.slow
def test_a_good_copy_of_the_keys_is_not_replaced_by_one_that_lacks_a_key(data: Path) -> None:
    assert run("chat", "--case", "mamat", data=data, said="/start mamat-sign\n1\n").returncode == 0
    page = [lines for file, how, lines in blocks() if file.name == "operations.md"]
    [copy] = [lines for lines in page if 'cp -Rp data/keys "$KEYS.new"' in lines]
    in_the_bots_place(data, copy)
    kept = data.parent / "safe" / "keys"
    [petition] = kept.glob("petition-*.key")
    (data / "keys" / petition.name).unlink()
    with pytest.raises(AssertionError):
        in_the_bots_place(data, copy)
    assert petition.exists()


def test_the_nightly_lines_make_a_backup_with_no_more_than_cron_gives(data: Path) -> None:
    assert run("chat", data=data, said="/help\n").returncode == 0
    in_the_bots_place(data, "true")
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    nightly = re.search(r"```crontab\n(.*)\n```", page)
    assert nightly
    line = nightly[1].split(maxsplit=5)[5]
    unit = (ROOT / "deploy" / "campaign-backup.service").read_text()
    [service] = re.findall(r"ExecStart=/srv/campaign/(.* backup .*)", unit)
    assert service in line
    backups = data.parent / "backups"
    told = line.replace("/srv/campaign", str(data.parent))
    told = told.replace("/var/backups/campaign", str(backups))
    bare = {"HOME": "/", "LOGNAME": "campaign", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    result = subprocess.run(
        ["/bin/sh", "-c", told], capture_output=True, text=True, env=bare, cwd="/", check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert len(list(backups.glob("campaign-*.sqlite3"))) == 1


def in_the_bots_place(data: Path, commands: str) -> str:
    """The output of shell commands in a directory like the bot's, which all went well."""
    place = data.parent
    python = place / ".venv" / "bin" / "python"
    if not python.exists():
        python.parent.mkdir(parents=True)
        # Not a link: an environment is found by where its interpreter seems to be.
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        (place / "run_bot.py").symlink_to(ROOT / "run_bot.py")
        (place / "safe").mkdir()
    told = environment(data, BACKUPS=f"{place}/backups", KEYS=f"{place}/safe/keys")
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        capture_output=True,
        text=True,
        timeout=120,
        env=told,
        cwd=place,
        check=False,
    )
    assert result.returncode == 0, (commands, result.stderr)
    return result.stdout


def test_every_exit_code_is_told_wherever_they_are_listed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = " ".join(readme.split())
    assert EXIT_CODES.rstrip(".").removeprefix("Exit codes: ") in told
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for code in Exit:
        assert re.search(rf"\b{code.value} \w", EXIT_CODES)
        assert f"\n| {code.value} | " in operations


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
    names = re.findall(r'"([a-z0-9.-]+)', listed)
    reasons = (ROOT / "docs" / "decisions.md").read_text().lower()
    pins = (ROOT / "constraints.txt").read_text().lower()
    aliases = {"pyyaml": "pyyaml", "starlette": "starlette"}
    assert len(names) > 10
    for name in names:
        assert aliases.get(name, name) in reasons, f"{name}: no reason in docs/decisions.md"
        assert re.search(rf"^{re.escape(name)}==", pins, re.MULTILINE), f"{name}: no pin"
