"""The document that goes with a pack: its sections, in words of one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot.campaign.content import Campaign
from bot.campaign.effects import Evidence
from bot.campaign.messages import words
from bot.campaign.signatures import Signer
from bot.documents.handover_pdf import Section, Sheet
from bot.handover.facts import PackFacts
from bot.wording import Wording

LOTS_SHOWN = 12
"""Of one decision; totals.json has them all."""


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

    def _said(self, key: str, **values: Any) -> str:
        return self._wording.text(words(key, **values), self._language, "plain")

    def _label(self, key: str, **values: Any) -> str:
        return self._said(f"handover.{key}", **values)

    def _number(self, number: int) -> str:
        return self._label("number", number=number)

    def sheet(self, *, with_names: bool = True) -> Sheet:
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
            totals=[
                (
                    self._number(told["total"]),
                    self._label(f"total.{signer.value}", number=told["total"]),
                )
                for signer, told in self._facts.signers.items()
            ],
            intro=[
                self._label("certificate_intro", day=frozen.day)
                if frozen
                else self._label("intro", days=self._campaign.retention.signatures_days, end=end)
            ],
            sections=[
                *map(self._countries, self._facts.signers),
                *self._texts(),
                *self._consents(),
                *map(self._reckoning, self._facts.signers),
                *self._evidence(),
                *self._decisions(),
                *(self._names() if with_names else ()),
            ],
        )

    def _kind(self, signer: Signer) -> str:
        return self._label(f"kind.{signer.value}")

    def _countries(self, signer: Signer) -> Section:
        found = self.by_country(signer)
        rows = [(self.country(code), self._number(number)) for code, number in found]
        head = (self._label("country"), self._label("signatures"))
        title = self._label("countries", kind=self._kind(signer))
        return Section(title, self._label("small"), head=head, rows=rows)

    def by_country(self, signer: Signer) -> list[tuple[str, int]]:
        """Of one kind of signers: the largest first, the others last."""
        counts: Mapping[str, int] = self._facts.signers[signer]["by_country"]
        return sorted(counts.items(), key=lambda pair: (not pair[0], -pair[1], pair[0]))

    def country(self, code: str) -> str:
        """Its name; the others together where there is no code."""
        return self._campaign.country(code, self._language) if code else self._label("others")

    def _texts(self) -> Iterable[Section]:
        for text in self._facts.texts:
            signed = {
                signer: one["signatures"]
                for signer, told in self._facts.signers.items()
                for one in told["texts"]
                if one["hash"] == text.hash
            }
            if signed:
                title = self._label("text", version=text.version, language=text.language)
                note = self._noted(text.hash, signed)
                yield Section(title, note, paragraphs=text.text.split("\n\n"))

    def _noted(self, hash_: str, numbers: Mapping[Signer, int]) -> str:
        """So many of each kind stand under the text of that hash."""
        each = tuple(
            words(f"handover.of.{signer.value}", number=number)
            for signer, number in numbers.items()
        )
        return self._label("text_note", each=each, hash=hash_)

    def _consents(self) -> Iterable[Section]:
        for text in self._facts.consents:
            given = {
                signer: told["consents"][text.hash]
                for signer, told in self._facts.signers.items()
                if told.get("consents", {}).get(text.hash)
            }
            if given:
                title = self._label("consent", language=text.language)
                yield Section(title, self._noted(text.hash, given), paragraphs=[text.text])

    def _reckoning(self, signer: Signer) -> Section:
        told = self._facts.signers[signer]
        rows = [
            (self._label(kind), self._number(told[kind]))
            for kind in ("signed", "withdrawn", "rejected", "taken_out", "pending")
            if kind in told
        ]
        rows.append((self._label("total_row"), self._number(told["total"])))
        first, last = told["first_day"], told["last_day"]
        note = self._label("dates", first=first, last=last) if first else ""
        head = (self._label("what"), self._label("signatures"))
        title = self._label("reckoning", kind=self._kind(signer))
        return Section(title, note, head=head, rows=rows)

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
                    kind=self._kind(decision.signer),
                    lots=", ".join(decision.lots[:LOTS_SHOWN]),
                    more=max(0, len(decision.lots) - LOTS_SHOWN),
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
        listed = self._facts.names
        for signer in self._facts.signers:
            number = listed.number(signer)
            if not number:
                continue
            note = self._label("names_note", number=number)
            if listed.closed:
                yield Section(self._names_of(signer), f"{note} {self._label('names_closed')}")
            else:
                yield Section(self._names_of(signer), note, names=listed.read[signer])

    def _names_of(self, signer: Signer) -> str:
        return self._label("names", kind=self._kind(signer))

    def names_opened(self, signer: Signer) -> Section:
        """What stands above names that are opened elsewhere, however many are left then."""
        return Section(self._names_of(signer), self._label("names_opened"))
