"""Whoever has a part in something does not approve it: each way round it that a cheat might try."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign import urgent
from bot.campaign.broadcast_rules import acts
from bot.campaign.broadcast_rules.acts import member_of_shell, perform
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Attached, Broadcast, Lead, State
from bot.campaign.broadcast_rules.drafting import begun, correction
from bot.campaign.desk_commands.broadcasts import (
    AddLead,
    Aim,
    Approve,
    Attach,
    Begin,
    BroadcastCommand,
    Cancel,
    DropLead,
    NoteCount,
    Pause,
    Resume,
    Return,
    Schedule,
    SetText,
    Start,
    Submit,
    Switch,
)
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import ConfirmProposal, ProposeBanner, ProposeState
from bot.campaign.staff import Member, Role
from bot.campaign.urgent_banner import NO_BANNER, worded
from bot.channels.telegram.capabilities import TELEGRAM
from bot.desk import acts as acting
from bot.desk.second_factor import SecondFactors
from bot.keys import Keys
from bot.store.broadcasts import records
from bot.store.sqlite.database import SqliteDatabase
from tests.shipped import shipped

CAMPAIGN, _ = shipped()
CHANNELS = (TELEGRAM,)
RULES, LIFTED = Rules(1, CAMPAIGN, CHANNELS), Rules(0, CAMPAIGN, CHANNELS)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 18, tzinfo=UTC)
BOT = acts.the_bot()
EDITOR, SENDER = Member("e", Role.EDITOR), Member("s", Role.SENDER)
OWNER, OTHER = Member("o", Role.OWNER), Member("p", Role.OWNER)
WRITTEN = Broadcast(id=1, texts={"fr": "Bonjour"}, audience=Audience(topic="cases"))


def do(
    broadcast: Broadcast, command: BroadcastCommand, member: Member, rules: Rules = RULES
) -> Broadcast:
    return perform(broadcast, command, member, rules, NOW)


def submitted(broadcast: Broadcast, member: Member) -> Broadcast:
    asked = do(broadcast, Submit(1), member) if broadcast.state is State.DRAFT else broadcast
    return counted(asked)


def counted(broadcast: Broadcast) -> Broadcast:
    return do(broadcast, NoteCount(1, 3, broadcast.fingerprint), BOT)


def approved(broadcast: Broadcast, member: Member, rules: Rules = RULES) -> Broadcast:
    return do(broadcast, Approve(1, broadcast.approval_mark), member, rules)


def refused(broadcast: Broadcast, member: Member) -> bool:
    with pytest.raises(NotAllowed) as no:
        approved(broadcast, member)
    return no.value.reason == "own"


CHANGES: list[BroadcastCommand] = [
    SetText(1, "fr", "Bonsoir"),
    SetText(1, "en", "Hello"),
    Aim(1, "languages", "fr"),
    Schedule(1, LATER),
    Attach(1, Attached(kind="photo", ref="x")),
    AddLead(1, Lead(case="mamat")),
    Switch(1, "quiet", False),
]


@pytest.mark.parametrize("change", CHANGES, ids=repr)
def test_who_changed_anything_in_somebody_elses_draft_does_not_approve_it(
    change: BroadcastCommand,
) -> None:
    rewritten = do(begun(WRITTEN, EDITOR), change, OWNER)
    for member in (OWNER, EDITOR):
        if member.role is not Role.EDITOR:
            assert refused(submitted(rewritten, OWNER), member)
    assert approved(submitted(rewritten, OWNER), OTHER).is_approved


def test_neither_a_return_nor_a_second_change_makes_one_forgotten() -> None:
    draft = do(begun(WRITTEN, EDITOR), SetText(1, "fr", "Bonsoir"), OWNER)
    back = do(submitted(draft, OWNER), Return(1), SENDER)
    again = do(back, SetText(1, "fr", "Bonne nuit"), EDITOR)
    assert refused(submitted(again, EDITOR), OWNER)


def test_an_approval_that_was_taken_back_makes_nobody_forgotten() -> None:
    agreed = approved(submitted(begun(WRITTEN, OWNER), OWNER), SENDER)
    back = do(agreed, Return(1), SENDER)
    assert refused(submitted(back, OWNER), OWNER)
    changed = do(back, SetText(1, "en", "Hello"), OTHER)
    assert refused(submitted(changed, OTHER), OWNER)


def test_after_an_approval_the_next_change_is_its_writers_alone() -> None:
    agreed = approved(submitted(begun(WRITTEN, OWNER), OWNER), OTHER)
    changed = do(agreed, SetText(1, "en", "Hello"), OTHER)
    assert changed.state is State.DRAFT
    assert not changed.is_approved
    assert refused(submitted(changed, OTHER), OTHER)
    # What the owner wrote was approved as it is, and what was added since they have not written.
    assert approved(submitted(changed, OTHER), OWNER).is_approved


def test_an_approval_of_ones_own_while_none_was_required_does_not_count_as_read() -> None:
    alone = approved(submitted(begun(WRITTEN, OWNER), OWNER), OWNER, LIFTED)
    changed = do(alone, Switch(1, "quiet", False), OTHER)
    assert refused(submitted(changed, OTHER), OWNER)


def test_a_correction_is_approved_by_somebody_else_too() -> None:
    sent = approved(submitted(begun(WRITTEN, EDITOR), EDITOR), SENDER)
    paused = do(do(sent, Start(1), BOT), Pause(1), SENDER)
    draft = do(correction(paused, OWNER), SetText(1, "fr", "Bonsoir"), OWNER)
    assert refused(submitted(draft, OWNER), OWNER)
    assert approved(submitted(draft, OWNER), SENDER).is_approved


def test_what_nobody_approved_does_not_become_read_by_being_corrected() -> None:
    dropped = do(begun(WRITTEN, OWNER), Cancel(1), SENDER)
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
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    try:
        for member in (EDITOR, member_of_shell()):
            async with store.writing() as connection:
                by_them = acting.Acting(
                    connection, keys, member, RULES, NOW, SecondFactors(keys, asked=False)
                )
                await acting.act(by_them, Begin(WRITTEN))
        async with store.reading() as connection:
            found = await records.newest(connection, 9)
    finally:
        await store.close()
    assert [one.broadcast.hands for one in found] == [("shell",), ("e",)]


STEPS: list[BroadcastCommand] = [
    *(Submit(1), Approve(1, "what is on the screen"), Return(1), Pause(1), Resume(1)),
    *(SetText(1, "fr", ""), SetText(1, "", ""), Aim(1, "languages", ""), Schedule(1, None)),
    *(Attach(1, None), DropLead(1, Lead(case="mamat").mark), Switch(1, "quiet", True)),
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*CHANGES, *STEPS]),
            st.sampled_from([EDITOR, SENDER, OWNER, OTHER]),
        ),
        max_size=40,
    )
)
def test_nobody_ever_approves_what_they_wrote_since_the_last_approval(
    steps: list[tuple[BroadcastCommand, Member]],
) -> None:
    broadcast, wrote = begun(WRITTEN, OWNER), {"o"}
    for command, member in steps:
        before = broadcast
        if broadcast.state is State.REVIEW:
            broadcast = counted(broadcast)
        if isinstance(command, Approve):
            command = replace(command, mark=broadcast.approval_mark)
        try:
            broadcast = do(broadcast, command, member)
        except NotAllowed:
            continue
        if isinstance(command, Approve):
            assert member.mark not in wrote
        elif (broadcast.fingerprint, broadcast.at) != (before.fingerprint, before.at):
            wrote = (set() if before.is_approved else wrote) | {member.mark}
            assert not broadcast.is_approved


def proposed(values: dict[str, str], wanted: StaffCommand, member: Member) -> dict[str, str]:
    return values | dict(urgent.act(values, wanted, member, 1, CAMPAIGN))


def confirmed(values: dict[str, str], about: str, member: Member) -> dict[str, str]:
    found = urgent.proposal(values, about)
    assert found is not None
    confirm = ConfirmProposal(about, found.fingerprint)
    return dict(urgent.act(values, confirm, member, 1, CAMPAIGN))


def test_who_has_a_part_in_a_banner_does_not_confirm_it() -> None:
    first = worded(NO_BANNER, "fr", "Alerte | 2026-12-24", NOW.date())
    values = proposed({}, ProposeBanner(first), OWNER)
    both = worded(first, "en", "Alert", NOW.date())
    values = proposed(values, ProposeBanner(both), OTHER)
    for member in (OWNER, OTHER):
        with pytest.raises(NotAllowed, match="own"):
            confirmed(values, "banner", member)
    assert confirmed(values, "banner", SENDER)["banner"] == both.value


def test_who_proposed_the_state_of_a_case_does_not_confirm_it() -> None:
    values = proposed({}, ProposeState("mamat", "paused"), OWNER)
    with pytest.raises(NotAllowed, match="own"):
        confirmed(values, "case.mamat", OWNER)
    # Proposed anew by another one it is theirs; who wanted it first has still a part in it.
    values = proposed(values, ProposeState("mamat", "paused"), OTHER)
    with pytest.raises(NotAllowed, match="own"):
        confirmed(values, "case.mamat", OTHER)
