"""What a channel can do: the core asks for this, and never for a platform.

Each channel's package states its own. Texts are held against it before a start, never cut later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.campaign.messages import Markup


@dataclass(frozen=True, slots=True)
class Choices:
    """One form in which buttons stand below a text: ``rows``, or a ``list`` that a tap opens.

    ``most``: how many; of a list those on one page, the last of which leads to the next page.
    ``label``: the longest, which may be ours and no platform's: a longer one is cut off on a
    320 px phone. ``data``: bytes that a choice may carry. ``text``: the longest text that they may
    stand below, 0 for any that the channel takes. ``detail``: the longest line in which a row of a
    list tells more than its label; 0 where there is none.
    """

    form: Literal["rows", "list"]
    most: int
    label: int
    data: int
    text: int = 0
    detail: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform shows of the bot itself, and how long that may be."""

    name: int
    description: int
    short_description: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one channel can do, and its bounds.

    Texts are ``counted`` after markup is parsed, in characters or in UTF-16 units (an emoji is two
    of these). ``caption``: the text below a picture or document; 0 where there is none.
    ``choices``: the forms that buttons can take, the one that is tried first in front.
    ``links_apart``: a link stands in a message of its own, so many of them at most; None where
    links stand among the choices. ``blocks``: a text to copy whole stands within another one, and
    is else a message of its own. ``copy``: the longest text that a button copies; 0 where none
    does, so that it comes as a message of its own. ``payload``: bytes that a link into the chat
    carries.

    ``exposed``: whose platform carries what is said to a firm that knows each of its people by
    their telephone number. ``accounts``: its people are accounts that a platform vouches for; else
    anybody may be many.
    ``writes_first``: to whoever wrote once, also later than ``window`` after their last word (None:
    at any time). ``edits`` and ``deletes`` what was sent, for as long as ``changeable`` (None: for
    ever). ``chat_rate``: messages a second that one chat takes in the long run, 0 for as many as
    there are; ``chat_burst`` of them pass at once where a chat was silent before. ``profile``: what
    the bot can say of itself there.
    """

    channel: str
    markup: Markup
    text: int
    caption: int
    choices: tuple[Choices, ...]
    copy: int
    payload: int
    counted: Literal["characters", "units"] = "units"
    links_apart: int | None = None
    blocks: bool = True
    documents: bool = True
    pictures: bool = True
    exposed: bool = False
    accounts: bool = True
    writes_first: bool = False
    window: timedelta | None = None
    edits: bool = False
    deletes: bool = False
    changeable: timedelta | None = None
    chat_rate: float = 0.0
    chat_burst: float = 1.0
    profile: Profile | None = None

    @property
    def buttons(self) -> int:
        """How many stand below one text, in the form that holds the most."""
        return max(one.most for one in self.choices)

    @property
    def label(self) -> int:
        """The longest label that fits in every form."""
        return min(one.label for one in self.choices)

    @property
    def data(self) -> int:
        """The bytes that a choice may carry in every form."""
        return min(one.data for one in self.choices)

    @property
    def is_roomy(self) -> bool:
        """Whether a screen is one message, since nothing has to stand apart."""
        first = self.choices[0]
        roomy = first.form == "rows" and not first.text and self.blocks
        return roomy and self.links_apart is None and bool(self.copy)

    @property
    def has_pages(self) -> bool:
        """Whether many choices are shown page by page."""
        return any(one.form == "list" for one in self.choices)

    def length(self, text: str) -> int:
        """How long the channel says the text is."""
        return len(text) if self.counted == "characters" else length(text)

    def room(self, *, with_file: bool) -> int:
        """How long the text of a message may be."""
        return self.caption if with_file else self.text


def length(text: str) -> int:
    """How long a text is in UTF-16 code units (an emoji counts two): never less than in
    characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def reached_since(channels: Iterable[Capabilities], now: datetime) -> dict[str, datetime]:
    """By channel: whoever has written since then can be written to unasked. Only for channels that
    have a window."""
    return {one.channel: now - one.window for one in channels if one.window is not None}


def changeable_since(channels: Iterable[Capabilities], now: datetime) -> dict[str, datetime]:
    """By channel: from when on what was sent can still be changed or deleted."""
    begin = datetime.fromtimestamp(0, now.tzinfo)
    return {
        one.channel: begin if one.changeable is None else now - one.changeable
        for one in channels
        if one.edits or one.deletes
    }
