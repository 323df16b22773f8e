"""Copies of the tree: the work tree itself is never changed, and its caches are not touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path


def files(tree: Path) -> list[str]:
    """All that belongs to the project, also what is not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(name for name in listed.split("\0") if name and (tree / name).is_file())


def copy(tree: Path, to: Path) -> Path:
    """A copy of the tree at that place."""
    for name in files(tree):
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / name, target)
    return to


def digests(tree: Path) -> dict[str, str]:
    """What the program and its tests consist of."""
    return {
        name: hashlib.sha256((tree / name).read_bytes()).hexdigest()
        for name in files(tree)
        if name.endswith(".py")
        and name.startswith(("bot/", "tests/"))
        and not name.startswith("tests/mutants/")
    }


def environment(copy_: Path, **more: str) -> dict[str, str]:
    """For a process that is to find its modules in the copy."""
    return {**os.environ, "PYTHONPATH": str(copy_), **more}
