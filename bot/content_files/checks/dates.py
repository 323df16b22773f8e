"""Days that do not exist, lie ahead, or are so old that the fact should be looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.campaign.content import SupportAction
from bot.campaign.parts import is_old
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.content_files.reading import Address

_DAYS = ("as_of", "published", "day", "until", "when")
_AHEAD = ("until", "when")


def check(content: Checked) -> Iterator[Problem]:
    """Dates first, then contact data that has aged."""
    wrong: set[Address] = set()
    for address in content.document.values:
        if address and address[-1] in _DAYS:
            problem = _day(content, address)
            if problem is not None:
                wrong.add(address)
                yield problem
    for address, what in _contacts(content):
        as_of = content.document.at((*address, "as_of"))
        dated = (*address, "as_of")
        if isinstance(as_of, str) and dated not in wrong and is_old(as_of, content.today):
            yield content.at(
                dated,
                f"{what} from {as_of}: older than twelve months",
                "check it and write the new date",
                severity="warning",
            )
    yield from _unconfirmed(content, wrong)


def _unconfirmed(content: Checked, wrong: set[Address]) -> Iterator[Problem]:
    """Who is told as detained, and nobody has confirmed it for long."""
    months = content.campaign.confirm_after_months
    for case_id, case in content.campaign.cases.items():
        at: Address = ("cases", case_id, "confirmed")
        if not case.is_active or (*at, "as_of") in wrong:
            continue
        if case.confirmed is None:
            yield content.at(
                ("cases", case_id),
                f"nobody is named who confirmed that {case.full_name} is still detained",
                'write confirmed: {by: NAME, as_of: "2026-11"}',
                severity="warning",
            )
        elif content.campaign.unconfirmed(case_id, content.today):
            yield content.at(
                (*at, "as_of"),
                f"{case.full_name}: not confirmed as detained since {case.confirmed.as_of}, more"
                f" than {months} months; supporters read so, and letters ask for news",
                "ask the organisation or the family, and write by whom and when",
                severity="warning",
            )


def _day(content: Checked, address: Address) -> Problem | None:
    written = str(content.document.at(address))
    parts = written.rpartition(" ")[2].split("-")
    try:
        first = date(*(int(part) for part in [*parts, "1", "1"][:3]))
    except (ValueError, TypeError):
        return content.at(address, f"there is no {written}", "write a day of the calendar")
    if address[-1] not in _AHEAD and first > content.today:
        return content.at(address, f"{written} lies ahead", "write when it was found to be true")
    return None


def _contacts(content: Checked) -> Iterator[tuple[Address, str]]:
    yield ("organisation",), "contact data"
    for addressee in content.campaign.addressees:
        yield ("addressees", addressee), "contact data"
    for n, place in enumerate(content.campaign.places_of_help):
        yield ("places_of_help", n), f"the number {place.number}"
    for case_id, case in content.campaign.cases.items():
        for n, action in enumerate(case.actions):
            if isinstance(action, SupportAction):
                yield ("cases", case_id, "actions", n), "the address"
