"""What members of the staff are told when something happens to a broadcast."""

from __future__ import annotations

from collections.abc import Iterable

from bot.campaign import urgent
from bot.campaign.broadcast_rules.allowing import Rules
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.content import Campaign
from bot.campaign.messages import Message, Value, words
from bot.campaign.scenes import staff_proposals, staff_screens
from bot.campaign.staff import Right
from bot.campaign.urgent import Decision, Proposal
from bot.desk.members import Staff
from bot.desk.messages import StaffMessages


class Notices:
    """Each goes to those whom it concerns, and survives a crash."""

    def __init__(self, staff: Staff, messages: StaffMessages):
        """Members who never wrote to the bot cannot be reached."""
        self._staff = staff
        self._messages = messages

    async def review(
        self, broadcast: Broadcast, rules: Rules, before: Broadcast | None, why_nobody: str
    ) -> None:
        """To those who may approve and wrote nothing of it; or to the author, where none of them
        can be reached. ``before``: what it corrects; ``why_nobody``: why nobody would get it."""
        message = staff_screens.review(
            broadcast, rules.approvals, self._staff.spoken, rules.campaign, before, why_nobody
        )
        if not await self._messages.say(self._deciders(rules, *broadcast.hands), message):
            await self._say([broadcast.author], broadcast, "nobody_reads")

    async def approved_for_later(self, broadcast: Broadcast, campaign: Campaign) -> None:
        """To the author: who has approved it, and when it goes out."""
        if broadcast.author in broadcast.approved_by:
            return
        await self._say(
            [broadcast.author],
            broadcast,
            "approved_for_later",
            by=self._name(*broadcast.approved_by),
            at=staff_screens.when(broadcast.at, campaign),
            zone=campaign.time_zone,
        )

    async def returned(self, broadcast: Broadcast, by: str, word: str) -> None:
        """To the author: somebody wants it changed, and says what."""
        await self._say([broadcast.author], broadcast, "returned", by=self._name(by), word=word)

    async def proposed(self, about: str, proposal: Proposal, rules: Rules) -> None:
        """To those who decide: somebody wants the banner or a case changed."""
        message = staff_proposals.proposed(
            about, self._name(proposal.author), proposal.value, rules.campaign
        )
        right = urgent.right_for(about)
        # Of what owners decide, the author is told too: there may be no second owner.
        authors = () if right is Right.RULE else proposal.authors
        await self._messages.say(self._deciders(rules, *authors, right=right), message)

    async def decided(self, about: str, decision: Decision, campaign: Campaign) -> None:
        """To those who proposed or approved something: somebody else has decided about it."""
        message = staff_proposals.decided(about, self._name(decision.by), decision, campaign)
        concerned = [mark for mark in decision.concerned if mark != decision.by]
        await self._messages.say(concerned, message)

    async def approvals_set(self, approvals: int) -> None:
        """To all: whether another one must approve from now on."""
        said = "approvals_set" if approvals else "approvals_lifted"
        await self._messages.say(self._staff.marks, Message(words(f"staff.{said}")))

    def _deciders(self, rules: Rules, *authors: str, right: Right = Right.DECIDE) -> list[str]:
        """Those who may decide about what these authors want."""
        return [
            member.mark
            for member in self._staff.who_may(right)
            if not rules.approvals or member.mark not in authors
        ]

    async def halted(self, broadcast: Broadcast, why: str) -> None:
        """It has stopped by itself."""
        message = staff_screens.halted(broadcast, why)
        await self._messages.say((broadcast.author, *broadcast.approved_by), message)

    async def retracted(self, broadcast: Broadcast, deleted: int, failed: int) -> None:
        """Its messages were taken back, as far as that was possible."""
        concerned = (broadcast.author, *broadcast.approved_by, broadcast.retracted_by)
        await self._say(concerned, broadcast, "retracted", deleted=deleted, failed=failed)

    async def _say(
        self, marks: Iterable[str], broadcast: Broadcast, what: str, **values: Value
    ) -> None:
        await self._messages.say(marks, staff_screens.notice(broadcast, what, **values))

    def _name(self, mark: str) -> Value:
        return self._staff.spoken.get(mark, "–")
