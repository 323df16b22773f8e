"""What of a kept conversation tells an answer of its supporter, and so has to go with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.campaign.effects import Effect, ListName, Withdraw
from bot.campaign.events import Event, Said
from bot.campaign.messages import PICTURE, Rendered
from bot.campaign.signatures import OwnSignature
from bot.campaign.supporter import Answers

FIELDS = ("at_risk", "first_name", "town")


@dataclass(frozen=True, slots=True)
class Telling:
    """``answers``: those that held before or after an event; ``takes_back``: it changed one, or
    took a name or a signature back."""

    answers: tuple[Answers, ...]
    takes_back: bool = False

    @classmethod
    def of(
        cls,
        before: Answers,
        after: Answers | None = None,
        effects: Iterable[Effect] = (),
        own: Mapping[str, OwnSignature] | None = None,
    ) -> Telling:
        """Of an event, by the answers before and after it, and the signatures before it."""
        later = before if after is None else after
        changed = any(
            getattr(before, name) not in (None, "")
            and getattr(before, name) != getattr(later, name)
            for name in FIELDS
        )
        listed = {petition for petition, one in (own or {}).items() if one.is_listed}
        taken = any(
            isinstance(effect, Withdraw)
            or (isinstance(effect, ListName) and effect.petition in listed)
            for effect in effects
        )
        given = tuple(one for one in (before, later) if one != Answers())
        return cls(given, changed or taken)

    def ends(
        self, event: Event, said: Sequence[Rendered], now: datetime, hours: int
    ) -> datetime | None:
        """When the event and what was ``said`` to it must be gone; None where nothing hurries.

        Whatever is said while an answer holds may follow it. What was typed, a letter or a document
        may hold a name.
        """
        kept = timedelta(hours=hours)
        ends = [one.at + kept for one in self.answers if one.at is not None]
        if self.answers or isinstance(event, Said) or any(map(_may_name, said)):
            ends.append(now + kept)
        return min(ends, default=None)


def _may_name(said: Rendered) -> bool:
    """Whether it carries a letter, or a document other than a picture of the person told of."""
    attached = said.attachment
    return bool(said.block) or (attached is not None and attached.kind != PICTURE)
