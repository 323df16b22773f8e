"""One turn of a conversation, and the ways in which a scene may answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.campaign.content import Campaign, Case, LetterAction, PostAction, SupportAction
from bot.campaign.effects import Effect
from bot.campaign.events import Chose, Event, Said
from bot.campaign.messages import Button, Choice, Message, Rows, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Facts, Supporter

AnAction = TypeVar("AnAction", LetterAction, SupportAction, PostAction)


class NotOffered(Exception):
    """What a button or link asks for is not (or no longer) in the content: show the menu."""


class CaseClosed(Exception):
    """Something is asked for that is done for active cases only: say kindly why it is closed."""

    def __init__(self, case_id: str) -> None:
        super().__init__(case_id)
        self.case_id = case_id


@dataclass(frozen=True, slots=True)
class Turn:
    """An event and all that may be known when answering it. ``now`` is UTC.

    ``wide``: the screen is asked for with all that stands behind "More".
    """

    supporter: Supporter
    event: Event
    facts: Facts
    campaign: Campaign
    now: datetime
    wide: bool = False

    @property
    def language(self) -> str:
        """The language of the conversation: chosen, else the platform's, else the first."""
        return self.campaign.language(self.supporter.language or self.event.language)

    @property
    def today(self) -> date:
        """The day where the campaign lives."""
        return self.now.astimezone(ZoneInfo(self.campaign.time_zone)).date()

    @property
    def said(self) -> str:
        """The text that was typed; "" where the event is no text."""
        return self.event.text if isinstance(self.event, Said) else ""

    def case(self, case_id: str) -> Case:
        """The case of that id. Raises NotOffered."""
        found = self.campaign.cases.get(case_id)
        if found is None:
            raise NotOffered(f"case {case_id[:20]!r}")
        return found

    def action(self, case_id: str, action_id: str) -> LetterAction | SupportAction | PostAction:
        """The action of a case. Raises NotOffered."""
        found = self.case(case_id).action(action_id)
        if found is None:
            raise NotOffered(f"action {action_id[:20]!r}")
        return found

    def active_case(self, case_id: str) -> Case:
        """The case, to act for. Raises NotOffered, or CaseClosed where it is not active."""
        found = self.case(case_id)
        if not found.is_active:
            raise CaseClosed(case_id)
        return found

    def to_act(self, case_id: str, action_id: str, kind: type[AnAction]) -> AnAction:
        """The action of that kind, to be taken. Raises NotOffered or CaseClosed."""
        found = self.action(case_id, action_id)
        self.active_case(case_id)
        if not isinstance(found, kind):
            raise NotOffered(f"action {action_id[:20]!r}")
        return found

    def knowing(self, **changes: Any) -> Turn:
        """The same turn, with a supporter of whom this is known."""
        return replace(self, supporter=replace(self.supporter, **changes))

    def answer(self, *messages: Message, effects: Sequence[Effect] = (), **changes: Any) -> Outcome:
        """Say this, and remember the supporter with these changes.

        A question that was open is closed, unless ``question`` is among the changes. Which step
        was read last is forgotten with another case.
        """
        same = changes.get("case", self.supporter.case) == self.supporter.case
        step = self.supporter.step if same else 0
        supporter = replace(self.supporter, **{"question": "", "step": step, **changes})
        return Outcome(supporter, messages, tuple(effects))

    def screen(
        self,
        text: Words,
        *rows: Sequence[Button],
        rest: Sequence[Sequence[Button]] = (),
        here: str = "",
        in_place: bool = True,
    ) -> Message:
        """A message with buttons that takes the place of the one whose button was pressed.

        The first row is what the screen is for, the last one the ways on and back. What is in
        ``rest`` stands behind "More", which asks for the button ``here`` once more (see ``wide``).
        """
        shown: list[tuple[Button, ...]] = [tuple(row) for row in rows if row]
        behind = [tuple(row) for row in rest if row]
        if behind and self.wide:
            shown[-1:] = [*behind, *shown[-1:]]
        elif behind:
            shown[-1:] = [(*last, choice("wide", f"wide:{here}")) for last in shown[-1:]]
        return Message(
            text,
            buttons=tuple(shown),
            in_place=in_place and isinstance(self.event, Chose),
        )


Scene = Callable[..., Outcome]


def choice(label: str, data: str, **values: Any) -> Choice:
    """A button by the key of its label under ``buttons``, and what it carries."""
    return Choice(words(f"buttons.{label}", **values), data)


def to_menu() -> Choice:
    """The way back that every screen has."""
    return choice("menu", "menu")


def in_columns(buttons: Sequence[Button], columns: int) -> Rows:
    """The buttons in rows of so many."""
    return tuple(
        tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns)
    )
