"""Previews and tests: a broadcast as recipients will see it; counts and reports for who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from bot.broadcasts import rendering
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.reporting import Reporting
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.channel import Made, Refused, Result, Sent
from bot.campaign.crowd import people
from bot.campaign.desk_commands.broadcasts import Return
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.requests import Count, Preview, Report, SendTest, ShowFigures
from bot.campaign.messages import Message, Rendered, Words, words
from bot.campaign.scenes import staff_screens
from bot.campaign.staff import Member, Place
from bot.desk.members import Staff
from bot.desk.messages import StaffMessages
from bot.desk.notices import Notices
from bot.keys import Keys
from bot.store.broadcasts import records
from bot.store.broadcasts.desk_requests import AboutLetters, AboutMembers, DeskRequest
from bot.store.database import Database
from bot.wording.rendering import ContentNow

log = structlog.get_logger()

TRIES = 5
LONGEST_WAIT = 60.0
LONGEST_SAID = 300
"""Characters of a platform's own sentence."""


class Previews:
    """Sends what members ask to see; nothing is changed by it."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        staff: Staff,
        messages: StaffMessages,
        notices: Notices,
        reporting: Reporting,
        recipients: Recipients,
        content: ContentNow,
    ):
        """Reads broadcasts from this store."""
        self._store = store
        self._keys = keys
        self._staff = staff
        self._messages = messages
        self._notices = notices
        self._reporting = reporting
        self._recipients = recipients
        self._content = content
        self._answers: Mapping[type[StaffCommand], Callable[..., Awaitable[None]]] = {
            Preview: self._preview,
            SendTest: self._test,
            Count: self._count,
            Report: self._report,
            Return: self._returned,
        }

    async def show(self, request: DeskRequest) -> None:
        """Answer it to the member who made it, as long as they belong to the staff."""
        member, command = self._staff.by_mark(request.member), request.command
        if command is None or isinstance(command, AboutMembers | AboutLetters | ShowFigures):
            log.error("desk_request_unreadable", kind=request.kind)
            return
        async with self._store.reading() as connection:
            record = await records.find(connection, command.number)
        if member is not None and record is not None:
            await self._answers[type(command)](member, record.broadcast, command)

    async def _report(self, member: Member, broadcast: Broadcast, _command: Report) -> None:
        await self._reporting.send(member.mark, broadcast.id)

    async def _returned(self, member: Member, broadcast: Broadcast, command: Return) -> None:
        await self._notices.returned(broadcast, member.mark, command.word)

    async def _preview(self, member: Member, broadcast: Broadcast, _command: Preview) -> None:
        tried = await self._try(member, broadcast, await self._places(member))
        if tried is not None and tried[1]:
            notice = staff_screens.notice(broadcast, "not_shown", why=tried[1])
            await self._messages.say([member.mark], notice)

    async def _test(self, member: Member, broadcast: Broadcast, command: SendTest) -> None:
        group = command.group
        places = list(self._staff.groups.get(group, ())) if group else await self._places(member)
        tried = await self._try(member, broadcast, places)
        if tried is not None:
            arrived, why = tried
            text = words("staff.tested", arrived=arrived, wanted=len(places), why=why)
            await self._messages.say([member.mark], Message(text))

    async def _places(self, member: Member) -> list[Place]:
        """Where the member is reached; nowhere, where they never wrote."""
        place = await self._messages.where(member.mark)
        return [place] if place else []

    async def _try(
        self, member: Member, broadcast: Broadcast, places: list[Place]
    ) -> tuple[int, Words | str] | None:
        """As ``_send`` says; None where there is nothing to send, which the member is told."""
        if not broadcast.texts:
            nothing = words("staff.note.no_nothing", until="")
            await self._messages.say([member.mark], Message(nothing))
            return None
        try:
            return await self._send(broadcast, places)
        except rendering.FileGone:
            gone = staff_screens.halted(broadcast, "file")
            await self._messages.say([member.mark], replace(gone, buttons=()))
            return None

    async def _count(self, member: Member, broadcast: Broadcast, _command: Count) -> None:
        number = await self._recipients.count(broadcast)
        why = "" if number else await self._recipients.why_nobody(broadcast)
        text = words(
            "staff.counted_now",
            title=staff_screens.title(broadcast),
            count=people(number),
            nobody=staff_screens.nobody(why),
        )
        await self._messages.say([member.mark], Message(text))

    async def _send(self, broadcast: Broadcast, places: list[Place]) -> tuple[int, Words | str]:
        """Every language to each of these addresses, as recipients will see it: at how many it has
        arrived, and the first reason why it has not ("" where there is none)."""
        campaign, wording = self._content()
        parcel = await rendering.parcel(self._store, self._keys, broadcast, campaign, wording)
        arrived = 0
        why: Words | str = ""
        for place in places:
            results = []
            for language in broadcast.texts:
                file = parcel.file
                message = parcel.render(language, self._messages.markup(place))
                result = await self._patiently(place, message, file)
                results.append(result)
                why = why or _why(result)
                if isinstance(result, Sent) and result.file and file and not file.ref:
                    await rendering.uploaded(self._store, self._keys, broadcast, result.file)
                    parcel = await rendering.parcel(
                        self._store, self._keys, broadcast, campaign, wording
                    )
            arrived += all(isinstance(result, Sent) for result in results)
        return arrived, why

    async def _patiently(self, place: Place, message: Rendered, file: Made | None) -> Result:
        """Sent, or refused for good; where the platform says "wait", it is waited for."""
        for _ in range(TRIES):
            result = await self._messages.send(place, message, file)
            if not isinstance(result, Refused) or result.retry_after is None:
                break
            await asyncio.sleep(min(result.retry_after, LONGEST_WAIT))
        return result


_WHY: Mapping[str, str] = {
    "chat not found": "unknown",
    "account deleted": "unknown",
    "blocked or gone": "unknown",
    "empty text": "empty",
    "too long": "long",
    "markup refused": "markup",
    "text is not valid unicode": "markup",
    "button refused": "button",
    "picture refused": "file",
    "file too large": "file",
}
"""What a channel's reason is called under ``staff.why``; any other is "refused"."""


def _why(result: Result) -> Words | str:
    """Why it did not arrive, with the next step; "" where it did."""
    match result:
        case Sent():
            return ""
        case Refused(permanent=True):
            known = _WHY.get(result.reason, "refused")
            return words(f"staff.why.{known}", said=result.said[:LONGEST_SAID])
    return words("staff.why.network", said="")
