"""The campaign as staff wrote it in content/cases.yaml: cases, actions, addressees, petitions.

These models are the shape of the file (their JSON Schema is what editors complete from) and at the
same time what the conversation works with. They hold structure and facts; the texts that
supporters read stand in content/messages/ under keys that follow from the ids here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.campaign.countries import Countries
from bot.campaign.parts import (
    AsOf,
    Dated,
    Id,
    Label,
    LanguageCode,
    Part,
    Source,
    Territory,
    Url,
    WebLink,
)
from bot.campaign.petitions import Petition
from bot.campaign.rules import BurstRule, Reminders, Retention
from bot.campaign.typed_words import TypedWords


class Video(WebLink):
    """A video on a site that sets cookies: supporters are told before they open it.

    `step` is the step of the story that offers it.
    """

    site: Label
    step: Id


class Organisation(Dated):
    """Who runs the bot and answers for it."""

    name: Label
    address: list[Label] = Field(min_length=1)
    website: Url
    email: str | None = None
    register_number: str | None = None
    privacy_contact: list[Label] = Field(min_length=1)
    accent: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] = "#0b5f6b"


class Addressee(Dated):
    """Who gets a letter. Name, form of address and closing stand in messages/…/addressees.yaml."""

    post: list[Label] = Field(min_length=1)
    fax: str | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None


class LetterAction(Part):
    """Write to somebody: `paragraphs` are read from messages/…/CASE.yaml under `letter`."""

    kind: Literal["letter"]
    id: Id
    minutes: int = Field(ge=1, le=120)
    to: list[Id] = Field(min_length=1)
    copy_to: list[Id] = Field([])
    paragraphs: list[Id] = Field(min_length=1)
    by: Literal["email", "post", "any"] = "any"


class SupportAction(Dated):
    """Send a card with words of support, to whom the campaign names for it."""

    kind: Literal["support"]
    id: Id
    minutes: int = Field(ge=1, le=120)
    send_to: list[Label] = Field(min_length=1)
    """The address block that goes on the card; what becomes of it there is not promised."""


class PostAction(Part):
    """Say it in public on X; texts are read from messages/…/CASE.yaml under `post`."""

    kind: Literal["post"]
    id: Id
    minutes: int = Field(ge=1, le=120)
    hashtags: list[Annotated[str, StringConstraints(pattern=r"^\w+$")]] = Field([])


Action = Annotated[LetterAction | SupportAction | PostAction, Field(discriminator="kind")]


class Step(Dated):
    """One screen of a story; its text is `story.ID.text`, its call to act `story.ID.call`.

    `act` names the action that the call opens, or `sign` for the petition.
    """

    id: Id
    act: Id


class CaseState(StrEnum):
    """Only an active case can be acted for; in every other state its actions close kindly."""

    ACTIVE = "active"
    PAUSED = "paused"
    RELEASED = "released"
    DIED = "died"
    STOP_WRITING = "stop-writing"


class Case(Part):
    """A person in detention, their story and the three things that can be done for them."""

    state: CaseState
    name: Label
    full_name: Label
    chinese_name: Label
    pinyin: str | None = None
    told: Label
    """When the sources were written, as supporters read it ("2021–2022")."""
    other: Id | None = None
    petition: Id
    page: WebLink | None = None
    video: Video | None = None
    story: list[Step] = Field(min_length=2, max_length=8)
    actions: list[Action] = Field(min_length=3, max_length=3)

    def action(self, action_id: str) -> LetterAction | SupportAction | PostAction | None:
        """The action of that id, None where the case has none such."""
        return next((action for action in self.actions if action.id == action_id), None)

    @property
    def is_active(self) -> bool:
        """Whether supporters can act for this person now."""
        return self.state is CaseState.ACTIVE


class Donate(Part):
    """Where to give and what a gift costs after the tax reduction."""

    page: WebLink
    amounts: list[Annotated[int, Field(gt=0, le=999_999)]] = Field(min_length=1, max_length=6)
    tax: TaxReduction


class TaxReduction(Dated):
    """The share of a gift that the state gives back, in percent."""

    percent: int = Field(ge=0, le=100)

    def cost(self, amount: float) -> float:
        """What remains to be paid of a gift, in the gift's currency."""
        return round(amount * (100 - self.percent) / 100, 2)


class SchoolGroups(Dated):
    """Who helps a school found or join a group."""

    organiser: Label
    register_number: str | None = None
    url: Url


class Banner(Dated):
    """An urgent call above every screen, until the end of a day; its text is `banner.ID`."""

    id: Id
    until: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    url: Url | None = None


class Other(Dated):
    """Another person whom the petition names; told in messages/…/others.yaml under the id."""

    id: Id
    name: Label


class Typed(Part):
    """What typed words mean. The words stand in messages/…/typed.yaml under the name, as `says`.

    `leads` names a command without its slash, or `donate`, `menu`, `others`, `school`; where it is
    left out, `answer` in the same file is said, with the page that it comes from. `care`: somebody
    may be in need; no campaign is spoken of then.
    """

    leads: Id | None = None
    care: bool = False
    source: Label | None = None
    as_of: AsOf | None = None


class PlaceOfHelp(Dated):
    """A number that people in need can call; named in messages/…/typed.yaml under `places.ID`.

    `helps`: with which of the typed words that need care.
    """

    id: Id
    country: Territory | None = None
    number: Label
    helps: list[Id] = Field(min_length=1)


class Structure(Part):
    """The whole of content/cases.yaml."""

    languages: list[LanguageCode] = Field(min_length=1)
    """In this order; the first one stands in where a supporter's language is not among them."""
    time_zone: Label
    sources: dict[str, Source]
    organisation: Organisation
    addressees: dict[Id, Addressee]
    petitions: dict[Id, Petition]
    cases: dict[Id, Case]
    others: list[Other] = Field([])
    topics: list[Id] = Field(min_length=1)
    donate: Donate
    school_groups: SchoolGroups
    banner: Banner | None = None
    typed: dict[Id, Typed] = Field({})
    places_of_help: list[PlaceOfHelp] = Field([])
    relatives_contact: Label | None = None
    """Where relatives of detained people are helped; the organisation's own contact until then."""
    language_instead: dict[LanguageCode, LanguageCode] = Field({})
    """The language to speak with people whose own is not here (`de: en`); else the first."""
    retention: Retention = Retention()
    reminders: Reminders = Reminders()
    burst_guard: BurstRule = BurstRule()
    link_codes: list[Id] = Field([])
    """What stands in links behind `_s-`, by poster or page; other codes are counted together."""
    countries_first: list[Territory] = Field([], max_length=8)
    """Offered as buttons before anything is typed."""
    also_called: dict[Territory, list[Label]] = Field({})
    """Names beside the official ones by which people look for a country."""
    called: dict[Territory, Label] = Field({})
    """Shown in place of the official name, in every language ("Hong Kong")."""
    no_names_from: list[Territory] = Field([])
    """Where being on a public list could harm: signatures from there stay without a name."""


Donate.model_rebuild()


class Campaign(Structure):
    """The content with what the message files tell about themselves.

    ``variants``: how many versions each letter paragraph and post has, by its key (the least over
    the languages). ``petition_texts``: the very text that is signed, plain, by petition and
    language; ``petition_hashes``: its SHA-256 (hex). ``consent_texts``, ``consent_hashes``: the
    same of what is agreed to when updates are taken, by language. ``territories``: the names of
    countries and territories, by language and ISO code. ``heard``: what typed words mean
    ("hello", or the answer "no", "yes", "unsaid"), by the words in plain letters. ``phrases``: the
    words that lead somewhere, by language and meaning (see ``typed``).
    """

    variants: Mapping[str, int] = {}
    urgent: Banner | None = None
    urgent_texts: Mapping[str, str] = {}
    """The banner that staff have set in the chat, and its texts by language."""
    petition_texts: Mapping[tuple[str, str], str] = {}
    petition_hashes: Mapping[tuple[str, str], str] = {}
    consent_texts: Mapping[str, str] = {}
    consent_hashes: Mapping[str, str] = {}
    heard: Mapping[str, str] = {}
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    territories: Mapping[str, Mapping[str, str]] = {}

    @cached_property
    def countries(self) -> Countries:
        """The countries that a signature may come from, to be searched."""
        shown = {code: [name] for code, name in self.called.items()}
        more = {code: [*shown.get(code, []), *names] for code, names in self.also_called.items()}
        return Countries(self.territories, shown | more)

    @cached_property
    def typed_words(self) -> TypedWords:
        """What people type and mean."""
        return TypedWords(self.phrases)

    def country(self, code: str, language: str) -> str:
        """The country's name in that language; the code where it has none."""
        return self.called.get(code) or self.territories.get(language, {}).get(code, code)

    def language(self, wanted: str) -> str:
        """The language of the content nearest to a platform's code: its own ("pt-br" → "pt"), else
        the one that is spoken instead, else the first."""
        code = wanted.lower().replace("_", "-").split("-")[0]
        code = self.language_instead.get(code, code) if code not in self.languages else code
        return code if code in self.languages else self.languages[0]

    def banner_on(self, day: date) -> Banner | None:
        """The banner to show on that day, None where there is none or it has ended."""
        for banner in (self.urgent, self.banner):
            if banner is not None and date.fromisoformat(banner.until) >= day:
                return banner
        return None


CampaignNow = Callable[[], Campaign]
"""The content of this moment: it can change while the bot runs."""
