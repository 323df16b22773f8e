"""How Meta sees the bot: whether it knows token and number, where its posts go, what people see.

Sends nobody anything. A payment method cannot be seen from here.
"""

from __future__ import annotations

from typing import Any, Final

from bot.campaign.channel import Refused, Unknown
from bot.channels.proxies import ProxyTrouble, proxy_to
from bot.channels.whatsapp.http import Answer, Graph
from bot.channels.whatsapp.service import missing
from bot.findings import Finding, warning, well, wrong
from bot.settings import Settings, revealed

_ASKED: Final = "verified_name,display_phone_number,quality_rating,platform_type"
_CONNECTED: Final = "CLOUD_API"
_PROFILE: Final = "about,description,email,websites"
_POOR: Final = "RED"
_TOKEN: Final = (0, 190)
_NO_SUCH: Final = (33, 100)


async def look(settings: Settings) -> list[Finding]:
    """Settings, token and number, subscription, profile."""
    lacking = missing(settings)
    if lacking:
        return [wrong("whatsapp.missing", "\n".join(lacking))]
    root = settings.graph_url
    try:
        graph = Graph(root, revealed(settings.whatsapp_token) or "", proxy=proxy_to(root))
    except ProxyTrouble as trouble:
        return [wrong("whatsapp.proxy", str(trouble))]
    async with graph:
        return await _asked(graph, settings)


async def _asked(graph: Graph, settings: Settings) -> list[Finding]:
    number, account = settings.whatsapp_number_id, settings.whatsapp_account_id
    told = await graph.get(number, fields=_ASKED)
    if not isinstance(told, Answer):
        return [wrong("whatsapp.unreachable", kind=told.reason, url=settings.graph_url)]
    if not told.is_good:
        return [_refused(told)]
    shown = told.body
    name, called = (shown.get(one, "?") for one in ("verified_name", "display_phone_number"))
    found = [well("whatsapp", name=name, number=called)]
    if shown.get("platform_type", _CONNECTED) != _CONNECTED:
        found.append(wrong("whatsapp.not_registered"))
    if shown.get("quality_rating") == _POOR:
        found.append(warning("whatsapp.quality"))
    posted = bool(_listed(await graph.get(f"{account}/subscribed_apps")))
    found.append(well("whatsapp.posts") if posted else wrong("whatsapp.no_posts"))
    profile = _listed(await graph.get(f"{number}/whatsapp_business_profile", fields=_PROFILE))
    said = profile[0] if profile and isinstance(profile[0], dict) else {}
    if not (said.get("description") or said.get("about")):
        found.append(warning("whatsapp.no_profile"))
    found.append(well("whatsapp.payment"))
    return found


def _listed(answer: Answer | Refused | Unknown) -> list[Any]:
    found = answer.body.get("data") if isinstance(answer, Answer) and answer.is_good else None
    return found if isinstance(found, list) else []


def _refused(told: Answer) -> Finding:
    error = told.body.get("error") if isinstance(told.body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if code in _TOKEN:
        return wrong("whatsapp.token_refused")
    if code in _NO_SUCH:
        return wrong("whatsapp.no_number")
    return wrong("whatsapp.refuses", code=code if type(code) is int else told.status)
