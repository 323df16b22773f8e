"""What an operator copies fits the program, and holds what the papers promise of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from bot.web import connections
from tests.shipped import ROOT

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "campaign-bot.service"
LOCK = (DEPLOY / "requirements.lock").read_text()
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s\\;]+)", re.MULTILINE)
ONLY_ELSEWHERE = {"colorama"}
"""What only Windows needs, where the constraints were not made."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(text: str) -> dict[str, str]:
    return {plain(name): version for name, version in PINNED.findall(text)}


def test_the_lock_holds_the_versions_of_the_constraints() -> None:
    constraints = pinned((ROOT / "constraints.txt").read_text())
    locked = pinned(LOCK)
    assert {
        name: (version, constraints.get(name))
        for name, version in locked.items()
        if name not in ONLY_ELSEWHERE and constraints.get(name) != version
    } == {}


def test_the_lock_holds_every_package_that_the_program_needs_with_its_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {plain(re.split(r"[\[<>=; ]", one)[0]) for one in project["dependencies"]}
    assert needed <= set(pinned(LOCK))
    for package in re.split(r"\n(?=\S)", LOCK.strip()):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package
    assert not re.search(r"https?://|index-url|find-links", LOCK), "pip asks where it always asks"


def test_the_unit_keeps_memory_off_the_disk_and_allows_the_files_that_the_pages_need() -> None:
    said = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))
    assert (said["LimitCORE"], said["MemorySwapMax"]) == ("0", "0")
    assert int(said["LimitNOFILE"]) == connections.FILES
    assert connections.FILES >= connections.MOST + connections.RESERVE


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_the_unit_and_little_exposed(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    # It looks whether the program is there, which it is on the operator's machine.
    there = UNIT.read_text().replace("/srv/campaign/.venv/bin/python", sys.executable)
    unit.write_text(there)
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager"]
    exposed = subprocess.run([*command, unit], capture_output=True, text=True, check=False)
    assert exposed.returncode == 0, exposed.stdout[-200:]


def test_the_container_is_read_only_without_rights_and_keeps_memory_off_the_disk() -> None:
    bot = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["bot"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["volumes"] == ["data:/srv/campaign/data"]
    assert bot["mem_limit"] == bot["memswap_limit"]
    assert bot["ulimits"] == {"core": 0, "nofile": connections.FILES}
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])


def test_what_the_container_copies_is_there_and_settings_are_not_among_it() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert {"bot", "content", "run_bot.py"} <= set(copied)
    assert all((ROOT / source).exists() for source in copied)
    taken = (DEPLOY / "Dockerfile.dockerignore").read_text().split("\n")
    assert "*" in taken
    assert {f"!{source}" for source in copied} == {one for one in taken if one.startswith("!")}
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]
