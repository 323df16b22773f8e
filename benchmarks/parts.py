"""Every benchmark as a part of the page: what it is run with, and which figures it gives."""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import (
    answered_updates,
    documents,
    growth,
    open_pages,
    quiet_answers,
    signatures,
    soak,
    starts,
)
from benchmarks.figures import Figure, Part

ROOT = Path(__file__).parent.parent
AIOGRAM, PTB = "aiogram", "python-telegram-bot"
ECHO = "an echo bot"


def answered(quick: bool) -> Part:
    """CPU, memory and pace of a burst."""
    updates, rounds = 2_000, 3 if quick else 7
    told = Part(
        "answered",
        f"An answered update ({updates:,} supporters at once)",
        "python -m benchmarks.answered_updates",
    )
    names = list(answered_updates.PROGRAMS)
    for text, what in (("bonjour", ""), ("/start mamat", ", a first contact by a link")):
        runs: dict[str, list[answered_updates.Figures]] = {name: [] for name in names}
        for turn in range(rounds):
            for name in names if turn % 2 == 0 else reversed(names):
                runs[name].append(
                    answered_updates.run(answered_updates.PROGRAMS[name], updates, text)
                )
        ours = runs["ours"]
        for peer in (AIOGRAM, PTB):
            beside = runs[peer]
            told.figures.append(
                Figure(
                    f"CPU of an update{what}",
                    "ms",
                    [one.cpu_ms for one in ours],
                    f"{peer}, {ECHO}",
                    [one.cpu_ms for one in beside],
                )
            )
        told.figures.append(
            Figure(
                f"memory after the burst{what}",
                "MiB",
                [one.memory_mib for one in ours],
                f"{AIOGRAM}, {ECHO}",
                [one.memory_mib for one in runs[AIOGRAM]],
                digits=0,
            )
        )
    return told


def quiet(quick: bool) -> Part:
    """One lone answer."""
    told = Part("quiet", "A lone answer on a quiet day", "python -m benchmarks.quiet_answers")
    found = quiet_answers.rounds(list(quiet_answers.PROGRAMS), 30, 3 if quick else 7)
    for what, of in (
        ("p50", statistics.median),
        ("p95", lambda one: statistics.quantiles(one, n=20)[-1]),
    ):
        for peer in (AIOGRAM, PTB):
            told.figures.append(
                Figure(
                    f"a lone answer, {what}",
                    "ms",
                    [of(one) for one in found["ours"]],
                    f"{peer}, {ECHO}",
                    [of(one) for one in found[peer]],
                    digits=1,
                )
            )
    return told


def begun(quick: bool) -> Part:
    """From the start to the first poll."""
    told = Part("starts", "A start, to the first poll", "python -m benchmarks.starts")
    runs: dict[str, list[float]] = {"the very first": [], "a later one": [], "peer": []}
    ours, peer = answered_updates.PROGRAMS["ours"], answered_updates.PROGRAMS[AIOGRAM]
    with tempfile.TemporaryDirectory() as warm:
        starts.start(ours, warm)  # the modules are compiled now
    for _ in range(3 if quick else 9):
        with tempfile.TemporaryDirectory() as data:
            runs["the very first"].append(starts.start(ours, data)[0])
            runs["a later one"].append(starts.start(ours, data)[0])
            runs["peer"].append(starts.start(peer, data)[0])
    told.figures = [
        Figure(f"a start, {name}", "s", runs[name], f"{AIOGRAM}, {ECHO}", runs["peer"])
        for name in ("the very first", "a later one")
    ]
    return told


def signed(quick: bool) -> Part:
    """Signatures a second, and what is promised of them."""
    told = Part("signatures", "Signatures", "python -m benchmarks.signatures rate")
    rates = [
        asyncio.run(signatures.rate(5_000 if quick else 30_000)) for _ in range(3 if quick else 5)
    ]
    told.figures.append(Figure("signatures, each on the disk first", "a second", rates, digits=0))
    kills, people, many = (20, 100, 10_000) if quick else (200, 1_000, 100_000)
    for asked in (
        ["kills", "--times", str(kills)],
        ["canaries", "--people", str(people)],
        ["year", "--supporters", str(many)],
    ):
        told.lines += said("benchmarks.signatures", *asked)
    return told


def letters(quick: bool) -> Part:
    """Letters as text, e-mail and PDF."""
    number, rounds = (60, 2) if quick else (1000, 3)
    told = Part("documents", "Documents", "python -m benchmarks.documents")
    runs: dict[str, list[documents.Figure]] = {name: [] for name in documents.MAKERS}
    for _ in range(rounds):
        for name, each in runs.items():
            with multiprocessing.get_context("spawn").Pool(1) as fresh:
                each.append(fresh.apply(documents.run, (name, number)))
    ours = [one.median_ms for one in runs["PDF, ours"]]
    for name in runs:
        if name.startswith("PDF") and "ours" not in name:
            told.figures.append(
                Figure(
                    "a letter's PDF, tagged, with Chinese names",
                    "ms",
                    ours,
                    name.removeprefix("PDF, "),
                    [one.median_ms for one in runs[name]],
                    digits=1,
                )
            )
    made = runs["PDF, ours"]
    told.figures.append(
        Figure(f"memory after {number:,} PDFs", "MB", [one.megabytes for one in made], digits=0)
    )
    drafted = runs["letter drafted and written"]
    told.figures.append(
        Figure("letters drafted", "a second", [one.per_second for one in drafted], digits=0)
    )
    return told


def pages(quick: bool) -> Part:
    """Open chat pages."""
    number, seconds, rounds = (100, 10.0, 2) if quick else (500, 30.0, 3)
    told = Part("pages", f"{number} open chat pages, a turn every 5 s each", open_pages_command())
    ours, echo = [], []
    for _ in range(rounds):
        for kept, command in ((ours, "run_bot.py"), (echo, "")):
            kept.append(asyncio.run(_pages(command, number, seconds)))
    p95 = [[1000 * statistics.quantiles(one.turns, n=20)[-1] for one in w] for w in (ours, echo)]
    told.figures = [
        Figure("a turn, p95", "ms", p95[0], "a Starlette echo", p95[1], digits=1),
        Figure(
            "memory of an open page",
            "KiB",
            [one.page_kib for one in ours],
            "a Starlette echo",
            [one.page_kib for one in echo],
            digits=0,
        ),
    ]
    failed = sum(one.failed for one in ours)
    told.facts.append(f"{sum(len(one.turns) for one in ours):,} turns, {failed} of them failed")
    return told


def open_pages_command() -> str:
    """How it is run by itself."""
    return "python -m benchmarks.open_pages"


async def _pages(program: str, number: int, seconds: float) -> open_pages.Figures:
    port = open_pages.free_port()
    echo = [sys.executable, "-m", "benchmarks.open_pages", "--echo", str(port)]
    command = [sys.executable, str(ROOT / program)] if program else echo
    with tempfile.TemporaryDirectory() as data:
        async with open_pages.served(command, port, data) as process:
            url = f"http://127.0.0.1:{port}/"
            return await open_pages.load(url, process, number, 5.0, seconds)


def broadcasts(quick: bool) -> Part:
    """What broadcasts cost and survive, in the words of their own benchmark."""
    told = Part("broadcasts", "Broadcasts", "python -m benchmarks.broadcasts race")
    sizes = {"race": 300, "fast": 3_000, "kills": 2_000} if quick else {}
    for what in ("race", "fast", "kills") if quick else ("race", "fast", "kills", "crowd"):
        more = ["--recipients", str(sizes[what])] if quick else []
        if quick:
            more += ["--kills", "5", "--only", "ours,loop"]
        told.lines += f"{what}\n{said('benchmarks.broadcasts', what, *more)}\n"
    return told


def floods(quick: bool) -> Part:
    """What floods cost others, in the words of their own benchmark."""
    told = Part("floods", "Floods of the pages", "python -m benchmarks.floods")
    told.lines = said("benchmarks.floods", "--seconds", "6" if quick else "60")
    return told


def grown(quick: bool) -> Part:
    """From a thousand supporters to a million."""
    return growth.part([1_000, 10_000, 30_000] if quick else [10**3, 10**4, 10**5, 10**6])


def soaked(quick: bool) -> Part:
    """An hour of work; a minute and a half in a quick run."""
    return asyncio.run(soak.soak(1.5 if quick else 60.0, 30.0))


def said(module: str, *arguments: str) -> str:
    """What a benchmark prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout if done.returncode == 0 else f"{done.stdout}exit code {done.returncode}\n"


PARTS: dict[str, Callable[[bool], Part]] = {
    "answered": answered,
    "quiet": quiet,
    "starts": begun,
    "signatures": signed,
    "documents": letters,
    "pages": pages,
    "broadcasts": broadcasts,
    "floods": floods,
    "growth": grown,
    "soak": soaked,
}


def measured(name: str, quick: bool) -> Part:
    """Run that part."""
    return replace(PARTS[name](quick), name=name)
