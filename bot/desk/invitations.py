"""Links by which members set up their second factor or sign in at their pages; the word to owners
when somebody guesses."""

from __future__ import annotations

from bot.campaign.desk_commands.settings import AskForLink, InviteMember, NoteWrongCode
from bot.campaign.messages import Message, words
from bot.campaign.scenes import staff_desk, staff_factor
from bot.campaign.staff import Right
from bot.clock import Clock
from bot.desk import second_factor, signing_in
from bot.desk.members import Staff
from bot.desk.messages import StaffMessages
from bot.keys import Keys
from bot.store.broadcasts.desk_requests import DeskRequest
from bot.store.database import Database

PATH = "/staff-code"
SIGN_IN = "/staff/link/"


class Invitations:
    """Answers what was asked about members and their second factors, once it is committed."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        staff: Staff,
        messages: StaffMessages,
        web: str,
        clock: Clock,
    ):
        """``web``: the public address of the pages; "" where there is none."""
        self._store = store
        self._keys = keys
        self._staff = staff
        self._messages = messages
        self._web = web
        self._clock = clock

    async def show(self, request: DeskRequest) -> None:
        """A link to whoever invited; a word to all owners."""
        match request.command:
            case InviteMember(mark=mark):
                await self._invite(request.member, mark)
            case AskForLink(code=code):
                await self._sign_in(request.member, code)
            case NoteWrongCode():
                owners = [member.mark for member in self._staff.who_may(Right.RULE)]
                name = self._staff.spoken.get(request.member, "–")
                await self._messages.say(
                    [*owners, request.member], Message(words("staff.code.guessed", by=name))
                )

    async def _invite(self, by: str, mark: str) -> None:
        member, owner = self._staff.by_mark(mark), self._staff.by_mark(by)
        if member is None or owner is None or not owner.may(Right.RULE):
            return
        name = self._staff.spoken[mark]
        if not self._web:
            await self._messages.say([by], staff_factor.no_page(name))
            return
        async with self._store.writing() as connection:
            token = await second_factor.invite(connection, self._keys, mark, self._clock())
        # Behind the #, where neither a log nor a proxy reads it.
        await self._messages.say([by], staff_factor.invitation(name, f"{self._web}{PATH}#{token}"))

    async def _sign_in(self, mark: str, code: str) -> None:
        if self._staff.by_mark(mark) is None:
            return
        if not self._web:
            await self._messages.say([mark], staff_desk.no_page())
            return
        async with self._store.writing() as connection:
            read = signing_in.read_code(code)
            token = await signing_in.offer(connection, self._keys, mark, read, self._clock())
        await self._messages.say([mark], staff_desk.link(f"{self._web}{SIGN_IN}{token}"))
