"""What of a broadcast goes out: text and buttons for each language, and the file."""

from __future__ import annotations

from functools import cache

from bot.broadcasts.delivery import Parcel
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.channel import Made
from bot.campaign.content import Campaign
from bot.campaign.messages import Markup, Message, Rendered, words
from bot.store.broadcasts import files
from bot.store.database import Database
from bot.wording import Wording
from bot.wording.speaking import spoken as in_markup

_TYPES = {"photo": "image/jpeg", "document": "application/octet-stream"}


class FileGone(Exception):
    """The picture or document of a broadcast is no longer kept."""


def rendered(
    broadcast: Broadcast, language: str, markup: Markup, campaign: Campaign, wording: Wording
) -> Rendered:
    """The broadcast as a recipient of that language sees it, on a channel with that markup."""
    text, spoken = broadcast.text(language, campaign)
    rows = broadcast.button_rows(campaign, spoken)
    frame = Message(words("staff.as_typed", text="-"), buttons=rows)
    buttons = wording.render(frame, spoken, markup).buttons
    return Rendered(text=in_markup(text, markup), language=spoken, buttons=buttons)


async def parcel(
    store: Database, broadcast: Broadcast, campaign: Campaign, wording: Wording
) -> Parcel:
    """What goes out, rendered once for each language and kind of markup. Raises FileGone."""

    @cache
    def render(language: str, markup: Markup) -> Rendered:
        return rendered(broadcast, language, markup, campaign, wording)

    return Parcel(
        render,
        await _file(store, broadcast),
        corrects=bool(broadcast.corrects),
        paid=broadcast.paid,
    )


async def _file(store: Database, broadcast: Broadcast) -> Made | None:
    attached = broadcast.attached
    if attached is None:
        return None
    media_type = _TYPES[attached.kind]
    if attached.ref:
        return Made(attached.name, media_type, b"", attached.ref)
    async with store.reading() as connection:
        found = await files.find(connection, attached.digest)
    if found is None:
        raise FileGone("the file of the broadcast is gone")
    file, ref = found
    return Made(file.name, media_type if ref else file.media_type, file.content, ref)


async def uploaded(store: Database, broadcast: Broadcast, ref: str) -> None:
    """The platform has the file now."""
    if broadcast.attached is not None and broadcast.attached.digest:
        async with store.writing() as connection:
            await files.uploaded(connection, broadcast.attached.digest, ref)
