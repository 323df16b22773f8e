"""The pack that is handed over with a petition: a document, tables, totals, checksums.

Made as often as wanted, from the rows themselves; that one was made is noted, since signatures are
destroyed only after. When they are, the same command gives the certificate.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from bot.campaign.content import Campaign
from bot.campaign.delivery import Made
from bot.campaign.effects import Evidence
from bot.campaign.messages import words
from bot.documents.handover_pdf import Section, Sheet, handover_pdf
from bot.keys import Keys
from bot.store import counters, destroying, held, signed_texts, totals
from bot.store.database import Store
from bot.store.destroying import Frozen, Pack
from bot.store.held import Decision
from bot.store.signed_texts import SignedText
from bot.wording import Wording

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet read a cell as a formula."""


class HandoverTrouble(Exception):
    """The pack cannot be made; the text is a sentence for whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a pack is made from."""

    petition: str
    totals: Mapping[str, Any]
    names: Sequence[str]
    texts: Sequence[SignedText]
    evidence: Mapping[tuple[str, str, Evidence], int]
    decisions: Sequence[Decision]
    frozen: Frozen | None


async def hand_over(
    store: Store,
    keys: Keys,
    campaign: Campaign,
    wording: Wording,
    petition: str,
    out: Path,
    today: date,
    language: str = "",
) -> list[Path]:
    """Write the pack (or, after the destruction, the certificate) into a directory.

    Raises HandoverTrouble where the petition is unknown, the numbers are not reconciled, or the
    directory holds something else already.
    """
    if petition not in campaign.petitions:
        known = ", ".join(campaign.petitions)
        raise HandoverTrouble(f'There is no petition "{petition}": choose one of {known}.')
    facts = await _read(store, keys, campaign, petition)
    _reconciled(facts.totals)
    telling = _Telling(campaign, wording, language or campaign.languages[0], facts, today)
    made = [await handover_pdf(telling.sheet(), today), *telling.tables()]
    made.append(_checksums(made))
    paths = _written(made, out)
    if facts.frozen is None:
        pack = Pack(_digest(made[-1]), today, facts.totals["total"])
        async with store.writing() as connection:
            await destroying.packed(connection, petition, pack)
    return paths


async def _read(store: Store, keys: Keys, campaign: Campaign, petition: str) -> Facts:
    # The writing connection sees one moment: nothing may be signed between two of these queries.
    async with store.writing() as connection:
        frozen = await destroying.frozen(connection, petition)
        kept = frozen.totals if frozen else await totals.of_petition(connection, petition)
        return Facts(
            petition=petition,
            totals=kept,
            names=[] if frozen else await totals.names(connection, keys, petition),
            texts=await signed_texts.find(connection, petition),
            evidence=await counters.by_evidence(connection),
            decisions=await held.decided(connection, petition),
            frozen=frozen,
        )


def _reconciled(told: Mapping[str, Any]) -> None:
    left = told["signed"] - told["withdrawn"] - told["rejected"] - told["pending"]
    if left != told["total"]:
        raise HandoverTrouble(
            f"The numbers do not add up: {told['signed']} signed, {told['withdrawn']} withdrawn,"
            f" {told['rejected']} rejected and {told['pending']} pending should leave"
            f" {told['total']}. Run recount first, and find out why."
        )


class _Telling:
    """The facts in words of one language."""

    def __init__(
        self, campaign: Campaign, wording: Wording, language: str, facts: Facts, today: date
    ):
        self._campaign = campaign
        self._wording = wording
        self._language = language
        self._facts = facts
        self._today = today
        self._told = facts.totals

    def _said(self, key: str, **values: Any) -> str:
        return self._wording.text(words(key, **values), self._language, "plain")

    def _label(self, key: str, **values: Any) -> str:
        return self._said(f"handover.{key}", **values)

    def _number(self, number: int) -> str:
        return self._label("number", number=number)

    def sheet(self) -> Sheet:
        """The document: the pack's, or the certificate."""
        frozen = self._facts.frozen
        end = date.fromordinal(self._today.toordinal() + self._campaign.retention.signatures_days)
        return Sheet(
            file=self._label("certificate_file" if frozen else "file"),
            title=self._said(f"petitions.{self._facts.petition}.title"),
            org=self._campaign.organisation.name,
            accent=self._campaign.organisation.accent,
            language=self._language,
            dated=self._label(
                "certificate_dated" if frozen else "dated",
                day=frozen.day if frozen else self._today,
            ),
            total=self._number(self._told["total"]),
            total_label=self._label("total", number=self._told["total"]),
            intro=[
                self._label("certificate_intro", day=frozen.day)
                if frozen
                else self._label("intro", days=self._campaign.retention.signatures_days, end=end)
            ],
            sections=[
                self._countries(),
                *self._texts(),
                self._reckoning(),
                *self._evidence(),
                *self._decisions(),
                *self._names(),
            ],
        )

    def _countries(self) -> Section:
        rows = [(self._country(code), self._number(number)) for code, number in self._by_country()]
        head = (self._label("country"), self._label("signatures"))
        return Section(self._label("countries"), self._label("small"), head=head, rows=rows)

    def _by_country(self) -> list[tuple[str, int]]:
        """The largest first, the others last."""
        counts: Mapping[str, int] = self._told["by_country"]
        return sorted(counts.items(), key=lambda pair: (not pair[0], -pair[1], pair[0]))

    def _country(self, code: str) -> str:
        return self._campaign.country(code, self._language) if code else self._label("others")

    def _texts(self) -> Iterable[Section]:
        signed = {text["hash"]: text["signatures"] for text in self._told["texts"]}
        for text in self._facts.texts:
            if text.hash in signed:
                title = self._label("text", version=text.version, language=text.language)
                note = self._label("text_note", number=signed[text.hash], hash=text.hash)
                yield Section(title, note, paragraphs=text.text.split("\n\n"))

    def _reckoning(self) -> Section:
        rows = [
            (self._label(kind), self._number(self._told[kind]))
            for kind in ("signed", "withdrawn", "rejected", "pending")
        ]
        rows.append((self._label("total_row"), self._number(self._told["total"])))
        first, last = self._told["first_day"], self._told["last_day"]
        note = self._label("dates", first=first, last=last) if first else ""
        head = (self._label("what"), self._label("signatures"))
        return Section(self._label("reckoning"), note, head=head, rows=rows)

    def _evidence(self) -> Iterable[Section]:
        rows = []
        for case_id, case in self._campaign.cases.items():
            if case.petition != self._facts.petition:
                continue
            for action in case.actions:
                title = self._said(f"{case_id}.action.{action.id}.title")
                rows += [
                    (
                        self._label(
                            "step",
                            name=case.name,
                            title=title,
                            step=words(f"handover.evidence.{evidence.value}"),
                        ),
                        self._number(self._facts.evidence.get((case_id, action.id, evidence), 0)),
                    )
                    for evidence in Evidence
                ]
        if rows:
            head = (self._label("what"), self._label("people"))
            note = self._label("evidence_note")
            yield Section(self._label("evidence_title"), note, head=head, rows=rows)

    def _decisions(self) -> Iterable[Section]:
        rows = [
            (
                self._label(
                    f"verdict.{decision.verdict.value}",
                    day=decision.day,
                    decided=decision.decided_on,
                    reason=self._said(f"pending.reason.{decision.reason}"),
                ),
                self._number(decision.signatures),
            )
            for decision in self._facts.decisions
        ]
        if rows:
            head = (self._label("what"), self._label("signatures"))
            yield Section(self._label("decisions"), head=head, rows=rows)

    def _names(self) -> Iterable[Section]:
        if self._facts.names:
            note = self._label("names_note", number=len(self._facts.names))
            yield Section(self._label("names"), note, names=self._facts.names)

    def tables(self) -> Iterable[Made]:
        """Countries, names and totals for machines."""
        yield _table(
            "countries.csv",
            ("code", "country", "signatures"),
            [(code, self._country(code), number) for code, number in self._by_country()],
        )
        if self._facts.names:
            yield _table("names.csv", ("name",), [(name,) for name in self._facts.names])
        evidence = [
            {"case": case, "action": action, "evidence": step.value, "supporters": number}
            for (case, action, step), number in sorted(self._facts.evidence.items())
            if case in self._campaign.cases
        ]
        document = {
            "petition": self._facts.petition,
            "day": self._today,
            "destroyed_on": self._facts.frozen.day if self._facts.frozen else None,
            **self._told,
            "names": len(self._facts.names),
            "evidence": evidence,
            "decisions": [
                {
                    "day": one.day,
                    "verdict": one.verdict.value,
                    "reason": one.reason,
                    "by": one.by,
                    "signatures": one.signatures,
                    "decided_on": one.decided_on,
                }
                for one in self._facts.decisions
            ],
        }
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        yield Made("totals.json", "application/json", content)


def _table(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Made:
    """A CSV file that opens in a spreadsheet as text and never as a formula."""
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    writer.writerow(head)
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
    # The mark tells spreadsheets that it is UTF-8.
    return Made(name, "text/csv", lines.getvalue().encode("utf-8-sig"))


def safe_cell(value: object) -> str:
    """The cell as text; an apostrophe stands before what would be read as a formula."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _digest(made: Made) -> str:
    return hashlib.sha256(made.content).hexdigest()


def _checksums(made: Iterable[Made]) -> Made:
    """As ``sha256sum --check`` reads it."""
    lines = "".join(f"{_digest(one)}  {one.name}\n" for one in made)
    return Made("SHA256SUMS", "text/plain", lines.encode())


def _written(made: Sequence[Made], out: Path) -> list[Path]:
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        foreign = sorted({file.name for file in out.iterdir()} - {one.name for one in made})
        if foreign:
            raise HandoverTrouble(
                f"There is something else in {out} ({foreign[0]}): choose an empty directory."
            )
        paths = []
        for one in made:
            path = out / one.name
            path.write_bytes(one.content)
            # Names of people are in there.
            path.chmod(0o600)
            paths.append(path)
    except OSError as problem:
        raise HandoverTrouble(
            f"{out} cannot be written ({problem.strerror}): choose another directory."
        ) from problem
    return paths
