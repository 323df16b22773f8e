"""Every screen of every case and language, as WhatsApp takes it; and what is not said there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.campaign.conversation import step
from bot.campaign.events import Chose, Commanded, Event, Said, Started
from bot.campaign.messages import Link, Message
from bot.campaign.outcome import Outcome
from bot.campaign.screens import every_screen
from bot.campaign.supporter import Answers, Facts, Supporter
from bot.channels.whatsapp.messages import WORDS, File, payloads
from bot.wording import Wording
from tests import whatsapp_rules as rules
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
EXPOSED = Facts(exposed=True, web="https://s.org", compose="https://s.org", chance="c" * 26)
FILES = (File("1", "application/pdf", "lettre.pdf"), File("2", "image/png", "mamat.png"))
MEDIA = {"1": "application/pdf", "2": "image/png"}


def words(wording: Wording, language: str) -> dict[str, str]:
    return {name: wording.texts(language, key.split(".")[0])[key.split(".")[1]]
            for name, key in WORDS.items()}  # fmt: skip


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_every_screen_is_taken_by_whatsapp(language: str) -> None:
    said = words(WORDING, language)
    for way, message in every_screen(CAMPAIGN):
        rendered = WORDING.render(message, language, "html")
        made = payloads(rendered, FILES if rendered.attachment else (), said)
        assert made, way
        for one in made:
            base = {"messaging_product": "whatsapp", "recipient": "FR.1"}
            try:
                rules.message({**base, **one}, MEDIA)
            except rules.Refusal as problem:
                raise AssertionError(f"{way}: {problem}") from None


def test_hardly_any_screen_takes_more_than_one_message() -> None:
    counts = [
        len(payloads(WORDING.render(message, "fr", "html"), (), words(WORDING, "fr")))
        for _, message in every_screen(CAMPAIGN)
        if not message.text.key.startswith("letter.")  # these are read on the page
    ]
    assert sum(counts) / len(counts) < 1.5


def answer(event: Event, supporter: Supporter | None = None, facts: Facts = EXPOSED) -> Outcome:
    return step(supporter or Supporter(), event, facts, CAMPAIGN, NOW)


def who() -> dict[str, Any]:
    return {"id": "1", "channel": "whatsapp", "address": "FR.1"}


def text_of(message: Message, language: str = "fr") -> str:
    return WORDING.render(message, language, "plain").text


KNOWN = Supporter(known=True, seen_at=NOW - timedelta(hours=1), language="fr")


@pytest.mark.parametrize(
    "event",
    [
        Started(**who()),
        Started(**who(), payload="mamat"),
        Started(**who(), payload="akber-sign"),
        Started(**who(), payload="mamat-email"),
        Said(**who(), text="Bonjour"),
        Commanded(**who(), name="help"),
    ],
)
def test_the_first_line_of_a_conversation_says_who_else_knows_of_it(event: Event) -> None:
    first = text_of(answer(event).messages[0])
    assert first.startswith("Cette conversation passe par WhatsApp")
    assert "https://s.org/?trace=none" in first.split("\n")[0]
    again = answer(event, KNOWN)
    assert "Meta sait" not in text_of(again.messages[0])
    after_a_day = Supporter(known=True, seen_at=NOW - timedelta(hours=25), language="fr")
    assert "Meta sait" in text_of(answer(event, after_a_day).messages[0])
    elsewhere = answer(event, facts=Facts(web="https://s.org", compose="https://s.org"))
    assert "Meta sait" not in text_of(elsewhere.messages[0])


def test_the_banner_of_the_campaign_stands_below_that_line() -> None:
    assert CAMPAIGN.banner is not None
    shown = CAMPAIGN.banner.model_copy(update={"until": "9999-12-31"})
    campaign = CAMPAIGN.model_copy(update={"banner": shown})
    outcome = step(Supporter(), Started(**who()), EXPOSED, campaign, NOW)
    first, _, rest = text_of(outcome.messages[0]).partition("\n\n")
    assert "Meta" in first
    call = text_of(step(KNOWN, Started(**who()), EXPOSED, campaign, NOW).messages[0])
    assert rest.startswith(call.partition("\n\n")[0])


LETTERS = [
    (case_id, action.id)
    for case_id, case in CAMPAIGN.cases.items()
    for action in case.actions
    if action.kind == "letter"
]


@pytest.mark.parametrize(("case", "action"), LETTERS)
@pytest.mark.parametrize(
    "pressed",
    [
        "act:{case}:{action}",
        "risk:{case}:{action}:no",
        "skip:first_name:{case}:{action}",
        "rename:{case}:{action}",
        "draft:{case}:{action}:fr:0",
        "ways:{case}:{action}:fr:0",
        "eml:{case}:{action}:fr:0",
        "pdf:{case}:{action}:fr:0",
        "fax:{case}:{action}:fr:0",
    ],
)
def test_no_letter_stands_in_the_chat_no_name_is_asked_and_no_tie_to_china(
    case: str, action: str, pressed: str
) -> None:
    told = Supporter(
        known=True,
        seen_at=NOW,
        answers=Answers(at_risk=False, first_name="Camille", town="Lyon", at=NOW),
    )
    for supporter in (KNOWN, told):
        data = pressed.format(case=case, action=action)
        outcome = answer(Chose(**who(), data=data), supporter)
        (message,) = outcome.messages
        assert message.text.key == "exposed.letter"
        assert not message.block
        assert message.attachment is None
        assert outcome.supporter is not None
        assert outcome.supporter.question == ""
        assert "Camille" not in text_of(message) or supporter is KNOWN
        links = [one for row in message.buttons for one in row if isinstance(one, Link)]
        assert [one.url.startswith("https://s.org/ecrire?") for one in links] == [True]
        assert f"https://s.org/?trace=none&start={case}-{action}" in text_of(message)


def test_a_question_that_stood_open_before_is_answered_with_the_page() -> None:
    case, action = LETTERS[0]
    for question in (f"first_name:{case}:{action}", f"risk:{case}:{action}"):
        asked = Supporter(known=True, seen_at=NOW, language="fr", question=question)
        outcome = answer(Said(**who(), text="Camille"), asked)
        assert outcome.messages[0].text.key == "exposed.letter"


def test_a_name_for_the_list_or_a_town_for_a_card_is_asked_on_the_page_alone() -> None:
    petition = next(iter(CAMPAIGN.petitions))
    signed = Facts(exposed=True, web="https://s.org", compose="https://s.org",
                   signed=frozenset([petition]))  # fmt: skip
    shown = answer(Chose(**who(), data=f"petition:{petition}"), KNOWN, signed)
    offered = [one for row in shown.messages[0].buttons for one in row]
    assert not any(getattr(one, "data", "").startswith("listed:") for one in offered)
    forged = answer(Chose(**who(), data=f"listed:{petition}"), KNOWN, signed)
    assert forged.messages[0].text.key == "petition.screen"
    card = answer(Chose(**who(), data="cardtown:mamat:support"), KNOWN)
    assert card.supporter is not None
    assert card.supporter.question == ""


@pytest.mark.parametrize(
    ("said", "case", "source"),
    [
        ("Bonjour, Mamat (affiche)", "mamat", "affiche"),
        ("Hello, Akber (poster)", "akber", "autre"),
        ("Bonjour, Mamat", "mamat", ""),
        ("Mamat (deux mots entre parenthèses)", "mamat", ""),
    ],
)
def test_a_link_writes_words_that_lead_to_a_case_and_say_where_it_was_put_up(
    said: str, case: str, source: str
) -> None:
    outcome = answer(Said(**who(), text=said))
    assert outcome.supporter is not None
    assert (outcome.supporter.case, outcome.supporter.source) == (case, source)


CLOSES = Facts(exposed=True, closes=True, web="https://s.org", compose="https://s.org")


def test_nothing_is_promised_for_a_day_on_which_nobody_can_be_written_to() -> None:
    planned = answer(Chose(**who(), data="will:mamat:support"), KNOWN, CLOSES)
    carried = [getattr(one, "data", "") for row in planned.messages[0].buttons for one in row]
    assert not any(one.startswith("remind:") for one in carried)
    assert "rappel" not in text_of(planned.messages[0])
    forged = answer(Chose(**who(), data="remind:mamat:support:week"), KNOWN, CLOSES)
    assert forged.messages[0].text.key == "reminders.closes"
    assert not any(type(one).__name__ == "Remind" for one in forged.effects)
    for event in (Commanded(**who(), name="updates"), Chose(**who(), data="topic:cases:on")):
        news = answer(event, KNOWN, CLOSES)
        assert news.messages[0].text.key == "updates.closes"
        assert not news.effects


def test_whoever_takes_news_can_leave_them_there() -> None:
    takes = Supporter(known=True, seen_at=NOW, language="fr", topics=frozenset({"cases"}))
    shown = answer(Commanded(**who(), name="updates"), takes, CLOSES)
    carried = [getattr(one, "data", "") for row in shown.messages[0].buttons for one in row]
    assert "topic:cases:off" in carried
