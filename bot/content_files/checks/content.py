"""What a check looks at: the content as loaded, where each part stands, and every screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign
from bot.campaign.messages import Copy, Link, Markup, Message, Words
from bot.campaign.screens import every_screen
from bot.content_files.explaining import about
from bot.content_files.messages import Texts
from bot.content_files.problems import Place, Problem, Severity
from bot.content_files.reading import Address, Document
from bot.wording import MissingText, Wording, WordingError

Walk = tuple[tuple[tuple[str, Message], ...], str]
"""Every screen with the way there, and why the walk ended early ("" where it did not)."""


class Strict:
    """A text as supporters get it. Raises WordingError instead of falling back, but where a
    language may lack a text."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._done: dict[tuple[Words, str, Markup], str | WordingError] = {}

    def __call__(self, words: Words, language: str, markup: Markup) -> str:
        """The text; the second time it costs a look-up."""
        wanted = (words, words.language or language, markup)
        done = self._done.get(wanted)
        if done is None:
            done = self._done[wanted] = self._filled(*wanted)
        if isinstance(done, WordingError):
            raise done
        return done

    def _filled(self, words: Words, language: str, markup: Markup) -> str | WordingError:
        missing: WordingError | None = None
        for spoken in self._wording.speaking(language, words.key):
            try:
                return self._wording.fill(words, spoken, markup, nested=self)
            except MissingText as error:
                missing = missing or error
            except WordingError as error:
                return error
        return missing or MissingText(words.key, language, "there is no such text")


@dataclass(frozen=True)
class Checked:
    """Content under check. ``messages`` is the directory of the messages as reports show it;
    ``channels``: what its screens are held against."""

    campaign: Campaign
    wording: Wording
    document: Document
    texts: Mapping[str, Texts]
    messages: str
    directories: Sequence[str]
    today: date
    channels: Sequence[Capabilities]

    @cached_property
    def _walked(self) -> Walk:
        return _walk(self.campaign)

    @property
    def screens(self) -> tuple[tuple[str, Message], ...]:
        """Every screen that can be reached, as far as the content lets it be found."""
        return self._walked[0]

    @property
    def stuck(self) -> str:
        """Why the walk through the screens ended early; empty where it did not."""
        return self._walked[1]

    @cached_property
    def strict(self) -> Strict:
        """Renders without fallbacks, each text once."""
        return Strict(self.wording)

    def explained(self, error: WordingError) -> bool:
        """Whether another check tells the same in better words (missing text, unknown name)."""
        return isinstance(error, MissingText) or error.reason.endswith("is undefined")

    @cached_property
    def said(self) -> Mapping[str, tuple[Words, ...]]:
        """Everything that some screen says, by key; buttons and nested texts included."""
        found: dict[str, dict[Words, None]] = {}
        for _, message in self.screens:
            for spoken in words_of(message):
                found.setdefault(spoken.key, {})[spoken] = None
        return {key: tuple(spoken) for key, spoken in found.items()}

    def at(
        self,
        address: Address,
        text: str,
        remedy: str = "",
        *,
        name: bool = False,
        severity: Severity = "error",
    ) -> Problem:
        """A problem in cases.yaml; the sentence begins with whom it is about."""
        place = self.document.place(address, name=name)
        return Problem(place, about(address, self.document.value) + text, remedy, severity)

    def in_text(
        self,
        language: str,
        key: str,
        text: str,
        remedy: str = "",
        *,
        line: int = 1,
        severity: Severity = "error",
    ) -> Problem:
        """A problem in a text of a language, or with the lack of one."""
        place = self.place_of(language, key).line_of_text(line)
        return Problem(place, f"{key}: {text}", remedy, severity, key)

    def place_of(self, language: str, key: str) -> Place:
        """Where a text stands or should stand."""
        return self.texts[language].place(key, f"{self.messages}/{language}")


# What a campaign takes from the texts, and no screen but by its words.
_OF_TEXTS = {"petition_hashes", "petition_texts", "territories", "files"}
_walks: dict[str, Walk] = {}


def _walk(campaign: Campaign) -> Walk:
    """The walk through the screens; remembered, since most changes touch texts only."""
    structure = campaign.model_dump_json(exclude=_OF_TEXTS)
    if structure not in _walks:
        _walks.clear()
        _walks[structure] = _walked_anew(campaign)
    return _walks[structure]


def _walked_anew(campaign: Campaign) -> Walk:
    found: list[tuple[str, Message]] = []
    try:
        found.extend(every_screen(campaign))
    except (LookupError, ValueError, TypeError, AssertionError) as error:
        # As a rule a reference that leads nowhere, which its own check reports.
        return tuple(found), f"{type(error).__name__}: {error}"
    return tuple(found), ""


def words_of(message: Message, *, labels: bool = True) -> Iterator[Words]:
    """All words of a message, nested ones too; without those of its buttons if so wished."""
    shown = [message.text, *message.block]
    shown += [part for part in (message.banner, message.foot) if part is not None]
    if labels:
        for button in (button for row in message.buttons for button in row):
            shown.append(button.label)
            if isinstance(button, Copy) and isinstance(button.text, Words):
                shown.append(button.text)
            if isinstance(button, Link):
                shown += [value for _, value in button.query if isinstance(value, Words)]
    for spoken in shown:
        yield spoken
        yield from nested_in(spoken)


def nested_in(spoken: Words) -> Iterator[Words]:
    """The words among the values of other words, however deep."""
    for _, value in spoken.values:
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Words):
                yield one
                yield from nested_in(one)
