"""The pack's tables: countries, names and totals, for spreadsheets and machines."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from bot.campaign.channel import Made
from bot.handover.document import PackWording
from bot.handover.facts import PackFacts

TOTALS = "totals.json"
COUNTRIES = "countries.csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet read a cell as a formula; in full width, too, as a Chinese or Japanese
keyboard writes it."""


def tables(
    facts: PackFacts, wording: PackWording, cases: Collection[str], today: date
) -> Iterable[Made]:
    """Countries, names and totals for machines."""
    yield table(
        COUNTRIES,
        ("signer", "code", "country", "signatures"),
        [
            (signer.value, code, wording.country(code), number)
            for signer in facts.signers
            for code, number in wording.by_country(signer)
        ],
    )
    if facts.names.read and not facts.names.closed:
        listed = [(one.value, name) for one, names in facts.names.read.items() for name in names]
        yield names_table(listed)
    evidence = [
        {"case": case, "action": action, "evidence": step.value, "supporters": number}
        for (case, action, step), number in sorted(facts.evidence.items())
        if case in cases
    ]
    document = {
        "petition": facts.petition,
        "day": today,
        "destroyed_on": facts.frozen.day if facts.frozen else None,
        "signers": {
            signer.value: {**told, "names": facts.names.number(signer)}
            for signer, told in facts.signers.items()
        },
        "evidence": evidence,
        "decisions": [
            {
                "signer": one.signer.value,
                "day": one.day,
                "lots": one.lots,
                "verdict": one.verdict.value,
                "reason": one.reason,
                "by": one.by,
                "signatures": one.signatures,
                "decided_on": one.decided_on,
            }
            for one in facts.decisions
        ],
    }
    yield as_json(document)


def as_json(totals: Mapping[str, Any]) -> Made:
    """The totals for machines."""
    content = orjson.dumps(totals, option=orjson.OPT_INDENT_2)
    return Made(TOTALS, "application/json", content)


def names_table(listed: Iterable[tuple[str, str]]) -> Made:
    """The list of names, each with the kind of its signer."""
    return table("names.csv", ("signer", "name"), listed)


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Made:
    """A CSV file that opens in a spreadsheet as text and never as a formula."""
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    writer.writerow(head)
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
    # The mark tells spreadsheets that it is UTF-8.
    return Made(name, "text/csv", lines.getvalue().encode("utf-8-sig"))


def table_again(name: str, content: bytes) -> Made:
    """The same table, whoever has made it, as text and never as a formula."""
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    return table(name, [safe_cell(cell) for cell in head], rows)


def safe_cell(value: object) -> str:
    """The cell as text; an apostrophe stands before what would be read as a formula."""
    text = str(value)
    # Blanks are passed over by spreadsheets, also wide ones; a tab is no blank.
    first = unicodedata.normalize("NFKC", text).lstrip(" ")
    return f"'{text}" if first.startswith(FORMULA) else text
