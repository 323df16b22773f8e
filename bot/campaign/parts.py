"""What all content is made of: ids and codes, parts that never change, facts that age."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from bot.campaign.visible import shows


def _showing(text: str) -> str:
    if not shows(text):
        raise ValueError("a text that shows nothing: write a word, or delete the line")
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,19}$")]
"""A name used in buttons, links and keys: lower case letters and digits, 20 at most."""

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
AsOf = Annotated[
    str,
    StringConstraints(
        pattern=r"^((early |spring |summer |autumn |late )?\d{4}|\d{4}-\d{2}(-\d{2})?)$"
    ),
]
"""When a fact was true: "2021", "late 2021", "2021-10" or "2021-10-07"."""
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Territory = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""A country or territory by its code in ISO 3166: FR, BE, …"""
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/,;]+\.[^\s/,;]+(/[^\s]*)?$")]
EmailAddress = Annotated[
    str, StringConstraints(pattern=r"^[^@\s,;:<>()]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
]
Label = Annotated[str, StringConstraints(min_length=1), AfterValidator(_showing)]


class Part(BaseModel):
    """Any part of the content: never changed after loading, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dated(Part):
    """A fact that ages: when it was true and which source page says so (see `sources`)."""

    as_of: AsOf
    source: Label


class Source(Part):
    """A page that the facts come from."""

    title: Label
    published: AsOf


class WebLink(Dated):
    """A page outside the chat."""

    url: Url


def is_old(as_of: str, today: date, months: int = 12) -> bool:
    """Whether a dated fact is older than so many months and should be checked again.

    A fact dated to a year or month counts from its end: "2021" is old from the end of 2022 on.
    Part of a year counts as the year.
    """
    exact = as_of.rpartition(" ")[2]
    year, month, day = (exact + "-12-28"[3 * exact.count("-") :]).split("-")[:3]
    return date(int(year), int(month), int(day)) < today - timedelta(days=365 * months / 12)
