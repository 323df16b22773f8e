"""Signatures of browsers: held where they come in bulk, and taken out again by their lots."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.campaign import held, urgent
from bot.campaign.desk_commands.settings import Verdict
from bot.campaign.events import Chose, Started
from bot.campaign.rules import BurstRule
from bot.campaign.signatures import SignatureState, Signer
from bot.store import audit, counters, staff_settings
from bot.store.petitions import held as decisions
from bot.store.petitions import lots, signed_texts
from bot.store.petitions.tables import signatures
from bot.upkeep import recounting
from tests.house import BOSS, CAMPAIGN, PETITION, House, house

FALSE, HONEST = "f" * 10, "a" * 10
DAY = date(2026, 3, 4)
OTHER = "901"
"""A second member of the staff."""
ACCOUNTS = counters.of_signatures(PETITION, Signer.ACCOUNT)
BROWSERS = counters.of_signatures(PETITION, Signer.BROWSER)
HERE = f"{PETITION}:{DAY}"
NO_GUARD = CAMPAIGN.model_copy(update={"burst_guard": BurstRule(signatures=0)})


async def numbers(opened: House) -> dict[str, int]:
    """Every counter, once it is sure that rows, counters and the second book say the same."""
    found = await recounting.recount(opened.store, DAY, repair=False)
    assert found.is_right, found
    async with opened.store.reading() as connection:
        kept = await counters.all_values(connection)
    return {name: number for name, number in kept.items() if name != counters.SUPPORTERS}


async def states(opened: House, signer: Signer = Signer.BROWSER) -> dict[str, int]:
    async with opened.store.reading() as connection:
        rows = await connection.execute(
            select(signatures.c.state, func.count())
            .where(signatures.c.signer == signer.value)
            .group_by(signatures.c.state)
        )
        return {str(state): number for state, number in rows}


def keys(number: int, name: str = "key") -> list[str]:
    return [f"{name}-{n}" for n in range(number)]


async def approved(opened: House, name: str) -> None:
    """The second member approves what the first has proposed."""
    async with opened.store.reading() as connection:
        proposed = urgent.proposal(await staff_settings.values(connection, opened.keys), name)
    assert proposed is not None
    _, petition, day = name.split(".")
    await opened.press(OTHER, f"lotok:{petition}:{day}:{proposed.fingerprint}")


async def test_of_a_thousand_fresh_keys_from_one_network_few_count_and_nobody_else_is_held(
    data: Path,
) -> None:
    async with house(data, staff=[BOSS]) as opened:
        await opened.sign_in_browsers(FALSE, *keys(1_000))
        assert await states(opened) == {"counted": 20, "pending": 980}
        await opened.sign("on-telegram")
        await opened.sign_in_browsers(HONEST, "neighbour")
        assert "Votre signature est là" in opened.said["on-telegram"][-1].text
        # The burst is one of browsers: others of these are looked at, accounts are not.
        assert await states(opened, Signer.ACCOUNT) == {"counted": 1}
        assert opened.bursts == [(PETITION, Signer.BROWSER)]
        told = opened.said["key-999"][-1].text
        assert "votre signature est reçue" in told
        assert "le même réseau" in told
        for hour in range(1, 6):
            opened.later(hours=1)
            await opened.sign_in_browsers(FALSE, *keys(30, f"hour-{hour}"))
        counted = await numbers(opened)
        assert counted[BROWSERS] == 20, "what is held fills the day's bound as well"


async def test_a_network_counts_twenty_an_hour_and_sixty_a_day(data: Path) -> None:
    async with house(data) as opened:
        for hour in range(5):
            await opened.sign_in_browsers(HONEST, *keys(20, f"hour-{hour}"))
            opened.later(hours=1)
        assert (await numbers(opened))[BROWSERS] == 60
        opened.later(days=1)
        await opened.sign_in_browsers(HONEST, "later")
        assert (await numbers(opened))[BROWSERS] == 61


async def test_without_work_a_signature_is_held_and_told_so(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign_in_browsers(HONEST, "anna", proven=False)
        assert await states(opened) == {"pending": 1}
        assert "le petit calcul" in opened.said["anna"][-1].text
        assert BROWSERS not in await numbers(opened)


async def test_keys_that_were_made_days_ago_make_a_burst_too(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": BurstRule(signatures=3)})
    async with house(data, guarded) as opened:
        await opened.take(*(opened.event(key, channel="web") for key in keys(8)))
        opened.later(days=3)
        for number, key in enumerate(keys(8)):
            await opened.sign_in_browsers(f"{number:010x}", key)
        assert await states(opened) == {"counted": 3, "pending": 5}
        assert opened.bursts == [(PETITION, Signer.BROWSER)]


async def test_what_is_held_is_decided_for_browsers_apart_from_accounts(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": BurstRule(signatures=1)})
    async with house(data, guarded, staff=[BOSS]) as opened:
        await opened.sign(*keys(4, "account"))
        await opened.sign_in_browsers(FALSE, *keys(4))
        await opened.lift_approvals()
        await opened.press(BOSS, f"decide:{HERE}:reject:copies:browser")
        assert await states(opened) == {"counted": 1, "rejected": 3}
        assert await states(opened, Signer.ACCOUNT) == {"counted": 1, "pending": 3}
        await opened.press(BOSS, f"decide:{HERE}:accept:genuine:account")
        counted = await numbers(opened)
        assert (counted[ACCOUNTS], counted[BROWSERS]) == (4, 1)


async def test_a_lot_is_taken_out_and_put_back_by_two_on_a_later_day(data: Path) -> None:
    async with house(data, NO_GUARD, staff=[BOSS, OTHER]) as opened:
        await opened.sign_in_browsers(FALSE, *keys(30))
        await opened.sign_in_browsers(HONEST, *keys(5, "neighbour"))
        await opened.press("key-0", f"country:{PETITION}:FR")
        before, rows = await numbers(opened), await states(opened)
        assert rows == {"counted": 25, "pending": 10}
        opened.later(days=9)
        days = await opened.press(BOSS, "lots")
        assert "2026-03-04 · environ 40" in [one.label for row in days.buttons for one in row]
        shown = (await opened.press(BOSS, f"lotday:{HERE}")).text
        assert f"{FALSE}\u00a0: comptées environ 20 · en attente moins de 20" in shown
        assert f"{HONEST}\u00a0: comptées moins de 20" in shown

        proposed = await opened.press(BOSS, f"lotout:{HERE}:{FALSE}:in:copies")
        assert "Une autre personne" in proposed.text
        name = held.name_of_lots(PETITION, DAY)
        async with opened.store.reading() as connection:
            wanted = urgent.proposal(await staff_settings.values(connection, opened.keys), name)
        assert wanted is not None
        alone = await opened.press(BOSS, f"lotok:{HERE}:{wanted.fingerprint}")
        assert "n’y a rien écrit" in alone.text
        assert await numbers(opened) == before
        await approved(opened, name)
        assert await states(opened) == {"counted": 5, "out_counted": 20, "out_pending": 10}
        assert (await numbers(opened))[BROWSERS] == 5
        assert "pas comptée" in (await petition_of(opened, "key-0")).lower()
        assert await states(opened, Signer.ACCOUNT) == {}

        opened.later(days=3)
        await opened.press(OTHER, f"lotday:{HERE}")
        await opened.press(BOSS, f"lotout:{HERE}:{FALSE}:back:genuine")
        await approved(opened, name)
        assert await states(opened) == rows
        assert await numbers(opened) == before
        async with opened.store.reading() as connection:
            done = await decisions.decided(connection, PETITION)
            log = [one.entry for one in await audit.newest(connection, 20)]
        assert [(one.verdict, one.lots, one.signatures, one.decided_on) for one in done] == [
            (Verdict.TAKE_OUT, (FALSE,), 30, date(2026, 3, 13)),
            (Verdict.PUT_BACK, (FALSE,), 30, date(2026, 3, 16)),
        ]
        assert sum(FALSE in entry.detail and entry.act == "decide" for entry in log) == 2


async def petition_of(opened: House, key: str) -> str:
    await opened.take(opened.event(key, Started, "web", payload="mamat-sign"))
    return opened.said[key][-1].text


async def test_who_withdraws_or_leaves_while_their_lot_is_out_keeps_the_numbers_right(
    data: Path,
) -> None:
    async with house(data, NO_GUARD, staff=[BOSS]) as opened:
        await opened.lift_approvals()
        await opened.sign_in_browsers(FALSE, *keys(6))
        await opened.take(opened.event("key-0", Chose, "web", data="forget:keep"))
        await opened.press(BOSS, f"lotout:{HERE}:{FALSE}:in:copies")
        for key, data_ in (
            ("key-1", f"unsign:{PETITION}"),
            ("key-2", "forget:all"),
            ("key-3", "forget:keep"),
        ):
            await opened.take(opened.event(key, Chose, "web", data=data_))
        assert BROWSERS not in await numbers(opened)
        await opened.press(BOSS, f"lotout:{HERE}:{FALSE}:back:genuine")
        assert (await numbers(opened))[BROWSERS] == 4, "what was left behind keeps its lot"


async def test_who_is_no_staff_sees_no_lot_and_moves_none(data: Path) -> None:
    async with house(data, NO_GUARD) as opened:
        await opened.sign_in_browsers(FALSE, *keys(3))
        for forged in (
            "lots",
            f"lotday:{HERE}",
            f"lotout:{HERE}:{FALSE}:in:copies",
            f"lotno:{HERE}",
            f"lotok:{HERE}:0123456789abcdef",
        ):
            assert FALSE not in (await opened.press("anna", forged)).text
        assert await states(opened) == {"counted": 3}


async def test_nothing_in_the_database_shows_who_came_from_one_network(data: Path) -> None:
    async with house(data, NO_GUARD) as opened:
        await opened.sign_in_browsers(FALSE, *keys(5))
        await opened.sign("account")
        async with opened.store.reading() as connection:
            rows = (await connection.execute(select(signatures))).all()
        sealed = [row.lot_sealed for row in rows if row.signer == Signer.BROWSER]
        assert len(set(sealed)) == 5
        assert len({len(one) for one in sealed}) == 1
        assert [row.lot_sealed for row in rows if row.signer == Signer.ACCOUNT] == [None]
    for file in data.glob("campaign.sqlite3*"):
        assert FALSE.encode() not in file.read_bytes()


async def test_a_signature_keeps_what_its_signer_agreed_to(data: Path) -> None:
    async with house(data) as opened:
        shown = await opened.press("anna", f"petition:{PETITION}")
        assert CAMPAIGN.signing_texts["fr"] in shown.text
        assert "opinions politiques" in shown.text
        await opened.press("anna", f"sign:{PETITION}:fr")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(signatures))).all()
            (text,) = await signed_texts.find(connection, signed_texts.SIGNING)
        assert row.consent_hash == text.hash == CAMPAIGN.signing_hashes["fr"]
        assert text.text == CAMPAIGN.signing_texts["fr"]
        again = await opened.press("anna", f"petition:{PETITION}")
        assert CAMPAIGN.signing_texts["fr"] not in again.text, "it is asked once"


async def test_a_watcher_sees_no_signature_arrive(data: Path) -> None:
    async with house(data, NO_GUARD) as opened:
        await opened.sign(*keys(344, "account"))
        opened.later(hours=1)
        watched = [(await opened.press("watcher", f"petition:{PETITION}")).text]
        assert "plus de 340 par messagerie" in watched[0]
        for number in range(30):
            await opened.sign(f"more-{number}")
            watched.append((await opened.press("watcher", f"petition:{PETITION}")).text)
            watched.append((await opened.press("watcher", f"figures:{PETITION}")).text)
        assert len(set(watched)) == 2, "the two screens, each the same all the time"
        assert "plus de 340" in opened.said["more-29"][-1].text
        assert "La vôtre s’ajoute." in opened.said["more-29"][-1].text
        opened.later(hours=1)
        shown = (await opened.press("watcher", f"petition:{PETITION}")).text
        assert "plus de 370 par messagerie" in shown


async def test_the_first_ten_are_told_in_the_same_words(data: Path) -> None:
    async with house(data) as opened:
        texts = set()
        for number in range(11):
            texts.add((await opened.press("watcher", f"petition:{PETITION}")).text)
            await opened.sign(f"new-{number}")
            opened.later(hours=1)
        assert len(texts) == 1
        assert "premières signatures" in texts.pop()
        assert "plus de 10" in (await opened.press("watcher", f"petition:{PETITION}")).text


@pytest.mark.slow
async def test_ten_thousand_false_signatures_come_out_again_without_a_real_one(
    data: Path,
) -> None:
    async with house(data, NO_GUARD, staff=[BOSS, OTHER]) as opened:
        for network in range(500):
            await opened.sign_in_browsers(f"f{network:09x}", *keys(20, f"false-{network}"))
        for network in range(150):
            await opened.sign_in_browsers(f"a{network:09x}", *keys(2, f"real-{network}"))
        await opened.sign(*keys(50, "account"))
        before = await numbers(opened)
        assert before[BROWSERS] == 10_300
        opened.later(days=2)
        await opened.press(BOSS, f"lotout:{HERE}:large:in:copies")
        await approved(opened, held.name_of_lots(PETITION, DAY))
        after = await numbers(opened)
        assert (after[BROWSERS], after[ACCOUNTS]) == (300, 50)
        async with opened.store.reading() as connection:
            left = await lots.of_day(connection, opened.keys, PETITION, DAY)
        assert {lot.name[0] for lot in left if lot.counted} == {"a"}
        await opened.press(OTHER, f"lotday:{HERE}")
        assert (await states(opened))[SignatureState.OUT_COUNTED] == 10_000
