"""Whoever answered that being seen could harm them meets nothing that shows them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.campaign.conversation import step
from bot.campaign.effects import Evidence, ListName, Remind, StopReminding
from bot.campaign.entrances import COMMANDS
from bot.campaign.events import Chose, Commanded, Event, Said, Started
from bot.campaign.messages import Choice, Link, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.signatures import OwnSignature, SignatureState
from bot.campaign.supporter import Answers, Facts, Supporter
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT_RISK = Supporter(known=True, answers=Answers(at_risk=True, at=NOW))
FACTS = Facts(
    bot_name="amis_bot", inline=True, web="https://chat.example.org", friends=3,
    compose="https://chat.example.org", share_code="c" * 11, chance="x" * 26,
)  # fmt: skip
SIGNED = replace(
    FACTS,
    signed=frozenset(CAMPAIGN.petitions),
    own=dict.fromkeys(CAMPAIGN.petitions, OwnSignature(SignatureState.COUNTED, "FR", False)),
    done={
        (case_id, action.id): Evidence.DECLARED
        for case_id, case in CAMPAIGN.cases.items()
        for action in case.actions
    },
)
SHOWS = ("share:", "qr:", "poster:", "friends:", "listed:", "remind:", "post:")
"""Buttons that lead to being seen, or to a reminder that names an act."""
DEPENDS = {
    "letter.careful", "letter.ready_careful", "letter.ways", "letter.eml", "letter.pdf",
    "letter.fax", "support.careful", "support.card", "support.pdf", "support.pledged",
    "post.careful", "share.careful", "listed.careful", "reminders.careful", "actions.screen",
    "actions.declared", "actions.pledged", "petition.signed", "countries.noted",
    "countries.left_out",
}  # fmt: skip
"""Screens that would be others, had the answer been no."""
OLD = ("qr:mamat", "poster:akber", "friends:mamat", "listed:xinjiang", "share:akber",
       "remind:mamat:letter:tomorrow", "post:akber:post:fr:0", "act:akber:post")  # fmt: skip
"""Buttons that may still stand in a chat from before the answer."""


def doors() -> Iterator[Event]:
    for case_id, case in CAMPAIGN.cases.items():
        for what in ("", "-sign", "-share", "-actions", *(f"-{one.id}" for one in case.actions)):
            yield Started(id="", channel="", address="", payload=case_id + what)
    for command in COMMANDS:
        yield Commanded(id="", channel="", address="", name=command)
    for data in OLD:
        yield Chose(id="", channel="", address="", data=data)
    yield Said(id="", channel="", address="", text="Mamat")


def walk(facts: Facts) -> Iterator[tuple[Event, Outcome]]:
    """All that can be reached without another answer; each button once."""
    waiting: deque[tuple[Supporter, Event]] = deque((AT_RISK, door) for door in doors())
    been: set[tuple[str, str, str]] = set()
    while waiting:
        supporter, event = waiting.popleft()
        outcome = step(supporter, event, facts, CAMPAIGN, NOW)
        after = outcome.supporter
        if after is None or after.answers.at_risk is not True:
            continue
        yield event, outcome
        for button in buttons(*outcome.messages):
            mark = (getattr(button, "data", ""), after.case, after.question)
            if isinstance(button, Choice) and mark not in been and not late(button.data):
                been.add(mark)
                waiting.append((after, Chose(id="", channel="", address="", data=button.data)))


def late(data: str) -> bool:
    """A further version of a text, which differs in words only."""
    last = data.rpartition(":")[2]
    return last.isdecimal() and int(last) > 7


def buttons(*messages: Message) -> Iterator[object]:
    for message in messages:
        for row in message.buttons:
            yield from row


def has_change(message: Message) -> bool:
    return any(
        isinstance(button, Choice) and button.label.key == "buttons.change_answer"
        for button in buttons(message)
    )


@pytest.fixture(scope="module", params=["new", "signed"])
def walked(request: pytest.FixtureRequest) -> list[tuple[Event, Outcome]]:
    return list(walk(FACTS if request.param == "new" else SIGNED))


def test_nothing_on_the_way_shows_them(walked: list[tuple[Event, Outcome]]) -> None:
    for event, outcome in walked:
        for message in outcome.messages:
            assert message.attachment is None or "share." not in message.attachment.kind, event
            for button in buttons(message):
                if isinstance(button, Link):
                    assert "t.me/share" not in button.url, event
                    assert "x.com" not in button.url, event
                if isinstance(button, Choice):
                    assert not button.data.startswith(SHOWS), (event, button.data)
        assert not any(isinstance(effect, Remind) for effect in outcome.effects), event
        assert not any(isinstance(one, ListName) and one.name for one in outcome.effects), event


def test_no_screen_invites_to_tell_others(walked: list[tuple[Event, Outcome]]) -> None:
    for event, outcome in walked:
        for message in outcome.messages:
            if message.text.key == "help.screen":
                continue
            for language, invited in (("fr", "faire connaître"), ("en", "tell others")):
                shown = WORDING.text(message.text, language, "plain").lower()
                assert invited not in shown, (event, message.text.key)
                assert "personnes de confiance" not in shown, event


def test_the_answer_can_be_changed_wherever_it_counts(walked: list[tuple[Event, Outcome]]) -> None:
    seen = set()
    for event, outcome in walked:
        for message in outcome.messages:
            key = message.text.key
            if key in DEPENDS:
                seen.add(key)
                assert has_change(message), (event, key)
    assert {"letter.ready_careful", "support.card", "share.careful", "actions.screen"} <= seen


def test_every_screen_that_depends_on_it_is_reached() -> None:
    reached = {
        message.text.key
        for facts in (FACTS, SIGNED)
        for _, outcome in walk(facts)
        for message in outcome.messages
    }
    assert reached >= DEPENDS


def test_news_and_sharing_are_not_offered_in_passing() -> None:
    for data in ("menu", "help"):
        buttons = [
            button.data
            for message in press(AT_RISK, data).messages
            for row in message.buttons
            for button in row
            if isinstance(button, Choice)
        ]
        assert "updates" not in buttons
    said = WORDING.text(press(AT_RISK, "help").messages[0].text, "fr", "plain")
    assert "/share" not in said
    assert "/updates" not in said
    assert "/stop" in said
    of_all = press(Supporter(known=True), "help").messages[0].text
    assert "/share" in WORDING.text(of_all, "fr", "plain")
    # Whoever takes some has to find the way to leave them.
    takes = replace(AT_RISK, topics=frozenset({"cases"}))
    shown = press(takes, "menu").messages[0]
    assert Choice(words("buttons.updates"), "updates") in [b for row in shown.buttons for b in row]


def press(supporter: Supporter, data: str, facts: Facts = FACTS) -> Outcome:
    event = Chose(id="", channel="", address="", data=data)
    return step(supporter, event, facts, CAMPAIGN, NOW)


@pytest.mark.parametrize("question", ["risk:mamat:letter", "cardrisk:akber:support"])
def test_an_answer_drops_the_reminders_that_were_asked_for_before(question: str) -> None:
    for answer in ("yes", "unsaid"):
        outcome = press(Supporter(known=True), f"{question}:{answer}")
        assert StopReminding() in outcome.effects
        assert outcome.messages[0].text.key.endswith(".careful")
    assert StopReminding() not in press(Supporter(known=True), f"{question}:no").effects


def test_asking_again_leaves_the_answer_until_there_is_another() -> None:
    for data in ("rename:mamat:letter", "change:share:mamat"):
        asked = press(AT_RISK, data).supporter
        assert asked is not None
        assert asked.answers.at_risk is True
        assert press(asked, "share:mamat").messages[0].text.key == "share.careful"


@pytest.mark.parametrize(
    ("back", "shown"),
    [
        ("share:mamat", "share.screen"),
        ("actions:akber", "actions.screen"),
        ("act:akber:post", "post.caution"),
        ("story:akber:1", "story.screen"),
        ("petition:xinjiang", "petition.screen"),
        ("listed:xinjiang", "listed.ask"),
    ],
)
def test_a_changed_answer_leads_back_to_where_it_was_changed(back: str, shown: str) -> None:
    asked = press(AT_RISK, f"change:{back}", SIGNED)
    assert asked.messages[0].text.key == "safety.ask"
    no = next(one.data for one in buttons(*asked.messages) if isinstance(one, Choice))
    assert asked.supporter is not None
    pressed = press(asked.supporter, no, SIGNED)
    typed = step(
        asked.supporter, Said(id="", channel="", address="", text="Non"), SIGNED, CAMPAIGN, NOW
    )
    for outcome in (pressed, typed):
        assert outcome.messages[0].text.key == shown
        assert outcome.supporter is not None
        assert outcome.supporter.answers.at_risk is False
    unheard = Said(id="", channel="", address="", text="peut-être")
    again = step(asked.supporter, unheard, SIGNED, CAMPAIGN, NOW)
    assert again.messages[0].text.key == "letter.risk_again"


@pytest.mark.parametrize("data", ["change:forget:yes", "anyrisk:forget:all::no", "change:x"])
def test_a_forged_way_back_leads_nowhere(data: str) -> None:
    assert press(AT_RISK, data).messages[0].text.key == "surprises.old_button"


@pytest.mark.parametrize("language", CAMPAIGN.languages)
@pytest.mark.parametrize(
    "data", ["act:mamat:letter", "cardtown:mamat:support", "listed:xinjiang", "change:share:mamat"]
)
def test_the_question_names_hong_kong_and_macao(data: str, language: str) -> None:
    supporter = AT_RISK if data.startswith("change") else Supporter(known=True)
    asked = press(replace(supporter, language=language), data, SIGNED)
    text = WORDING.text(asked.messages[0].text, language, "plain")
    assert "Hong Kong" in text
    assert "Macao" in text
