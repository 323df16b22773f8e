"""A pack whose names are closed, and its opening on another machine: with the private key, and with
neither the bot's settings, database nor keys."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Collection, Sequence
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
from bot.handover.tables import TOTALS, as_json, names_table, safe_cell, table
from bot.handover.writing import SUMS, checksums, written
from bot.keys import closed
from bot.store.petitions.totals import alphabetical

FILE = "names-closed.json"
TO_MODERATE = "names-to-moderate.csv"
HEAD = ("number", "signer", "name", "leave out")


@dataclass(frozen=True, slots=True)
class Listed:
    """A name, of which kind of signer, and its number in what is moderated."""

    number: int
    signer: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pack with its names; ``unopened``: how many belong to another private key."""

    files: dict[str, bytes] = field(repr=False)
    sheet: Sheet
    day: date
    sections: dict[str, Section]
    names: Sequence[Listed] = field(repr=False)
    unopened: int


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


def open_pack(pack: Path, identity: Path) -> Opened:
    """The pack as it was made. Raises HandoverTrouble."""
    files = _whole(pack)
    if FILE not in files:
        raise HandoverTrouble(
            f"{pack} holds no closed names ({FILE}): there is nothing to open, use it as it is."
        )
    keys = closed.identities(identity)
    if not keys:
        raise HandoverTrouble(
            f"{identity} holds no private key of age that can be read: it is the file that"
            " age-keygen made, with a line AGE-SECRET-KEY-1…"
        )
    try:
        told = orjson.loads(files[FILE])
        sheet = Sheet(**{**told["sheet"], "sections": _sections(told["sheet"]["sections"])})
        day = date.fromisoformat(told["day"])
        sections = {one["signer"]: Section(**one["section"]) for one in told["names"]}
        found, unopened = _names(told["names"], keys)
    except (KeyError, TypeError, ValueError) as problem:
        raise HandoverTrouble(
            f"{pack / FILE} has not the form that `handover` writes: make the pack once more."
        ) from problem
    if unopened and not found:
        raise HandoverTrouble(
            f"{identity} opens none of the {unopened} names: they were closed to another key"
            " (BOT_HANDOVER_KEY); give the file with the private key that belongs to it."
        )
    return Opened(files, sheet, day, sections, found, unopened)


def _sections(told: Sequence[dict[str, Any]]) -> list[Section]:
    return [Section(**one) for one in told]


def _names(told: Sequence[dict[str, Any]], keys: list[Any]) -> tuple[list[Listed], int]:
    """In the order of the list that is handed over, and how many could not be opened."""
    found: list[Listed] = []
    unopened = 0
    for kind in told:
        names = list(kind["read"])
        for one in kind["closed"]:
            try:
                plain = closed.open_(b64decode(one), keys)
            except closed.NotOpened:
                unopened += 1
                continue
            # Whoever has the public key can close anything: only what can be a name is one.
            if name := one_line(plain.decode("utf-8", "replace")):
                names.append(name)
        for name in alphabetical(names):
            found.append(Listed(len(found) + 1, kind["signer"], name))
    return found, unopened


def _whole(pack: Path) -> dict[str, bytes]:
    """Its files, each with the checksum that it was made with."""
    try:
        lines = (pack / SUMS).read_text(encoding="utf-8").splitlines()
        names = dict(line.split("  ", 1)[::-1] for line in lines)
        files = {name: (pack / Path(name).name).read_bytes() for name in names}
    except (OSError, ValueError) as problem:
        raise HandoverTrouble(
            f"{pack} is no pack that can be read: name the directory that `handover` wrote, with"
            f" {SUMS} and all files in it."
        ) from problem
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != names[name]:
            raise HandoverTrouble(
                f"{pack / name} is not as it was made (its checksum is another): copy the pack"
                " once more."
            )
    return files


def to_moderate(opened: Opened, out: Path) -> Path:
    """A table with one row a name, and a column in which any sign leaves it out."""
    rows = [(one.number, one.signer, one.name, "") for one in opened.names]
    [path] = written([table(TO_MODERATE, HEAD, rows)], out)
    return path


async def final_pack(opened: Opened, moderated: Path, out: Path) -> list[Path]:
    """The pack with the names that were not left out, like one that was never closed."""
    out_of_it = _left_out(opened, moderated)
    kept = [one for one in opened.names if one.number not in out_of_it]
    sections = [
        replace(section, names=[one.name for one in kept if one.signer == signer])
        for signer, section in opened.sections.items()
        if any(one.signer == signer for one in kept)
    ]
    sheet = replace(opened.sheet, sections=[*opened.sheet.sections, *sections])
    document = await handover_pdf(sheet, opened.day)
    totals = orjson.loads(opened.files[TOTALS])
    for signer, told in totals["signers"].items():
        told["names"] = sum(one.signer == signer for one in kept)
    mine = {document.name, FILE, TOTALS}
    made = [
        document,
        *(Made(n, "", content) for n, content in opened.files.items() if n not in mine),
        *([names_table([(one.signer, one.name) for one in kept])] if kept else []),
        as_json(totals),
    ]
    return written([*made, checksums(made)], out)


def _left_out(opened: Opened, moderated: Path) -> Collection[int]:
    """The numbers with something in the last column. Every row must be there as it was: one that is
    gone, or a column sorted without the others, would leave out somebody else."""
    try:
        text = _decoded(moderated.read_bytes())
        delimiter = next((one for one in ";\t" if one in text.split("\n", 1)[0]), ",")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    except (OSError, csv.Error) as problem:
        raise HandoverTrouble(
            f"{moderated} cannot be read: give the table {TO_MODERATE}, filled in."
        ) from problem
    out: set[int] = set()
    there: set[int] = set()
    expected = {one.number: one for one in opened.names}
    for row in rows:
        written_number = (row.get("number") or "").strip()
        if not any((cell or "").strip() for cell in row.values() if isinstance(cell, str)):
            continue
        one = expected.get(int(written_number)) if written_number.isdecimal() else None
        if one is None or _same(row.get("name") or "") != _same(safe_cell(one.name)):
            raise HandoverTrouble(
                f"{moderated}: the row with the number {written_number or '(none)'} has not the"
                f" name it was made with. Change nothing but the column “{HEAD[-1]}”, sort whole"
                " rows only, and save it as CSV in UTF-8."
            )
        if one.number in there:
            raise HandoverTrouble(f"{moderated}: the number {one.number} is there twice.")
        there.add(one.number)
        if (row.get(HEAD[-1]) or "").strip():
            out.add(one.number)
    if missing := sorted(expected.keys() - there):
        raise HandoverTrouble(
            f"{moderated}: the row with the number {missing[0]} is missing ({len(missing)} in"
            f" all). Put a sign into the column “{HEAD[-1]}” instead of deleting a row."
        )
    return out


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # as Excel saves a plain CSV


def _same(name: str) -> str:
    """A spreadsheet may take an apostrophe at the front for its own."""
    return " ".join(unicodedata.normalize("NFC", name).split()).removeprefix("'").strip()
