"""From signs to what is wrong, and what is to be done first. Pure: a table and a few rules."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bot.campaign.messages import Value
from bot.health.signs import Platform, Signs
from bot.meters import Silence

if TYPE_CHECKING:
    from bot.settings import Settings

WRITTEN = 30.0
"""Seconds after which what was last written proves nothing any more."""
SLACK = 1.1
"""So much more room than the limit ends an alarm about the disk: at the limit it would come and
go."""
NIGHT = 10.0
"""Hours: what lasts for longer can wait until the morning."""
DAY = 24.0
ASKED = 60.0
"""Seconds within which a platform that has nothing to say still says so, whatever limit is set."""
FEW = 2
"""So many chats may wait for long while others get their answers: one that asks too much is told to
wait by its platform."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is wrong; 0 switches it off.

    ``waiting`` and ``silence`` in minutes, ``disk`` in percent, ``backup`` in hours,
    ``certificate`` in days.
    """

    waiting: float = 5.0
    silence: float = 5.0
    disk: float = 10.0
    backup: float = 26.0
    certificate: float = 14.0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As they are set."""
        return cls(
            settings.alarm_waiting,
            settings.alarm_silence,
            settings.alarm_disk,
            settings.alarm_backup,
            settings.alarm_certificate,
        )


@dataclass(frozen=True, slots=True)
class Ill:
    """A kind of what can be wrong.

    ``remedy``: the first thing to do, for whoever runs the bot. ``stops``: the bot cannot do its
    work. ``patience``: seconds that it lasts before owners are told; ``calm``: seconds that it has
    been over before they hear it. ``passing``: it is over when it is told.
    """

    kind: str
    remedy: str
    stops: bool = False
    patience: float = 0.0
    calm: float = 0.0
    passing: bool = False


ILLS: Mapping[str, Ill] = {
    ill.kind: ill
    for ill in (
        Ill(
            "recording",
            "make room on the disk, or end what holds the database (docs/operations.md, Disk full)",
            stops=True,
            patience=30,
            calm=300,
        ),
        Ill(
            "damaged",
            "put a backup in its place before a day is over (docs/operations.md, Restore)",
            stops=True,
        ),
        Ill("keys", "put data/keys back from its own copy", stops=True),
        Ill(
            "hearing",
            "see whether this machine reaches the platform, and whether another program has the"
            " token (docs/operations.md, It is silent)",
            stops=True,
            calm=300,
        ),
        Ill(
            "sending",
            "pause a broadcast that is running, and see whether this machine reaches the platform"
            " (docs/operations.md, It is silent)",
            stops=True,
            calm=300,
        ),
        Ill(
            "disk",
            "make room: old backups and logs, never data/ (docs/operations.md, Disk full)",
            patience=300,
            calm=300,
        ),
        Ill("dead_letters", "run_bot.py dead-letters names the place in the code: report it"),
        Ill("drift", "it is repaired; report the counters that the log names", passing=True),
        Ill("backup", "run_bot.py backup DIRECTORY, every night (docs/operations.md, Back up)"),
        Ill("certificate", "have the proxy renew the certificate of BOT_PUBLIC_URL"),
        Ill(
            "content",
            "run_bot.py check names file, line and remedy; the old texts are in use",
            patience=600,  # whoever is writing saves now and then what is not whole yet
        ),
    )
}


@dataclass(frozen=True, slots=True)
class State:
    """Something that is wrong now; ``about`` names the channel, where it is one's. ``values`` are
    for its text. ``urgent``: it cannot wait until the morning."""

    kind: str
    about: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    urgent: bool = False

    @property
    def name(self) -> str:
        """What it is called in records."""
        return f"{self.kind}:{self.about}" if self.about else self.kind

    @property
    def ill(self) -> Ill:
        """Its kind."""
        return ILLS[self.kind]


def ill_of(name: str) -> tuple[Ill, str]:
    """The kind of what has that name, and what it is about. Raises LookupError."""
    kind, _, about = name.partition(":")
    return ILLS[kind], about


def is_known(name: str, channels: Container[str]) -> bool:
    """Whether something of that name can be wrong with a bot that has these channels."""
    kind, _, about = name.partition(":")
    return kind in ILLS and (not about or about in channels)


def can_record(written: float | None, damaged: bool) -> bool:
    """Whether what comes now can be kept."""
    return not damaged and written is not None and written <= WRITTEN


def judge(signs: Signs, limits: Limits) -> list[State]:
    """Everything that is wrong, the gravest first."""
    return [state for rule in _RULES for state in rule(signs, limits)]


def _recording(signs: Signs, limits: Limits) -> Iterator[State]:
    if signs.damaged:
        yield State("damaged", urgent=True)
    elif signs.written is not None and signs.written > WRITTEN:
        yield State("recording", urgent=True)


def _keys(signs: Signs, limits: Limits) -> Iterator[State]:
    if not signs.keys_fit:
        yield State("keys", urgent=True)


def _hearing(signs: Signs, limits: Limits) -> Iterator[State]:
    for channel, platform in signs.platforms.items():
        if not limits.silence or platform.heard is None:
            continue
        if platform.heard > max(limits.silence * 60, ASKED):
            values: dict[str, Value] = {
                "channel": channel,
                "minutes": int(platform.heard // 60),
                "why": platform.why.value,
            }
            # What another program takes is gone; a platform that is silent keeps it for a day.
            yield State("hearing", channel, values, urgent=platform.why is Silence.RIVAL)


def _sending(signs: Signs, limits: Limits) -> Iterator[State]:
    for channel, platform in signs.platforms.items():
        lasts = max(platform.stuck or 0.0, _late(platform, limits))
        if limits.waiting and lasts > limits.waiting * 60:
            values: dict[str, Value] = {
                "channel": channel,
                "minutes": int(lasts // 60),
                "number": platform.waiting,
            }
            yield State("sending", channel, values)


def _late(platform: Platform, limits: Limits) -> float:
    """For how long answers have waited for others than a few chats, while some get through."""
    others_pass = platform.through is not None and platform.through <= limits.waiting * 60
    return 0.0 if others_pass and platform.late <= FEW else platform.oldest


def _disk(signs: Signs, limits: Limits) -> Iterator[State]:
    disk = signs.disk
    if disk is None or not limits.disk:
        return
    stands = "disk" in signs.alarms
    least = limits.disk * (SLACK if stands else 1)
    hours = disk.hours
    fills = hours is not None and hours < DAY * (SLACK if stands else 1)
    if disk.percent < least or fills:
        soon = hours is not None and hours < NIGHT
        values = {
            "percent": int(disk.percent),
            "hours": int(hours) if fills and hours is not None else -1,
        }
        yield State("disk", values=values, urgent=soon or disk.percent < limits.disk / 4)


def _dead_letters(signs: Signs, limits: Limits) -> Iterator[State]:
    if signs.dead_letters:
        yield State("dead_letters", values={"number": signs.dead_letters})


def _backup(signs: Signs, limits: Limits) -> Iterator[State]:
    if limits.backup and signs.backup is not None and signs.backup > limits.backup * 3600:
        hours = int(signs.backup // 3600) if signs.backed_up else -1
        yield State("backup", values={"hours": hours})


def _certificate(signs: Signs, limits: Limits) -> Iterator[State]:
    days = signs.certificate
    if limits.certificate and days is not None and days < limits.certificate:
        yield State("certificate", values={"days": int(days) if days >= 0 else -1})


def _content(signs: Signs, limits: Limits) -> Iterator[State]:
    if signs.refused:
        yield State("content", values={"number": signs.refused})


_RULES: tuple[Callable[[Signs, Limits], Iterator[State]], ...] = (
    _recording,
    _keys,
    _hearing,
    _sending,
    _disk,
    _dead_letters,
    _backup,
    _certificate,
    _content,
)
