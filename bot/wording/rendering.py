"""Words → text, for one language and one kind of markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import structlog
from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup as Safe

from bot.campaign.content import Campaign, Structure
from bot.campaign.languages import may_lack
from bot.campaign.letters import Draft, Letter
from bot.campaign.messages import (
    Button,
    Choice,
    Link,
    Markup,
    Message,
    PassOn,
    Rendered,
    RenderedButton,
    Value,
    Words,
    words,
)
from bot.wording import markup as light
from bot.wording.direction import directed, is_right_to_left, isolated
from bot.wording.templates import Org, Several, compiled, environment
from bot.wording.writing import Speak, write_letter

log = structlog.get_logger(__name__)

CACHED_TEXTS = 8192
LENT = "language.lent"
"""The line below a screen that is said in another language, for want of a text."""
SHORT = ".short"
"""Behind the key of a label: its short form."""
# Stands where a text is missing in every language: a channel refuses an empty message or label.
NOTHING_WRITTEN = "…"


class WordingError(Exception):
    """A text that cannot be given. Says which and why, never what a supporter typed."""

    def __init__(self, key: str, language: str, reason: str) -> None:
        super().__init__(f"{language}: {key}: {reason}")
        self.key = key
        self.language = language
        self.reason = reason


class MissingText(WordingError):
    """No such text in that language."""


Filler = Callable[[Mapping[str, Any]], str]


@dataclass(slots=True)
class _Text:
    """A text of the content, taken apart and compiled when it is first needed."""

    source: str
    parsed: light.Parsed | None = None
    fillers: dict[Markup, Filler] = field(default_factory=dict)


class Wording:
    """All texts of the campaign, ready to be rendered. Never changes; safe to use in threads."""

    def __init__(self, structure: Structure, texts: Mapping[str, Mapping[str, str]]) -> None:
        self.languages = tuple(structure.written)
        self._spoken_languages = {one.code: one for one in structure.spoken}
        self._instead = {code: structure.instead(code) for code in self.languages}
        self._texts = {
            language: {key: _Text(source) for key, source in texts.get(language, {}).items()}
            for language in self.languages
        }
        known = {key for of_language in self._texts.values() for key in of_language}
        self._lacks = {code: known - of.keys() for code, of in self._texts.items()}
        self._org = Org.of(structure.organisation)
        self._environments: dict[tuple[str, Markup], ImmutableSandboxedEnvironment] = {}
        self._public = frozenset(_strings(structure.model_dump(mode="python")))
        self._remembered = lru_cache(maxsize=CACHED_TEXTS)(self._spoken)

    def render(
        self,
        message: Message,
        language: str,
        markup: Markup,
        replaces: str = "",
        say: Speak | None = None,
    ) -> Rendered:
        """The message as a channel sends it. ``replaces`` counts only where it asks for that.
        ``say`` speaks instead of ``text``, for whoever wants no other language said for it."""
        say = say or self.text
        text = say(message.text, language, markup)
        if message.banner is not None:
            text = f"{say(message.banner, language, markup)}\n\n{text}"
        if message.foot is not None:
            text = f"{text}\n\n{say(message.foot, language, markup)}"
        if lent := self.lent(message, language):
            text = f"{text}\n\n{say(lent, language, markup)}"
        pieces = (say(piece, language, "plain") for piece in message.block)
        return Rendered(
            text=text,
            language=language,
            block="\n\n".join(piece for piece in pieces if piece),
            buttons=tuple(
                tuple(self._button(button, language, say) for button in row)
                for row in message.buttons
            ),
            replaces=replaces if message.in_place else "",
            attachment=message.attachment,
        )

    def lent(self, message: Message, language: str) -> Words | None:
        """The line that tells in which other language this screen is said, in part or as a whole;
        None where it is not, or where the language has no such line."""
        if not self._lacks.get(language) or not self.has(LENT, language):
            return None
        shown = (part for part in (message.text, message.banner, message.foot) if part is not None)
        missing = next((key for part in shown for key in self._borrowed(part, language)), "")
        if not missing:
            return None
        return words(LENT, shown=self._lends(language, missing) or self.languages[0])

    def _borrowed(self, said: Words, language: str) -> Iterator[str]:
        """The keys of its texts that another language lends."""
        if said.language:
            return
        if said.key in self._lacks[language]:
            yield said.key
            return
        for _, value in said.values:
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Words):
                    yield from self._borrowed(one, language)

    def speaking(self, language: str, key: str) -> tuple[str, ...]:
        """The languages in which that text may be said to somebody who speaks this one, the nearest
        first; only the language itself where it has to have it."""
        of_content = self._spoken_languages.get(language)
        if of_content is None or not may_lack(of_content, key):
            return (language,)
        return tuple(dict.fromkeys((language, self._instead[language], self.languages[0])))

    def _lends(self, language: str, key: str) -> str:
        """The language in which that text is said to somebody who speaks this one; "" where there
        is none."""
        return next((one for one in self.speaking(language, key) if self.has(key, one)), "")

    def text(self, words: Words, language: str, markup: Markup) -> str:
        """The text in that markup. A missing one is said in the first language, and logged; where
        the language may lack it, in the one that is spoken instead."""
        # Only what stands in the content is remembered: never anything that a supporter typed.
        if self._is_public(words):
            return self._remembered(words, language, markup)
        return self._spoken(words, language, markup)

    def strictly(self, words: Words, language: str, markup: Markup) -> str:
        """The same without any fallback, even to a language that may lend it. Raises
        WordingError."""
        return self.fill(words, words.language or language, markup, self.strictly)

    def fill(
        self,
        words: Words,
        language: str,
        markup: Markup,
        nested: Speak,
    ) -> str:
        """The text of exactly that language; ``nested`` gives the words among its values.

        Raises WordingError.
        """
        text = self._texts.get(language, {}).get(words.key)
        if text is None:
            raise MissingText(words.key, language, "there is no such text")
        values = {
            name: self._value(value, language, markup, nested) for name, value in words.values
        }
        try:
            filler = text.fillers.get(markup) or self._compile(text, language, markup)
            filled = filler(values)
            if is_right_to_left(language):
                return directed(filled, tags=markup != "plain")
            return filled
        except WordingError:
            raise
        except TemplateError as error:
            raise WordingError(words.key, language, error.message or "not filled in") from error
        except Exception as error:
            # A text is a small program of its own, and fails in its own ways; a supporter gets the
            # other language. The error's own message may hold the value: only its kind is told.
            reason = f"a value does not fit its filter ({type(error).__name__})"
            raise WordingError(words.key, language, reason) from error

    def write(self, draft: Draft, campaign: Campaign) -> Letter:
        """The letter of a draft, in plain text. Raises LookupError where content has none such."""
        return write_letter(self.text, draft, campaign)

    def texts(self, language: str, under: str) -> dict[str, str]:
        """All plain texts below a key that take no values (command menus, page labels).

        The names are what follows ``under`` and a dot; what a language lacks comes from the one
        that is spoken instead.
        """
        prefix = under + "."
        lending = (self.languages[0], self._instead.get(language, self.languages[0]), language)
        keys = {
            key: text
            for one in lending
            for key, text in self._texts.get(one, {}).items()
            # A short form is each language's own affair.
            if one == language or not key.endswith(SHORT)
        }
        return {
            key.removeprefix(prefix): self.text(Words(key), language, "plain")
            for key, text in keys.items()
            if key.startswith(prefix) and not light.looks_dynamic(text.source)
        }

    def has(self, key: str, language: str) -> bool:
        """Whether that language has the text itself."""
        return key in self._texts.get(language, {})

    def is_said(self, key: str, language: str) -> bool:
        """Whether somebody who speaks that language is told it: in it, or in one that lends it."""
        return any(self.has(key, one) for one in self.speaking(language, key))

    def _button(self, button: Button, language: str, say: Speak) -> RenderedButton:
        def said(value: Words | str) -> str:
            return value if isinstance(value, str) else say(value, language, "plain")

        label = say(button.label, language, "plain")
        short = self.short(button.label, language, say)
        if isinstance(button, Choice):
            return RenderedButton(label, data=button.data, short=short)
        if isinstance(button, Link):
            query = [(name, said(value)) for name, value in button.query]
            return RenderedButton(label, url=_with_query(button.url, query), short=short)
        if isinstance(button, PassOn):
            return RenderedButton(label, card=button.card, short=short)
        return RenderedButton(label, copy=said(button.text), short=short)

    def short(self, label: Words, language: str, say: Speak | None = None) -> str:
        """What stands on a button where its label is too long; "" where the content has none."""
        key, wanted = label.key + SHORT, label.language or language
        # Of the language that the label itself is in.
        spoken = self._lends(wanted, label.key) or wanted
        if not self.has(key, spoken):
            return ""
        return (say or self.text)(Words(key, label.values, spoken), spoken, "plain")

    def _is_public(self, words: Words) -> bool:
        for _, value in words.values:
            if isinstance(value, str):
                if value not in self._public:
                    return False
            elif isinstance(value, Words):
                if not self._is_public(value):
                    return False
            elif isinstance(value, tuple) and not all(map(self._is_public, value)):
                return False
        return True

    def _spoken(self, words: Words, language: str, markup: Markup) -> str:
        wanted = words.language or language
        lending = self.speaking(wanted, words.key)
        for spoken in dict.fromkeys((*lending, self.languages[0])):
            try:
                return self.fill(words, spoken, markup, self.text)
            except MissingText as error:
                if len(lending) == 1 or spoken == self.languages[0]:
                    self._tell(error, spoken)
            except WordingError as error:
                self._tell(error, spoken)
        return NOTHING_WRITTEN

    def _tell(self, error: WordingError, spoken: str) -> None:
        log.error("wording_missing", key=error.key, language=spoken, reason=error.reason)

    def _value(
        self,
        value: Value,
        language: str,
        markup: Markup,
        nested: Speak,
    ) -> object:
        if isinstance(value, Words):
            said = nested(value, language, markup)
            if value.language and is_right_to_left(language) > is_right_to_left(value.language):
                said = isolated(said)
            return _rendered(said, markup)
        if isinstance(value, tuple):
            return Several(_rendered(nested(one, language, markup), markup) for one in value)
        return value

    def _compile(self, text: _Text, language: str, markup: Markup) -> Filler:
        if text.parsed is None:
            text.parsed = light.parse(text.source, language)
        source = light.emit(text.parsed, markup)
        filler = (
            _filler(self._template(source, language, markup).render, self._org)
            if text.parsed.dynamic
            else _constant(source)
        )
        text.fillers[markup] = filler
        return filler

    def _template(self, source: str, language: str, markup: Markup) -> Template:
        code = compiled(source, language, markup)
        made = self._environment(language, markup)
        return made.template_class.from_code(made, code, made.make_globals(None))

    def _environment(self, language: str, markup: Markup) -> ImmutableSandboxedEnvironment:
        made = self._environments.get((language, markup))
        if made is None:
            made = self._environments[language, markup] = environment(language, markup, self._org)
        return made


def _with_query(url: str, query: Sequence[tuple[str, str]]) -> str:
    if not query:
        return url
    joint = "&" if "?" in url else "?"
    return url + joint + urlencode(query, quote_via=quote, safe="", errors="replace")


def _rendered(text: str, markup: Markup) -> str:
    """A text that is in its markup already: it is not escaped a second time."""
    return text if markup == "plain" else Safe(text)  # noqa: S704 - made by a template of ours


def _filler(render: Callable[[Mapping[str, Any]], str], org: Org) -> Filler:
    def fill(values: Mapping[str, Any]) -> str:
        text = render({**values, "org": org}).strip()
        while "\n\n\n" in text:  # left by branches that were not taken
            text = text.replace("\n\n\n", "\n\n")
        return text

    return fill


def _constant(text: str) -> Filler:
    return lambda values: text


def _strings(part: object) -> set[str]:
    if isinstance(part, str):
        return {str(part)}
    if isinstance(part, dict):
        return set().union(*(_strings(piece) for pair in part.items() for piece in pair))
    if isinstance(part, list | tuple):
        return set().union(*map(_strings, part))
    return set()


ContentNow = Callable[[], tuple[Campaign, Wording]]
"""Content and texts of this moment: they can change while the bot runs."""
