"""The way is short: moved in ten seconds, signed in two taps, a letter open in one's own mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.campaign import letters
from bot.campaign.content import CaseState, Confirmed, LetterAction, PostAction
from bot.campaign.conversation import step
from bot.campaign.effects import Evidence, Sign
from bot.campaign.entrances import needed
from bot.campaign.events import Chose, Event, Started
from bot.campaign.messages import Button, Choice, Link, Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes.letter import LONGEST
from bot.campaign.screens import every_screen
from bot.campaign.supporter import Answers, Facts, Need, Supporter
from tests.house import house
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FACTS = Facts(bot_name="amis_bot", compose="https://c.example", chance="a" * 26)
AT: dict[str, Any] = {"id": "", "channel": "", "address": ""}
WORD = re.compile(r"\w+(?:[’'·-]\w+)*")


class Walk:
    """Somebody new who presses what is on the screen, by the key or data of a button."""

    def __init__(self, facts: Facts = FACTS, language: str = "fr"):
        self.facts, self.language = facts, language
        self.supporter = Supporter()
        self.outcome: Outcome | None = None
        self.taps = 0

    def opens(self, payload: str = "") -> Message:
        return self._takes(Started(**AT, language=self.language, payload=payload))

    def presses(self, begins: str) -> Message:
        self.taps += 1
        found = next(one for one in self.choices() if one.data.startswith(begins))
        return self._takes(Chose(**AT, language=self.language, data=found.data))

    def choices(self) -> list[Choice]:
        return [one for one in self.buttons() if isinstance(one, Choice)]

    def buttons(self) -> list[Button]:
        assert self.outcome is not None
        return [one for row in self.outcome.messages[0].buttons for one in row]

    def _takes(self, event: Event) -> Message:
        self.outcome = step(self.supporter, event, self.facts, CAMPAIGN, NOW)
        assert self.outcome.supporter is not None
        self.supporter = self.outcome.supporter
        (message,) = self.outcome.messages
        return message


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_the_first_screen_says_who_what_injustice_and_what_to_do_in_forty_words(
    language: str,
) -> None:
    for case_id in CAMPAIGN.cases:
        campaign = CAMPAIGN.model_copy(update={"opens_with": case_id})
        event = Started(**AT, language=language)
        (first,) = step(Supporter(), event, FACTS, campaign, NOW).messages
        text = WORDING.render(first, language, "plain").text
        assert len(WORD.findall(text)) <= 40, text
        assert CAMPAIGN.cases[case_id].full_name in text
        assert "bot" in text
        assert CAMPAIGN.organisation.name in text
        assert [len(row) for row in first.buttons] == [1, 1, 1, 2]
        assert first.buttons[0][0].label.key == "buttons.act"
        others = {case for case in CAMPAIGN.cases if case != case_id}
        assert {one.data for one in (first.buttons[2][0],) if isinstance(one, Choice)} <= {
            f"story:{other}:1" for other in others
        }


def test_without_a_name_in_the_content_both_people_open_for_somebody() -> None:
    campaign = CAMPAIGN.model_copy(update={"opens_with": None})
    assert {campaign.opening(seed) for seed in range(10)} == set(CAMPAIGN.cases)
    freed = CAMPAIGN.cases["mamat"].model_copy(update={"state": CaseState.RELEASED})
    after = CAMPAIGN.model_copy(update={"cases": {**CAMPAIGN.cases, "mamat": freed}})
    assert after.opening(0) == "akber", "who is free is not called for"


@pytest.mark.parametrize("case_id", CAMPAIGN.cases)
def test_a_signature_takes_two_taps_from_the_first_screen_and_one_from_a_link(case_id: str) -> None:
    walk = Walk()
    walk.opens()
    walk.presses("actions:")
    walk.presses("sign:")
    assert walk.outcome is not None
    assert any(isinstance(effect, Sign) for effect in walk.outcome.effects)
    assert walk.taps == 2

    walk = Walk()
    walk.opens(f"{case_id}-actions")
    walk.presses("sign:")
    assert walk.taps == 1


def letter_opens(walk: Walk) -> int:
    """The taps until the page is open that opens the mail program: one more is on that page."""
    link = next(one for one in walk.buttons() if isinstance(one, Link))
    assert link.url.startswith("https://c.example/ecrire?")
    assert walk.buttons()[0] is link, "the main button"
    return walk.taps + 1


def test_the_letter_is_open_in_ones_own_mail_five_taps_after_the_start() -> None:
    walk = Walk()
    walk.opens()
    walk.presses("actions:")
    walk.presses("act:mamat:email")
    walk.presses("risk:mamat:email:no")
    assert letter_opens(walk) + 1 <= 5
    walk = Walk()
    walk.opens("mamat-letter")
    walk.presses("risk:mamat:letter:no")
    assert letter_opens(walk) + 1 == 3


def test_the_story_is_read_in_seven_taps() -> None:
    walk = Walk()
    walk.opens()
    walk.presses("story:mamat:1")
    for number in range(2, len(CAMPAIGN.cases["mamat"].story) + 1):
        shown = walk.presses(f"story:mamat:{number}")
    assert "7/7" in WORDING.text(shown.text, "fr", "plain")
    assert walk.taps == 7


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_each_step_of_a_story_fits_a_phone(language: str) -> None:
    for case_id, case in CAMPAIGN.cases.items():
        for number in range(1, len(case.story) + 1):
            event = Chose(**AT, data=f"story:{case_id}:{number}")
            known = Supporter(known=True, language=language)
            (message,) = step(known, event, FACTS, CAMPAIGN, NOW).messages
            text = WORDING.text(message.text, language, "plain")
            assert len(text) <= 650, (case_id, number, len(text))
            told = WORDING.text(
                words(f"{case_id}.story.{case.story[number - 1].id}.text"), language, "plain"
            )
            assert len(told) <= 500, (case_id, number, len(told))


OF_CHOICE = re.compile(
    r"(welcome\.(cases|whom|menu_more)|staff|pending|lots|language|others\.intro|updates\.screen"
    r"|donate|countries|privacy|letter\.ways|surprises\.(group|rest))"
)
"""Screens to choose from a list, and those that stand behind "More" themselves."""
ALWAYS = {"buttons.change_answer"}
"""Beside all others, for whoever it concerns."""


def screens() -> Iterator[tuple[str, Message]]:
    for way, message in every_screen(CAMPAIGN):
        last = way.rpartition(" > ")[2]
        if not OF_CHOICE.match(message.text.key) and not last.startswith("wide:"):
            yield way, message


def test_every_screen_has_one_main_button_and_two_others_and_then_the_ways_back() -> None:
    for way, message in screens():
        *acts, back = message.buttons
        shown = [one for row in acts for one in row if one.label.key not in ALWAYS]
        if message.text.key == "story.screen":
            shown = [one for one in shown if one.label.key not in ("buttons.next", "buttons.back")]
        assert len(shown) <= 3, (way, [one.label.key for one in shown])
        read_only = message.text.key == "story.screen" and len(acts[0]) > 1  # a closed case
        if shown and not read_only and not message.text.key.endswith(("risk", "again", ".ask")):
            assert len(acts[0]) == 1, (way, "one main button")
        assert len(back) <= 3, way


def test_after_every_act_comes_one_step_and_the_way_to_the_very_step_of_the_story() -> None:
    walk = Walk()
    walk.opens("mamat")
    walk.presses("story:mamat:2")
    walk.presses("act:mamat:email")
    walk.presses("risk:mamat:email:no")
    thanks = walk.presses("did:mamat:email")
    assert thanks.text.key == "actions.thanks.letter"
    first, second, *_ = thanks.buttons
    assert [one.data for one in (*first, *second) if isinstance(one, Choice)] == [
        "petition:xinjiang",
        "story:mamat:2",
    ]
    assert second[0].label.key == "buttons.back_to_story"


@pytest.mark.parametrize("case_id", CAMPAIGN.cases)
@pytest.mark.parametrize("at_risk", [False, True])
def test_the_ladder_is_climbed_rung_by_rung_and_never_leads_into_public_who_is_at_risk(
    case_id: str, at_risk: bool
) -> None:
    supporter = Supporter(known=True, case=case_id, answers=Answers(at_risk=at_risk, at=NOW))
    done: dict[tuple[str, str], Evidence] = {}
    offered: list[str] = []
    event = Chose(**AT, data="sign:xinjiang:fr")
    while True:
        facts = replace(FACTS, done=done, signed=frozenset({"xinjiang"} if offered else ()))
        outcome = step(supporter, event, facts, CAMPAIGN, NOW)
        further = outcome.messages[0].buttons[0][0]
        assert isinstance(further, Choice)
        if not further.data.startswith("act:"):
            break
        *_, action = further.data.split(":")
        offered.append(action)
        event = Chose(**AT, data=f"did:{case_id}:{action}")
        done[case_id, action] = Evidence.OPENED
        done = {**done, **{(case_id, one): Evidence.DECLARED for one in offered[:-1]}}
    case = CAMPAIGN.cases[case_id]
    kinds = [type(case.action(one)) for one in offered]
    public = [PostAction in kinds, at_risk]
    assert public != [True, True]
    assert kinds[0] is LetterAction
    if PostAction in kinds:
        assert kinds[-1] is PostAction
    assert len(offered) == len(case.actions) - (at_risk and case_id == "akber")


def test_a_first_screen_without_petitions_to_sign_offers_the_acts() -> None:
    signed = replace(FACTS, signed=frozenset({"xinjiang"}))
    event = Chose(**AT, data="actions:mamat")
    shown = step(Supporter(known=True), event, signed, CAMPAIGN, NOW).messages[0]
    assert shown.text.key == "actions.screen"
    acts = [one.data for row in shown.buttons[:3] for one in row if isinstance(one, Choice)]
    assert acts == ["act:mamat:email", "act:mamat:letter", "act:mamat:support"]


async def test_the_step_is_remembered_between_two_visits(data: Path) -> None:
    async with house(data) as opened:
        await opened.start("anna")
        await opened.press("anna", "story:mamat:5")
    async with house(data) as opened:
        thanks = await opened.press("anna", "did:mamat:letter")
        labels = [button.label for row in thanks.buttons for button in row]
        assert "Reprendre l’histoire (5/7)" in labels
        other = await opened.press("anna", "actions:akber")
        labels = [button.label for row in other.buttons for button in row]
        assert "Lire son histoire" in labels


def every_short_letter(language: str) -> Iterator[tuple[str, str]]:
    for case_id, case in CAMPAIGN.cases.items():
        for action in case.actions:
            if isinstance(action, LetterAction):
                assert action.angles, "each letter has short forms"
                total = letters.versions(CAMPAIGN, case_id, action)
                for number, old in product(range(total), ("", "2022")):
                    draft = letters.draft(
                        CAMPAIGN, case_id, action, language, seed=number, unconfirmed=old,
                        first_name=LONGEST["first_name"], town=LONGEST["town"],
                    )  # fmt: skip
                    written = WORDING.write(draft, CAMPAIGN)
                    yield f"{case_id} {action.id} {number}", written.body


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_every_letter_by_email_is_short_and_leaves_a_line_for_a_sentence_of_ones_own(
    language: str,
) -> None:
    lengths = []
    for way, body in every_short_letter(language):
        lengths.append(len(body))
        assert len(body) <= letters.MOST_BY_EMAIL, (way, len(body))
        assert body.count("\n\n\n\n") == 1, way
    assert min(lengths) > 700


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_letters_of_different_angles_begin_differently(language: str) -> None:
    for case_id, case in CAMPAIGN.cases.items():
        for action in case.actions:
            if isinstance(action, LetterAction):
                openings = [
                    {
                        WORDING.text(words(f"{key}.{n}"), language, "plain")
                        for n in range(CAMPAIGN.variants[key])
                    }
                    for paragraphs in action.angles.values()
                    for key in [f"{case_id}.letter.{paragraphs[0]}"]
                ]
                assert len(openings) == 3
                assert len(set.union(*openings)) == sum(map(len, openings)) >= 9


def test_the_letter_to_the_president_is_in_english_with_the_supporters_language_beside_it() -> None:
    walk = Walk()
    walk.opens("mamat-letter")
    shown = walk.presses("risk:mamat:letter:no")
    rendered = WORDING.render(shown, "fr", "plain")
    assert rendered.block.startswith("Mr President")
    assert "Je " in rendered.text
    assert "un Ouïghour" in rendered.text
    walk = Walk(language="en")
    walk.opens("mamat-letter")
    shown = walk.presses("risk:mamat:letter:no")
    assert "Uyghur" not in WORDING.text(shown.text, "en", "plain"), "once is enough"
    ways = Walk()
    ways.opens("mamat-letter")
    ways.presses("risk:mamat:letter:no")
    ways.presses("ways:mamat:letter:en")
    data = [one.data for one in ways.choices()]
    assert any(one.startswith("pdf:mamat:letter:fr") for one in data), "the post in French"
    assert any(one.startswith("draft:mamat:letter:fr") for one in data)


def test_name_and_town_told_in_the_chat_travel_in_the_fragment_alone() -> None:
    told = Answers(at_risk=False, first_name="Zoé & Léa", town="Saint-Étienne", at=NOW)
    event = Chose(**AT, data="draft:mamat:letter:fr:0")
    shown = step(Supporter(known=True, answers=told), event, FACTS, CAMPAIGN, NOW).messages[0]
    (link,) = (one for row in shown.buttons for one in row if isinstance(one, Link))
    page, _, fragment = link.url.partition("#")
    assert "Zo" not in page
    assert fragment.endswith("&first_name=Zo%C3%A9%20%26%20L%C3%A9a&town=Saint-%C3%89tienne")


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_who_is_not_confirmed_as_detained_is_told_so_and_asked_for(language: str) -> None:
    told = {}
    for on in ("2022", "2026-10"):
        case = CAMPAIGN.cases["mamat"].model_copy(
            update={"confirmed": Confirmed(by="his brother", as_of=on)}
        )
        campaign = CAMPAIGN.model_copy(update={"cases": {**CAMPAIGN.cases, "mamat": case}})
        supporter = Supporter(known=True, language=language, answers=Answers(at_risk=False, at=NOW))
        shown = [
            step(supporter, Chose(**AT, data=data), FACTS, campaign, NOW).messages[0]
            for data in ("story:mamat:1", f"draft:mamat:letter:{language}:0")
        ]
        told[on] = [WORDING.render(one, language, "plain") for one in shown]
    old, new = told["2022"], told["2026-10"]
    assert re.search("confirm", old[0].text)
    assert not re.search("confirm", new[0].text)
    assert len(old[1].block) > len(new[1].block), "the letter asks for news"


def test_a_forged_button_to_more_signs_nothing_past_the_guard() -> None:
    """The guard against bursts is asked by the name of the act that a button leads to."""
    assert needed(Chose(**AT, data="wide:sign:xinjiang:fr")) == (Need.GUARDED,)
    for forged in ("wide", "wide:", "wide:wide", "wide:nothing:there", "wide:wide:menu"):
        (shown,) = step(
            Supporter(known=True), Chose(**AT, data=forged), FACTS, CAMPAIGN, NOW
        ).messages
        assert shown.buttons


def test_more_opens_below_a_broadcast_as_well() -> None:
    event = Chose(**AT, data="news:7:wide:menu")
    (shown,) = step(Supporter(known=True), event, FACTS, CAMPAIGN, NOW).messages
    assert shown.text.key == "welcome.menu_more"
    assert not shown.in_place
