"""A pack whose names are closed, and its opening on another machine: with the private key, and with
neither the bot's settings, database nor keys."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from bot.campaign.channel import Made
from bot.campaign.typed import one_line
from bot.documents.handover_pdf import Section, Sheet, handover_pdf
from bot.handover.document import PackWording
from bot.handover.facts import HandoverTrouble, PackFacts
from bot.handover.tables import (
    COUNTRIES,
    TOTALS,
    as_json,
    names_table,
    safe_cell,
    table,
    table_again,
)
from bot.handover.writing import SUMS, checksums, written
from bot.keys import closed
from bot.store.petitions.totals import alphabetical

FILE = "names-closed.json"
TO_MODERATE = "names-to-moderate.csv"
HEAD = ("number", "signer", "name", "keep")
KEEP = {"yes": True, "no": False, "oui": True, "non": False}
"""What may stand in the last column; it comes filled in with the first."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A name, of which kind of signer, and its number in what is moderated."""

    number: int
    signer: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pack with its names; ``unopened``: how many are closed to other keys, by their marks."""

    countries: Made = field(repr=False)
    totals: Any = field(repr=False)
    checksum: str
    sheet: Sheet
    day: date
    sections: dict[str, Section]
    names: Sequence[Listed] = field(repr=False)
    unopened: Mapping[str, int]


def closed_names(facts: PackFacts, wording: PackWording, today: date) -> Made:
    """The names as whoever opens them needs them, with the document that they belong into."""
    document = {
        "day": today,
        "sheet": asdict(wording.sheet(with_names=False)),
        "names": [
            {
                "signer": signer.value,
                "section": asdict(wording.names_opened(signer)),
                "read": facts.names.read.get(signer, ()),
                "closed": [b64encode(one).decode() for one in facts.names.closed.get(signer, ())],
            }
            for signer in facts.signers
            if facts.names.number(signer)
        ],
    }
    return Made(FILE, "application/json", orjson.dumps(document, option=orjson.OPT_INDENT_2))


def closed_in(paths: Iterable[Path]) -> Counter[str]:
    """How many closed names a pack that was just made holds, by the mark of their key."""
    file = next((path for path in paths if path.name == FILE), None)
    told = orjson.loads(file.read_bytes())["names"] if file else ()
    return Counter(closed.key_of(b64decode(one)) for kind in told for one in kind["closed"])


def open_pack(pack: Path, identity: Path) -> Opened:
    """The pack as it was made. Raises HandoverTrouble."""
    files, checksum = _whole(pack)
    if FILE not in files:
        raise HandoverTrouble(
            f"{pack} holds no closed names ({FILE}): there is nothing to open, use it as it is."
        )
    keys = closed.identities(identity)
    if not keys:
        raise HandoverTrouble(
            f"{identity} holds no private key that can be read: it is the file that `handover key`"
            " (or age-keygen) made, with a line AGE-SECRET-KEY-1…"
        )
    try:
        told = orjson.loads(files[FILE])
        sheet = Sheet(**{**told["sheet"], "sections": _sections(told["sheet"]["sections"])})
        day = date.fromisoformat(told["day"])
        sections = {one["signer"]: Section(**one["section"]) for one in told["names"]}
        found, unopened = _names(told["names"], keys)
        totals = orjson.loads(files[TOTALS])
        countries = table_again(COUNTRIES, files[COUNTRIES])
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise HandoverTrouble(
            f"{pack} has not the form that `handover` writes: make the pack once more."
        ) from problem
    if unopened and not found:
        raise HandoverTrouble(
            f"{identity} opens none of the {unopened.total()} names: they are closed to the key"
            f" {', '.join(sorted(unopened))}; give the file with the private half of that one."
        )
    return Opened(countries, totals, checksum, sheet, day, sections, found, unopened)


def _sections(told: Sequence[dict[str, Any]]) -> list[Section]:
    return [Section(**one) for one in told]


def _names(told: Sequence[dict[str, Any]], keys: list[Any]) -> tuple[list[Listed], Counter[str]]:
    """In the order of the list that is handed over, and how many could not be opened."""
    found: list[Listed] = []
    unopened: Counter[str] = Counter()
    for kind in told:
        names = list(kind["read"])
        for one in kind["closed"]:
            sealed = b64decode(one)
            try:
                plain = closed.open_(sealed, keys)
            except closed.NotOpened:
                unopened[closed.key_of(sealed)] += 1
                continue
            # Whoever has the public key can close anything: only what can be a name is one.
            if name := one_line(plain.decode("utf-8", "replace")):
                names.append(name)
        for name in alphabetical(names):
            found.append(Listed(len(found) + 1, kind["signer"], name))
    return found, unopened


def _whole(pack: Path) -> tuple[dict[str, bytes], str]:
    """Its files, each with the checksum that it was made with, and the checksum of the whole."""
    try:
        sums = (pack / SUMS).read_bytes()
        names = dict(line.split("  ", 1)[::-1] for line in sums.decode().splitlines())
        files = {name: (pack / Path(name).name).read_bytes() for name in names}
    except (OSError, ValueError) as problem:
        raise HandoverTrouble(
            f"{pack} is no pack that can be read: name the directory that `handover` wrote, with"
            f" {SUMS} and all files in it."
        ) from problem
    for name, content in files.items():
        if Path(name).name != name:
            # A pack of a server that somebody else rules must not write where it likes.
            raise HandoverTrouble(
                f"{pack}: {SUMS} names a file outside of the pack; do not use it."
            )
        if hashlib.sha256(content).hexdigest() != names[name]:
            raise HandoverTrouble(
                f"{pack / name} is not as it was made (its checksum is another): copy the pack"
                " once more."
            )
    return files, hashlib.sha256(sums).hexdigest()


def to_moderate(opened: Opened, out: Path) -> Path:
    """A table with one row a name, and a column that says whether it is handed over."""
    rows = [(one.number, one.signer, one.name, next(iter(KEEP))) for one in opened.names]
    [path] = written([table(TO_MODERATE, HEAD, rows)], out)
    return path


async def final_pack(opened: Opened, moderated: Path, out: Path) -> list[Path]:
    """The pack with the names that were kept, like one that was never closed. Its totals name the
    pack that it was made from, by the checksum that a certificate will name."""
    keeps = _kept(opened, moderated)
    kept = [one for one in opened.names if keeps[one.number]]
    sections = [
        replace(section, names=[one.name for one in kept if one.signer == signer])
        for signer, section in opened.sections.items()
        if any(one.signer == signer for one in kept)
    ]
    sheet = replace(opened.sheet, sections=[*opened.sheet.sections, *sections])
    document = await handover_pdf(sheet, opened.day)
    signers = {
        signer: {**told, "names": sum(one.signer == signer for one in kept)}
        for signer, told in opened.totals["signers"].items()
    }
    totals = {**opened.totals, "signers": signers, "made_from": opened.checksum}
    made = [
        document,
        opened.countries,
        *([names_table([(one.signer, one.name) for one in kept])] if kept else []),
        as_json(totals),
    ]
    return written([*made, checksums(made)], out)


def _kept(opened: Opened, moderated: Path) -> Mapping[int, bool]:
    """Whether each name is handed over, by its number. Every row must be there as it was: one that
    is gone, or a column sorted without the others, would leave out somebody else."""
    keeps: dict[int, bool] = {}
    expected = {one.number: one for one in opened.names}
    for row in _rows(moderated):
        written_number = (row.get("number") or "").strip()
        one = expected.get(int(written_number)) if written_number.isdecimal() else None
        if one is None or _same(row.get("name") or "") != _same(safe_cell(one.name)):
            raise HandoverTrouble(
                f"{moderated}: the row with the number {written_number or '(none)'} has not the"
                f" name it was made with. Change nothing but the column “{HEAD[-1]}”, sort whole"
                " rows only, and save it as CSV in UTF-8."
            )
        if one.number in keeps:
            raise HandoverTrouble(f"{moderated}: the number {one.number} is there twice.")
        verdict = KEEP.get((row.get(HEAD[-1]) or "").strip().casefold())
        if verdict is None:
            raise HandoverTrouble(
                f"{moderated}: the row with the number {one.number} has neither yes nor no in the"
                f" column “{HEAD[-1]}”: write one of them."
            )
        keeps[one.number] = verdict
    if missing := sorted(expected.keys() - keeps.keys()):
        raise HandoverTrouble(
            f"{moderated}: the row with the number {missing[0]} is missing ({len(missing)} in"
            f" all). Write no into the column “{HEAD[-1]}” instead of deleting a row."
        )
    return keeps


def _rows(moderated: Path) -> list[dict[str, str]]:
    """Those that are not empty, whatever the spreadsheet puts between cells."""
    try:
        text = _decoded(moderated.read_bytes())
        delimiter = next((one for one in ";\t" if one in text.split("\n", 1)[0]), ",")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    except (OSError, csv.Error) as problem:
        raise HandoverTrouble(
            f"{moderated} cannot be read: give the table {TO_MODERATE}, filled in."
        ) from problem
    return [
        row for row in rows if any(cell.strip() for cell in row.values() if isinstance(cell, str))
    ]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # as Excel saves a plain CSV


def _same(name: str) -> str:
    """A spreadsheet may take an apostrophe at the front for its own."""
    return " ".join(unicodedata.normalize("NFC", name).split()).removeprefix("'").strip()
