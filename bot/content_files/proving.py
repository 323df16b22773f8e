"""Content that was checked once, by this very program, need not be checked again at every start.

The walk through all screens takes about half a second, more with each scene. What it proved is
remembered as a fingerprint of everything it depends on; any change of it, and all is checked anew.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import markdown_it

import bot
from bot.campaign.capabilities import Capabilities
from bot.content_files.named_files import every_file
from bot.disk import make_directory


def fingerprint(directory: Path, channels: Sequence[Capabilities]) -> str:
    """What a proof depends on: the content to the byte, the channels that it was held against, the
    program and its libraries by date."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(",".join(one.channel for one in channels).encode())
    for file in every_file(directory):
        with suppress(OSError):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(directory)} {len(content)}\n".encode())
            digest.update(content)
    for path in _program():
        with suppress(OSError):
            state = path.stat()
            digest.update(f"{path} {state.st_mtime_ns} {state.st_size}\n".encode())
    return digest.hexdigest()


def _program() -> Iterator[Path]:
    root = Path(bot.__file__).parent
    for folder, _, names in sorted(os.walk(root)):
        yield from (Path(folder, name) for name in sorted(names) if not name.endswith(".pyc"))
    # A directory's date tells that a library was installed, upgraded or removed.
    yield Path(markdown_it.__file__).parent.parent


def is_proven(proof: Path, directory: Path, channels: Sequence[Capabilities]) -> bool:
    """Whether this content, as it is, was found without errors before."""
    with suppress(OSError):
        known = proof.read_text(encoding="ascii", errors="replace")
        return known == fingerprint(directory, channels)
    return False


def remember(proof: Path, found: str) -> None:
    """Note what was found without errors; where nothing can be written, the next start checks."""
    with suppress(OSError):
        make_directory(proof.parent)
        half = proof.with_name(f"{proof.name}.{os.getpid()}")
        half.write_text(found, encoding="ascii")
        half.replace(proof)
