"""What people type leads where they meant, typing errors too; whoever is in need is cared for."""

from __future__ import annotations

import pytest

from bot.campaign.conversation import step
from bot.campaign.events import Said, Started
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Facts, Supporter
from bot.campaign.typed_words import TypedWords
from tests.test_conversation import AT, CAMPAIGN, NOW, answer, chose, key, started

FRENCH = {
    "pétition": "petition",
    "PETITION": "petition",
    "je veux signé la petiton": "petition",
    "Je signe": "petition",
    "signer": "petition",
    "lettre": "letter",
    "une letre pour lui": "letter",
    "je voudrais écrire à l'ambassade": "letter",
    "carte postale": "card",
    "Envoyer une carte de soutien": "card",
    "don": "",
    "faire un don": "donate",
    "je veux donner": "donate",
    "comment aider ?": "act",
    "que puis-je faire": "act",
    "Agir": "act",
    "lire son histoire": "story",
    "raconte": "story",
    "qui êtes-vous ?": "who",
    "C'est qui derrière ?": "who",
    "qui est derrière tout ça": "who",
    "tu es un robot ?": "bot",
    "est-ce une arnaque ?": "scam",
    "c'est une arnaqe": "scam",
    "c'est fiable ce truc ?": "scam",
    "je suis journaliste au Monde": "press",
    "presse": "press",
    "je veux parler à quelqu'un": "person",
    "merci": "thanks",
    "Merci beaucoup !": "thanks",
    "c'est gratuit ?": "cost",
    "ça sert à quoi": "effect",
    "est-ce que ça sert à quelque chose": "effect",
    "qui sont les ouighours": "uyghurs",
    "pourquoi sont-ils détenus ?": "why",
    "ce sont des terroristes": "why",
    "il a été libéré ?": "free",
    "où est-il": "free",
    "les camps de reeducation": "camps",
    "désabonner": "leave",
    "arrêtez de m'écrire": "leave",
    "recevoir des nouvelles": "updates",
    "supprimer mes données": "erase",
    "que gardez-vous sur moi": "privacy",
    "retirer ma signature": "withdraw",
    "c'est envoyé": "sent",
    "je suis prof dans un lycée": "school",
    "partager": "share",
    "changer de langue": "language",
    "plus tard": "time",
    "aide": "help",
    "danger": "danger",
    "j'ai peur pour ma famille": "danger",
    "mes parents sont au Xinjiang": "danger",
    "on me surveille": "danger",
    "je suis ouïghoure": "danger",
    "j'ai envie de mourir": "despair",
    "je n'en peux plus": "despair",
    "suicide": "despair",
    "quelle heure est-il ?": "",
    "azertyuiop": "",
    "1234": "",
}
ENGLISH = {
    "petition": "petition",
    "i want to sing the pettition": "petition",
    "write a leter": "letter",
    "how can I help?": "act",
    "is this a scam?": "scam",
    "who are you": "who",
    "I'm a journalist": "press",
    "does it work?": "effect",
    "unsubscribe": "leave",
    "is he alive?": "free",
    "I'm scared": "danger",
    "my brother is detained": "danger",
    "I want to die": "despair",
    "thank you so much": "thanks",
    "can I donate": "donate",
    "delete my data please": "erase",
    "what's the weather like": "",
}


@pytest.mark.parametrize(
    ("typed", "language", "meaning"),
    [
        *((typed, "fr", meaning) for typed, meaning in FRENCH.items()),
        *((typed, "en", meaning) for typed, meaning in ENGLISH.items()),
    ],
)
def test_words_lead_where_they_are_meant(typed: str, language: str, meaning: str) -> None:
    assert CAMPAIGN.typed_words.meaning(typed, language) == meaning


def test_every_meaning_has_an_answer_and_a_way_on() -> None:
    for meaning in CAMPAIGN.typed:
        for language in CAMPAIGN.languages:
            for phrase in CAMPAIGN.phrases[language][meaning]:
                outcome = spoken(phrase, language)
                assert outcome.messages, phrase
                assert any(message.buttons for message in outcome.messages), phrase
                assert not key(outcome).startswith("surprises."), phrase


def spoken(text: str, language: str = "fr", **known: object) -> Outcome:
    supporter = Supporter(known=True, language=language, **known)  # type: ignore[arg-type]
    event = Said(**{**AT, "language": language}, text=text)  # type: ignore[arg-type]
    return step(supporter, event, Facts(), CAMPAIGN, NOW)


def data(outcome: Outcome) -> list[str]:
    return [
        str(getattr(button, "data", ""))
        for message in outcome.messages
        for row in message.buttons
        for button in row
    ]


@pytest.mark.parametrize("typed", ["j'ai peur", "suicide", "je n’en peux plus"])
def test_whoever_may_be_in_need_is_asked_for_nothing(typed: str) -> None:
    outcome = spoken(typed, case="mamat")
    assert data(outcome) == ["menu"]


def test_need_is_heard_where_a_name_was_asked_for_and_a_town_called_danger_is_a_town() -> None:
    asked = "town:mamat:letter"
    assert key(spoken("je veux mourir", question=asked)).startswith("typed.despair")
    assert not key(spoken("Le Danger Bas", question=asked)).startswith("typed.")


def test_a_name_in_a_sentence_opens_his_story_or_what_was_asked_about_him() -> None:
    assert spoken("qui est Mamat ?").supporter.case == "mamat"  # type: ignore[union-attr]
    assert spoken("une lettre pour Akber").supporter.case == "akber"  # type: ignore[union-attr]
    assert key(spoken("艾克白尔·吾舒尔")) == key(spoken("akber"))


def test_a_number_chooses_an_act_of_the_screen_or_a_person_and_money_is_money() -> None:
    assert spoken("2").supporter.case == "akber"  # type: ignore[union-attr]
    assert key(spoken("1", case="mamat")) == "petition.screen"
    second = spoken("2", case="mamat")
    assert key(second) == key(answer(chose("act:mamat:email")))
    assert key(spoken("20 €")) == "donate.cost"
    assert key(spoken("9")) == "surprises.text"


def test_links_written_in_capitals_and_the_petition_alone_are_understood() -> None:
    assert key(answer(started("MAMAT"))) == key(answer(started("mamat")))
    assert key(answer(started("Mamat-SIGN"))) == "petition.screen"
    assert key(answer(started("sign"))) == "petition.screen"
    known = answer(Started(**AT, payload="SIGN_s-Affiche"))  # type: ignore[arg-type]
    assert key(known) == "petition.screen"


def test_what_is_not_understood_names_a_person_to_ask() -> None:
    outcome = spoken("quelle heure est-il")
    assert key(outcome) == "surprises.text"
    values = dict(outcome.messages[0].text.values)
    assert "boulevard de la Villette" in str(values["address"])


def test_people_of_a_language_that_is_not_here_get_the_one_that_content_names() -> None:
    assert CAMPAIGN.language("de") == "en"
    assert CAMPAIGN.language("ar") == "fr"
    assert CAMPAIGN.language("pt-br") == "fr"
    assert CAMPAIGN.language("en-GB") == "en"


def test_a_wall_of_words_is_read_to_its_sixtieth() -> None:
    words = TypedWords({"fr": {"petition": ["pétition"]}})
    assert words.meaning("bla " * 10_000 + "pétition", "fr") == ""
    assert words.meaning("bla " * 40 + "pétition", "fr") == "petition"
    assert words.meaning("", "fr") == ""
    assert words.meaning("🕯️", "fr") == ""
