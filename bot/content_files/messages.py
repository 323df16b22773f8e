"""content/messages/LANGUAGE/*.yaml → texts by key, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.campaign.visible import shows
from bot.content_files.problems import Place, Problem
from bot.content_files.reading import Address, Document, read

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(slots=True)
class Texts:
    """The texts of one language.

    ``versions``: how many items each list of texts has, by the key of the list. ``documents``: the
    files by the first part of their keys.
    """

    language: str
    sources: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, key: str, directory: str) -> Place:
        """Where a text stands; where it is missing, what should hold it."""
        if key in self.places:
            return self.places[key]
        stem, *names = key.split(".")
        document = self.documents.get(stem)
        if document is None:
            return Place(f"{directory}/{stem}.yaml")
        address: list[str | int] = [int(name) if name.isdecimal() else name for name in names]
        return document.place(tuple(address), name=True)


def read_texts(directory: Path, shown: str, language: str) -> Texts:
    """All texts of a language; what is wrong with them is noted in ``problems``."""
    texts = Texts(language)
    for file in sorted(directory.iterdir()) if directory.is_dir() else ():
        if file.name.startswith(".") or file.name.endswith("~") or file.is_dir():
            continue
        place = Place(f"{shown}/{file.name}")
        if file.suffix != ".yaml" or not NAME.fullmatch(file.stem):
            texts.problems.append(
                Problem(
                    place,
                    "no message file by its name",
                    "name it with small letters and .yaml at the end, or move it away",
                    "warning",
                )
            )
            continue
        document = texts.documents[file.stem] = read(file, place.file)
        texts.problems.extend(document.problems)
        texts.problems.extend(_collect(texts, document, file.stem))
    return texts


def _collect(texts: Texts, document: Document, stem: str) -> Iterator[Problem]:
    if document.value is None:
        return
    if not isinstance(document.value, dict):
        yield Problem(
            document.place(()), "the file holds no names with texts", 'write "name: text" lines'
        )
        return
    yield from _below(texts, document, document.value, (), stem)


def _label(
    texts: Texts, document: Document, value: dict[str, object], address: Address, key: str
) -> Iterator[Problem]:
    """A label, and its short form for channels with short buttons."""
    if value.keys() != {"text", "short"}:
        yield Problem(
            document.place(address, name=True),
            f"{key}: a label with a short form has these two",
            'write "text: …" and "short: …" below it',
        )
        return
    yield from _below(texts, document, value["text"], (*address, "text"), key)
    yield from _below(texts, document, value["short"], (*address, "short"), f"{key}.short")


def _is_label(value: dict[str, object], key: str) -> bool:
    """Whether it is a label with its short form; beside the labels' own file both have to stand
    there, since an addressee has a "short" beside a name."""
    return value.keys() == {"text", "short"} or ("short" in value and key.startswith("buttons."))


def _below(
    texts: Texts, document: Document, value: object, address: Address, key: str
) -> Iterator[Problem]:
    if isinstance(value, dict) and address and _is_label(value, key):
        yield from _label(texts, document, value, address, key)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not NAME.fullmatch(name):
                yield Problem(
                    document.place((*address, name), name=True),
                    f'"{name}" does not do for a name',
                    "use small letters, digits and _, a letter first",
                )
            yield from _below(texts, document, inner, (*address, name), f"{key}.{name}")
    elif isinstance(value, list):
        texts.versions[key] = len(value)
        texts.places[key] = document.place(address, name=True)
        if not value:
            yield Problem(document.place(address), f"{key}: no text in the list", "add one")
        for n, inner in enumerate(value):
            yield from _below(texts, document, inner, (*address, n), f"{key}.{n}")
    elif isinstance(value, bool):
        written = str(value).lower()
        yield Problem(
            document.place(address),
            f"YAML reads as true or false: {written}",
            f'put it in quotes: "{written}"',
        )
    elif value is None or not shows(str(value)):
        texts.places[key] = document.place(address)
        yield Problem(texts.places[key], f"{key}: no text", "write one, or delete the line")
    else:
        texts.sources[key] = str(value)
        texts.places[key] = document.place(address)
