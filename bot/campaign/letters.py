"""A letter: which paragraphs, in which version, to whom. The words come from the content.

``draft`` decides with keys only; ``wording.write`` turns a Draft into a Letter, which is plain
text and what every form of sending (chat, e-mail, PDF, page) is made from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.campaign.content import Campaign, LetterAction
from bot.campaign.messages import Words, words

# A multiplier that is prime to every small number of versions: neighbours look unlike each other.
STRIDE = 7919


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
    given, first name and town.
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
    first_name: str = field(default="", repr=False)
    town: str = field(default="", repr=False)

    @property
    def signed(self) -> str:
        """The lines under the closing: first name and town, as far as they were given."""
        return "\n".join(line for line in (self.first_name, self.town) if line)

    @property
    def body(self) -> str:
        """The whole letter as it goes into an e-mail."""
        parts = (self.salutation, *self.paragraphs, self.closing, self.signed)
        return "\n\n".join(part for part in parts if part)


def versions(campaign: Campaign, case: str, action: LetterAction) -> int:
    """How many different letters the versions of the paragraphs make."""
    total = 1
    for paragraph in action.paragraphs:
        total *= campaign.variants.get(f"{case}.letter.{paragraph}", 1)
    return total


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
) -> Draft:
    """The letter number ``variant`` of a supporter; the same supporter gets the same one again.

    Walks through all versions before one comes twice: the number is read in a mixed base, one
    digit a paragraph.
    """
    rest = number(campaign, case, action, seed + variant * STRIDE)
    paragraphs = []
    for paragraph in action.paragraphs:
        key = f"{case}.letter.{paragraph}"
        rest, version = divmod(rest, campaign.variants.get(key, 1))
        paragraphs.append(words(f"{key}.{version}"))
    return Draft(
        case=case,
        action=action.id,
        language=language,
        variant=variant,
        subject=words(f"{case}.letter.subject.{action.id}"),
        salutation=words(f"addressees.{action.to[0]}.salutation"),
        paragraphs=tuple(paragraphs),
        closing=words(f"addressees.{action.to[0]}.closing"),
        first_name=first_name,
        town=town,
    )
