"""What a step wants done: imperative, one class a kind, written together in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.campaign.events import NO_LOT


class Evidence(StrEnum):
    """How far an action is known to have gone. Only what is *recorded*: nothing here is proof.

    In order: the draft or page was opened, it was made ready, the supporter said they would do it,
    the supporter said it was done, the supporter took it back.
    """

    OPENED = "opened"
    PREPARED = "prepared"
    PLEDGED = "pledged"
    DECLARED = "declared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Effect:
    """Anything a step wants done besides answering and remembering the supporter."""


@dataclass(frozen=True, slots=True)
class Sign(Effect):
    """Sign a petition: counts once per person however often it comes.

    ``language`` is that of the text that was on the screen: its hash and version are kept.
    ``held``: received, but counted only after staff have accepted it (see burst_guard). ``lot``:
    that of its event.
    """

    petition: str
    language: str
    held: bool = False
    lot: str = field(default=NO_LOT, repr=False)


@dataclass(frozen=True, slots=True)
class Withdraw(Effect):
    """Take the signature back."""

    petition: str


@dataclass(frozen=True, slots=True)
class NameCountry(Effect):
    """Note with the signature from where it comes, by an ISO code; "" takes it away again."""

    petition: str
    country: str


@dataclass(frozen=True, slots=True)
class ListName(Effect):
    """Note a name for the list that is handed over; "" takes it off again. Kept sealed."""

    petition: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Record(Effect):
    """Note how far the supporter's action for a case has gone; a repeat changes nothing."""

    case: str
    action: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class TakeBack(Effect):
    """Take back what was pledged or declared: noted as withdrawn."""

    case: str
    action: str


@dataclass(frozen=True, slots=True)
class Subscribe(Effect):
    """Take updates on a topic; the wording's version and the day are kept as consent."""

    topic: str


@dataclass(frozen=True, slots=True)
class Unsubscribe(Effect):
    """Take no more updates: on one topic, or on all of them ("")."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Arrive(Effect):
    """Count where a supporter came from (a source code of a poster, a link, a friend)."""

    source: str
    on: date


@dataclass(frozen=True, slots=True)
class Remind(Effect):
    """Remind the supporter of what they mean to do; once a day and action, however often asked.

    ``due`` is UTC, ``on`` the day of it where the campaign lives.
    """

    case: str
    action: str
    due: datetime
    on: date


@dataclass(frozen=True, slots=True)
class StopReminding(Effect):
    """Drop all reminders of an action, or all there are ("", "")."""

    case: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class KeepShareCode(Effect):
    """Give the supporter this code for passing cases on, unless they have one."""

    code: str


@dataclass(frozen=True, slots=True)
class OfferPage(Effect):
    """Let the compose page say once, within a day, that this letter was sent.

    ``token`` is random and stands in the fragment of the link; only its hash is kept.
    """

    case: str
    action: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WriteToUs(Effect):
    """Pass this on to the team. ``urgent``: words of danger or despair are in it."""

    text: str = field(repr=False)
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Forget(Effect):
    """Erase everything held on this supporter.

    ``keep_signatures``: signatures stay in the number, without anything that leads to a person;
    otherwise they are taken out of it.
    """

    keep_signatures: bool = False
