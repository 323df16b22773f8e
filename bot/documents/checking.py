"""What documents and cards need of the content: labels, and letters that the fonts hold."""

from __future__ import annotations

from collections.abc import Iterator

from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.documents.typesetting import missing_glyphs

LABELS = (
    *(
        f"documents.letter.{name}"
        for name in ("file", "dated", "subject", "copy_to", "copy_mark", "sent_to", "fax")
    ),
    *(
        f"documents.card.{name}"
        for name in ("file", "title", "recipient", "forwarded", "stamp", "own_words", "town")
    ),
    *(f"documents.poster.{name}" for name in ("file", "title", "call", "qr_alt")),
    *(f"documents.name_card.{name}" for name in ("file", "alt")),
    "documents.qr.file",
    "surprises.no_document",
    # Cards of inline mode, which no screen shows.
    *("inline.title", "inline.about", "inline.card", "buttons.read_and_act"),
)
# What stands on paper besides the labels, by the beginning or a part of its key.
PRINTED = ("addressees.", "documents.")
NAMES = ("name", "full_name", "chinese_name")
PRINTED_OF_A_CASE = ("letter", "name_card", "poster", "support.words")


def check(content: Checked) -> Iterator[Problem]:
    """Labels that no language has, then characters that no font has."""
    yield from _labels(content)
    # Typst is asked once for everything; what is missing, if anything, is then looked for.
    if missing_glyphs("\n".join(_everything(content))):
        yield from _facts(content)
        yield from _texts(content)


def _everything(content: Checked) -> Iterator[str]:
    campaign = content.campaign
    for case in campaign.cases.values():
        yield from (getattr(case, field) for field in NAMES)
    for addressee in campaign.addressees.values():
        yield from addressee.post
    yield campaign.organisation.name
    for texts in content.texts.values():
        yield from (text for key, text in texts.sources.items() if _is_printed(content, key))


def _texts(content: Checked) -> Iterator[Problem]:
    for language, texts in content.texts.items():
        for key, source in texts.sources.items():
            if _is_printed(content, key) and (missing := missing_glyphs(source)):
                yield content.in_text(language, key, *_told(missing))


def _labels(content: Checked) -> Iterator[Problem]:
    first = content.campaign.languages[0]
    cases = content.campaign.cases
    whole = [one.code for one in content.campaign.spoken if not one.partial]
    printed = [f"{case_id}.{name}" for case_id in cases for name in ("name_card", "poster")]
    for key in (*LABELS, *printed):
        if not any(content.wording.has(key, language) for language in whole):
            yield content.in_text(
                first, key, "no text in any language", "write it in each language"
            )


def _facts(content: Checked) -> Iterator[Problem]:
    campaign = content.campaign
    for case_id, case in campaign.cases.items():
        for field in NAMES:
            if missing := missing_glyphs(getattr(case, field)):
                yield content.at(("cases", case_id, field), *_told(missing))
    for addressee_id, addressee in campaign.addressees.items():
        for n, line in enumerate(addressee.post):
            if missing := missing_glyphs(line):
                yield content.at(("addressees", addressee_id, "post", n), *_told(missing))
    if missing := missing_glyphs(campaign.organisation.name):
        yield content.at(("organisation", "name"), *_told(missing))


def _is_printed(content: Checked, key: str) -> bool:
    case_id, _, rest = key.partition(".")
    return key.startswith(PRINTED) or (
        case_id in content.campaign.cases and rest.startswith(PRINTED_OF_A_CASE)
    )


def _told(missing: set[str]) -> tuple[str, str]:
    shown = " ".join(f"{cluster} (U+{ord(cluster[0]):04X})" for cluster in sorted(missing))
    return f"no font of the documents has {shown}", "write it with other characters"
