"""What is wrong with a broadcast before anybody gets it: texts, limits, buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.campaign.broadcast_rules.broadcast import Broadcast, Lead
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign
from bot.campaign.visible import shows

_HOST = re.compile(r"([\w-]*\w\.)+[^\W\d_][\w-]*\w")
_LONGEST_LINK = 512


@dataclass(frozen=True, slots=True)
class Fault:
    """``what`` is the last part of a key in messages/…/staff.yaml; ``where`` a language or label;
    ``number`` by how much. ``stops``: it cannot go out like this."""

    what: str
    where: str = ""
    number: int = 0
    stops: bool = True


def is_link(url: str) -> bool:
    """Whether it can stand behind a button: a platform may refuse the whole message for a bad one
    (Telegram does)."""
    if len(url) > _LONGEST_LINK or any(character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname or "", parts.port, parts.username
    except ValueError:
        return False
    if parts.scheme == "tg":
        return bool(host)
    named = bool(_HOST.fullmatch(host)) and user is None and port != 0
    return parts.scheme in ("http", "https") and named


def is_label(label: str, channels: Sequence[Capabilities]) -> bool:
    """Whether it can be read on a button of each of these channels."""
    return shows(label) and all(one.length(label) <= one.label for one in channels)


def faults(
    broadcast: Broadcast, campaign: Campaign, channels: Sequence[Capabilities]
) -> list[Fault]:
    """Everything that is wrong; empty where it can go out, to all of these channels."""
    return list(_faults(broadcast, campaign, channels))


def _faults(
    broadcast: Broadcast, campaign: Campaign, channels: Sequence[Capabilities]
) -> Iterator[Fault]:
    if not broadcast.texts:
        yield Fault("no_text")
    for language in broadcast.texts:
        text = broadcast.styled(language).text
        if not shows(text):
            yield Fault("blank", language)
        too_many = _too_many(text, channels, with_file=broadcast.attached is not None)
        if too_many > 0:
            yield Fault("too_long", language, too_many)
    for language in campaign.languages:
        if broadcast.texts and language not in broadcast.texts:
            yield Fault("not_translated", language, stops=False)
    if broadcast.audience.topic not in campaign.topics:
        yield Fault("no_topic", broadcast.audience.topic)
    for lead in broadcast.leads:
        for language in broadcast.texts:
            if lead.url and language not in lead.labels:
                yield Fault("no_label", language, stops=False)
                break
        yield from _of_lead(lead, campaign, channels)


def _too_many(text: str, channels: Sequence[Capabilities], *, with_file: bool) -> int:
    """By how much it is too long, where it is so by the most."""
    over = (one.length(text) - one.room(with_file=with_file) for one in channels)
    return max(over, default=0)


def _of_lead(lead: Lead, campaign: Campaign, channels: Sequence[Capabilities]) -> Iterator[Fault]:
    if lead.url:
        if not is_link(lead.url):
            yield Fault("no_link", lead.url)
        for label in lead.labels.values():
            if not is_label(label, channels):
                yield Fault("label", label, min((one.label for one in channels), default=0))
        return
    case = campaign.cases.get(lead.case)
    if case is None:
        yield Fault("no_case", lead.case)
    elif lead.action and case.action(lead.action) is None:
        yield Fault("no_action", f"{lead.case} {lead.action}")
    elif lead.action and not case.is_active:
        yield Fault("closed", case.name, stops=False)
