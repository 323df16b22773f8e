"""A person while a batch is answered: a copy changes apart from what it was copied from."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import pytest

from bot.campaign import effects
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.effects import Effect, Evidence
from bot.campaign.supporter import Supporter
from bot.engine.effects import APPLY
from bot.engine.person import Person, Rows, shared_and_copied

DONE = ("mamat", "letter", Evidence.DECLARED)


def anna() -> Person:
    return Person(b"anna", "telegram", "1", Supporter())


def fill(person: Person) -> None:
    """Change in place all that can be changed in place."""
    for each in fields(person):
        value: Any = getattr(person, each.name)
        match value:
            case Rows():
                value.add(("mamat", "letter", Evidence.OPENED), date(2026, 1, 1))
            case list():
                value.append("something")
            case set():
                value.add("something")
            case dict() if each.name not in shared_and_copied(Person)[0]:
                value["something"] = "else"


def content(person: Person) -> dict[str, Any]:
    return {
        each.name: list(value) if isinstance(value, Rows) else value
        for each in fields(person)
        for value in (getattr(person, each.name),)
    }


def test_what_is_done_to_a_copy_is_not_done_to_the_original() -> None:
    person = anna()
    changed = person.copy()
    assert content(changed) == content(person)
    fill(changed)
    changed_fields = {k for k, v in content(changed).items() if v != content(person)[k]}
    assert changed_fields == set(shared_and_copied(Person)[1])
    assert content(person) == content(anna())


def test_a_copy_finds_out_anew_how_far_each_action_has_gone() -> None:
    person = anna()
    assert not person.done
    changed = person.copy()
    changed.acts.add(DONE, date(2026, 1, 1))
    assert changed.done == {("mamat", "letter"): Evidence.DECLARED}
    assert not person.done


@dataclass(slots=True)
class WithQueue(Person):
    waiting: deque[str] = field(default_factory=deque)


@dataclass(slots=True)
class WithCounter(Person):
    counted: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class WithList(Person):
    noted: list[str] | None = None


@pytest.mark.parametrize("person", [WithQueue, WithCounter, WithList])
def test_a_new_kind_of_field_is_not_shared_by_oversight(person: type[Person]) -> None:
    with pytest.raises(TypeError, match="may a copy share it"):
        shared_and_copied(person)


def test_every_effect_that_the_engine_is_given_has_a_handler() -> None:
    kinds = {
        kind
        for kind in vars(effects).values()
        if isinstance(kind, type) and issubclass(kind, Effect) and kind is not Effect
    }
    assert set(APPLY) == kinds
    assert not any(issubclass(kind, StaffCommand) for kind in kinds), "those are the desk's"
