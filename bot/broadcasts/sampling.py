"""Previews and tests: a broadcast as recipients will see it; counts and reports for who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot.broadcasts import parcels
from bot.broadcasts.notices import Notices
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.reporting import Reporting
from bot.broadcasts.staffing import Staff
from bot.broadcasts.telling import Telling
from bot.campaign.broadcasting.acts import WORD
from bot.campaign.broadcasting.broadcast import Broadcast
from bot.campaign.content import Campaign
from bot.campaign.delivery import Sent
from bot.campaign.messages import Message, words
from bot.campaign.scenes import staff_screens
from bot.campaign.staff import Member
from bot.store import broadcasts
from bot.store.database import Store
from bot.store.orders import Order
from bot.wording import Wording


class Samples:
    """Sends what members ask to see; nothing is changed by it."""

    def __init__(
        self,
        store: Store,
        staff: Staff,
        telling: Telling,
        notices: Notices,
        reporting: Reporting,
        recipients: Recipients,
        content: Callable[[], tuple[Campaign, Wording]],
    ):
        """Reads broadcasts from this store."""
        self._store = store
        self._staff = staff
        self._telling = telling
        self._notices = notices
        self._reporting = reporting
        self._recipients = recipients
        self._content = content

    async def show(self, order: Order) -> None:
        """A preview, test, count or report, for the member whose mark stands in the order."""
        mark, _, wanted = order.value.partition(":")
        member = self._staff.by_mark(mark)
        if member is None:
            return
        if order.act == "report":
            await self._reporting.send(mark, order.broadcast)
            return
        async with self._store.reading() as connection:
            standing = await broadcasts.find(connection, order.broadcast)
        if standing is None:
            return
        if order.act == WORD:
            await self._notices.returned(standing.broadcast, mark, wanted)
            return
        if order.act == "count":
            await self._count(mark, standing.broadcast)
            return
        if not standing.broadcast.texts:
            return
        addresses = [self._staff.address(mark)]
        if order.act == "test" and wanted:
            addresses = list(self._staff.groups.get(wanted, ()))
        try:
            await self._send(member, standing.broadcast, addresses, told=order.act == "test")
        except LookupError:
            gone = staff_screens.halted(standing.broadcast, "file")
            await self._telling.say([mark], replace(gone, buttons=()))

    async def _count(self, mark: str, broadcast: Broadcast) -> None:
        number = await self._recipients.count(broadcast, datetime.now(UTC))
        title = staff_screens.title(broadcast)
        await self._telling.say(
            [mark], Message(words("staff.counted_now", title=title, count=number))
        )

    async def _send(
        self, member: Member, broadcast: Broadcast, addresses: list[str], *, told: bool
    ) -> None:
        """Every language to each of these addresses, as recipients will see it."""
        campaign, wording = self._content()
        parcel = await parcels.parcel(self._store, broadcast, campaign, wording)
        arrived = 0
        for address in addresses:
            results = []
            for language in broadcast.texts:
                file = parcel.file
                result = await self._telling.send(address, parcel.render(language), file)
                results.append(result)
                if isinstance(result, Sent) and result.file and file and not file.ref:
                    await parcels.uploaded(self._store, broadcast, result.file)
                    parcel = await parcels.parcel(self._store, broadcast, campaign, wording)
            arrived += all(isinstance(result, Sent) for result in results)
        if told or not arrived:
            text = words("staff.tested", arrived=arrived, wanted=len(addresses))
            await self._telling.say([member.mark], Message(text))
