"""The members of the staff: by their Telegram number, and by the mark that stands in records."""

from __future__ import annotations

from collections.abc import Mapping

from bot.campaign.messages import Words, words
from bot.campaign.staff import SHELL, Appointed, Member, Right
from bot.keys import Keys

CHANNEL = "telegram"


class Staff:
    """Who belongs to the staff, by BOT_STAFF, and the chats of test groups."""

    def __init__(
        self,
        keys: Keys,
        appointed: Mapping[int, Appointed],
        groups: Mapping[str, tuple[int, ...]] | None = None,
    ):
        """``groups``: who gets a test, by the group's name."""
        self._members = {
            str(number): Member(keys.pseudonym("staff", str(number)).hex()[:16], one.role)
            for number, one in appointed.items()
        }
        self._addresses = {member.mark: number for number, member in self._members.items()}
        self.groups = {name: tuple(map(str, numbers)) for name, numbers in (groups or {}).items()}
        self.names = {SHELL: SHELL}
        """By mark, for the shell."""
        self.spoken: dict[str, Words] = {SHELL: words("staff.shell")}
        """The same in the words of the chat."""
        for number, one in appointed.items():
            mark = self._members[str(number)].mark
            self.names[mark] = one.name or f"{one.role} {number}"
            role = words(f"staff.short.{one.role}")
            self.spoken[mark] = words("staff.who", name=one.name, role=role, number=str(number))

    def __bool__(self) -> bool:
        return bool(self._members)

    def member(self, channel: str, address: str) -> Member | None:
        """The member who writes from there; None for everybody else."""
        return self._members.get(address) if channel == CHANNEL else None

    def role(self, channel: str, address: str) -> str:
        """Their role; "" for everybody else."""
        member = self.member(channel, address)
        return member.role.value if member else ""

    def by_mark(self, mark: str) -> Member | None:
        """The member of that mark, while they belong to the staff."""
        return self._members.get(self._addresses.get(mark, ""))

    def address(self, mark: str) -> str:
        """Where to write to a member; "" where they do not belong to the staff any more."""
        return self._addresses.get(mark, "")

    def who_may(self, right: Right) -> list[Member]:
        """Everybody who has that right."""
        return [member for member in self._members.values() if member.may(right)]
