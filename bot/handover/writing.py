"""The files of a pack, with their checksums, in a directory that holds nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.campaign.channel import Made
from bot.handover.facts import HandoverTrouble

SUMS = "SHA256SUMS"


def digest(made: Made) -> str:
    """Its SHA-256."""
    return hashlib.sha256(made.content).hexdigest()


def checksums(made: Iterable[Made]) -> Made:
    """As ``sha256sum --check`` reads it."""
    lines = "".join(f"{digest(one)}  {one.name}\n" for one in made)
    return Made(SUMS, "text/plain", lines.encode())


def written(made: Sequence[Made], out: Path) -> list[Path]:
    """Where they are now. Raises HandoverTrouble where something is there, or nothing can be."""
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        there = sorted(file.name for file in out.iterdir())
        if there:
            raise HandoverTrouble(
                f"There is something in {out} already ({there[0]}): choose an empty directory."
            )
        paths = []
        for one in made:
            path = out / one.name
            # Names of people are in there.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                new.write(one.content)
            paths.append(path)
    except OSError as problem:
        raise HandoverTrouble(
            f"{out} cannot be written ({problem.strerror}): choose another directory."
        ) from problem
    return paths
