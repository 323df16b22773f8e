"""The document that goes with a pack: its sections, in words of one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot.campaign.content import Campaign
from bot.campaign.effects import Evidence
from bot.campaign.messages import words
from bot.documents.handover_pdf import Section, Sheet
from bot.handover.facts import PackFacts
from bot.wording import Wording


class PackWording:
    """The facts of a pack in words of one language."""

    def __init__(
        self, campaign: Campaign, wording: Wording, language: str, facts: PackFacts, today: date
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
            accent=self._campaign.organisation.colours.on_white,
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
        rows = [(self.country(code), self._number(number)) for code, number in self.by_country()]
        head = (self._label("country"), self._label("signatures"))
        return Section(self._label("countries"), self._label("small"), head=head, rows=rows)

    def by_country(self) -> list[tuple[str, int]]:
        """The largest first, the others last."""
        counts: Mapping[str, int] = self._told["by_country"]
        return sorted(counts.items(), key=lambda pair: (not pair[0], -pair[1], pair[0]))

    def country(self, code: str) -> str:
        """Its name; the others together where there is no code."""
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
