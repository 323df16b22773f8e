"""How Meta sees the number: what the account says of itself, for the doctor."""

from __future__ import annotations

from bot.channels.proxies import proxy_to
from bot.channels.service import ChannelTrouble
from bot.channels.whatsapp import account
from bot.channels.whatsapp.http import Graph
from bot.channels.whatsapp.service import missing
from bot.findings import Finding, well, wrong
from bot.settings import Settings, revealed


async def look(settings: Settings) -> list[Finding]:
    """Token, number, quality, posts and profile. Changes nothing there."""
    if lacking := missing(settings):
        return [wrong("whatsapp.lacking", "\n".join(lacking))]
    url, token = settings.graph_url, revealed(settings.whatsapp_token) or ""
    try:
        graph = Graph(url, token, proxy=proxy_to(url))
    except ChannelTrouble as trouble:
        return [wrong("whatsapp.refused", str(trouble), what="proxy")]
    async with graph:
        number, of = settings.whatsapp_number_id, settings.whatsapp_account_id
        return [
            well("whatsapp", what=one.what)
            if one.is_good
            else wrong("whatsapp.refused", one.remedy, what=one.what)
            async for one in account.findings(graph, number, of)
        ]
