"""The channels that there are: one line each. What a channel can do is known without loading it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from bot.campaign.capabilities import Capabilities
from bot.channels.telegram.capabilities import TELEGRAM
from bot.channels.terminal.capabilities import TERMINAL
from bot.channels.web_chat.capabilities import WEB
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Registration:
    """A channel: what it can do, and whether these settings switch it on.

    ``always_checked``: content is held against it while it is off, too. Staff write on machines
    without a token, and the bot that has one must not refuse what they have checked.
    """

    capabilities: Capabilities
    is_on: Callable[[Settings], bool]
    always_checked: bool = False

    @property
    def name(self) -> str:
        """The channel's name in records."""
        return self.capabilities.channel


REGISTERED: Final = (
    Registration(TELEGRAM, lambda settings: settings.token is not None, always_checked=True),
    Registration(WEB, lambda settings: True),
    Registration(TERMINAL, lambda settings: True),
)

ALL: Final = tuple(one.capabilities for one in REGISTERED)


def checked(settings: Settings) -> tuple[Capabilities, ...]:
    """What content is held against."""
    return tuple(
        one.capabilities for one in REGISTERED if one.always_checked or one.is_on(settings)
    )


def writing_first(channels: Iterable[Capabilities]) -> tuple[Capabilities, ...]:
    """Those to which broadcasts go."""
    return tuple(one for one in channels if one.writes_first)
