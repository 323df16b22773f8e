"""The members of the staff: by their addresses, and by the mark that stands in records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.campaign.messages import Words, words
from bot.campaign.staff import SHELL, Appointed, Member, Place, Right
from bot.keys import Keys


class Staff:
    """Who belongs to the staff, by BOT_STAFF, and the chats of test groups."""

    def __init__(
        self,
        keys: Keys,
        appointed: Sequence[Appointed],
        groups: Mapping[str, tuple[Place, ...]] | None = None,
    ):
        """``groups``: who gets a test, by the group's name."""
        self._members: dict[str, Member] = {}
        self._by_place: dict[tuple[str, str], Member] = {}
        self._places: dict[str, tuple[Place, ...]] = {}
        self.groups = dict(groups or {})
        self.names = {SHELL: SHELL}
        """By mark, for the shell."""
        self.spoken: dict[str, Words] = {SHELL: words("staff.shell")}
        """The same in the words of the chat."""
        for one in appointed:
            first = one.places[0]
            mark = keys.pseudonym("staff", first.known_as).hex()[:16]
            member = self._members[mark] = Member(mark, one.role)
            self._places[mark] = one.places
            self._by_place |= {(place.channel, place.address): member for place in one.places}
            self.names[mark] = one.name or f"{one.role} {first.shown}"
            role = words(f"staff.short.{one.role}")
            self.spoken[mark] = words("staff.who", name=one.name, role=role, number=first.shown)

    def __bool__(self) -> bool:
        return bool(self._members)

    @property
    def marks(self) -> Sequence[str]:
        """Of all members."""
        return tuple(self._members)

    def member(self, channel: str, address: str) -> Member | None:
        """The member who writes from there; None for everybody else."""
        return self._by_place.get((channel, address))

    def role(self, channel: str, address: str) -> str:
        """Their role; "" for everybody else."""
        member = self.member(channel, address)
        return member.role.value if member else ""

    def by_mark(self, mark: str) -> Member | None:
        """The member of that mark, while they belong to the staff."""
        return self._members.get(mark)

    def places(self, mark: str) -> tuple[Place, ...]:
        """Where a member is, what they prefer first; nowhere once they belong to the staff no
        more."""
        return self._places.get(mark, ())

    def who_may(self, right: Right) -> list[Member]:
        """Everybody who has that right."""
        return [member for member in self._members.values() if member.may(right)]
