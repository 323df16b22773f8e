"""What the account says of itself, and what is missing there for the bot to work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from bot.campaign.channel import Refused, Unknown
from bot.channels.whatsapp import errors
from bot.channels.whatsapp.http import Answer, Graph

_ASKED: Final = "verified_name,display_phone_number,quality_rating,name_status,platform_type"
_CONNECTED: Final = "CLOUD_API"
_PROFILE: Final = "about,description,email,websites"
_POOR: Final = "RED"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``remedy``: what to do, where it is not as it has to be."""

    what: str
    is_good: bool
    remedy: str = ""


async def findings(graph: Graph, number: str, account: str) -> AsyncIterator[Finding]:
    """Token and number, subscription, profile: each with its remedy. Sends nobody anything, and
    ends where nothing more can be told."""
    told = await graph.get(number, fields=_ASKED)
    if not isinstance(told, Answer) or not told.is_good:
        yield _number_refused(told)
        return
    name = f"{told.body.get('verified_name', '?')}, {told.body.get('display_phone_number', '?')}"
    yield Finding(f"token and number: {name}", True)
    platform = told.body.get("platform_type", _CONNECTED)
    yield Finding(
        "the number is on the Cloud API",
        platform == _CONNECTED,
        "register it: WhatsApp > API Setup; a number that a phone uses has to be given up there",
    )
    rating = told.body.get("quality_rating", "UNKNOWN")
    yield Finding(
        f"quality: {rating}",
        rating != _POOR,
        "people block or report the number: send no broadcast until it is better",
    )
    apps = await graph.get(f"{account}/subscribed_apps")
    listed = _listed(apps)
    yield Finding(
        "posts: the account's events go to an app",
        bool(listed),
        "enter the webhook and subscribe to messages (docs/whatsapp.md, step 7); until then"
        " nobody is heard; also look whether BOT_WHATSAPP_ACCOUNT_ID is the account's id",
    )
    profile = _listed(await graph.get(f"{number}/whatsapp_business_profile", fields=_PROFILE))
    shown = profile[0] if profile and isinstance(profile[0], dict) else {}
    yield Finding(
        "profile: it says who answers",
        bool(shown.get("description") or shown.get("about")),
        "write at WhatsApp Manager > Phone numbers > Profile who runs the bot, with a web address",
    )


def _listed(answer: Answer | Refused | Unknown) -> list[Any]:
    found = answer.body.get("data") if isinstance(answer, Answer) and answer.is_good else None
    return found if isinstance(found, list) else []


def _number_refused(told: Answer | Refused | Unknown) -> Finding:
    what = "token and number"
    if not isinstance(told, Answer):
        return Finding(what, False, f"Meta is not reached ({told.reason}): network or proxy")
    code, result = errors.read(told.body, told.status)
    if code in (0, 190):
        remedy = "the token is refused: make a new one for the system user, without an end"
    elif code == 100:
        remedy = "there is no such number for this token: BOT_WHATSAPP_NUMBER_ID is an id, not the"
        remedy += " number; give the system user the account"
    elif code in errors.HOPELESS or code in range(200, 300):
        remedy = f"Meta refuses ({code}): the system user needs whatsapp_business_messaging and"
        remedy += " whatsapp_business_management, and the account must be open"
    else:
        remedy = f"Meta answers with {code or told.status} ({type(result).__name__})"
    return Finding(what, False, remedy)
