"""What a step answers: the supporter as they are now, what to say, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.campaign.effects import Effect
from bot.campaign.messages import Message
from bot.campaign.supporter import Supporter


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one event. ``supporter`` is None where nobody is to be remembered (a group)."""

    supporter: Supporter | None
    messages: tuple[Message, ...] = ()
    effects: tuple[Effect, ...] = ()
