"""The urgent banner as staff word it, and as it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.campaign.broadcast_rules.checking import is_link
from bot.campaign.broadcast_rules.timing import read_day
from bot.campaign.capabilities import length
from bot.campaign.content import Banner
from bot.campaign.visible import shows

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A banner: its texts by language, its last day (ISO) and its link ("" for none)."""

    texts: Mapping[str, str]
    until: str
    url: str = ""

    @property
    def banner(self) -> Banner:
        """As the campaign has it. Raises ValueError for what will not do."""
        if not self.texts or any(
            not shows(text) or length(text) > LONGEST for text in self.texts.values()
        ):
            raise ValueError("text")
        if self.url and not is_link(self.url):
            raise ValueError("link")
        read_day(self.until)
        return Banner(
            id="urgent", until=self.until, url=self.url or None, as_of=self.until, source="staff"
        )

    @property
    def value(self) -> str:
        """As it is kept; "" where no text is left."""
        if not self.texts:
            return ""
        kept = {"texts": dict(self.texts), "until": self.until, "url": self.url}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True)


NO_BANNER = Wanted({}, "")


def wanted_banner(value: str) -> Wanted:
    """The banner as it is kept; ``NO_BANNER`` without one. Raises ValueError."""
    if not value:
        return NO_BANNER
    try:
        kept = Wanted(**json.loads(value))
    except TypeError as problem:
        raise ValueError("banner") from problem
    texts = kept.texts.values() if isinstance(kept.texts, dict) else [None]
    if not all(isinstance(text, str) for text in (*texts, kept.until, kept.url)):
        raise ValueError("banner")
    return kept


def worded(before: Wanted, language: str, typed: str, today: date) -> Wanted:
    """The banner with this text in one language: "text | last day | link".

    Day and link stay as they are where they are left out; "-" takes the link away. Raises
    ValueError for what will not do.
    """
    text, day, link = (*(part.strip() for part in typed.split("|", 2)), "", "")[:3]
    until = read_day(day).isoformat() if day else before.until
    url = {"": before.url, "-": ""}.get(link, link)
    made = Wanted({**before.texts, language: text}, until, url)
    if date.fromisoformat(made.banner.until) < today:
        raise ValueError("past")
    return made


def without_text(before: Wanted, language: str) -> Wanted:
    """The banner without its text in that language."""
    texts = {code: text for code, text in before.texts.items() if code != language}
    return Wanted(texts, before.until, before.url)
