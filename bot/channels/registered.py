"""The channels that there are: one line each. What a channel can do is known without loading it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from bot.campaign.capabilities import Capabilities
from bot.channels.telegram.capabilities import TELEGRAM
from bot.channels.terminal.capabilities import TERMINAL
from bot.channels.web_chat.capabilities import WEB
from bot.channels.whatsapp.capabilities import WHATSAPP
from bot.findings import Finding
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.service import Service


@dataclass(frozen=True, slots=True)
class Registration:
    """A channel: what it can do, whether these settings switch it on, and the module that builds
    it for the running bot. Without one it runs elsewhere: the chat page with the web part, which is
    built on the store, the terminal with its command. ``doctor`` is the module whose ``look``
    tells how the platform sees the bot.

    ``always_checked``: content is held against it while it is off, too. Staff write on machines
    without a token, and the bot that has one must not refuse what they have checked.
    """

    capabilities: Capabilities
    is_on: Callable[[Settings], bool]
    service: str = ""
    doctor: str = ""
    always_checked: bool = False

    @property
    def name(self) -> str:
        """The channel's name in records."""
        return self.capabilities.channel


def _has_token(settings: Settings) -> bool:
    return settings.token is not None


def _has_number(settings: Settings) -> bool:
    return bool(settings.whatsapp_number_id or settings.whatsapp_token)


REGISTERED: Final = (
    Registration(
        TELEGRAM,
        _has_token,
        "bot.channels.telegram.service",
        "bot.channels.telegram.doctor",
        always_checked=True,
    ),
    Registration(
        WHATSAPP,
        _has_number,
        "bot.channels.whatsapp.service",
        "bot.channels.whatsapp.doctor",
        always_checked=True,
    ),
    Registration(WEB, lambda settings: True),
    Registration(TERMINAL, lambda settings: True),
)

ALL: Final = tuple(one.capabilities for one in REGISTERED)


def unknown_places(settings: Settings) -> list[str]:
    """What is wrong with the channels that staff and test groups are said to be on."""
    known = [one.name for one in REGISTERED]
    staff = (place for one in settings.staff for place in one.places)
    groups = (place for places in settings.test_groups.values() for place in places)
    named = {"BOT_STAFF": staff, "BOT_TEST_GROUPS": groups}
    return [
        f'{setting}: there is no channel "{channel}" (there are: {", ".join(known)})'
        for setting, places in named.items()
        for channel in dict.fromkeys(place.channel for place in places)
        if channel not in known
    ]


def services(settings: Settings) -> list[Service]:
    """Those that are switched on, ready to be opened. Loads what they need."""
    return [
        import_module(one.service).build(settings)
        for one in REGISTERED
        if one.service and one.is_on(settings)
    ]


async def looked_at(settings: Settings) -> list[Finding]:
    """How the platforms of those that are switched on see the bot; nothing is changed there."""
    found: list[Finding] = []
    for one in REGISTERED:
        if one.doctor and one.is_on(settings):
            found += await import_module(one.doctor).look(settings)
    return found


def is_on(settings: Settings) -> bool:
    """Whether any platform is switched on; else there is this machine's page and terminal."""
    return any(one.service and one.is_on(settings) for one in REGISTERED)


def checked(settings: Settings) -> tuple[Capabilities, ...]:
    """What content is held against."""
    return tuple(
        one.capabilities for one in REGISTERED if one.always_checked or one.is_on(settings)
    )


def writing_first(channels: Iterable[Capabilities]) -> tuple[Capabilities, ...]:
    """Those to which broadcasts go."""
    return tuple(one for one in channels if one.writes_first)
