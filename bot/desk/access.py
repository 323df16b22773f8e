"""The desk for whoever does not write in a chat: commands one by one, and who is signed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.campaign.broadcast_rules.acts import member_of_shell
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import CampaignNow
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import GiveCode, NoteWrongCode
from bot.campaign.messages import Words
from bot.campaign.second_factor import SecondFactor
from bot.campaign.staff import SHELL, Member
from bot.clock import Clock
from bot.desk import acts, signing_in
from bot.desk.members import Staff
from bot.desk.second_factor import SecondFactors
from bot.keys import Keys
from bot.store.database import Database
from bot.store.desk_passes import KeptPass


@dataclass(frozen=True, slots=True)
class DeskAccess:
    """``channels``: what those can do to which broadcasts go. ``wake`` is called once what staff
    wanted is committed. ``asks_codes``: whether a second factor is asked for. ``at_machine``:
    whoever comes is at this machine, and may be its shell. ``wrong``: what is wrong with the bot
    itself just now, for owners."""

    store: Database
    keys: Keys
    staff: Staff
    factors: SecondFactors
    campaign: CampaignNow
    channels: tuple[Capabilities, ...]
    wake: Callable[[], None]
    clock: Clock
    asks_codes: bool = True
    at_machine: bool = False
    paid_rate: float = 0.0
    wrong: Callable[[], Sequence[Words]] = tuple

    def member(self, mark: str) -> Member | None:
        """Whom the mark stands for, while they belong to the staff."""
        if mark == SHELL:
            return member_of_shell() if self.at_machine else None
        return self.staff.by_mark(mark)

    async def act(self, member: Member, where: str, *commands: StaffCommand) -> object:
        """Do and log all of them, as the chat and the shell do, or none; what came of the last.
        ``where``: the session in which they are given. Raises NotAllowed."""
        done: object = None
        async with self.store.writing() as connection:
            rules = await acts.rules_now(connection, self.keys, self.campaign(), self.channels)
            now = self.clock()
            acting = acts.Acting(connection, self.keys, member, rules, now, self.factors, where)
            for command in commands:
                done = await acts.act(acting, command)
        self.wake()
        return done

    async def prove(self, member: Member, where: str, code: str) -> bool:
        """Use a code of the second factor up, for that session; whether it was taken."""
        try:
            await self.act(member, where, GiveCode("".join(code.split())))
        except NotAllowed:
            await self.act(member, where, NoteWrongCode())
            return False
        return True

    def is_proven(self, member: Member, where: str) -> bool:
        """Whether no code is asked of them in that session now."""
        return self.factors.opens(member.mark, self.clock(), where)

    async def factor(self, member: Member) -> SecondFactor:
        """How they stand with their second factor."""
        async with self.store.reading() as connection:
            return await self.factors.of(connection, member.mark, self.clock())

    async def link_of_shell(self) -> str:
        """What a link carries by which whoever is at this machine signs in, with the first browser
        that opens it."""
        async with self.store.writing() as connection:
            now, lasts = self.clock(), signing_in.LASTS
            return await signing_in.offer(connection, self.keys, SHELL, "", now, lasts)

    async def session(self, secret: str) -> tuple[Member, KeptPass] | None:
        """Who works in the browser with that secret; None where nobody is signed in there."""
        now = self.clock()
        async with self.store.reading() as connection:
            found = await signing_in.session(connection, self.keys, secret, now)
        member = self.member(found.kept.mark) if found is not None else None
        if found is None or member is None:
            return None
        if signing_in.is_to_be_noted(found, now):
            async with self.store.writing() as connection:
                await signing_in.note(connection, self.keys, found, now)
        return member, found
