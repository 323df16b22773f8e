"""What translators sent back, looked at and put into the content: what does not pass stays out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.content_files import Loaded, Problem
from bot.content_files.loading import MESSAGES
from bot.translations.catalogue import Entry, printed
from bot.translations.yaml_files import put

Load = Callable[[Path], Loaded]
"""Reads and checks a content directory."""


@dataclass(slots=True)
class Taken:
    """What became of a file of translations; ``refused`` and ``look_at`` tell why, a line each."""

    written: list[str] = field(default_factory=list)
    unsure: int = 0
    empty: int = 0
    refused: list[str] = field(default_factory=list)
    look_at: list[str] = field(default_factory=list)


def take(
    root: Path,
    source: str,
    language: str,
    entries: Iterable[Entry],
    texts: Mapping[str, str],
    load: Load,
) -> Taken:
    """Put into the content below ``root`` what passes its checks; nothing else there is changed.

    ``texts``: those of the language that was translated from, by key.
    """
    taken = Taken()
    wanted: dict[str, str] = {}
    for entry in entries:
        if not entry.text.strip():
            taken.empty += 1
        elif entry.is_unsure:
            taken.unsure += 1
        elif why := _refused(entry, texts):
            taken.refused.append(f"line {entry.line}: {entry.key}: {why}")
        else:
            wanted[entry.key] = entry.text
            if entry.source.strip() != texts[entry.key].strip():
                taken.look_at.append(
                    f"{entry.key}: the text in {source} has changed since it was given out"
                )
    _without_faults(root, source, language, wanted, load, taken)
    for file, content in _files(root, source, language, wanted).items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
        taken.written.append(file.relative_to(root).as_posix())
    return taken


def _refused(entry: Entry, texts: Mapping[str, str]) -> str:
    if entry.key not in texts:
        return "there is no such text"
    lost = printed(texts[entry.key]) - printed(entry.text)
    if lost:
        named = ", ".join(f"{{{{ {name} }}}}" for name in sorted(lost))
        return f"{named} is lost"
    return ""


def _files(root: Path, source: str, language: str, wanted: Mapping[str, str]) -> dict[Path, str]:
    """The files that change, with what they hold then."""
    by_file: dict[str, dict[str, str]] = {}
    for key, text in wanted.items():
        by_file.setdefault(key.partition(".")[0], {})[key] = text
    made = {}
    for stem, of_file in by_file.items():
        file = root / MESSAGES / language / f"{stem}.yaml"
        content = put(file, root / MESSAGES / source / f"{stem}.yaml", of_file)
        if content is not None:
            made[file] = content
    return made


def _without_faults(
    root: Path, source: str, language: str, wanted: dict[str, str], load: Load, taken: Taken
) -> None:
    """Take out of ``wanted`` what the check of the content finds wrong, and only because of it."""
    before: set[str] | None = None
    while wanted:
        with TemporaryDirectory() as copied:
            copy = Path(copied) / root.name
            shutil.copytree(root, copy)
            for file, content in _files(copy, source, language, wanted).items():
                file.parent.mkdir(exist_ok=True)
                file.write_text(content, encoding="utf-8")
            errors = list(load(copy).errors)
        if errors and before is None:  # what was wrong before is no fault of the translations
            before = {_told(one) for one in load(root).errors}
        errors = [one for one in errors if _told(one) not in (before or ())]
        wrong = {one.key: one for one in errors if one.key in wanted}
        if not wrong:
            if errors:  # none of the texts by itself: nothing is taken
                taken.refused += [f"{one.text} ({one.remedy})" for one in errors]
                wanted.clear()
            return
        for key, problem in wrong.items():
            taken.refused.append(f"{problem.text} ({problem.remedy})")
            del wanted[key]


def _told(problem: Problem) -> str:
    return f"{Path(problem.file).name} {problem.text}"
