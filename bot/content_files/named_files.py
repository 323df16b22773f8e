"""The files beside the YAML: pictures, logo and icon that the content names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bot.campaign.content import Structure
from bot.content_files.reading import Address

ENDINGS = frozenset({".yaml", ".png", ".jpg", ".jpeg", ".svg"})


def every_file(directory: Path) -> list[Path]:
    """All of which the content is made."""
    return sorted(file for file in directory.rglob("*") if file.suffix in ENDINGS)


def named(structure: Structure) -> Iterator[tuple[Address, str]]:
    """The files that the content names, and where it does."""
    for field in ("logo", "favicon"):
        name = getattr(structure.organisation, field)
        if name is not None:
            yield ("organisation", field), name
    for case_id, case in structure.cases.items():
        for n, picture in enumerate(case.pictures):
            yield ("cases", case_id, "pictures", n, "file"), picture.file


def read_files(root: Path, structure: Structure) -> dict[str, bytes]:
    """What they hold, by name; a file that cannot be read is left out, and told by its check."""
    found = {}
    for _, name in named(structure):
        with suppress(OSError):
            found[name] = (root / name).read_bytes()
    return found
