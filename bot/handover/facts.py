"""What a pack is made from, read in one moment; and what may be wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.campaign.effects import Evidence
from bot.campaign.signatures import Signer
from bot.keys import Keys
from bot.store import counters
from bot.store.database import Database
from bot.store.petitions import destroying, held, signed_texts, totals
from bot.store.petitions.destroying import Frozen
from bot.store.petitions.held import Decision
from bot.store.petitions.signed_texts import SIGNING, SignedText
from bot.store.petitions.totals import Names


class HandoverTrouble(Exception):
    """The pack cannot be made; the text is a sentence for whoever asked for it."""


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What a pack is made from."""

    petition: str
    signers: Mapping[Signer, Mapping[str, Any]]
    """Totals of each kind, never added up."""
    names: Names
    texts: Sequence[SignedText]
    consents: Sequence[SignedText]
    """What was agreed to by signing."""
    evidence: Mapping[tuple[str, str, Evidence], int]
    decisions: Sequence[Decision]
    frozen: Frozen | None


async def read(store: Database, keys: Keys, petition: str) -> PackFacts:
    """Everything about that petition. Raises HandoverTrouble where its numbers do not add up."""
    # The writing connection sees one moment: nothing may be signed between two of these queries.
    async with store.writing() as connection:
        frozen = await destroying.frozen(connection, petition)
        kept = frozen.totals if frozen else await totals.of_petition(connection, petition)
        facts = PackFacts(
            petition=petition,
            signers=counters.frozen_by_signer(kept),
            names=Names() if frozen else await totals.names(connection, keys, petition),
            texts=await signed_texts.find(connection, petition),
            consents=await signed_texts.find(connection, SIGNING),
            evidence=await counters.by_evidence(connection),
            decisions=await held.decided(connection, petition),
            frozen=frozen,
        )
    for signer, told in facts.signers.items():
        _reconciled(signer, told)
    for text in (*facts.texts, *facts.consents):
        if hashlib.sha256(text.text.encode()).hexdigest() != text.hash:
            raise HandoverTrouble(
                f"A text ({text.language}, version {text.version}) is not the one that was signed:"
                " somebody has changed it in the database. Compare with a backup, and find out who"
                " can reach the machine."
            )
    return facts


def _reconciled(signer: Signer, told: Mapping[str, Any]) -> None:
    out = told.get("taken_out", 0)
    left = told["signed"] - told["withdrawn"] - told["rejected"] - out - told["pending"]
    if left != told["total"]:
        raise HandoverTrouble(
            f"The numbers ({signer.value}) do not add up: {told['signed']} signed,"
            f" {told['withdrawn']} withdrawn, {told['rejected']} rejected, {out} taken out and"
            f" {told['pending']} pending should leave"
            f" {told['total']}. Run recount first, and find out why."
        )
