"""What staff are told is what they have to know: what is proposed, what was decided, why nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.broadcasts.recipients import Recipients
from bot.broadcasts.reporting import _thinned
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, Lead, State
from bot.campaign.broadcast_rules.checking import faults
from bot.campaign.broadcast_rules.drafting import correction
from bot.campaign.broadcast_rules.record import BroadcastRecord, Desk
from bot.campaign.content import Banner
from bot.campaign.conversation import step
from bot.campaign.desk_commands.broadcasts import Approve, Begin, NoteCount, Return, Submit
from bot.campaign.desk_commands.settings import ConfirmProposal, ProposeState, RefuseProposal
from bot.campaign.events import Chose, Commanded
from bot.campaign.held import HELD, LOTS
from bot.campaign.messages import Message
from bot.campaign.scenes import staff_proposals, staff_screens
from bot.campaign.staff import Member, Role
from bot.campaign.supporter import Facts, Supporter
from bot.campaign.urgent import BANNER, Decision, decisions, proposal
from bot.campaign.urgent_banner import Wanted
from bot.channels.registered import ALL, unknown_places
from bot.channels.telegram.capabilities import TELEGRAM
from bot.keys import Keys
from bot.settings import Settings
from bot.store import staff_settings
from bot.store.broadcasts import records
from bot.store.sqlite.database import SqliteDatabase
from tests.broadcast_crowd import fill
from tests.shipped import shipped
from tests.test_desk import DRAFT, desk

CAMPAIGN, WORDING = shipped()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EDITOR, OWNER = Member("e", Role.EDITOR), Member("o", Role.OWNER)
SENDER = Member("s", Role.SENDER)
SENT = Broadcast(
    id=7,
    author="e",
    state=State.DONE,
    texts={"fr": "Bonjour", "en": "Hello"},
    audience=Audience(topic="cases"),
)


def told(message: Message, language: str = "fr") -> str:
    return WORDING.render(message, language, "plain").text


def test_a_correction_does_not_wait_for_the_morning() -> None:
    fixed = correction(SENT, EDITOR)
    assert fixed.quiet
    assert not fixed.keeps_quiet
    assert SENT.keeps_quiet


def test_the_review_of_a_correction_shows_the_text_that_it_changes() -> None:
    fixed = correction(SENT, EDITOR).model_copy(
        update={"counted": 3, "texts": {"fr": "Bonjour", "en": "Hello all"}}
    )
    read = told(staff_screens.review(fixed, 1, {}, CAMPAIGN, SENT))
    assert "Hello all" in read.split("Par ")[0].split("\n", 1)[1]
    assert "Bonjour" not in read.split("Par ")[0].split("\n", 1)[1]


@pytest.mark.parametrize(
    ("audience", "why"),
    [
        (Audience(topic="actions"), "topic"),
        (Audience(topic="cases", case="akber"), "aim"),
        (Audience(topic="cases"), ""),
    ],
)
async def test_nobody_comes_with_a_reason(data: Path, audience: Audience, why: str) -> None:
    await fill(data, range(5000, 5003))
    store = await SqliteDatabase.open(data)
    try:
        keys = Keys.open(data / "keys", None, database_exists=True)
        among = Recipients(store, keys, lambda: CAMPAIGN, [TELEGRAM])
        broadcast = Broadcast(texts={"fr": "Bonjour"}, audience=audience, counted=0)
        assert await among.why_nobody(broadcast) == why
    finally:
        await store.close()
    read = told(staff_screens.review(broadcast, 1, {}, CAMPAIGN, None, why))
    assert ("demandé ces nouvelles" in read) == bool(why)


def test_the_banner_calls_supporters_and_stands_above_no_screen_of_the_staff() -> None:
    banner = Banner(id="urgent", until="9999-12-31", as_of="2026-01-01", source="staff")
    campaign = CAMPAIGN.model_copy(update={"urgent": banner, "urgent_texts": {"fr": "Vite"}})
    held = Facts(staff="owner", desk=Desk(OWNER, channels=(TELEGRAM,)))
    for name, above in (("staff", False), ("pending", False), ("help", True)):
        event = Commanded(id="1", channel="telegram", address="1", name=name)
        outcome = step(Supporter(known=True), event, held, campaign, NOW)
        assert (outcome.messages[0].banner is not None) == above, name


def test_a_proposal_says_what_it_proposes_and_a_decision_what_was_decided() -> None:
    banner = Wanted({"fr": "Écrivez vite", "en": "Write now"}, "2026-12-24").value
    wanted = {
        BANNER: (banner, "Écrivez vite"),
        "case.mamat": ("released", "libération"),
        f"{HELD}.xinjiang.2026-11-20.browser": (
            "reject:copies",
            "navigateurs\u00a0: les écarter (Des signatures fabriquées)",
        ),
        f"{LOTS}.xinjiang.2026-11-20": (
            "take_out:copies:0123456789,abcdef0123",
            "sortir 2 lots (Des signatures fabriquées)",
        ),
    }
    for about, (value, said) in wanted.items():
        assert said in told(staff_proposals.proposed(about, "Anna", value, CAMPAIGN))
        for yes, verb in ((True, "a approuvé"), (False, "a refusé")):
            decision = Decision(("e",), "o", yes, value)
            read = told(staff_proposals.decided(about, "Anna", decision, CAMPAIGN))
            assert said in read
            assert verb in read
    assert "retirer" in told(staff_proposals.proposed(BANNER, "Anna", "", CAMPAIGN))


async def test_who_proposed_something_is_to_be_told_what_another_one_decided(data: Path) -> None:
    async with desk(data) as at:
        for kind, yes in ((ConfirmProposal, True), (RefuseProposal, False)):
            await at.does(EDITOR, ProposeState("mamat", "released" if yes else "died"))
            kept = await staff_settings.values(at.connection, at.keys)
            assert decisions(kept) == ({} if yes else decisions(kept))
            found = proposal(kept, "case.mamat")
            assert found is not None
            command = (
                ConfirmProposal("case.mamat", found.fingerprint)
                if kind is ConfirmProposal
                else RefuseProposal("case.mamat")
            )
            await at.does(OWNER, command)
            now = decisions(await staff_settings.values(at.connection, at.keys))
            assert now["case.mamat"] == Decision(("e",), "o", yes, found.value)


async def test_who_approved_a_broadcast_is_to_be_told_that_it_was_returned(data: Path) -> None:
    async with desk(data) as at:
        await at.does(EDITOR, Begin(DRAFT))
        await at.does(EDITOR, Submit(1))
        found = await records.find(at.connection, 1)
        assert found is not None
        await at.does(Member("bot", Role.OWNER), NoteCount(1, 3, found.broadcast.fingerprint))
        found = await records.find(at.connection, 1)
        assert found is not None
        await at.does(SENDER, Approve(1, found.broadcast.approval_mark))
        await at.does(OWNER, Return(1, "plus court"))
        now = decisions(await staff_settings.values(at.connection, at.keys))
    assert now["broadcast.1"].concerned == ("s",)
    said = told(staff_proposals.decided("broadcast.1", "Anna", now["broadcast.1"], CAMPAIGN))
    assert "renvoyé" in said


def test_broadcasts_that_are_called_the_same_are_told_apart_by_their_numbers() -> None:
    names = ("Nouvelles", "Nouvelles", "Autre")
    over = tuple(
        BroadcastRecord(SENT.model_copy(update={"id": n, "title": name}))
        for n, name in enumerate(names, 1)
    )
    facts = Facts(staff="owner", desk=Desk(OWNER, over, channels=(TELEGRAM,)))
    event = Chose(id="1", channel="telegram", address="1", data="staff:ended")
    (message,) = step(Supporter(known=True), event, facts, CAMPAIGN, NOW).messages
    rendered = WORDING.render(message, "fr", "plain").buttons
    assert [row[0].label for row in rendered[:3]] == [
        "№ 1 Nouvelles · terminée",
        "№ 2 Nouvelles · terminée",
        "Autre · terminée",
    ]


def test_the_pause_after_the_first_messages_is_drawn_level() -> None:
    curve = [(at, 1) for at in range(50)] + [(650 + at, 10) for at in range(50)]
    points = dict(_thinned(curve))
    assert points[49] == points[649] == 50
    assert points[699] == 550


def test_a_link_without_a_label_in_a_language_of_the_text_is_told() -> None:
    lead = Lead(url="https://www.example.org/page", labels={"fr": "La page"})
    both = SENT.model_copy(update={"leads": (lead,)})
    assert [(one.what, one.where, one.stops) for one in faults(both, CAMPAIGN, [TELEGRAM])] == [
        ("no_label", "en", False)
    ]
    assert faults(both.model_copy(update={"texts": {"fr": "Bonjour"}}), CAMPAIGN, [])[0].what == (
        "not_translated"
    )


def test_a_channel_that_there_is_not_is_no_address_of_staff() -> None:
    settings = Settings(_env_file=None, staff="111=owner,telegrm:5=editor")  # type: ignore[call-arg, arg-type]
    (said,) = unknown_places(settings)
    names = ", ".join(able.channel for able in ALL)
    assert said == f'BOT_STAFF: there is no channel "telegrm" (there are: {names})'
