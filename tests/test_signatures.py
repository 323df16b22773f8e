"""A signature counts once, belongs to nobody in a stolen database, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.campaign.events import Chose
from bot.campaign.messages import words
from bot.campaign.rules import BurstRule
from bot.campaign.signatures import SignatureState, Signer
from bot.store import counters
from bot.store.people.tables import acts, reminders, subscriptions, supporters
from bot.store.petitions import signed_texts, tallies
from bot.store.petitions.tables import signatures
from tests.house import BOSS, CAMPAIGN, PETITION, WORDING, House, house

ANNA = "canary-4711"
VERSION = CAMPAIGN.petitions[PETITION].version


async def figures(opened: House) -> dict[str, int]:
    """Every counter, after it was compared with a recount of the rows."""
    async with opened.store.reading() as connection:
        kept = await counters.all_values(connection)
        assert kept == await counters.recount(connection)
        book = (await tallies.totals(connection)).get((PETITION, Signer.ACCOUNT), {})
        rows = (await connection.execute(select(signatures.c.state))).scalars().all()
        assert tallies.balance(book) == len([s for s in rows if s != SignatureState.SPENT])
    return kept


async def test_a_signature_knows_the_day_the_country_and_the_very_text(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        await opened.press(ANNA, f"country:{PETITION}")
        await opened.say(ANNA, "belg")
        assert "Est-ce l’un de ceux-ci" in opened.said[ANNA][-1].text
        await opened.say(ANNA, "Belgique")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(signatures))).all()
            (text,) = await signed_texts.find(connection, PETITION)
        assert (row.country, row.language, row.text_version) == ("BE", "fr", VERSION)
        assert row.text_hash == text.hash == CAMPAIGN.petition_hashes[PETITION, "fr"]
        assert text.text.startswith("Aux autorités chinoises")
        numbers = await figures(opened)
        assert (
            numbers[f"countries:account:{PETITION}:BE"]
            == numbers[f"signatures:account:{PETITION}"]
            == 1
        )


async def test_a_changed_text_does_not_change_what_was_signed(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
    petitions = {PETITION: CAMPAIGN.petitions[PETITION].model_copy(update={"version": VERSION + 1})}
    changed = CAMPAIGN.model_copy(
        update={
            "petitions": petitions,
            "petition_hashes": {**CAMPAIGN.petition_hashes, (PETITION, "fr"): "f" * 64},
            "petition_texts": {**CAMPAIGN.petition_texts, (PETITION, "fr"): "Autrement dit"},
        }
    )
    async with house(data, changed) as opened:
        await opened.sign(ANNA, "another")
        async with opened.store.reading() as connection:
            texts = await signed_texts.find(connection, PETITION)
            rows = (await connection.execute(select(signatures.c.text_version))).scalars().all()
        assert [text.version for text in texts] == [VERSION, VERSION + 1]
        assert sorted(rows) == [VERSION, VERSION + 1]


@pytest.mark.slow
async def test_ten_thousand_signatures_of_one_supporter_at_once_count_one(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(*[ANNA] * 10_000)
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 1


async def test_withdrawing_takes_country_and_name_along(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        await opened.press(ANNA, f"country:{PETITION}:FR")
        await opened.press(ANNA, f"listed:{PETITION}")
        await opened.press(ANNA, f"namerisk:{PETITION}:no")
        await opened.say(ANNA, "Anna Canari")
        await opened.press(ANNA, f"unsign:{PETITION}")
        numbers = await figures(opened)
        assert not [name for name in numbers if PETITION in name]
        async with opened.store.reading() as connection:
            assert (await connection.execute(select(signatures))).all() == []


async def test_a_name_is_asked_only_where_it_is_safe(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        assert "Chine" in (await opened.press(ANNA, f"listed:{PETITION}")).text
        await opened.press(ANNA, f"namerisk:{PETITION}:yes")
        await opened.say(ANNA, "Anna Canari")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(signatures))).all()
        assert row.name_sealed is None


async def test_a_yes_to_the_question_of_risk_takes_a_name_off_the_list(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        await opened.press(ANNA, f"listed:{PETITION}")
        await opened.press(ANNA, f"namerisk:{PETITION}:no")
        await opened.say(ANNA, "Anna Canari")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(signatures))).all()
        assert row.name_sealed is not None
        assert b"Anna" not in row.name_sealed
        await opened.press(ANNA, f"namerisk:{PETITION}:yes")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(signatures))).all()
        assert row.name_sealed is None


async def test_a_signature_from_china_stays_without_a_name(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        noted = await opened.press(ANNA, f"country:{PETITION}:HK")
        assert "Hong Kong" in noted.text
        assert "sans nom" in noted.text
        assert "sans nom" in (await opened.press(ANNA, f"listed:{PETITION}")).text
        assert "sans nom" in (await opened.press(ANNA, f"namerisk:{PETITION}:no")).text
        await opened.say(ANNA, "Anna Canari")
        for shown in (noted, await opened.press(ANNA, f"petition:{PETITION}")):
            assert "Ajouter mon nom à la liste" not in [
                button.label for row in shown.buttons for button in row
            ]
        assert await name_sealed(opened) is None


async def test_a_name_given_before_the_country_is_taken_off_and_that_is_said(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        await opened.press(ANNA, f"listed:{PETITION}")
        await opened.press(ANNA, f"namerisk:{PETITION}:no")
        await opened.say(ANNA, "Anna Canari")
        assert "figure sur la liste" in (await opened.press(ANNA, f"country:{PETITION}:BE")).text
        assert await name_sealed(opened) is not None
        assert "est retiré de la liste" in (await opened.press(ANNA, f"country:{PETITION}:CN")).text
        assert await name_sealed(opened) is None


async def name_sealed(opened: House) -> bytes | None:
    """The name on the list, as it is kept."""
    async with opened.store.reading() as connection:
        (row,) = (await connection.execute(select(signatures))).all()
    sealed: bytes | None = row.name_sealed
    return sealed


async def test_country_and_name_without_a_signature_are_not_taken(data: Path) -> None:
    async with house(data) as opened:
        await opened.start(ANNA)
        for data_ in (f"country:{PETITION}:FR", f"unlist:{PETITION}", f"listed:{PETITION}"):
            assert "Xinjiang" in (await opened.press(ANNA, data_)).text
        await figures(opened)


async def test_forgetting_takes_the_signature_out_of_the_number(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA, "another")
        await opened.press(ANNA, f"country:{PETITION}:FR")
        await opened.press(ANNA, "remind:mamat:letter:tomorrow")
        await opened.press(ANNA, "forget:all")
        numbers = await figures(opened)
        assert numbers[f"signatures:account:{PETITION}"] == 1
        assert numbers["supporters"] == 1
        async with opened.store.reading() as connection:
            for table in (acts, reminders):
                assert (await connection.execute(select(table))).all() == []
            assert len((await connection.execute(select(supporters))).all()) == 1


async def test_a_signature_left_without_a_person_counts_on_and_only_once(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        await opened.press(ANNA, f"country:{PETITION}:FR")
        await opened.press(ANNA, "forget:keep")
        own = opened.keys.petition_pseudonym(PETITION, "telegram", ANNA)
        async with opened.store.reading() as connection:
            rows = (await connection.execute(select(signatures))).all()
        left, mark = sorted(rows, key=lambda row: row.pseudonym == own)
        assert left.state == SignatureState.COUNTED
        assert (left.country, left.name_sealed) == (None, None)
        assert mark.pseudonym == own
        assert (mark.state, mark.day.year, mark.language) == (SignatureState.SPENT, 1970, "")
        for _ in range(3):
            await opened.sign(ANNA)
            assert "compte déjà" in opened.said[ANNA][-1].text
            await opened.press(ANNA, f"unsign:{PETITION}")
            await opened.press(ANNA, "forget:keep")
            gone = await opened.press(ANNA, "forget:all")
            assert "il en reste une marque" in gone.text, "not: nothing of you remains"
            assert "rien de vous" not in gone.text
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 1


async def test_signing_and_leaving_in_one_batch_is_the_same(data: Path) -> None:
    async with house(data) as opened:
        from bot.campaign.events import Chose

        await opened.take(
            opened.event(ANNA),
            opened.event(ANNA, Chose, data=f"sign:{PETITION}:fr"),
            opened.event(ANNA, Chose, data="forget:keep"),
            opened.event("other"),
            opened.event("other", Chose, data=f"sign:{PETITION}:fr"),
            opened.event("other", Chose, data="forget:all"),
        )
        numbers = await figures(opened)
        assert numbers == {f"signatures:account:{PETITION}": 1, f"countries:account:{PETITION}:": 1}


async def test_an_open_question_does_not_tell_who_has_signed(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        await opened.press(ANNA, f"country:{PETITION}")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(supporters))).all()
        assert row.question_sealed is not None
        assert b"country" not in row.question_sealed


async def test_small_groups_are_shown_as_others(data: Path) -> None:
    async with house(data) as opened:
        people = [f"person-{n}" for n in range(27)]
        await opened.sign(*people)
        for number, person in enumerate(people):
            await opened.press(person, f"country:{PETITION}:{'FR' if number < 17 else 'BE'}")
        opened.later(hours=1)
        shown = (await opened.press(ANNA, f"figures:{PETITION}")).text
        assert "plus de 20 signatures" in shown
        assert "France\u00a0: plus de 10" in shown
        assert "Belgique" not in shown


def burst(signatures_: int, minutes: int = 10) -> BurstRule:
    return BurstRule(signatures=signatures_, minutes=minutes)


async def test_a_burst_of_new_accounts_is_held_until_staff_accept_it(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": burst(3)})
    async with house(data, guarded, staff=[BOSS]) as opened:
        await opened.sign(*(f"new-{n}" for n in range(8)))
        assert opened.bursts == [(PETITION, Signer.ACCOUNT)]
        assert "reçue" in opened.said["new-7"][-1].text
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 3
        assert "messagerie\u00a0: moins de 20" in (await opened.command(BOSS, "pending")).text
        await opened.lift_approvals()
        await opened.press(BOSS, f"decide:{PETITION}:2026-03-04:accept:genuine:account")
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 8
        await opened.press(BOSS, f"decide:{PETITION}:2026-03-04:reopen:unknown:account")
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 3
        await opened.press(BOSS, f"decide:{PETITION}:2026-03-04:reject:copies:account")
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 3
        assert "pas comptée" in (await opened.press("new-7", f"petition:{PETITION}")).text
        await opened.press("new-7", f"unsign:{PETITION}")
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 3


async def test_who_withdraws_while_staff_accept_is_counted_by_neither(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": burst(3)})
    async with house(data, guarded, staff=[BOSS]) as opened:
        await opened.sign(*(f"new-{n}" for n in range(8)))
        await opened.lift_approvals()
        accepted = f"decide:{PETITION}:2026-03-04:accept:genuine:account"
        await opened.take(
            opened.event(BOSS, Chose, data=accepted),
            opened.event("new-7", Chose, data=f"unsign:{PETITION}"),
            opened.event("new-6", Chose, data=f"country:{PETITION}:FR"),
        )
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 7


async def test_who_is_no_staff_can_decide_nothing(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": burst(3)})
    async with house(data, guarded) as opened:
        await opened.sign(*(f"new-{n}" for n in range(5)))
        assert "commande" in (await opened.command("new-4", "pending")).text
        await opened.press("new-4", f"decide:{PETITION}:2026-03-04:accept:genuine:account")
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 3


async def test_who_is_known_for_days_is_not_held(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": burst(3)})
    async with house(data, guarded) as opened:
        await opened.start("old")
        opened.later(days=3)
        await opened.sign(*(f"new-{n}" for n in range(8)))
        await opened.sign("old")
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 4
        opened.later(minutes=30)
        await opened.sign("latecomer")
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 5


async def test_updates_are_agreed_to_apart_from_signing_by_day_and_wording(data: Path) -> None:
    async with house(data) as opened:
        await opened.sign(ANNA)
        async with opened.store.reading() as connection:
            assert (await connection.execute(select(subscriptions))).all() == []
        await opened.press(ANNA, "topic:cases:on")
        async with opened.store.reading() as connection:
            (row,) = (await connection.execute(select(subscriptions))).all()
            (text,) = await signed_texts.find(connection, signed_texts.CONSENT)
        assert row.day.isoformat() == "2026-03-04"
        assert row.wording_version == text.hash
        assert text.text.startswith("Recevoir des nouvelles")


async def test_a_forged_button_below_a_broadcast_does_not_get_round_the_guard(data: Path) -> None:
    guarded = CAMPAIGN.model_copy(update={"burst_guard": burst(3)})
    async with house(data, guarded) as opened:
        for n in range(8):
            await opened.press(f"new-{n}", f"news:7:sign:{PETITION}:fr")
        assert "reçue" in opened.said["new-7"][-1].text
        assert (await figures(opened))[f"signatures:account:{PETITION}"] == 3


async def test_a_button_below_a_broadcast_finds_the_figures_of_the_countries(data: Path) -> None:
    async with house(data) as opened:
        for n in range(11):
            await opened.sign(f"from-{n}")
            await opened.press(f"from-{n}", f"country:{PETITION}:FR")
        opened.later(hours=1)
        shown = (await opened.press(ANNA, f"figures:{PETITION}")).text
        assert "France" in shown
        assert (await opened.press(ANNA, f"news:7:figures:{PETITION}")).text == shown


@pytest.mark.parametrize(("language", "mark"), [("fr", "une marque"), ("en", "a mark")])
def test_the_pages_farewell_says_what_remains_of_a_signature_that_was_left(
    language: str, mark: str
) -> None:
    assert mark in WORDING.text(words("web.forgotten"), language, "plain")
