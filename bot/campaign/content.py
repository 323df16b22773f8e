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

from pydantic import ConfigDict, Field, StringConstraints

from bot.campaign.countries import Countries
from bot.campaign.identity import Colours, Drawing, Picture
from bot.campaign.languages import Language
from bot.campaign.parts import (
    AsOf,
    Dated,
    EmailAddress,
    Id,
    Label,
    LanguageCode,
    Part,
    Source,
    Territory,
    Url,
    WebLink,
    is_old,
)
from bot.campaign.petitions import Petition
from bot.campaign.rules import BurstRule, NetworkRule, Reminders, Retention
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
    email: EmailAddress | None = None
    register_number: str | None = None
    privacy_contact: list[Label] = Field(min_length=1)
    colours: Colours = Colours()
    logo: Drawing | None = None
    favicon: Drawing | None = None


class Addressee(Dated):
    """Who gets a letter. Name, form of address and closing stand in messages/…/addressees.yaml."""

    post: list[Label] = Field(min_length=1)
    fax: str | None = None
    email: EmailAddress | None = None
    reads: LanguageCode | None = None
    """The language in which letters are offered first; whoever speaks another one reads it in
    theirs beside it."""


class LetterAction(Part):
    """Write to somebody: `paragraphs` are read from messages/…/CASE.yaml under `letter`.

    `angles` are shorter letters for e-mail, by what they dwell on, made of paragraphs as well;
    without any, the long one goes by e-mail too.
    """

    kind: Literal["letter"]
    id: Id
    minutes: int = Field(ge=1, le=120)
    to: list[Id] = Field(min_length=1)
    copy_to: list[Id] = Field([])
    paragraphs: list[Id] = Field(min_length=1)
    angles: dict[Id, Annotated[list[Id], Field(min_length=1)]] = Field({})
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


class Confirmed(Part):
    """Who last confirmed that the person is still detained, and when."""

    by: Label
    as_of: AsOf


class Case(Part):
    """A person in detention, their story and the three things that can be done for them."""

    state: CaseState
    name: Label
    full_name: Label
    chinese_name: Label
    pinyin: str | None = None
    told: Label
    """When the sources were written, as supporters read it ("2021–2022")."""
    confirmed: Confirmed | None = None
    other: Id | None = None
    petition: Id
    page: WebLink | None = None
    video: Video | None = None
    pictures: list[Picture] = Field([])
    """The first is shown with the name; without any, a card with the name stands in its place."""
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

    model_config = ConfigDict(validate_by_name=True)

    spoken: list[Language] = Field(min_length=1, alias="languages")
    """In this order; the first one stands in where a supporter's language is not among them."""
    time_zone: Label
    sources: dict[str, Source]
    organisation: Organisation
    addressees: dict[Id, Addressee]
    petitions: dict[Id, Petition]
    cases: dict[Id, Case]
    others: list[Other] = Field([])
    opens_with: Id | None = None
    """The case that the first screen tells of; without it each supporter meets one by chance."""
    confirm_after_months: int = Field(12, ge=1, le=120)
    """So long after the last confirmation a case is told as not confirmed."""
    topics: list[Id] = Field(min_length=1)
    donate: Donate
    school_groups: SchoolGroups
    banner: Banner | None = None
    typed: dict[Id, Typed] = Field({})
    places_of_help: list[PlaceOfHelp] = Field([])
    relatives_contact: Label | None = None
    """Where relatives of detained people are helped; the organisation's own contact until then."""
    language_instead: dict[LanguageCode, LanguageCode] = Field({})
    """The language to speak with people whose own is not here (`de: en`), and to say in what a
    partial one lacks; else the first."""
    retention: Retention = Retention()
    reminders: Reminders = Reminders()
    burst_guard: BurstRule = BurstRule()
    link_codes: list[Id] = Field([])
    """What stands in links behind `_s-`, by poster or page; other codes are counted together."""
    network_guard: NetworkRule = NetworkRule()
    countries_first: list[Territory] = Field([], max_length=8)
    """Offered as buttons before anything is typed."""
    also_called: dict[Territory, list[Label]] = Field({})
    """Names beside the official ones by which people look for a country."""
    called: dict[Territory, Label] = Field({})
    """Shown in place of the official name, in every language ("Hong Kong")."""
    no_names_from: list[Territory] = Field([])
    """Where being on a public list could harm: signatures from there stay without a name."""

    @property
    def written(self) -> list[str]:
        """The codes of all languages that there are texts in, offered or not."""
        return [one.code for one in self.spoken]

    @property
    def languages(self) -> list[str]:
        """The codes of those that are offered to people; the first one is always there."""
        return [one.code for n, one in enumerate(self.spoken) if n == 0 or one.is_offered]

    def instead(self, code: str) -> str:
        """The language in which is said what that one lacks."""
        named = self.language_instead.get(code, "")
        return named if named in self.written and named != code else self.written[0]


Donate.model_rebuild()


class Campaign(Structure):
    """The content with what the message files tell about themselves.

    ``variants``: how many versions each letter paragraph and post has, by its key (the least over
    the languages). ``petition_texts``: the very text that is signed, plain, by petition and
    language; ``petition_hashes``: its SHA-256 (hex). ``consent_texts``, ``consent_hashes``: the
    same of what is agreed to when updates are taken, by language; ``signing_texts``,
    ``signing_hashes``: when a petition is signed. ``territories``: the names of
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
    signing_texts: Mapping[str, str] = {}
    signing_hashes: Mapping[str, str] = {}
    heard: Mapping[str, str] = {}
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    territories: Mapping[str, Mapping[str, str]] = {}
    files: Mapping[str, bytes] = {}
    """What the files hold that the content names (pictures, logo, icon), by their names."""
    unwritten: Mapping[str, frozenset[tuple[str, str]]] = {}
    """By language: the actions, as (case, action), that it has no text to send for."""
    tried: frozenset[str] = frozenset()
    """Languages that are spoken though nobody has reviewed them: for staff who look at them."""

    @property
    def languages(self) -> list[str]:
        """The codes of the languages that are offered here."""
        offered = super().languages
        return [code for code in self.written if code in offered or code in self.tried]

    def trying(self, *codes: str) -> Campaign:
        """The same campaign, with those languages offered as well."""
        return self.model_copy(update={"tried": self.tried.union(codes)})

    def writes(self, language: str, case_id: str, action_id: str) -> bool:
        """Whether that language is offered, and has the text to send for this action."""
        lacks = (case_id, action_id) in self.unwritten.get(language, ())
        return language in self.languages and not lacks

    def nearest(self, case_id: str, action_id: str, *wanted: str) -> str:
        """The first of these languages that has the text for this action, else the one that is
        spoken instead of the last of them, else the first of all."""
        asked = (*wanted, self.instead(wanted[-1]))
        written = (one for one in asked if self.writes(one, case_id, action_id))
        return next(written, self.languages[0])

    def written_for(self, case_id: str, action_id: str) -> list[str]:
        """The languages in which there is a text to send for this action."""
        return [code for code in self.languages if self.writes(code, case_id, action_id)]

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

    def opening(self, seed: int) -> str:
        """The case of the first screen: the one that content names, else one by the seed; of those
        that can be acted for, where there are any."""
        active = [case_id for case_id, case in self.cases.items() if case.is_active]
        if self.opens_with in active:
            return self.opens_with
        offered = active or list(self.cases)
        return offered[seed % len(offered)]

    def unconfirmed(self, case_id: str, day: date) -> str:
        """Since when nobody has confirmed that the person is still detained, as content dates it;
        "" where it is recent enough, or was never said."""
        confirmed = self.cases[case_id].confirmed
        if confirmed is None or not is_old(confirmed.as_of, day, self.confirm_after_months):
            return ""
        return confirmed.as_of

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
