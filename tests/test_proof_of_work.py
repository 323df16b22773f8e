"""Work before signing: one hash checks it, it belongs to one visitor and one turn, and ends."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import select

from bot.channels.web_chat.lots import Lots, network
from bot.channels.web_chat.proof import LIFE, MOST, MUCH, Challenge, Proofs
from bot.store.petitions.tables import signatures
from tests.chat_page import Visitor, new_key, opened_page
from tests.house import PETITION

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
KEY, OTHER = new_key(), new_key()
LOT = "a" * 10
SIGN = f"sign:{PETITION}:fr"


def solved(challenge: Challenge) -> str:
    """As the page's worker does it."""
    below = 2**32 // challenge.work
    for number in count():
        proof = f"{challenge.text}.{number}"
        if int.from_bytes(hashlib.sha256(proof.encode()).digest()[:4]) < below:
            return proof
    raise AssertionError


def test_a_proof_holds_for_its_visitor_its_turn_and_its_time_alone() -> None:
    proofs = Proofs(b"secret", work=50)
    proof = solved(proofs.challenge(KEY, LOT, NOON))
    late = NOON + timedelta(seconds=LIFE + 1)
    assert not proofs.holds(proof, OTHER, LOT, "turn", NOON)
    assert not proofs.holds(proof, KEY, LOT, "turn", late)
    assert not Proofs(b"another", work=50).holds(proof, KEY, LOT, "turn", NOON)
    assert proofs.holds(proof, KEY, LOT, "turn", NOON)
    assert proofs.holds(proof, KEY, LOT, "turn", NOON), "a turn that is posted again"
    assert not proofs.holds(proof, KEY, LOT, "another turn", NOON), "a replay"


def test_what_is_no_proof_is_refused_without_a_fault() -> None:
    proofs = Proofs(b"secret", work=1_000_000)
    text = proofs.challenge(KEY, LOT, NOON).text
    for nothing in ("", "x", text, f"{text}.", f"{text}.1x", f"{text}.1", f"{'_' * 40}.1", "é.1"):
        assert not proofs.holds(nothing, KEY, LOT, "turn", NOON)


def test_the_work_rises_for_its_own_network_alone_and_falls_with_the_hour() -> None:
    proofs = Proofs(b"secret", work=50)
    for number in range(MUCH):
        challenge = proofs.challenge(KEY, LOT, NOON)
        assert proofs.holds(solved(challenge), KEY, LOT, f"turn {number}", NOON)
    assert proofs.challenge(KEY, LOT, NOON).work == 50 * MOST
    assert proofs.challenge(KEY, "b" * 10, NOON).work == 50
    assert proofs.challenge(KEY, LOT, NOON + timedelta(hours=1)).work == 50


def test_a_lot_is_a_network_and_a_day_and_leads_nowhere() -> None:
    lots, today, tomorrow = Lots(), date(2026, 3, 4), date(2026, 3, 5)
    first = lots.of("198.51.100.7", today)
    assert first == lots.of("198.51.100.250", today) == lots.of("::ffff:198.51.100.9", today)
    assert first != lots.of("198.51.101.7", today)
    assert lots.of("2001:db8:1:2::3", today) == lots.of("2001:db8:1:ffff::", today)
    assert lots.of("2001:db8:2::", today) != lots.of("2001:db8:1::", today)
    assert lots.of("198.51.100.7", tomorrow) != first
    assert lots.of("198.51.100.7", today) != first, "the key of a day that is over is gone"
    assert Lots().of("198.51.100.7", today) != first
    assert network("testclient") == "testclient"


async def states(visitor: Visitor) -> list[str]:
    async with visitor.page.app.store.reading() as connection:
        return list((await connection.execute(select(signatures.c.state))).scalars())


async def test_a_signature_with_work_counts_and_the_same_without_is_held(data: Path) -> None:
    async with opened_page(data) as page, page.visitor() as anna, page.visitor() as ben:
        for visitor in (anna, ben):
            await visitor.posts("start", data="mamat")
        asked = await anna.client.post("chat/proof", headers=anna.headers)
        challenge = Challenge(asked.json()["challenge"], asked.json()["work"])
        proof = solved(challenge)
        assert (await ben.posts("choose", data=SIGN, proof=proof)).status_code == 204
        assert await states(anna) == ["pending"], "the work of another visitor is none"
        assert (await anna.posts("choose", data=SIGN, proof=proof)).status_code == 204
        assert sorted(await states(anna)) == ["counted", "pending"]
        nobody = await anna.client.post("chat/proof", headers={"Origin": page.origin})
        assert nobody.status_code == 401


async def test_a_machine_that_posts_fresh_keys_has_none_of_them_counted(data: Path) -> None:
    async with opened_page(data) as page, page.visitor() as machine:
        for _ in range(60):
            machine.key = new_key()
            assert (await machine.posts("choose", data=SIGN)).status_code == 204, "none refused"
        assert await states(machine) == ["pending"] * 60
