"""What letters to the authorities and public posts must never say, and what they must.

A letter is put together from versions of paragraphs, so each version is held by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from bot.campaign.content import LetterAction, PostAction
from bot.campaign.messages import words
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()

HIS_COUNTRY = "where the brother lives is not for the authorities"
HER = "what is told of his wife could harm her"
THEM = "what touches wife and children could harm them"
TALKED = "that relatives in Xinjiang spoke to somebody abroad could harm them"
ONE_MAN = "no page says that the two relatives of the same first name are one man"
PROMISED = "nobody promises that cards are passed on or reach him"

NEVER: Mapping[str, Mapping[str, str]] = {
    "mamat": {
        r"\bexil": HIS_COUNTRY,
        r"(?<!République populaire de Chine )\bFrance\b|français|French": HIS_COUNTRY,
        r"Abdul[ea]ziz": "the brother's name is not for the authorities",
        r"papiers|documents|papers": "papers that the family may hold could harm it",
        r"maladie|mentale|illness|mental": "what he suffers from is not for the authorities",
    },
    "akber": {
        r"femme|épouse|\bwife": HER,
        r"\busine|textile|factory": HER,
        r"cinquante|\b50\b|fifty": HER,
        r"janvier 2019|January 2019|internée|interned": HER,
        r"enfant|child|\bnaissance|birth|amende|\bfine\b|\bpère|father": THEM,
        r"septembre|September|lettre à sa|letter to his": TALKED,
        r"selon (sa famille|ses proches)|his family (says|said)|family’s account": TALKED,
        r"sept mois|seven months": TALKED,
        r"Abdul[ea]ziz": "the uncle's name is not for the authorities",
        r"disparition|disappear": "no page says so of him: his family was told of the sentence",
        r"frère|brother|Mamat": ONE_MAN,
    },
}
"""Words that must stand in no letter and no post about that man, and why."""

CARRIED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("mamat", "fr"): (
        r"Mamat Ablat \(麦麦提·阿卜来提, Maimaiti Abulaiti\)",
        r"[Ss]elon son frère",
        r"disparition forcée",
        r"\bsoins?\b|soigné",
        r"(famille|proches)[^.]* où[^.]* est détenu|où et comment il est détenu",
        r"avocat de son choix",
        r"libéré|libération",
        r"\bl’étranger",
    ),
    ("mamat", "en"): (
        r"Mamat Ablat \(麦麦提·阿卜来提, Maimaiti Abulaiti\)",
        r"[Aa]ccording to his brother",
        r"enforced disappearance",
        r"\bcare\b",
        r"family[^.]* where[^.]* is held",
        r"lawyer of his choice",
        r"release",
        r"abroad",
    ),
    ("akber", "fr"): (
        r"Akber Hushur \(艾克白尔·吾舒尔\)",
        r"[Ss]elon son oncle",
        r"où il est détenu",
        r"avocat de son choix",
        r"libéré|libération",
    ),
    ("akber", "en"): (
        r"Akber Hushur \(艾克白尔·吾舒尔\)",
        r"[Aa]ccording to his uncle",
        r"where he is held",
        r"lawyer of his choice",
        r"release",
    ),
}
"""What each letter says, whichever versions it is put together from."""

EVERYWHERE: Mapping[str, str] = {
    r"(est|sera|seront|sont) transmise?s?\b|fait suivre|\bforwards? it|who forward": PROMISED,
    r"frère de Mamat, l’autre|also the brother of Mamat|aussi le frère de Mamat": ONE_MAN,
    r"remises? le 7 octobre|handed over on 7 October": "the 7th was the day in Paris alone",
    r"lettre ouverte|open letter": "no page says that it was handed over with the signatures",
    r"(décembre|juillet) 2021|(December|July) 2021": "the pages bear no month",
}
"""What no text says to anybody."""


def versions(key: str, language: str) -> tuple[str, ...]:
    count = CAMPAIGN.variants[key]
    return tuple(
        WORDING.text(words(f"{key}.{n}", unconfirmed=unconfirmed), language, "plain")
        for n in range(count)
        for unconfirmed in ("", "2022")
    )


def letters(case_id: str, language: str) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    """Each letter of a case: its paragraphs, each with all its versions."""
    for action in CAMPAIGN.cases[case_id].actions:
        if isinstance(action, LetterAction):
            subject = words(f"{case_id}.letter.subject.{action.id}")
            for paragraphs in (action.paragraphs, *action.angles.values()):
                yield (
                    action.id,
                    (
                        (WORDING.text(subject, language, "plain"),),
                        *(versions(f"{case_id}.letter.{one}", language) for one in paragraphs),
                    ),
                )


def in_public(case_id: str, language: str) -> Iterator[str]:
    """All that is sent to authorities or posted under a case's name."""
    for _, paragraphs in letters(case_id, language):
        for paragraph in paragraphs:
            yield from paragraph
    if any(isinstance(action, PostAction) for action in CAMPAIGN.cases[case_id].actions):
        yield from versions(f"{case_id}.post", language)


@pytest.mark.parametrize("language", CAMPAIGN.languages)
@pytest.mark.parametrize("case_id", NEVER)
def test_no_version_of_a_letter_or_post_says_what_could_harm(case_id: str, language: str) -> None:
    for text in in_public(case_id, language):
        for never, why in NEVER[case_id].items():
            assert not re.search(never, text), f"{why}: {text}"


@pytest.mark.parametrize(("case_id", "language"), CARRIED)
def test_every_letter_carries_what_the_story_asks_for(case_id: str, language: str) -> None:
    for action, paragraphs in letters(case_id, language):
        for carried in CARRIED[case_id, language]:
            assert any(
                all(re.search(carried, version) for version in paragraph)
                for paragraph in paragraphs[1:]
            ), (action, carried)


def test_french_testimony_stands_in_the_conditional() -> None:
    for key in (
        *("mamat.letter.arrest", "mamat.letter.facts"),
        *("akber.letter.taken", "akber.letter.facts", "akber.post"),
    ):
        for text in versions(key, "fr"):
            assert re.search(r"aura(it|ient)|sera(it|ient)", text), text
    for case_id, case in CAMPAIGN.cases.items():
        told = " ".join(
            WORDING.text(words(f"{case_id}.story.{step.id}.text"), "fr", "plain")
            for step in case.story
        )
        for plain in ("a été arrêté", "a été condamné", "a été emmené", "a été internée"):
            assert plain not in told, case_id


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_no_text_claims_what_no_page_says(language: str) -> None:
    for key, text in (
        WORDING.texts(language, "mamat").items()
        | WORDING.texts(language, "akber").items()
        | WORDING.texts(language, "others").items()
    ):
        for never, why in EVERYWHERE.items():
            assert not re.search(never, text), f"{why}: {key}"
    handed_over = CAMPAIGN.petitions["xinjiang"].handed_over
    assert handed_over is not None
    history = words(
        "petitions.xinjiang.history",
        count=handed_over.count,
        day=handed_over.day,
        territories=handed_over.territories,
        in_france=handed_over.in_france,
    )
    told = WORDING.text(history, language, "plain")
    assert not any(re.search(never, told) for never in EVERYWHERE)


@pytest.mark.parametrize(
    ("case_id", "language", "said"),
    [
        *((case, "fr", said) for case in ("mamat", "akber")
          for said in ("camps d’internement", "torturé", "surveillance de masse")),
        *((case, "en", said) for case in ("mamat", "akber")
          for said in ("internment camps", "tortured", "mass surveillance")),
    ],
)  # fmt: skip
def test_the_story_says_what_the_camps_are(case_id: str, language: str, said: str) -> None:
    assert said in WORDING.text(words(f"{case_id}.story.many.text"), language, "plain")


def test_a_page_without_a_date_is_dated_to_no_month() -> None:
    assert CAMPAIGN.sources["S0"].published == "late 2021"
    assert CAMPAIGN.sources["S3"].published == "summer 2021"
    assert CAMPAIGN.addressees["president"].as_of == "late 2021"
