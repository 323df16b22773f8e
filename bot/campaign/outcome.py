"""What a step answers: the supporter as they are now, what to say, what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.campaign.effects import Effect
from bot.campaign.messages import Message
from bot.campaign.supporter import Supporter


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one event.

    ``supporter`` is None where nobody is to be remembered (a group). ``language`` is the one that
    the messages are written in; ``conversation.step`` sets it.
    """

    supporter: Supporter | None
    messages: tuple[Message, ...] = ()
    effects: tuple[Effect, ...] = ()
    language: str = ""

    def with_effects(self, *effects: Effect) -> Outcome:
        """The same outcome, and these effects besides."""
        return replace(self, effects=(*self.effects, *effects))
