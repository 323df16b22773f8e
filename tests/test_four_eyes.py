"""Whoever has a part in something does not approve it: each way round it that a cheat might try."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign import held, urgent
from bot.campaign.broadcast_rules import acts
from bot.campaign.broadcast_rules.acts import member_of_shell, perform
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Attached, Broadcast, Lead, State
from bot.campaign.broadcast_rules.drafting import begun, correction
from bot.campaign.effects import Verdict
from bot.campaign.staff import Member, Role
from bot.desk import acts as acting
from bot.keys import Keys
from bot.store.broadcasts import records
from bot.store.sqlite.database import Store
from tests.shipped import shipped

CAMPAIGN, _ = shipped()
RULES, LIFTED = Rules(1, CAMPAIGN), Rules(0, CAMPAIGN)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = "2026-12-01T18:00:00+00:00"
BOT = acts.the_bot()
EDITOR, SENDER = Member("e", Role.EDITOR), Member("s", Role.SENDER)
OWNER, OTHER = Member("o", Role.OWNER), Member("p", Role.OWNER)
WRITTEN = Broadcast(id=1, texts={"fr": "Bonjour"}, audience=Audience(topic="cases"))


def do(
    broadcast: Broadcast, name: str, value: str, member: Member, rules: Rules = RULES
) -> Broadcast:
    return perform(broadcast, name, value, member, rules, NOW)


def submitted(broadcast: Broadcast, member: Member) -> Broadcast:
    asked = do(broadcast, "submit", "", member) if broadcast.state is State.DRAFT else broadcast
    return do(asked, "counted", f"3:{asked.fingerprint}", BOT)


def approved(broadcast: Broadcast, member: Member, rules: Rules = RULES) -> Broadcast:
    return do(broadcast, "approve", broadcast.approval_mark, member, rules)


def refused(broadcast: Broadcast, member: Member) -> bool:
    with pytest.raises(NotAllowed) as no:
        approved(broadcast, member)
    return no.value.reason == "own"


CHANGES = [
    ("text", "fr\nBonsoir"),
    ("text", "en\nHello"),
    ("aim", "languages=fr"),
    ("schedule", LATER),
    ("attach", Attached(kind="photo", ref="x").model_dump_json()),
    ("lead", Lead(case="mamat").model_dump_json()),
    ("switch", "quiet=off"),
]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_who_changed_anything_in_somebody_elses_draft_does_not_approve_it(
    name: str, value: str
) -> None:
    rewritten = do(begun(WRITTEN, EDITOR), name, value, OWNER)
    for member in (OWNER, EDITOR):
        if member.role is not Role.EDITOR:
            assert refused(submitted(rewritten, OWNER), member)
    assert approved(submitted(rewritten, OWNER), OTHER).is_approved


def test_neither_a_return_nor_a_second_change_makes_one_forgotten() -> None:
    draft = do(begun(WRITTEN, EDITOR), "text", "fr\nBonsoir", OWNER)
    back = do(submitted(draft, OWNER), "return", "", SENDER)
    again = do(back, "text", "fr\nBonne nuit", EDITOR)
    assert refused(submitted(again, EDITOR), OWNER)


def test_an_approval_that_was_taken_back_makes_nobody_forgotten() -> None:
    agreed = approved(submitted(begun(WRITTEN, OWNER), OWNER), SENDER)
    back = do(agreed, "return", "", SENDER)
    assert refused(submitted(back, OWNER), OWNER)
    changed = do(back, "text", "en\nHello", OTHER)
    assert refused(submitted(changed, OTHER), OWNER)


def test_after_an_approval_the_next_change_is_its_writers_alone() -> None:
    agreed = approved(submitted(begun(WRITTEN, OWNER), OWNER), OTHER)
    changed = do(agreed, "text", "en\nHello", OTHER)
    assert changed.state is State.DRAFT
    assert not changed.is_approved
    assert refused(submitted(changed, OTHER), OTHER)
    # What the owner wrote was approved as it is, and what was added since they have not written.
    assert approved(submitted(changed, OTHER), OWNER).is_approved


def test_an_approval_of_ones_own_while_none_was_required_does_not_count_as_read() -> None:
    alone = approved(submitted(begun(WRITTEN, OWNER), OWNER), OWNER, LIFTED)
    changed = do(alone, "switch", "quiet=off", OTHER)
    assert refused(submitted(changed, OTHER), OWNER)


def test_a_correction_is_approved_by_somebody_else_too() -> None:
    sent = approved(submitted(begun(WRITTEN, EDITOR), EDITOR), SENDER)
    paused = do(do(sent, "start", "", BOT), "pause", "", SENDER)
    draft = do(correction(paused, OWNER), "text", "fr\nBonsoir", OWNER)
    assert refused(submitted(draft, OWNER), OWNER)
    assert approved(submitted(draft, OWNER), SENDER).is_approved


def test_what_nobody_approved_does_not_become_read_by_being_corrected() -> None:
    dropped = do(begun(WRITTEN, OWNER), "cancel", "", SENDER)
    copied = correction(dropped, EDITOR)
    assert refused(submitted(copied, EDITOR), OWNER)


def test_a_new_draft_brings_no_approval_along() -> None:
    forged = WRITTEN.model_copy(
        update={"approved_by": ("s",), "approved_hash": WRITTEN.fingerprint, "writers": ("e",)}
    )
    draft = begun(forged, OWNER)
    assert not draft.is_approved
    assert draft.hands == ("o",)


def test_a_draft_of_an_earlier_version_has_its_author() -> None:
    old = Broadcast.model_validate_json(
        '{"author": "o", "texts": {"fr": "x"}, "audience": {"topic": "cases"}}'
    )
    assert refused(submitted(old, OWNER), OWNER)


async def test_a_file_makes_a_draft_of_its_own_and_overwrites_nobodys(data: Path) -> None:
    store = await Store.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    written = WRITTEN.model_dump_json()
    try:
        for member in (EDITOR, member_of_shell()):
            async with store.writing() as connection:
                await acting.act(connection, keys, 1, "new", written, member, RULES, NOW)
        async with store.reading() as connection:
            found = await records.newest(connection, 9)
    finally:
        await store.close()
    assert [one.broadcast.hands for one in found] == [("shell",), ("e",)]


STEPS = ("submit", "approve", "return", "pause", "resume", *(name for name, _ in CHANGES))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*CHANGES, *((name, "") for name in STEPS)]),
            st.sampled_from([EDITOR, SENDER, OWNER, OTHER]),
        ),
        max_size=40,
    )
)
def test_nobody_ever_approves_what_they_wrote_since_the_last_approval(
    steps: list[tuple[tuple[str, str], Member]],
) -> None:
    broadcast, wrote = begun(WRITTEN, OWNER), {"o"}
    for (name, value), member in steps:
        before = broadcast
        if broadcast.state is State.REVIEW:
            broadcast = do(broadcast, "counted", f"3:{broadcast.fingerprint}", BOT)
        try:
            value = broadcast.approval_mark if name == "approve" else value
            broadcast = do(broadcast, name, value, member)
        except NotAllowed:
            continue
        if name == "approve":
            assert member.mark not in wrote
        elif (broadcast.fingerprint, broadcast.at) != (before.fingerprint, before.at):
            wrote = (set() if before.is_approved else wrote) | {member.mark}
            assert not broadcast.is_approved


def proposed(values: dict[str, str], about: str, value: str, member: Member) -> dict[str, str]:
    return values | dict(urgent.act(values, "propose", f"{about}={value}", member, 1, CAMPAIGN))


def confirmed(values: dict[str, str], about: str, member: Member) -> dict[str, str]:
    found = urgent.proposal(values, about)
    assert found is not None
    return dict(urgent.act(values, "confirm", f"{about}={found.fingerprint}", member, 1, CAMPAIGN))


def test_who_has_a_part_in_a_banner_does_not_confirm_it() -> None:
    first = urgent.worded("", "fr", "Alerte | 2026-12-24", NOW.date())
    values = proposed({}, "banner", first, OWNER)
    both = urgent.worded(first, "en", "Alert", NOW.date())
    values = proposed(values, "banner", both, OTHER)
    for member in (OWNER, OTHER):
        with pytest.raises(NotAllowed, match="own"):
            confirmed(values, "banner", member)
    assert confirmed(values, "banner", SENDER)["banner"] == both


def test_who_proposed_the_state_of_a_case_does_not_confirm_it() -> None:
    values = proposed({}, "case.mamat", "paused", OWNER)
    with pytest.raises(NotAllowed, match="own"):
        confirmed(values, "case.mamat", OWNER)
    # Proposed anew by another one it is theirs; who wanted it first has still a part in it.
    values = proposed(values, "case.mamat", "paused", OTHER)
    with pytest.raises(NotAllowed, match="own"):
        confirmed(values, "case.mamat", OTHER)


def test_who_proposed_a_decision_about_held_signatures_does_not_confirm_it() -> None:
    about = held.name("xinjiang", NOW.date())
    wanted = held.wanted(Verdict.ACCEPT, "genuine")
    for member in (OWNER, member_of_shell()):
        values = proposed({}, about, wanted, member)
        with pytest.raises(NotAllowed, match="own"):
            confirmed(values, about, member)
        settled = confirmed(values, about, SENDER)
        assert not any(settled.values()), "nothing of it is kept once it is done"
    # An editor may ask for it, and does not decide.
    with pytest.raises(NotAllowed, match="right"):
        confirmed(proposed({}, about, wanted, OWNER), about, EDITOR)


@pytest.mark.parametrize(
    ("about", "wanted"),
    [
        ("held.xinjiang.2026-03-04", "accept:copies"),
        ("held.xinjiang.2026-03-04", "reopen:unknown"),
        ("held.xinjiang.2026-03-04", "nonsense"),
        ("held.xinjiang.yesterday", "accept:genuine"),
        ("held.nothing.2026-03-04", "accept:genuine"),
        ("held.xinjiang", "accept:genuine"),
    ],
)
def test_a_decision_that_there_is_not_is_not_proposed(about: str, wanted: str) -> None:
    with pytest.raises(NotAllowed, match="value"):
        proposed({}, about, wanted, OWNER)
