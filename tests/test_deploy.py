"""What an operator copies fits the program, and holds what the papers promise of it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import yaml

from bot.web import connections
from tests.dialogue import Dialogue
from tests.shipped import ROOT
from tests.telegram_server import TOKEN, TelegramServer

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "campaign.service"
UNITS = [UNIT, DEPLOY / "campaign-backup.service", DEPLOY / "campaign-backup.timer"]
INSTALL = DEPLOY / "install.sh"
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
def test_systemd_finds_nothing_wrong_with_the_units_and_little_exposed(tmp_path: Path) -> None:
    units = []
    for one in UNITS:
        # It looks whether the program is there, which it is on the operator's machine.
        there = one.read_text().replace("/srv/campaign/.venv/bin/python", sys.executable)
        units.append(tmp_path / one.name)
        units[-1].write_text(there)
    verified = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager"]
    for unit in units:
        if unit.suffix == ".service":
            exposed = subprocess.run([*command, unit], capture_output=True, text=True, check=False)
            assert exposed.returncode == 0, exposed.stdout[-200:]


NOTHING_COMPILED = """
import ctypes, os, sys
# What MemoryDenyWriteExecute= asks of the kernel, for this process and what it starts (Linux 6.3).
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit(77)
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1]])
"""
DRAWN = """
import asyncio
from datetime import date, datetime
from bot.documents.charts import ChartLabels, broadcast_chart
labels = ChartLabels("fr", "Nouvelles", "mars", "au fil du temps", "par langue")
at = datetime(2026, 3, 1)
made = asyncio.run(broadcast_chart([(at, 1), (at.replace(day=2), 7)], [("fr", 7)], labels))
print(made.content[1:4].decode())
"""


def test_the_program_needs_no_memory_that_is_written_and_run() -> None:
    if sys.platform != "linux":
        pytest.skip("a rule of Linux")
    done = subprocess.run(
        [sys.executable, "-c", NOTHING_COMPILED, DRAWN],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode == 77:
        pytest.skip("the kernel does not know it")
    assert done.stdout == "PNG\n", done.stderr
    for unit in ("campaign.service", "campaign-backup.service"):
        assert "MemoryDenyWriteExecute=yes" in (DEPLOY / unit).read_text()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="there is no shellcheck here")
def test_nothing_is_wrong_with_the_script_that_installs() -> None:
    checked = subprocess.run(["shellcheck", INSTALL], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_script_puts_every_unit_in_place_and_the_units_fit_each_other() -> None:
    script = INSTALL.read_text()
    for unit in UNITS:
        assert unit.name in script
    said = {one.name: one.read_text() for one in UNITS}
    backup = said["campaign-backup.service"]
    written = re.search(r"run_bot.py backup (\S+) ", backup)
    assert written
    assert f"BACKUPS={written[1]}\n" in script
    assert f"ReadWritePaths=/srv/campaign/data {written[1]}\n" in backup


COPY = """
set -eu
mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/machine" && machine="$1/machine"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$machine"
mount -t proc proc "$machine/proc" && mount --rbind /dev "$machine/dev"
"""
"""A copy of this machine for as long as the process lives, which nobody else sees."""


def can_copy_the_machine(where: Path) -> bool:
    tried = ["unshare", "--mount", "sh", "-c", COPY, "sh", str(where)]
    return (
        sys.platform == "linux"
        and os.geteuid() == 0
        and subprocess.run(tried, capture_output=True, check=False).returncode == 0
    )


@pytest.mark.slow
def test_the_script_makes_a_machine_ready_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    where = tmp_path / "copy"
    where.mkdir()
    if not can_copy_the_machine(where):
        pytest.skip("needs root and an overlay file system")
    script = (
        COPY
        + """
umask 077
rm -rf "$machine/srv/campaign" && mkdir -p "$machine/srv/campaign" && cd "$2"
cp -r bot content deploy run_bot.py constraints.txt .env.example "$machine/srv/campaign/"
chown -R root:root "$machine/srv/campaign"
chroot "$machine" /srv/campaign/deploy/install.sh
echo BOT_PORT=0 >>"$machine/srv/campaign/.env"
chroot "$machine" chown campaign /srv/campaign/bot
echo "-- again"
chroot "$machine" /srv/campaign/deploy/install.sh
echo "-- what is there"
cd "$machine" && stat -c '%n %U %a' srv/campaign/.env srv/campaign/data var/backups/campaign \
    srv/campaign/bot 2>/dev/null | sed 's/UNKNOWN/campaign/'
tail -n 1 srv/campaign/.env
ls etc/systemd/system/*.wants | grep campaign
chroot "$machine" sh -c 'cd /srv/campaign
    campaign() { setpriv --reuid campaign --regid campaign --clear-groups .venv/bin/python "$@"; }
    echo /help | campaign run_bot.py chat --case mamat
    campaign run_bot.py backup /var/backups/campaign --keep 30d
    ls /var/backups/campaign'
"""
    )
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script, "sh", str(where), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
    first, _, rest = done.stdout.partition("-- again\n")
    second, _, there = rest.partition("-- what is there\n")
    assert "Installing the packages" in first
    assert second.count("\n") == 1
    assert second.startswith("Ready.")
    for line in (
        "srv/campaign/.env campaign 600",
        "srv/campaign/data campaign 700",
        "var/backups/campaign campaign 700",
        "srv/campaign/bot root 755",
        "BOT_PORT=0",
    ):
        assert f"{line}\n" in there
    assert "/cases" in there
    assert re.search(r"^campaign-\w+\.sqlite3$", there, re.MULTILINE)
    if shutil.which("systemctl"):
        assert {"campaign.service", "campaign-backup.timer"} <= set(there.split())


@pytest.mark.slow
async def test_from_an_empty_machine_to_an_answered_message(
    tmp_path: Path, server: TelegramServer
) -> None:
    """As an operator goes it: installed, set up with the token and a code, started, answered."""
    where = tmp_path / "copy"
    where.mkdir()
    if not can_copy_the_machine(where):
        pytest.skip("needs root and an overlay file system")
    script = (
        COPY
        + """
rm -rf "$machine/srv/campaign" && mkdir -p "$machine/srv/campaign" && cd "$2"
cp -r bot content deploy run_bot.py constraints.txt .env.example "$machine/srv/campaign/"
began=$(date +%s)
chroot "$machine" /srv/campaign/deploy/install.sh >/dev/null
echo "INSTALLED $(($(date +%s) - began))"
exec chroot "$machine" sh -c 'cd /srv/campaign
    export LANG=C.UTF-8 BOT_API_URL='$3' BOT_PORT=0
    campaign() { setpriv --reuid campaign --regid campaign --clear-groups .venv/bin/python "$@"; }
    campaign -u run_bot.py init
    campaign -u run_bot.py doctor
    exec setpriv --reuid campaign --regid campaign --clear-groups .venv/bin/python run_bot.py'
"""
    )
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *("unshare", "--mount", "bash", "-c", script, "sh", str(where), str(ROOT), server.root),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    dialogue = Dialogue(process)
    try:
        await dialogue.asks("Paste the token here", 600)
        installed = time.monotonic() - began
        dialogue.answer(TOKEN)
        await dialogue.says("Waiting …")
        [code] = re.findall(r"\?start=(\w+)", dialogue.said)
        server.start(111, code)
        await dialogue.asks("Is that you?")
        dialogue.answer("y")
        await dialogue.asks("The name under which")
        dialogue.answer("")
        await dialogue.says("run_bot.py doctor looks")
        await server.answer(111, seconds=120)
        print(f"to the token {installed:.0f} s, to the answer {time.monotonic() - began:.0f} s")
        assert "WRONG" not in dialogue.said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


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
