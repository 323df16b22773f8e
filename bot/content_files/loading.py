"""content/ → a campaign and its wording, or every problem at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.campaign.bare_words import bare
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign, Structure
from bot.campaign.messages import words
from bot.campaign.scenes.safety import ANSWERS
from bot.campaign.scenes.welcome import HELLO
from bot.content_files.checks import CHECKS, QUICK, Check
from bot.content_files.checks.content import Checked
from bot.content_files.explaining import validated
from bot.content_files.messages import read_texts
from bot.content_files.named_files import read_files
from bot.content_files.problems import Problem
from bot.content_files.reading import read
from bot.content_files.territories import territories
from bot.content_files.versions import taking_turns, unwritten, variants
from bot.wording import Wording

STRUCTURE = "cases.yaml"
MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a content directory holds. Both parts are there unless a file could not be read."""

    campaign: Campaign | None
    wording: Wording | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the content from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What staff should look at."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @property
    def valid(self) -> bool:
        """Whether it can be used."""
        return self.campaign is not None and self.wording is not None and not self.errors

    def report(self) -> str:
        """The problems, one a line, errors first."""
        return "\n".join(map(str, (*self.errors, *self.warnings)))


class ContentError(Exception):
    """The content cannot be used; the message is the report."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__(loaded.report())
        self.loaded = loaded


def load(
    directory: str | os.PathLike[str],
    channels: Sequence[Capabilities],
    *,
    today: date | None = None,
    more_checks: Iterable[Check] = (),
    thorough: bool = True,
) -> Loaded:
    """Read, check and prepare a content directory. Never raises for what stands in it.

    ``channels``: what those can do that the screens are held against. ``more_checks``: what a
    later room wants checked besides (glyphs that no font has).
    ``thorough``: False leaves out what walks through the screens, for content that is proven.
    """
    root = Path(directory)
    shown = root.as_posix()
    document = read(root / STRUCTURE, f"{shown}/{STRUCTURE}")
    structure = None if document.broken else validated(document)
    problems = list(document.problems)
    languages = structure.written if structure else _directories(root / MESSAGES)
    texts = {
        language: read_texts(root / MESSAGES / language, f"{shown}/{MESSAGES}/{language}", language)
        for language in languages
    }
    problems += [problem for one in texts.values() for problem in one.problems]
    if structure is None:
        return Loaded(None, None, _in_order(problems))
    counts = variants(structure, texts)
    wording = Wording(
        structure, {language: taking_turns(one, counts) for language, one in texts.items()}
    )
    campaign = _campaign(structure, wording, counts, read_files(root, structure))
    checked = Checked(
        # What is not offered yet is checked as well.
        campaign=campaign.trying(*campaign.written),
        wording=wording,
        document=document,
        texts=texts,
        messages=f"{shown}/{MESSAGES}",
        directories=_directories(root / MESSAGES),
        today=today or date.today(),
        channels=channels,
    )
    for check in (*CHECKS, *more_checks) if thorough else QUICK:
        problems += check(checked)
    if thorough and checked.stuck and not any(problem.severity == "error" for problem in problems):
        problems.append(_stuck(checked))
    return Loaded(campaign, wording, _in_order(problems))


def load_valid(
    directory: str | os.PathLike[str], channels: Sequence[Capabilities]
) -> tuple[Campaign, Wording]:
    """The campaign and its wording. Raises ContentError with the whole report."""
    loaded = load(directory, channels)
    if loaded.campaign is None or loaded.wording is None or loaded.errors:
        raise ContentError(loaded)
    return loaded.campaign, loaded.wording


def _stuck(checked: Checked) -> Problem:
    return Problem(
        checked.document.place(()),
        f"not every screen can be reached: {checked.stuck[:200]}",
        "this should not happen: please report it with your content",
    )


def _campaign(
    structure: Structure,
    wording: Wording,
    counts: Mapping[str, int],
    files: Mapping[str, bytes],
) -> Campaign:
    signed = {
        (petition, language): wording.text(words(f"petitions.{petition}.text"), language, "plain")
        for petition in structure.petitions
        for language in structure.written
        if wording.is_said(f"petitions.{petition}.text", language)
    }
    agreed = {
        language: wording.text(words("updates.screen", taken=0), language, "plain")
        for language in structure.written
        if wording.is_said("updates.screen", language)
    }
    signing = {
        language: wording.text(words("petition.consent"), language, "plain")
        for language in structure.written
        if wording.is_said("petition.consent", language)
    }
    return Campaign(
        **dict(structure),
        variants=counts,
        unwritten=unwritten(structure, wording, counts),
        petition_texts=signed,
        petition_hashes={which: _hash(text) for which, text in signed.items()},
        consent_texts=agreed,
        consent_hashes={language: _hash(text) for language, text in agreed.items()},
        signing_texts=signing,
        signing_hashes={language: _hash(text) for language, text in signing.items()},
        heard=_heard(structure, wording),
        phrases=_phrases(structure, wording),
        territories={language: territories(language) for language in structure.written},
        files=files,
    )


def _heard(structure: Structure, wording: Wording) -> dict[str, str]:
    """The labels under the question of safety, and greetings: what people type in their place."""
    heard: dict[str, str] = {}
    for language in structure.written:
        for answer in ANSWERS:
            if wording.has(f"buttons.risk_{answer}", language):
                label = wording.text(words(f"buttons.risk_{answer}"), language, "plain")
                heard.setdefault(bare(label), answer)
        if wording.has("welcome.greetings", language):
            listed = wording.text(words("welcome.greetings"), language, "plain")
            heard.update({bare(one): HELLO for one in listed.split(",") if bare(one)})
    return heard


def _phrases(structure: Structure, wording: Wording) -> dict[str, dict[str, tuple[str, ...]]]:
    """What people type, parted by commas: by language and meaning."""
    return {
        language: {
            meaning: tuple(
                wording.text(words(f"typed.{meaning}.says"), language, "plain").split(",")
            )
            for meaning in structure.typed
            if wording.has(f"typed.{meaning}.says", language)
        }
        for language in structure.written
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _directories(messages: Path) -> list[str]:
    if not messages.is_dir():
        return []
    return sorted(
        one.name for one in messages.iterdir() if one.is_dir() and not one.name.startswith(".")
    )


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (one.place, one.severity)))
