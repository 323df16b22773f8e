"""The rules of broadcasts by themselves: acts, approvals, audiences, hours, the canary."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign.broadcast_rules import acts, canary
from bot.campaign.broadcast_rules.acts import perform
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Attached, Broadcast, Lead, State
from bot.campaign.broadcast_rules.canary import Signs
from bot.campaign.broadcast_rules.checking import faults, is_link
from bot.campaign.broadcast_rules.course import corrected, released
from bot.campaign.broadcast_rules.drafting import correction
from bot.campaign.broadcast_rules.timing import (
    is_due,
    is_too_late,
    quiet_until,
    read_time,
    seconds_until_quiet,
)
from bot.campaign.desk_commands.broadcasts import (
    AddLead,
    Aim,
    Approve,
    Attach,
    BroadcastCommand,
    Cancel,
    Discard,
    Finish,
    NoteAsked,
    NoteCount,
    NoteRetracted,
    Pause,
    Resume,
    Retract,
    Return,
    Schedule,
    SetText,
    Start,
    Submit,
    Switch,
)
from bot.campaign.markup import read
from bot.campaign.scenes.staff_screens import title
from bot.campaign.staff import Member, Right, Role
from bot.channels.registered import ALL
from bot.channels.telegram.capabilities import TELEGRAM
from bot.channels.telegram.markup import to_markup
from bot.content_files import load_valid
from bot.wording.speaking import spoken
from tests.telegram_html import parse

CONTENT = Path(__file__).parent.parent / "content"
CAMPAIGN, WORDING = load_valid(CONTENT, ALL)
CHANNELS = (TELEGRAM,)
RULES = Rules(1, CAMPAIGN, CHANNELS)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EDITOR, SENDER = Member("e", Role.EDITOR), Member("s", Role.SENDER)
BOT = acts.the_bot()
LATER = datetime(2026, 12, 1, 18, tzinfo=UTC)
OWNER, ANALYST = Member("o", Role.OWNER), Member("a", Role.ANALYST)
DRAFT = Broadcast(id=1, author="e", texts={"fr": "Bonjour"}, audience=Audience(topic="cases"))


def done(
    broadcast: Broadcast, *steps: tuple[BroadcastCommand, Member], rules: Rules = RULES
) -> Broadcast:
    for command, member in steps:
        broadcast = perform(broadcast, command, member, rules, NOW)
    return broadcast


def counted(broadcast: Broadcast, number: int = 10) -> Broadcast:
    return done(broadcast, (NoteCount(1, number, broadcast.fingerprint), BOT))


def reviewed() -> Broadcast:
    return counted(done(DRAFT, (Submit(1), EDITOR)))


def approved() -> Broadcast:
    return done(reviewed(), (Approve(1, DRAFT.approval_mark), SENDER))


def sending() -> Broadcast:
    return done(approved(), (Start(1), BOT))


def refusal(broadcast: Broadcast, command: BroadcastCommand, member: Member) -> str:
    with pytest.raises(NotAllowed) as refused:
        perform(broadcast, command, member, RULES, NOW)
    return refused.value.reason


def test_a_broadcast_goes_from_draft_to_done() -> None:
    states = [DRAFT, reviewed(), approved(), sending()]
    paused = done(sending(), (Pause(1), SENDER))
    states += [paused, done(paused, (Resume(1), SENDER)), done(sending(), (Finish(1), BOT))]
    assert [one.state.value for one in states] == [
        *("draft", "review", "approved", "sending", "paused", "sending", "done"),
    ]


def test_the_author_does_not_approve_their_own_unless_the_owner_has_lifted_it() -> None:
    mine = counted(done(DRAFT.model_copy(update={"author": "o"}), (Submit(1), OWNER)))
    assert refusal(mine, Approve(1, mine.approval_mark), OWNER) == "own"
    lifted = done(mine, (Approve(1, mine.approval_mark), OWNER), rules=Rules(0, CAMPAIGN, CHANNELS))
    assert lifted.is_approved


def test_an_approval_is_of_what_was_on_the_screen() -> None:
    assert refusal(reviewed(), Approve(1, "0" * 16), SENDER) == "changed"
    assert refusal(reviewed(), Approve(1, ""), SENDER) == "changed"
    uncounted = done(DRAFT, (Submit(1), EDITOR))
    assert refusal(uncounted, Approve(1, uncounted.approval_mark), SENDER) == "uncounted"
    moved = done(reviewed(), (Schedule(1, LATER), EDITOR))
    assert refusal(moved, Approve(1, reviewed().approval_mark), SENDER) == "changed"
    assert done(moved, (Approve(1, moved.approval_mark), SENDER)).is_approved


def test_what_is_wrong_is_neither_reviewed_nor_approved() -> None:
    long = DRAFT.model_copy(update={"texts": {"fr": "x" * 4097}})
    assert refusal(long, Submit(1), EDITOR) == "faults"
    late = counted(long.model_copy(update={"state": State.REVIEW}))
    assert refusal(late, Approve(1, late.approval_mark), SENDER) == "faults"
    past = reviewed().model_copy(update={"at": NOW - timedelta(minutes=1)})
    assert refusal(past, Approve(1, past.approval_mark), SENDER) == "past"


def test_a_second_review_is_counted_and_asked_for_anew() -> None:
    again = done(reviewed(), (NoteAsked(1), BOT), (Return(1), SENDER), (Submit(1), EDITOR))
    assert not again.is_counted
    assert not again.asked


def test_what_only_the_bot_does_nobody_else_can() -> None:
    for command in (NoteCount(1, 1, "x"), NoteAsked(1), Start(1), Finish(1), NoteRetracted(1)):
        assert refusal(approved(), command, OWNER) == "right"


def test_what_was_paused_before_its_hour_waits_for_it_again() -> None:
    meant = done(reviewed(), (Schedule(1, LATER), EDITOR))
    later = done(meant, (Approve(1, meant.approval_mark), SENDER), (Pause(1), SENDER))
    resumed = done(later, (Resume(1), SENDER))
    assert resumed.state is State.APPROVED
    assert resumed.at == LATER
    assert not is_due(resumed, NOW)


@pytest.mark.parametrize("member", [EDITOR, SENDER, OWNER])
def test_nobody_changes_the_approved_hour_alone(member: Member) -> None:
    for moved in (
        done(approved(), (Schedule(1, LATER), member)),
        done(approved(), (Pause(1), SENDER), (Schedule(1, LATER), member)),
    ):
        assert moved.state is State.REVIEW
        assert not moved.is_approved
        assert member.mark in moved.hands
    unchanged = done(approved(), (Schedule(1, None), member))
    assert unchanged.is_approved


def test_what_is_taken_back_is_not_sent_at_the_same_time() -> None:
    back = done(sending(), (Pause(1), SENDER), (Retract(1), SENDER))
    assert back.state is State.CANCELLED
    assert refusal(back, Retract(1), SENDER) == "state"
    assert refusal(back, Resume(1), SENDER) == "state"
    assert not acts.allowed(released, back, SENDER)
    assert not acts.allowed(correction, back, EDITOR)
    done(back, (NoteRetracted(1), BOT), (Retract(1), SENDER))


def test_a_corrected_broadcast_goes_on_with_the_corrected_words() -> None:
    paused = done(sending(), (Pause(1), SENDER))
    draft = correction(paused, EDITOR)
    whole = done(draft, (SetText(1, "fr", "Bonsoir"), EDITOR))
    after = corrected(paused, whole)
    assert after.texts == {"fr": "Bonsoir"}
    assert done(after, (Resume(1), SENDER)).is_approved
    assert correction(after, EDITOR).texts == {"fr": "Bonsoir"}


def test_why_something_was_paused_is_not_for_buttons_to_say() -> None:
    forged = done(sending(), (Pause(1, "canary"), SENDER))
    assert forged.reason == "asked"
    assert done(forged, (Resume(1), SENDER)).canary


def test_authors_throw_their_drafts_away_and_nobody_elses() -> None:
    assert done(DRAFT, (Discard(1), EDITOR)).state is State.CANCELLED
    assert refusal(DRAFT, Discard(1), Member("x", Role.EDITOR)) == "right"


@pytest.mark.parametrize(
    "command",
    [
        SetText(1, "fr", "Bonsoir"),
        SetText(1, "en", "Hello"),
        Aim(1, "languages", "fr"),
        Aim(1, "signed", "yes"),
        Switch(1, "hold_unknown", on=True),
        Switch(1, "paid", on=True),
        AddLead(1, Lead(case="mamat")),
        Attach(1, Attached(kind="photo", ref="x")),
    ],
)
def test_any_change_voids_the_approval(command: BroadcastCommand) -> None:
    changed = done(approved(), (command, EDITOR))
    assert changed.state is State.DRAFT
    assert not changed.is_approved
    assert changed.fingerprint != DRAFT.fingerprint


def test_an_hour_that_has_passed_is_no_hour() -> None:
    assert refusal(approved(), Schedule(1, datetime(2020, 1, 1, 18, tzinfo=UTC)), SENDER) == "value"


@pytest.mark.parametrize(
    ("member", "rights"),
    [
        (OWNER, {Right.WRITE, Right.DECIDE, Right.LOOK, Right.RULE}),
        (EDITOR, {Right.WRITE, Right.LOOK}),
        (SENDER, {Right.DECIDE, Right.LOOK}),
        (ANALYST, {Right.LOOK}),
    ],
)
def test_each_role_has_its_rights_and_no_others(member: Member, rights: set[Right]) -> None:
    assert {right for right in Right if member.may(right)} == rights
    writes, decides = {Right.WRITE}, {Right.DECIDE}
    asked: list[tuple[BroadcastCommand, set[Right]]] = [
        (SetText(1, "fr", "x"), writes),
        (Cancel(1), decides),
        (Schedule(1, None), writes | decides),
    ]
    for command, needed in asked:
        if not needed & rights:
            assert refusal(DRAFT, command, member) == "right"


def test_what_has_ended_stays_ended() -> None:
    ended = done(DRAFT, (Cancel(1), SENDER))
    text, approve = SetText(1, "fr", "x"), Approve(1, "x")
    for command in (text, Submit(1), approve, Resume(1), Pause(1), Schedule(1, LATER)):
        assert refusal(ended, command, OWNER) == "state"
    for one in (Start(1), Finish(1)):
        assert refusal(ended, one, BOT) == "state"


STEPS: list[tuple[Callable[[Broadcast, int], BroadcastCommand], Member]] = [
    (lambda broadcast, place: Submit(1), EDITOR),
    (lambda broadcast, place: SetText(1, "fr", str(place)), EDITOR),
    (lambda broadcast, place: Approve(1, broadcast.approval_mark), SENDER),
    (lambda broadcast, place: Schedule(1, None), SENDER),
    (lambda broadcast, place: Pause(1), SENDER),
    (lambda broadcast, place: Resume(1), SENDER),
    (lambda broadcast, place: Cancel(1), SENDER),
    (lambda broadcast, place: Retract(1), SENDER),
    (lambda broadcast, place: Start(1), BOT),
    (lambda broadcast, place: Finish(1), BOT),
]


@given(st.lists(st.sampled_from(range(len(STEPS))), max_size=30))
def test_nothing_is_ever_sent_without_an_approval(steps: list[int]) -> None:
    broadcast = DRAFT
    for place, step in enumerate(steps):
        if broadcast.state is State.REVIEW:
            broadcast = counted(broadcast)
        command, member = STEPS[step]
        try:
            broadcast = perform(broadcast, command(broadcast, place), member, RULES, NOW)
        except NotAllowed:
            continue
        if broadcast.state is State.SENDING:
            assert broadcast.is_approved


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("18:30", "2026-11-21T17:30+00:00"),
        ("9h", "2026-11-22T08:00+00:00"),
        ("18 h 30", "2026-11-21T17:30+00:00"),
        ("2026-12-01 18:30", "2026-12-01T17:30+00:00"),
        ("2027-07-01 18h30", "2027-07-01T16:30+00:00"),
        ("01/12/2026 08:00", "2026-12-01T07:00+00:00"),
    ],
)
def test_an_hour_is_read_by_the_campaigns_clock(typed: str, meant: str) -> None:
    assert read_time(typed, "Europe/Paris", NOW) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "25:00",
        "2026-13-01 10:00",
        "2027-03-28 02:30",
        "01/01/0001 00:00",
        "9999-01-01 9h",
    ],
)
def test_what_is_no_hour_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_time(typed, "Europe/Paris", NOW)


def test_it_is_quiet_from_nine_in_the_evening_to_eight_in_the_morning() -> None:
    zone = "Europe/Paris"
    assert quiet_until(NOW, zone) is None
    assert seconds_until_quiet(NOW, zone) == 8 * 3600
    evening = datetime(2026, 11, 21, 20, tzinfo=UTC)
    assert quiet_until(evening, zone) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    morning = datetime(2026, 11, 22, 6, 59, tzinfo=UTC)
    assert quiet_until(morning, zone) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert seconds_until_quiet(evening, zone) == 0


def test_an_hour_long_past_asks_again() -> None:
    at = approved().model_copy(update={"at": NOW})
    assert is_due(at, NOW)
    assert not is_too_late(at, NOW + timedelta(minutes=59))
    assert is_too_late(at, NOW + timedelta(minutes=61))
    assert not is_due(at, NOW - timedelta(seconds=1))


def test_the_canary_is_one_percent_and_fifty_at_least() -> None:
    assert [canary.size(n) for n in (0, 7, 50, 51, 5000, 5001, 1_000_000)] == [
        *(0, 7, 50, 50, 50, 51, 10_000),
    ]
    assert canary.stops(Signs(47, 3, 0, 0)) == ""
    assert canary.stops(Signs(40, 10, 0, 0)) == "blocked"
    assert canary.stops(Signs(50, 0, 6, 0)) == "left"
    assert canary.stops(Signs(40, 0, 0, 10)) == "refused"


def test_faults_name_what_is_wrong() -> None:
    long = DRAFT.model_copy(update={"texts": {"fr": "**" + "é" * 4097 + "**"}})
    assert [(one.what, one.number) for one in faults(long, CAMPAIGN, CHANNELS) if one.stops] == [
        ("too_long", 1)
    ]
    pictured = DRAFT.model_copy(
        update={"texts": {"fr": "é" * 1025}, "attached": Attached(kind="photo", ref="x")}
    )
    assert [one.what for one in faults(pictured, CAMPAIGN, CHANNELS) if one.stops] == ["too_long"]
    for link in (
        "https://-.-",
        "https://a.b:x/",
        "https://u@example.org",
        "https://a.org/" + "x" * 500,
    ):
        assert not is_link(link)
    assert is_link("https://www.example.org:8443/a?b=c#d")
    assert is_link("tg://resolve?domain=example")
    wrong = DRAFT.model_copy(update={"leads": (Lead(url="https://localhost"), Lead(case="x"))})
    assert [one.what for one in faults(wrong, CAMPAIGN, CHANNELS) if one.stops] == [
        "no_link",
        "no_case",
    ]


def test_buttons_stay_within_telegrams_bytes() -> None:
    every = DRAFT.model_copy(
        update={
            "id": 99_999_999,
            "leads": tuple(
                Lead(case=case, action=action.id)
                for case, held in CAMPAIGN.cases.items()
                for action in held.actions
            ),
        }
    )
    for row in every.button_rows(CAMPAIGN, "fr"):
        for button in row:
            assert len(button.data.encode()) <= 64  # type: ignore[union-attr]


def test_paying_has_its_price() -> None:
    paid = DRAFT.model_copy(update={"paid": True, "counted": 100_001})
    assert paid.stars == 10_001
    assert DRAFT.stars == 0


@pytest.mark.slow
@given(
    st.text(),
    st.lists(
        st.tuples(
            st.sampled_from(["bold", "italic", "code", "mention"]),
            st.integers(-3, 40),
            st.integers(-3, 40),
        )
    ),
)
def test_any_formatting_becomes_whole_tags(text: str, marks: list[tuple[str, int, int]]) -> None:
    entities = [{"type": kind, "offset": at, "length": size} for kind, at, size in marks]
    html = spoken(read(to_markup(text, entities)), "html")
    told = unescape(re.sub("</?(b|i|code)>", "", html))
    assert told == text.encode("utf-16", "replace").decode("utf-16")
    parse(html)  # raises where a tag is not closed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bonjour", "Bonjour"),
        ("Nous nous verrons dimanche", "Nous nous verrons dimanc…"),
        ("", "№ 1"),
    ],
)
def test_a_broadcast_without_a_title_is_called_by_how_it_begins(text: str, shown: str) -> None:
    assert title(DRAFT.model_copy(update={"texts": {"fr": text}})) == shown
