"""The texts of a language as a PO file: each with its key, what it says, and what must stay.

PO (https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html) is read by every tool for
translators and by web services for them; a text's key is its context.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po
from jinja2 import TemplateSyntaxError

from bot import __version__
from bot.campaign.content import Campaign
from bot.campaign.languages import STAFF_TEXTS
from bot.content_files.messages import Texts
from bot.wording import template_names
from bot.wording.markup import JINJA
from bot.wording.rendering import SHORT

FIRST = ("language", "welcome", "buttons", "story", "actions")
"""What a supporter meets first; the cases and what one does for them come behind it."""
SECOND = (
    *("letter", "addressees", "safety", "petition", "petitions", "countries", "support", "post"),
    *("documents", "compose", "web", "share", "help", "surprises", "commands"),
)
_CODE = re.compile(r"https?://\S+|/[a-z]{3,}\b")


class NoCatalogue(ValueError):
    """A file that is no PO file; says what was found."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A text as it came back: under its key, what it was translated from, and what it says now."""

    key: str
    source: str
    text: str
    line: int = 0
    is_unsure: bool = False


def in_order(campaign: Campaign, keys: Iterable[str]) -> list[str]:
    """The keys, those first that a supporter meets first; what staff read comes last."""
    files = [*FIRST, *campaign.cases, *SECOND]
    places = {file: place for place, file in enumerate(files)}
    last = {file: len(files) + 1 for file in STAFF_TEXTS}

    def place(key: str) -> int:
        file = key.partition(".")[0]
        return last.get(file, places.get(file, len(files)))

    return sorted(keys, key=place)


def exported(
    campaign: Campaign, source: Texts, target: Texts, limits: Mapping[str, int], now: datetime
) -> bytes:
    """The PO file: every text of ``source``, with what ``target`` has of it.

    ``limits``: how many characters a text may have, by the first part of its key.
    """
    catalogue = Catalog(
        locale=target.language,
        project=campaign.organisation.name,
        creation_date=now,
        revision_date=now,
        version=__version__,
        msgid_bugs_address=campaign.organisation.email or campaign.organisation.website,
        header_comment=HEADER.format(source=source.language, target=target.language),
        fuzzy=False,
    )
    for key in in_order(campaign, wanted(source, target)):
        place = source.places[key]
        message = catalogue.add(
            source.sources[key],
            target.sources.get(key, ""),
            locations=[(place.file, place.line)],
            auto_comments=list(_told(key, source.sources[key], limits)),
            context=key,
        )
        message.flags.clear()  # braces and percent signs are no program's here
    written = io.BytesIO()
    write_po(written, catalogue, width=100)
    return written.getvalue()


HEADER = """\
# From "{source}" to "{target}". Keep what stands in {{{{ … }}}} and {{% … %}} and the signs ** and
# * as they are; in plural(n, one="…", other="…") write the forms that your language has (zero,
# one, two, few, many, other). What you leave empty is said in another language. Mark what you are
# not sure of as "fuzzy" ("needs work"): it is not taken over."""


def wanted(source: Texts, target: Texts) -> list[str]:
    """The keys to translate, in the order of the files; short forms where a language has them."""
    short = [
        key
        for key in target.sources
        if key.endswith(SHORT) and key.startswith("buttons.") and key in source.sources
    ]
    return [
        key
        for key in source.sources
        if not (key.startswith("buttons.") and key.endswith(SHORT)) or key in short
    ]


def _told(key: str, text: str, limits: Mapping[str, int]) -> Iterator[str]:
    """What a translator has to know of a text."""
    file = key.partition(".")[0]
    if file in STAFF_TEXTS:
        yield "Only staff read this: it may be left out."
    if most := limits.get(file):
        yield f"{most} characters at most."
    if kept := sorted(printed(text)):
        yield "Is filled in: " + ", ".join(f"{{{{ {name} }}}}" for name in kept)
    if code := sorted(set(_CODE.findall(JINJA.sub("", text)))):
        yield "Stays as it is: " + ", ".join(code)
    if (file == "typed" and key.endswith(".says")) or key == "welcome.greetings":
        yield "What people type, parted by commas: write what they say in your language."


def printed(text: str) -> frozenset[str]:
    """The names of the values that a text shows. Conditions may come and go with a language."""
    shown = " ".join(part for part in JINJA.findall(text) if part.startswith("{{"))
    try:
        return template_names(shown)
    except TemplateSyntaxError:
        return frozenset()


def read(content: bytes) -> list[Entry]:
    """What a translator sent back. Raises NoCatalogue."""
    try:
        catalogue = read_po(_lines(content), abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise NoCatalogue(str(error) or type(error).__name__) from error
    found = [
        Entry(
            message.context,
            str(message.id),
            str(message.string),
            message.lineno or 0,
            message.fuzzy,
        )
        for message in catalogue
        if message.id and message.context
    ]
    if not found:
        raise NoCatalogue("there is no text with a key (msgctxt) in it")
    return found


def _lines(content: bytes) -> io.BytesIO:
    """Without what programs on Windows put in: a mark at the beginning, other ends of lines."""
    return io.BytesIO(content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))


def language(content: bytes) -> str:
    """The language that the file says it is in; "" where it says none."""
    try:
        locale = read_po(_lines(content)).locale
    except (PoFileError, ValueError):
        return ""
    return locale.language if locale else ""


def moment() -> datetime:
    """When the file is made, to the minute."""
    return datetime.now(UTC).replace(second=0, microsecond=0)
