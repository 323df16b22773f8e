"""A broadcast: its words in each language, whom it is for, and how far it has come."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.button_data import under_news
from bot.campaign.content import Campaign
from bot.campaign.former_markup import read_html
from bot.campaign.markup import read
from bot.campaign.messages import Button, Choice, Link, Rows, words
from bot.campaign.parts import LanguageCode, Part
from bot.campaign.styled import Styled

STARS_EACH = 0.1
"""What Telegram asks for a message of a paid broadcast, in Stars (core.telegram.org/bots/api)."""


class State(StrEnum):
    """How far a broadcast has come."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


MOST_LEADS = 6
"""Buttons under a broadcast, above the one that ends these news: they fit on a phone's screen."""

OPEN = frozenset({State.DRAFT, State.REVIEW, State.APPROVED})
"""Nothing was sent yet."""
STOPPED = frozenset({State.PAUSED, State.DONE, State.CANCELLED})
RUNNING = frozenset({State.SENDING, State.PAUSED})
ENDED = frozenset({State.DONE, State.CANCELLED})


class Attached(Part):
    """A picture or document: ``ref`` is the platform's name for it, ``digest`` that of a file which
    is still kept here (SHA-256, hex)."""

    kind: Literal["photo", "document"]
    ref: str = ""
    digest: str = ""
    name: str = ""


class Lead(Part):
    """A button under the broadcast: into a case, an action of it, or to a link outside."""

    case: str = ""
    action: str = ""
    url: str = ""
    labels: dict[LanguageCode, str] = Field(default_factory=dict)
    """For a link; cases and actions have their labels in the content."""

    @property
    def mark(self) -> str:
        """Stands for it in the staff's own buttons."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def button(self, campaign: Campaign, language: str, number: int) -> Button | None:
        """As recipients of broadcast ``number`` see it; None where the content has it no longer."""
        if self.url:
            spoken = (language, *campaign.languages, *self.labels)
            label = next((self.labels[code] for code in spoken if code in self.labels), self.url)
            return Link(words("staff.as_typed", text=label), self.url)
        case = campaign.cases.get(self.case)
        if case is None:
            return None
        if not self.action:
            here = under_news(number, f"story:{self.case}")
            return Choice(words("buttons.case", name=case.full_name), here)
        if case.action(self.action) is None:
            return None
        title = words(f"{self.case}.action.{self.action}.title")
        return Choice(title, under_news(number, f"act:{self.case}:{self.action}"))


class Broadcast(Part):
    """Everything about a broadcast but its recipients and figures.

    ``texts``: what recipients read; the first language of the campaign (else the first there is)
    stands in where a recipient's is missing. ``written_in``: "html" for texts that were kept by
    versions that knew nothing else; they are read as they were. ``hold_unknown``: a message
    of which nobody knows whether it arrived is left to staff instead of being sent again.
    ``writers``: everybody who wrote anything of it since the last approval (see ``hands``).
    ``approved_by``: who approved what ``approved_hash`` names. ``counted`` recipients when
    ``counted_hash`` was the fingerprint. ``at``: when it is to begin (None: once approved).
    ``corrects``: the broadcast whose messages this one changes. ``reason``: why it was stopped.
    ``asked``: those who may approve have been asked to.
    """

    id: int = 0
    title: str = ""
    author: str = ""
    writers: tuple[str, ...] = ()
    state: State = State.DRAFT
    texts: dict[LanguageCode, str] = Field(default_factory=dict)
    written_in: Literal["markup", "html"] = "markup"
    attached: Attached | None = None
    leads: tuple[Lead, ...] = Field((), max_length=MOST_LEADS)
    audience: Audience
    hold_unknown: bool = False
    paid: bool = False
    canary: bool = True
    quiet: bool = True
    at: datetime | None = None
    approved_by: tuple[str, ...] = ()
    approved_hash: str = ""
    counted: int | None = None
    counted_hash: str = ""
    corrects: int = 0
    reason: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    asked: bool = False
    retract: Literal["", "asked", "done"] = ""
    retracted_by: str = ""

    @property
    def hands(self) -> tuple[str, ...]:
        """Who has a part in what is written now, and so cannot be who approves it."""
        return self.writers or (self.author,)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of all that an approval is bound to: any change gives another one."""
        bound = self.model_dump(
            mode="json",
            include={
                *("texts", "leads", "audience", "hold_unknown", "paid", "canary", "quiet"),
                "corrects",
            },
        )
        # What was approved before there was a choice stays approved.
        if self.written_in != "html":
            bound["written_in"] = self.written_in
        # A file that was uploaded in the meantime is still the same file.
        attached = self.attached
        bound["attached"] = attached and [attached.kind, attached.digest or attached.ref]
        whole = json.dumps(bound, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def approval_mark(self) -> str:
        """What a button carries that approves exactly this, at exactly this time."""
        bound = self.fingerprint if self.at is None else f"{self.fingerprint} {self.at.isoformat()}"
        return hashlib.sha256(bound.encode()).hexdigest()[:16]

    @property
    def is_counted(self) -> bool:
        """Whether the number of recipients is known for what is written now."""
        return self.counted is not None and self.counted_hash == self.fingerprint

    @property
    def is_approved(self) -> bool:
        """Whether an approval holds for what is written now."""
        return bool(self.approved_by) and self.approved_hash == self.fingerprint

    @property
    def keeps_quiet(self) -> bool:
        """Whether it waits for the morning. A correction makes no sound, and the wrong words are
        before people's eyes until it is there."""
        return self.quiet and not self.corrects

    @property
    def stars(self) -> int:
        """What it costs, in Stars, rounded up."""
        return -int(-(self.counted or 0) * STARS_EACH // 1) if self.paid else 0

    def text(self, language: str, campaign: Campaign) -> tuple[Styled, str]:
        """The text for a recipient of that language, and the language that it is in."""
        spoken = (language, *campaign.languages, *self.texts)
        code = next(code for code in spoken if code in self.texts)
        return self.styled(code), code

    def styled(self, language: str) -> Styled:
        """The text that is written in that language."""
        source = self.texts[language]
        return read_html(source) if self.written_in == "html" else read(source)

    def button_rows(self, campaign: Campaign, language: str) -> Rows:
        """The buttons, and below them the one that ends these news with one tap.

        What the content no longer has is left out.
        """
        found = (lead.button(campaign, language, self.id) for lead in self.leads)
        rows = [(button,) for button in found if button is not None]
        leave = Choice(
            words("buttons.leave"),
            f"leave:{self.audience.topic}",
        )
        return (*rows, (leave,))
