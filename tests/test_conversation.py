"""The conversation answers anything, in any order, and keeps its promises."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.campaign.content import CaseState
from bot.campaign.conversation import step
from bot.campaign.effects import Arrive, Evidence, Record, Remind, Sign, TakeBack, Withdraw
from bot.campaign.entrances import BUTTONS, COMMANDS
from bot.campaign.events import (
    Blocked,
    Chose,
    Commanded,
    Corrected,
    Event,
    Returned,
    Said,
    Showed,
    Started,
)
from bot.campaign.letters import draft, versions
from bot.campaign.messages import Choice, Link
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Facts, Supporter
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
AT = {"id": "1", "channel": "telegram", "address": "77", "language": "fr"}


def chose(data: str) -> Chose:
    return Chose(**AT, data=data)  # type: ignore[arg-type]


def said(text: str) -> Said:
    return Said(**AT, text=text)  # type: ignore[arg-type]


def commanded(name: str) -> Commanded:
    return Commanded(**AT, name=name)  # type: ignore[arg-type]


def started(payload: str = "") -> Started:
    return Started(**AT, payload=payload)  # type: ignore[arg-type]


def answer(
    event: Event, supporter: Supporter | None = None, facts: Facts | None = None, **more: object
) -> Outcome:
    campaign = more.get("campaign", CAMPAIGN)
    now = more.get("now", NOW)
    return step(supporter or Supporter(known=True), event, facts or Facts(), campaign, now)  # type: ignore[arg-type]


def key(outcome: Outcome) -> str:
    return outcome.messages[0].text.key


def labels(outcome: Outcome) -> list[str]:
    """The keys of the labels under the first message."""
    return [button.label.key for row in outcome.messages[0].buttons for button in row]


known_data = st.sampled_from(sorted(BUTTONS)).flatmap(
    lambda scene: st.lists(
        st.sampled_from(
            [
                "mamat",
                "akber",
                "letter",
                "support",
                "email",
                "post",
                "xinjiang",
                "fr",
                "en",
                "0",
                "1",
                "7",
                "99999",
                "no",
                "yes",
                "on",
                "off",
                "first_name",
                "town",
                "free",
                "15",
                "cases",
                "é",
                "999999999999999999999999999999",
            ]
        ),
        max_size=4,
    ).map(lambda arguments: ":".join([scene, *arguments]))
)
events = st.one_of(
    known_data.map(chose),
    st.text(max_size=64).map(chose),
    st.text(max_size=200).map(said),
    st.sampled_from([*COMMANDS, "nothing", ""]).map(commanded),
    st.text(max_size=64).map(started),
    st.sampled_from(["mamat", "akber-sign", "mamat-letter_s-affiche", "s-x"]).map(started),
    st.sampled_from(["photo", "voice", "?"]).map(lambda kind: Showed(**AT, kind=kind)),  # type: ignore[arg-type]
    st.sampled_from([Corrected(**AT), Returned(**AT), Blocked(**AT)]),  # type: ignore[arg-type]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(events, max_size=12))
def test_any_sequence_of_events_gets_answers_and_keeps_the_invariants(history: list[Event]) -> None:
    supporter, signed, now = Supporter(), False, NOW
    for event in history:
        facts = Facts(signed=frozenset({"xinjiang"}) if signed else frozenset())
        outcome = step(supporter, event, facts, CAMPAIGN, now)

        silent = isinstance(event, Returned | Blocked)
        assert outcome.messages or silent, "never silence"
        assert outcome.supporter is not None
        assert outcome.language in CAMPAIGN.languages
        for message in outcome.messages:
            for button in (button for row in message.buttons for button in row):
                if isinstance(button, Choice):
                    assert len(button.data.encode()) <= 64
                    assert button.data.split(":")[0] in BUTTONS
        assert len([e for e in outcome.effects if isinstance(e, Sign)]) <= (not signed)
        if outcome.supporter.answers.at_risk:
            assert not outcome.supporter.answers.first_name, "no name where a name may harm"
        signed = signed or any(isinstance(e, Sign) for e in outcome.effects)
        signed = signed and not any(isinstance(e, Withdraw) for e in outcome.effects)
        supporter, now = outcome.supporter, now + timedelta(minutes=1)
        assert step(supporter, event, facts, CAMPAIGN, now) is not None


def test_a_first_word_says_that_it_is_a_bot_and_who_runs_it() -> None:
    outcome = answer(started(), Supporter())
    text = WORDING.text(outcome.messages[0].text, "fr", "plain")
    assert "bot" in text
    assert CAMPAIGN.organisation.name in text


def test_a_link_to_a_case_says_first_what_this_is() -> None:
    outcome = answer(started("mamat"), Supporter())
    assert [message.text.key for message in outcome.messages] == ["welcome.first", "story.screen"]


def test_where_a_supporter_came_from_is_counted_once() -> None:
    first = answer(started("mamat_s-affiche"), Supporter())
    assert [e.source for e in first.effects if isinstance(e, Arrive)] == ["affiche"]
    again = answer(started("akber_s-flyer"), first.supporter)
    assert not [e for e in again.effects if isinstance(e, Arrive)]
    assert again.supporter is not None
    assert again.supporter.source == "affiche"


def test_codes_that_the_content_does_not_list_are_counted_together() -> None:
    for payload in ("mamat_s-madeup1", "s-madeup2", "akber-sign_s-AFFICHES"):
        outcome = answer(started(payload), Supporter())
        assert [e.source for e in outcome.effects if isinstance(e, Arrive)] == ["autre"]
        assert outcome.supporter is not None
        assert outcome.supporter.source == "autre"
    listed = answer(started("mamat_s-Affiche"), Supporter())
    assert [e.source for e in listed.effects if isinstance(e, Arrive)] == ["affiche"]


@pytest.mark.parametrize(
    ("payload", "scene"),
    [
        ("mamat", "story.screen"),
        ("mamat-letter", "letter.risk"),
        ("mamat-email", "letter.risk"),
        ("akber-post_s-x", "post.caution"),
        ("mamat-sign", "petition.screen"),
        ("akber-actions", "actions.screen"),
        ("mamat-nothing", "story.screen"),
        ("nobody", "welcome.hello"),
        ("s-affiche", "welcome.hello"),
    ],
)
def test_a_payload_opens_what_it_names(payload: str, scene: str) -> None:
    assert key(answer(started(payload))) == scene


def test_the_language_is_the_platforms_until_another_is_chosen() -> None:
    outcome = answer(replace(started(), language="en-gb"), Supporter())
    assert outcome.language == "en"
    outcome = answer(chose("language:fr"), outcome.supporter)
    assert outcome.language == "fr"
    assert answer(replace(said("?"), language="en"), outcome.supporter).language == "fr"


def test_a_language_that_there_is_not_becomes_the_first_one() -> None:
    assert answer(replace(started(), language="pt-br"), Supporter()).language == "fr"


def test_before_a_name_is_asked_for_comes_the_question_about_china() -> None:
    assert key(answer(chose("act:mamat:letter"))) == "letter.risk"
    asked = answer(chose("risk:mamat:letter:no"))
    assert key(asked) == "letter.ask_first_name"


@pytest.mark.parametrize("said_of_risk", ["yes", "unsaid"])
def test_anything_but_a_no_leads_to_a_letter_without_a_name(said_of_risk: str) -> None:
    named = answer(said("Camille"), answer(chose("risk:mamat:letter:no")).supporter)
    careful = answer(chose(f"risk:mamat:letter:{said_of_risk}"), named.supporter)
    assert key(careful) == "letter.careful"
    letter = answer(chose("draft:mamat:letter:fr:0"), careful.supporter)
    assert not any("Camille" in str(piece.values) for piece in letter.messages[0].block)


def test_whoever_is_at_risk_is_warned_before_every_letter_as_long_as_the_answer_is_kept() -> None:
    careful = answer(chose("risk:akber:letter:yes")).supporter
    other = answer(started("mamat-email"), careful, Facts(compose="https://x.example"))
    assert key(other) == "letter.careful"
    letter = answer(
        chose("draft:mamat:email:fr:0"),
        other.supporter,
        Facts(compose="https://x.example", chance="a" * 32),
    )
    assert key(letter) == "letter.ready_careful"
    rows = letter.messages[0].buttons
    link = rows[-2][0]
    assert isinstance(link, Link), "the mail button stands last before the menu"
    assert link.url.endswith(".unsigned")
    ways = answer(chose("ways:mamat:email:fr:0"), other.supporter)
    for shown in (letter, ways):
        assert "buttons.change_name" not in labels(shown)
    assert key(answer(chose("skip:town:mamat:email"), other.supporter)) == "letter.careful"
    later = answer(started("mamat-email"), careful, now=NOW + timedelta(hours=25))
    assert key(later) == "letter.risk"


def test_whoever_is_at_risk_is_offered_no_public_message() -> None:
    careful = answer(chose("risk:akber:letter:yes")).supporter
    for data in ("act:akber:post", "post:akber:post:fr:0"):
        shown = answer(chose(data), careful)
        assert key(shown) == "post.careful"
        assert not any(isinstance(b, Link) for row in shown.messages[0].buttons for b in row)


def test_whoever_is_at_risk_is_asked_for_no_place_on_a_card() -> None:
    careful = answer(chose("risk:akber:letter:yes")).supporter
    assert key(answer(chose("act:mamat:support"), careful)) == "support.careful"
    for data in ("card:mamat:support:fr:0", "cardpdf:mamat:support:fr:0"):
        assert "Ne signez pas" in shown_text(answer(chose(data), careful))
        assert "Ne signez pas" not in shown_text(answer(chose(data)))


def test_an_answer_of_risk_can_be_changed() -> None:
    careful = answer(chose("risk:mamat:letter:yes"))
    assert "buttons.change_answer" in labels(careful)
    again = answer(chose("rename:mamat:letter"), careful.supporter)
    assert key(again) == "letter.risk"
    assert key(answer(chose("risk:mamat:letter:no"), again.supporter)) == "letter.ask_first_name"


def test_name_and_town_stand_under_the_letter_and_can_be_skipped() -> None:
    asked = answer(chose("risk:mamat:letter:no")).supporter
    town = answer(said("  Zoé\n<b>x</b>\u202e "), asked)
    letter = answer(said("Saint-Étienne"), town.supporter)
    assert dict(letter.messages[0].block[-1].values) == {
        "first_name": "Zoé <b>x</b>",
        "town": "Saint-Étienne",
    }
    bare = answer(chose("skip:first_name:mamat:letter"), town.supporter)
    assert key(bare) == "letter.ready", "who gives no first name is asked for no town"
    assert bare.messages[0].block[-1].key == "addressees.president.closing"


def test_answers_are_used_for_24_hours_and_no_longer() -> None:
    asked = answer(chose("risk:mamat:letter:no")).supporter
    named = answer(said("Nantes"), answer(said("Camille"), asked).supporter).supporter
    soon = answer(chose("draft:mamat:letter:fr:0"), named, now=NOW + timedelta(hours=23))
    assert "Camille" in str(soon.messages[0].block)
    late = answer(chose("draft:mamat:letter:fr:0"), named, now=NOW + timedelta(hours=25))
    assert key(late) == "letter.risk"


def test_a_letter_is_the_same_for_a_supporter_and_another_version_differs() -> None:
    action = CAMPAIGN.cases["mamat"].action("letter")
    assert action is not None
    total = versions(CAMPAIGN, "mamat", action)  # type: ignore[arg-type]
    assert total >= 3**7
    seen = {
        draft(CAMPAIGN, "mamat", action, "fr", seed=5, variant=number).paragraphs  # type: ignore[arg-type]
        for number in range(total)
    }
    assert len(seen) == total, "all versions come before one comes twice"


def test_what_is_said_to_be_done_is_declared_and_can_be_taken_back() -> None:
    outcome = answer(chose("did:mamat:letter"))
    assert outcome.effects == (Record("mamat", "letter", Evidence.DECLARED),)
    facts = Facts(done={("mamat", "letter"): Evidence.DECLARED})
    assert answer(chose("undo:mamat:letter"), facts=facts).effects == (TakeBack("mamat", "letter"),)
    assert answer(chose("undo:mamat:letter")).effects == ()


def test_a_pledge_does_not_undo_what_was_declared() -> None:
    facts = Facts(done={("mamat", "letter"): Evidence.DECLARED})
    assert answer(chose("will:mamat:letter"), facts=facts).effects == ()


def test_signing_again_says_that_it_is_done_and_signs_nothing() -> None:
    assert Sign("xinjiang", "fr") in answer(chose("sign:xinjiang:fr")).effects
    again = answer(chose("sign:xinjiang:fr"), facts=Facts(signed=frozenset({"xinjiang"})))
    assert key(again).startswith("petition.already")
    assert not [e for e in again.effects if isinstance(e, Sign)]


@pytest.mark.parametrize("state", [s for s in CaseState if s is not CaseState.ACTIVE])
@pytest.mark.parametrize(
    "data",
    [
        "act:mamat:letter",
        "draft:mamat:letter:fr:0",
        "did:mamat:letter",
        "will:mamat:letter",
        "card:mamat:support:fr:0",
        "actions:mamat",
        "risk:mamat:letter:no",
        "skip:first_name:mamat:letter",
        "rename:mamat:letter",
        "cardtown:mamat:support",
        "cardrisk:mamat:support:no",
        "share:mamat",
        "qr:mamat",
        "poster:mamat",
        "ways:mamat:letter:fr:0",
    ],
)
def test_in_every_state_but_active_old_buttons_close_kindly_and_ask_for_nothing(
    state: CaseState, data: str
) -> None:
    case = CAMPAIGN.cases["mamat"].model_copy(update={"state": state})
    campaign = CAMPAIGN.model_copy(update={"cases": {**CAMPAIGN.cases, "mamat": case}})
    outcome = answer(chose(data), campaign=campaign)
    assert key(outcome) == "actions.closed"
    assert outcome.effects == ()
    assert outcome.supporter is not None
    assert outcome.supporter.question == ""


def test_an_ended_banner_is_not_shown_and_a_current_one_stands_above_the_screen() -> None:
    assert CAMPAIGN.banner is not None
    assert answer(chose("menu")).messages[0].banner is None
    day = datetime(2021, 10, 7, 12, tzinfo=UTC)
    assert answer(chose("menu"), now=day).messages[0].banner is not None


def test_no_text_that_is_read_out_of_turn_becomes_an_answer() -> None:
    asked = answer(chose("risk:mamat:letter:no")).supporter
    left = answer(chose("menu"), asked)
    assert key(answer(said("Camille"), left.supporter)) == "surprises.text"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("Oui.", "letter.careful"), ("NON", "letter.ask_first_name"), ("yes", "letter.careful")],
)
def test_the_question_of_safety_is_answered_by_typing_too(typed: str, shown: str) -> None:
    asked = answer(chose("act:mamat:letter")).supporter
    assert key(answer(said(typed), asked)) == shown


@pytest.mark.parametrize(
    ("data", "question"),
    [
        ("act:mamat:letter", "letter.risk"),
        ("cardtown:mamat:support", "support.risk"),
        ("listed:xinjiang", "listed.risk"),
    ],
)
@pytest.mark.parametrize("event", [said("je ne sais pas"), Showed(**AT, kind="voice")])  # type: ignore[arg-type]
def test_anything_else_repeats_the_question_of_safety_with_its_buttons(
    event: Event, data: str, question: str
) -> None:
    facts = Facts(signed=frozenset({"xinjiang"}))
    asked = answer(chose(data), facts=facts)
    assert key(asked) == question
    again = answer(event, asked.supporter, facts)
    assert key(again) == "letter.risk_again"
    assert labels(again) == labels(asked)
    assert "careful" in key(answer(said("oui"), again.supporter, facts))


@pytest.mark.parametrize("typed", ["Mamat", "mamat ablat", "麦麦提·阿卜来提", " MAMAT ! "])
def test_a_typed_name_opens_the_story(typed: str) -> None:
    shown = answer(said(typed))
    assert key(shown) == "story.screen"
    assert "mamat" in str(shown.messages[0].text)


def test_a_greeting_and_a_first_word_are_told_who_answers() -> None:
    assert key(answer(said("Bonjour !"))) == "welcome.hello"
    assert key(answer(said("c’est quoi ?"), Supporter())) == "welcome.hello"
    assert key(answer(said("c’est quoi ?"))) == "surprises.text"
    first = answer(said("Akber"), Supporter())
    assert [message.text.key for message in first.messages] == ["welcome.first", "story.screen"]


@pytest.mark.parametrize(
    ("way", "question"),
    [
        (["risk:mamat:letter:no"], "letter.ask_first_name"),
        (["act:mamat:letter"], "letter.risk"),
        (["give:free"], "donate.ask"),
        (["country:xinjiang"], "countries.ask"),
        (["namerisk:xinjiang:no"], "listed.ask"),
        (["cardrisk:mamat:support:no"], "support.ask_town"),
    ],
)
def test_another_language_asks_the_open_question_again(way: list[str], question: str) -> None:
    facts = Facts(signed=frozenset({"xinjiang"}))
    supporter = Supporter(known=True)
    for event in (*map(chose, way), commanded("language"), chose("language:en")):
        outcome = answer(event, supporter, facts)
        assert outcome.supporter is not None
        supporter = outcome.supporter
    assert key(outcome) == question
    assert outcome.language == "en"
    assert supporter.question


def test_another_language_leads_back_to_the_case() -> None:
    reading = answer(chose("story:mamat:3")).supporter
    assert key(answer(chose("language:en"), reading)) == "actions.screen"


def test_calling_the_bot_from_any_chat_is_told_only_where_the_platform_allows_it() -> None:
    facts = Facts(bot_name="some_bot", chance="a" * 26)
    for inline in (True, False):
        shown = answer(chose("share:mamat"), facts=replace(facts, inline=inline))
        assert ("@some_bot" in shown_text(shown)) == inline


def shown_text(outcome: Outcome) -> str:
    return WORDING.text(outcome.messages[0].text, outcome.language, "plain")


@pytest.mark.parametrize("state", [s for s in CaseState if s is not CaseState.ACTIVE])
def test_the_story_of_a_closed_case_says_so_soberly(state: CaseState) -> None:
    case = CAMPAIGN.cases["akber"].model_copy(update={"state": state})
    campaign = CAMPAIGN.model_copy(update={"cases": {**CAMPAIGN.cases, "akber": case}})
    assert "👉" in shown_text(answer(chose("story:akber:1")))
    assert "👉" not in shown_text(answer(chose("story:akber:1"), campaign=campaign))


def test_the_history_of_the_petition_is_told_on_its_own_screen_alone() -> None:
    signed = Facts(signed=frozenset({"xinjiang"}), signatures={"xinjiang": 7})
    assert "323" in shown_text(answer(chose("petition:xinjiang")))
    for outcome in (
        answer(chose("sign:xinjiang:fr")),
        answer(chose("sign:xinjiang:fr"), facts=signed),
        answer(chose("unsign:xinjiang"), facts=signed),
    ):
        assert "323" not in shown_text(outcome)


def test_a_link_to_a_closed_case_says_why_it_is_closed() -> None:
    case = CAMPAIGN.cases["mamat"].model_copy(update={"state": CaseState.RELEASED})
    campaign = CAMPAIGN.model_copy(update={"cases": {**CAMPAIGN.cases, "mamat": case}})
    outcome = answer(started("mamat-letter_s-affiche"), Supporter(), campaign=campaign)
    assert [message.text.key for message in outcome.messages] == ["welcome.first", "actions.closed"]
    assert [e for e in outcome.effects if isinstance(e, Arrive)]


@pytest.mark.parametrize("event", [Showed(**AT, kind="voice"), Corrected(**AT)])  # type: ignore[arg-type]
def test_a_voice_or_a_correction_instead_of_an_answer_asks_the_same_question_again(
    event: Event,
) -> None:
    asked = answer(said("Camile"), answer(chose("risk:mamat:letter:no")).supporter)
    again = answer(event, asked.supporter)
    assert "letter.ask_town" in str(again.messages[0].text)
    assert again.supporter is not None
    assert again.supporter.question == "town:mamat:letter"
    assert again.supporter.answers.first_name == "Camile"


def test_a_stop_is_a_stop_in_the_middle_of_a_question_too() -> None:
    asked = answer(chose("risk:mamat:letter:no")).supporter
    outcome = answer(said("Stop"), asked)
    assert key(outcome) == "updates.stopped"
    assert outcome.supporter is not None
    assert outcome.supporter.answers.first_name == ""


def test_a_name_given_after_a_day_comes_behind_the_safety_question_again() -> None:
    asked = answer(chose("risk:mamat:letter:no")).supporter
    late = answer(said("Camille"), asked, now=NOW + timedelta(hours=30))
    assert key(late) == "letter.risk"
    assert late.supporter is not None
    assert late.supporter.answers.first_name == ""


@pytest.mark.parametrize("payload", ["mamat_s-affiche_paris", "mamat_s-" + "x" * 30, "mamat_"])
def test_a_malformed_source_does_not_lose_the_case(payload: str) -> None:
    assert key(answer(started(payload))) == "story.screen"


def test_the_way_from_a_group_is_counted() -> None:
    outcome = answer(started("_s-groupe"), Supporter())
    assert [e.source for e in outcome.effects if isinstance(e, Arrive)] == ["groupe"]


def test_a_gift_of_15_euros_costs_5_10() -> None:
    outcome = answer(chose("give:15"))
    text = WORDING.text(outcome.messages[0].text, "fr", "plain")
    assert re.search(r"5,10\s€", text)


@pytest.mark.parametrize("day", range(12, 19))
def test_no_day_for_a_reminder_is_offered_twice(day: int) -> None:
    now = datetime(2026, 1, day, 12, tzinfo=UTC)
    shown = answer(chose("will:mamat:letter"), now=now)
    days = [
        effect.on
        for row in shown.messages[0].buttons
        for button in row
        if isinstance(button, Choice) and button.data.startswith("remind:")
        for effect in answer(chose(button.data), now=now).effects
        if isinstance(effect, Remind)
    ]
    assert len(days) == len(set(days)) == 3


@pytest.mark.parametrize(
    ("way", "again"),
    [("risk:mamat:letter:no", "letter.too_long"), ("namerisk:xinjiang:no", "listed.again")],
)
def test_an_emoji_alone_is_no_name(way: str, again: str) -> None:
    facts = Facts(signed=frozenset({"xinjiang"}))
    asked = answer(chose(way), facts=facts).supporter
    assert key(answer(said("👩🏽‍🚒 ✨"), asked, facts)) == again
    assert key(answer(said("عائشة"), asked, facts)) != again


def test_a_typed_stop_is_a_stop() -> None:
    assert key(answer(said(" STOP! "))) == "updates.stopped"
