"""A letter: which paragraphs, in which version, to whom. The words come from the content.

``draft`` decides with keys only; ``wording.write`` turns a Draft into a Letter, which is plain
text and what every form of sending (chat, e-mail, PDF, page) is made from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from bot.campaign.content import Addressee, Campaign, LetterAction
from bot.campaign.messages import Words, words

# A multiplier that is prime to every small number of versions: neighbours look unlike each other.
STRIDE = 7919
OWN_LINE = "\n\n"
MOST_BY_EMAIL = 1500
"""Characters of a whole short letter: what the link into a mail program carries everywhere."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter by its keys; the addressee's name and post are looked up where it is written."""

    case: str
    action: str
    language: str
    variant: int
    subject: Words
    salutation: Words
    paragraphs: tuple[Words, ...]
    closing: Words
    is_long: bool = False
    first_name: str = field(default="", repr=False)
    town: str = field(default="", repr=False)


def whole(draft: Draft) -> tuple[Words, ...]:
    """The draft's pieces from salutation to signature, in the letter's own language."""
    signed = words("letter.signed", first_name=draft.first_name, town=draft.town)
    pieces = (draft.salutation, *draft.paragraphs, draft.closing)
    if draft.first_name or draft.town:
        pieces = (*pieces, signed)
    return tuple(piece.in_language(draft.language) for piece in pieces)


@dataclass(frozen=True, slots=True)
class WrittenAddressee:
    """Somebody a letter goes to: name and address lines as they stand on an envelope."""

    id: str
    name: str
    post: tuple[str, ...]
    fax: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter in plain text. ``paragraphs`` holds neither salutation nor closing.

    ``body`` is the whole text with "\\n" line ends: salutation, paragraphs, closing and, where
    given, first name and town. Behind the first paragraph of a short one a line is left empty, for
    a sentence of one's own.
    """

    case: str
    action: str
    language: str
    variant: int
    subject: str
    salutation: str
    paragraphs: tuple[str, ...]
    closing: str
    to: tuple[WrittenAddressee, ...]
    copy_to: tuple[WrittenAddressee, ...]
    is_long: bool = False
    first_name: str = field(default="", repr=False)
    town: str = field(default="", repr=False)

    @property
    def signed(self) -> str:
        """The lines under the closing: first name and town, as far as they were given."""
        return "\n".join(line for line in (self.first_name, self.town) if line)

    @property
    def body(self) -> str:
        """The whole letter as it goes into an e-mail."""
        first, *others = self.paragraphs
        first = first if self.is_long else first + OWN_LINE
        parts = (self.salutation, first, *others, self.closing, self.signed)
        return "\n\n".join(part for part in parts if part)


def spoken_to(campaign: Campaign, case: str, action: LetterAction, language: str) -> str:
    """The language in which the letter is offered to somebody who speaks that one."""
    addressee: Addressee | None = campaign.addressees.get(action.to[0])
    reads = (addressee.reads if addressee else None) or language
    return campaign.nearest(case, action.id, reads, language)


def angles(action: LetterAction, *, long: bool = False) -> list[list[str]]:
    """The letters that there are, each by its paragraphs; one only where it is the long one."""
    return [action.paragraphs] if long or not action.angles else list(action.angles.values())


def _product(campaign: Campaign, case: str, paragraphs: list[str]) -> int:
    return prod(campaign.variants.get(f"{case}.letter.{one}", 1) for one in paragraphs)


def versions(campaign: Campaign, case: str, action: LetterAction, *, long: bool = False) -> int:
    """How many numbers of letters there are: as many for each angle as the richest one has."""
    found = angles(action, long=long)
    return len(found) * max(_product(campaign, case, paragraphs) for paragraphs in found)


def number(campaign: Campaign, case: str, action: LetterAction, counted: int) -> int:
    """Which of all versions ``seed + variant * STRIDE`` comes to; as a seed it gives the same."""
    return counted % versions(campaign, case, action)


def draft(
    campaign: Campaign,
    case: str,
    action: LetterAction,
    language: str,
    *,
    seed: int,
    variant: int = 0,
    first_name: str = "",
    town: str = "",
    long: bool = False,
    unconfirmed: str = "",
) -> Draft:
    """The letter number ``variant`` of a supporter; the same supporter gets the same one again.

    Walks through all versions before one comes twice, where each angle has as many: the number is
    read in a mixed base, one digit for the angle and one a paragraph. ``long``: as it goes by post.
    ``unconfirmed``: since when nobody has confirmed that the person is still detained.
    """
    rest = (seed + variant * STRIDE) % versions(campaign, case, action, long=long)
    found = angles(action, long=long)
    rest, angle = divmod(rest, len(found))
    paragraphs = []
    for paragraph in found[angle]:
        key = f"{case}.letter.{paragraph}"
        rest, version = divmod(rest, campaign.variants.get(key, 1))
        paragraphs.append(words(f"{key}.{version}", unconfirmed=unconfirmed))
    return Draft(
        case=case,
        action=action.id,
        language=language,
        variant=variant,
        subject=words(f"{case}.letter.subject.{action.id}"),
        salutation=words(f"addressees.{action.to[0]}.salutation"),
        paragraphs=tuple(paragraphs),
        closing=words(f"addressees.{action.to[0]}.closing"),
        is_long=long or not action.angles,
        first_name=first_name,
        town=town,
    )
