""" "I have sent it", said on the compose page: the same choice as the button in the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.campaign.channel import Take
from bot.campaign.events import Chose
from bot.campaign.scenes import actions
from bot.clock import Clock, utc_now
from bot.keys import Keys
from bot.store.database import Database
from bot.store.people import page_tokens

Report = Callable[[str], Awaitable[str]]
"""A page's token → the channel of whoever got the link; "" where the token is not good any more."""


async def nothing_is_known(token: str) -> str:
    """Where no store is: every token is unknown."""
    return ""


def reporter(
    store: Database,
    keys: Keys,
    take: Take,
    clock: Clock = utc_now,
) -> Report:
    """DeliveryResults through ``take`` what a token stands for. Raises what ``take`` raises.

    The event is named by the token, so a page that asks twice, because the first answer was lost,
    is told the same and nothing counts twice.
    """

    async def report(token: str) -> str:
        async with store.reading() as connection:
            offered = await page_tokens.find(connection, keys, token, clock())
        if offered is None:
            return ""
        await take(
            [
                Chose(
                    id=f"page:{offered.mark}",
                    channel=offered.channel,
                    address=offered.address,
                    data=actions.done(offered.case, offered.action),
                )
            ]
        )
        return offered.channel

    return report
