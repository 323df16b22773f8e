"""A stolen database does not tell by a length what somebody has answered."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.campaign.scenes.letter import ASKED
from bot.campaign.supporter import Answers
from bot.keys import SEAL_SIZE, Keys
from bot.store.people import supporters as rows
from bot.store.people.tables import supporters
from tests.house import House, house

WHOSE = b"w" * 16
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
RISKS = (True, False, None)
NAMES = ("", "Ô", "Zoé", '"\\"', "\U0001f56f" * ASKED["first_name"])
TOWNS = ("", "Y", "\U0001f56f" * ASKED["town"], '"' * ASKED["town"])


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.open(tmp_path / "keys", database_exists=False)


def test_all_answers_that_can_be_given_are_sealed_in_one_length(keys: Keys) -> None:
    lengths = set()
    for at_risk, name, town in itertools.product(RISKS, NAMES, TOWNS):
        told = Answers(at_risk=at_risk, first_name=name, town=town, at=NOW)
        sealed = rows.seal_answers(keys, told, WHOSE)
        lengths.add(len(sealed))
        assert rows._unseal_answers(keys, sealed, WHOSE) == told
    assert lengths == {rows.LONGEST_ANSWERS + SEAL_SIZE}


def test_whether_a_question_is_open_has_no_length_of_its_own(keys: Keys) -> None:
    questions = ("", "risk:mamat:letter", "first_name:mamat:letter", "country:xinjiang")
    read = ((0, 0), (1, 1), (1, 8), (8, 8))
    sealed = [rows.seal_question(keys, one, *step, WHOSE) for one in questions for step in read]
    assert len(set(map(len, sealed))) == 1, "nor how far somebody has read"


@pytest.mark.parametrize("question", ["", "amount", "risk:mamat:letter", "anyrisk:story:a b:"])
@pytest.mark.parametrize(("step", "furthest"), [(0, 0), (7, 7), (1, 7)])
def test_a_question_and_the_step_of_the_story_come_back_as_they_were(
    keys: Keys, question: str, step: int, furthest: int
) -> None:
    sealed = rows.seal_question(keys, question, step, furthest, WHOSE)
    assert rows._unseal_question(keys, sealed, WHOSE) == (question, step, furthest)


async def kept(opened: House) -> list[tuple[int, int]]:
    async with opened.store.reading() as connection:
        found = await connection.execute(
            select(supporters.c.answers_sealed, supporters.c.question_sealed)
        )
    return [(len(answers), len(question)) for answers, question in found]


async def test_after_yes_no_and_rather_not_the_rows_look_alike(data: Path) -> None:
    people = ("yes", "no", "unsaid", "named")
    async with house(data, at=NOW) as opened:
        for who in people:
            await opened.start(who)
            await opened.press(who, f"risk:mamat:letter:{'no' if who == 'named' else who}")
        await opened.say("named", "Marie")
        found = await kept(opened)
    assert len(found) == len(people)
    assert len(set(found)) == 1
