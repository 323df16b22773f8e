"""The pack for a hand-over adds up, opens safely in a spreadsheet, and ends with a certificate."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from bot.campaign.rules import BurstRule
from bot.handover import HandoverTrouble, hand_over
from bot.handover.tables import safe_cell
from bot.store import audit
from bot.store.petitions.tables import signed_texts, tallies
from bot.upkeep import purging
from tests.house import BOSS, CAMPAIGN, PETITION, WORDING, House, house

TODAY = date(2026, 3, 4)


async def a_petition(opened: House) -> None:
    """Ten sign, one withdraws, one is forgotten, one is left without a person, three are held."""
    people = [f"person-{n}" for n in range(10)]
    await opened.sign(*people[:7])
    for person in people[:6]:
        await opened.press(person, f"country:{PETITION}:FR")
    await opened.sign(*people[7:])
    await opened.press("person-6", f"unsign:{PETITION}")
    await opened.press("person-5", "forget:all")
    await opened.press("person-4", "forget:keep")
    await opened.lift_approvals()
    await opened.press(BOSS, f"decide:{PETITION}:2026-03-04:reject:copies:account")
    await opened.press("person-0", f"listed:{PETITION}")
    await opened.press("person-0", f"namerisk:{PETITION}:no")
    await opened.say("person-0", '=HYPERLINK("http://example.org")')
    await opened.press("person-1", "act:mamat:letter")


async def make(opened: House, out: Path, today: date = TODAY, language: str = "") -> list[Path]:
    return await hand_over(
        opened.store, opened.keys, CAMPAIGN, WORDING, PETITION, out, today, opened.now, language
    )


GUARDED = CAMPAIGN.model_copy(update={"burst_guard": BurstRule(signatures=7, minutes=10)})


async def test_the_pack_adds_up_and_its_checksums_hold(data: Path, tmp_path: Path) -> None:
    async with house(data, GUARDED, staff=[BOSS]) as opened:
        await a_petition(opened)
        paths = await make(opened, tmp_path / "pack")
    assert [path.name for path in paths] == [
        *("petition.pdf", "countries.csv", "names.csv", "totals.json", "SHA256SUMS")
    ]
    totals = json.loads((tmp_path / "pack" / "totals.json").read_bytes())
    accounts, browsers = totals["signers"]["account"], totals["signers"]["browser"]
    assert (accounts["signed"], accounts["withdrawn"], accounts["rejected"]) == (10, 2, 3)
    assert accounts["total"] == 5 == 10 - 2 - 3
    assert browsers["total"] == browsers["signed"] == 0
    assert "total" not in totals, "two kinds are never added up"
    assert totals["decisions"][0]["reason"] == "copies"
    assert {"case": "mamat", "action": "letter", "evidence": "opened", "supporters": 1} in totals[
        "evidence"
    ]
    for line in (tmp_path / "pack" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        content = (tmp_path / "pack" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    assert (tmp_path / "pack" / "names.csv").stat().st_mode & 0o077 == 0


async def test_the_document_shows_total_text_and_names(data: Path, tmp_path: Path) -> None:
    async with house(data, GUARDED, staff=[BOSS]) as opened:
        await a_petition(opened)
        for language, said in (("fr", "Noms"), ("en", "Names")):
            await make(opened, tmp_path / language, language=language)
            pages = PdfReader(tmp_path / language / "petition.pdf").pages
            text = " ".join(" ".join(page.extract_text().split()) for page in pages)
            assert said in text
            assert CAMPAIGN.petition_hashes[PETITION, "fr"] in text.replace(" ", "")
            assert "HYPERLINK" in text


async def test_the_same_day_and_data_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    async with house(data, GUARDED, staff=[BOSS]) as opened:
        await a_petition(opened)
        await make(opened, tmp_path / "one")
        await make(opened, tmp_path / "two")
    sums = [(tmp_path / pack / "SHA256SUMS").read_text() for pack in ("one", "two")]
    assert sums[0] == sums[1]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u3000＝1",
        "﹦1",
        "\u00a0=1",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe_cell(text) == "'" + text


async def test_a_name_that_looks_like_a_formula_is_text(data: Path, tmp_path: Path) -> None:
    async with house(data) as opened:
        await opened.sign("anna")
        await opened.press("anna", f"listed:{PETITION}")
        await opened.press("anna", f"namerisk:{PETITION}:no")
        await opened.say("anna", "=1+1")
        await make(opened, tmp_path / "pack")
    table = (tmp_path / "pack" / "names.csv").read_text("utf-8-sig")
    assert list(csv.reader(io.StringIO(table))) == [["signer", "name"], ["account", "'=1+1"]]


async def test_numbers_that_do_not_add_up_are_not_handed_over(data: Path, tmp_path: Path) -> None:
    async with house(data) as opened:
        await opened.sign("anna", "ben")
        async with opened.store.writing() as connection:
            await connection.execute(update(tallies).values(count=7))
        with pytest.raises(HandoverTrouble, match="do not add up"):
            await make(opened, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


async def test_a_text_that_was_changed_in_the_database_is_not_handed_over(
    data: Path, tmp_path: Path
) -> None:
    async with house(data) as opened:
        await opened.sign("anna")
        async with opened.store.writing() as connection:
            await connection.execute(update(signed_texts).values(text="Something else."))
        with pytest.raises(HandoverTrouble, match="not the one that was signed"):
            await make(opened, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


async def test_a_pack_is_never_written_over_another_one_and_each_stands_in_the_log(
    data: Path, tmp_path: Path
) -> None:
    async with house(data) as opened:
        await opened.sign("anna")
        first = [(path, path.read_bytes()) for path in await make(opened, tmp_path / "pack")]
        await opened.sign("ben")
        with pytest.raises(HandoverTrouble, match=r"something in .* already .*empty directory"):
            await make(opened, tmp_path / "pack")
        assert all(path.read_bytes() == before for path, before in first)
        await make(opened, tmp_path / "second")
        async with opened.store.reading() as connection:
            told = [
                (one.entry.who, one.entry.act, one.entry.detail)
                for one in await audit.newest(connection, 10)
            ]
        assert told == [("shell", "handover", PETITION)] * 2


async def test_an_unknown_petition_and_a_full_directory_are_told(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "other.txt").touch()
    async with house(data) as opened:
        with pytest.raises(HandoverTrouble, match=r"something in .*other\.txt"):
            await make(opened, tmp_path / "full")
        with pytest.raises(HandoverTrouble, match="choose one of xinjiang"):
            await hand_over(
                *(opened.store, opened.keys, CAMPAIGN, WORDING, "nothing"),
                *(tmp_path / "pack", TODAY, opened.now),
            )


async def test_after_the_destruction_there_is_a_dated_certificate(
    data: Path, tmp_path: Path
) -> None:
    async with house(data, at=datetime(2026, 3, 4, 12, tzinfo=UTC)) as opened:
        await opened.sign("anna", "ben")
        await make(opened, tmp_path / "pack")
        petition = CAMPAIGN.petitions[PETITION].model_copy(
            update={"state": "closed", "delivered": "2026-03-05"}
        )
        delivered = CAMPAIGN.model_copy(update={"petitions": {PETITION: petition}})
        opened.later(days=40)
        purged = await purging.purge(opened.store, opened.keys, delivered, opened.now)
        assert purged.destroyed == (PETITION,)
        paths = await make(opened, tmp_path / "end", TODAY + timedelta(days=50))
        text = " ".join(PdfReader(paths[0]).pages[0].extract_text().split())
        assert paths[0].name == "certificat.pdf"
        assert "Certificat du 13 avril 2026" in text
        totals = json.loads((tmp_path / "end" / "totals.json").read_bytes())
        assert totals["signers"]["account"]["total"] == 2
