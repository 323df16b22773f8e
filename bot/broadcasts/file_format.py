"""A broadcast written in a YAML file: read and checked as content is, with line, column, remedy.

See docs/broadcasts.md for the format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import MOST_LEADS, Attached, Broadcast, Lead
from bot.campaign.broadcast_rules.checking import Fault, faults
from bot.campaign.broadcast_rules.timing import read_time
from bot.campaign.capabilities import Capabilities
from bot.campaign.channel import Made
from bot.campaign.content import Campaign
from bot.campaign.markup import plain, write
from bot.campaign.markup import read as read_markup
from bot.campaign.visible import shows
from bot.content_files.problems import Problem, did_you_mean
from bot.content_files.reading import Address, Document, read
from bot.store.broadcasts.files import digest
from bot.wording.typography import typeset

NAMES = (
    *("title", "topic", "texts", "picture", "document", "buttons", "audience", "at"),
    *("when_unknown", "canary", "quiet_hours", "paid"),
)
_LINE_END = re.compile(r"[ \t]*\n[ \t]*")
LARGEST = {"picture": 10_000_000, "document": 50_000_000}
PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_AUDIENCE = (
    "languages",
    "case",
    "source",
    "signed",
    "done",
    "pledged",
    *("active_days",),
    "rest_hours",
)
_SAID: Mapping[str, tuple[str, str]] = {
    "blank": ("no text", "write one, or delete the line"),
    "no_text": ("there is no text", "write one below texts, for instance fr: …"),
    "too_long": (
        "the text is {number} characters too long",
        "4096 fit, 1024 with a picture or document",
    ),
    "not_translated": ("no text in {where}", "another language stands in for it"),
    "no_topic": ("there is no topic {where}", "use one of topics in cases.yaml"),
    "no_link": ("{where} is no address of the web", "begin it with https://"),
    "label": ('the label "{where}" is empty or too long', "{number} characters fit on a phone"),
    "no_label": ("a link has no label in {where}", "another language stands on it"),
    "no_case": ("there is no case {where}", "use one of cases in cases.yaml"),
    "no_action": ("there is no action {where}", "use the id of one of the case's actions"),
    "closed": ("the case {where} is closed", "the button will lead to the explanation"),
}
_NO_TEXT = _SAID["blank"]
_PLACES: Mapping[str, Address] = {
    "no_topic": ("topic",),
    "no_link": ("buttons",),
    "label": ("buttons",),
    "no_label": ("buttons",),
    "no_case": ("buttons",),
    "no_action": ("buttons",),
    "closed": ("buttons",),
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds; ``broadcast`` is None where errors stand in the way."""

    broadcast: Broadcast | None
    file: Made | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from being used."""
        return tuple(one for one in self.problems if one.severity == "error")


class _Wrong(Exception):
    def __init__(self, address: Address, text: str, remedy: str):
        super().__init__(text)
        self.address, self.text, self.remedy = address, text, remedy


def load(
    path: Path, campaign: Campaign, channels: Sequence[Capabilities], now: datetime
) -> Written:
    """Read the file. Never raises for what stands in it."""
    document = read(path, str(path))
    problems = list(document.problems)
    if document.broken:
        return Written(None, None, tuple(problems))
    reader = _Reader(document, path.parent, campaign, now)
    try:
        broadcast, file = reader.broadcast()
    except _Wrong as wrong:
        problems.append(Problem(document.place(wrong.address), wrong.text, wrong.remedy))
        return Written(None, None, tuple(problems))
    problems += reader.unknown_names()
    problems += [_problem(one, document) for one in faults(broadcast, campaign, channels)]
    stops = any(one.severity == "error" for one in problems)
    return Written(None if stops else broadcast, file, tuple(problems))


def _problem(fault: Fault, document: Document) -> Problem:
    text, remedy = _SAID[fault.what]
    address = _PLACES.get(fault.what, ("texts", fault.where))
    told = {"where": fault.where, "number": fault.number}
    severity: Any = "error" if fault.stops else "warning"
    return Problem(document.place(address), text.format(**told), remedy.format(**told), severity)


class _Reader:
    def __init__(self, document: Document, folder: Path, campaign: Campaign, now: datetime):
        self._document = document
        self._folder = folder
        self._campaign = campaign
        self._now = now
        value = document.value
        self._whole: Mapping[str, Any] = value if isinstance(value, dict) else {}

    def broadcast(self) -> tuple[Broadcast, Made | None]:
        if not self._whole:
            raise _Wrong((), "the file holds no broadcast", "begin with texts: and topic:")
        attached, file = self._file()
        made = Broadcast(
            title=self._title(),
            texts=self._texts(),
            attached=attached,
            leads=tuple(self._leads()),
            audience=self._audience(),
            hold_unknown=self._choice("when_unknown", "send again", ("send again", "hold"))
            == "hold",
            canary=self._switch("canary", default=True),
            quiet=self._switch("quiet_hours", default=True),
            paid=self._switch("paid", default=False),
            at=self._at(),
        )
        return made, file

    def unknown_names(self) -> Iterator[Problem]:
        for name in self._whole:
            if name not in NAMES:
                place = self._document.place((name,), name=True)
                yield Problem(place, f'unknown name "{name}"', did_you_mean(name, NAMES))

    def _text(self, name: str, default: str) -> str:
        value = self._whole.get(name, default)
        if not isinstance(value, str):
            raise _Wrong((name,), f"{name} takes one text", "write it in quotes")
        return value

    def _title(self) -> str:
        title = self._text("title", "")
        if title and not shows(title):
            raise _Wrong(("title",), "title shows nothing", "write a word, or delete the line")
        return title[:60]

    def _choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self._text(name, default)
        if value not in allowed:
            raise _Wrong((name,), f'{name} is "{value}"', did_you_mean(value, allowed))
        return value

    def _switch(self, name: str, *, default: bool) -> bool:
        value = self._whole.get(name, default)
        if not isinstance(value, bool):
            raise _Wrong((name,), f"{name} takes true or false", "write true or false")
        return value

    def _texts(self) -> dict[str, str]:
        written = self._whole.get("texts")
        if not isinstance(written, dict):
            raise _Wrong(("texts",), "there is no text", "write texts: and below it fr: …")
        texts = {}
        for language, text in written.items():
            if language not in self._campaign.languages:
                remedy = did_you_mean(language, self._campaign.languages)
                raise _Wrong(("texts", language), f'nobody reads "{language}"', remedy)
            if not isinstance(text, str) or not shows(text):
                raise _Wrong(("texts", language), *_NO_TEXT)
            if "{{" in text or "{%" in text:
                remedy = "write it out: a broadcast is the same for everybody"
                raise _Wrong(("texts", language), "placeholders mean nothing here", remedy)
            texts[language] = _markup(text, language)
            if not shows(plain(texts[language])):
                raise _Wrong(("texts", language), *_NO_TEXT)
        return texts

    def _file(self) -> tuple[Attached | None, Made | None]:
        for name in ("picture", "document"):
            if name not in self._whole:
                continue
            path = self._folder / self._text(name, "")
            try:
                content = path.read_bytes()
            except OSError as problem:
                remedy = "put it beside this file"
                raise _Wrong((name,), f"{path} cannot be read", remedy) from problem
            media_type = PICTURES.get(path.suffix.lower(), "application/octet-stream")
            if name == "picture" and media_type not in PICTURES.values():
                raise _Wrong((name,), "this is no picture", "use a .jpg or .png file")
            if not content or len(content) > LARGEST[name]:
                remedy = f"{LARGEST[name] // 1_000_000} MB at most"
                raise _Wrong((name,), f"{path.name} is empty or too large", remedy)
            kind: Any = "photo" if name == "picture" else "document"
            attached = Attached(kind=kind, digest=digest(content), name=path.name)
            return attached, Made(path.name, media_type, content)
        return None, None

    def _leads(self) -> Iterator[Lead]:
        written = self._whole.get("buttons", [])
        if not isinstance(written, list) or len(written) > MOST_LEADS:
            raise _Wrong(("buttons",), "buttons takes a list of six at most", 'write "- case: …"')
        for place, one in enumerate(written):
            read = _LEADS.get(next(iter(one), "") if isinstance(one, dict) else "")
            if read is None:
                raise _Wrong(
                    ("buttons", place),
                    "a button is a case, an action or a link",
                    'write "- case: mamat", "- action: mamat letter" or "- link: https://…"',
                )
            yield read(one, self._campaign)

    def _audience(self) -> Audience:
        topic = self._text("topic", self._campaign.topics[0])
        audience = Audience(topic=topic)
        written = self._whole.get("audience", {})
        for name, value in written.items() if isinstance(written, dict) else ():
            address = ("audience", name)
            if name not in _AUDIENCE:
                raise _Wrong(address, f'unknown name "{name}"', did_you_mean(name, _AUDIENCE))
            values = value if isinstance(value, list) else [value]
            for one in values:
                said = (
                    {True: "yes", False: "no"}.get(one, str(one)) if isinstance(one, bool) else one
                )
                try:
                    audience = audience.aimed(name, str(said), self._campaign)
                except ValueError as problem:
                    raise _Wrong(
                        address, f"{name}: {one} will not do", _REMEDIES[name]
                    ) from problem
        return audience

    def _at(self) -> datetime | None:
        written = self._whole.get("at")
        if written is None:
            return None
        try:
            return read_time(str(written), self._campaign.time_zone, self._now)
        except ValueError as problem:
            remedy = 'write it like "2026-12-01 18:30", in quotes'
            raise _Wrong(("at",), f"{written} is no time", remedy) from problem


def _markup(text: str, language: str) -> str:
    """As it is kept: spaces at the ends of lines go, and the language's own signs come."""
    source = _LINE_END.sub("\n", text.strip())
    return write(read_markup(source, partial(typeset, language=language)))


_REMEDIES: Mapping[str, str] = {
    "languages": "use the codes of languages in cases.yaml",
    "case": "use one of cases in cases.yaml",
    "source": "write the code of a poster or link",
    **dict.fromkeys(("signed", "done", "pledged"), 'write "yes" or "no", in quotes'),
    "active_days": "write a number of days",
    "rest_hours": "write a number of hours, 336 at most",
}


def _of_action(one: Mapping[str, Any], campaign: Campaign) -> Lead:
    case, _, action = str(one["action"]).partition(" ")
    return Lead(case=case, action=action.strip() or "?")


def _of_link(one: Mapping[str, Any], campaign: Campaign) -> Lead:
    label = one.get("label", {})
    labels = label if isinstance(label, dict) else {campaign.languages[0]: str(label)}
    return Lead(
        url=str(one["link"]), labels={str(code): str(text) for code, text in labels.items()}
    )


_LEADS: Mapping[str, Callable[[Mapping[str, Any], Campaign], Lead]] = {
    "case": lambda one, campaign: Lead(case=str(one["case"])),
    "action": _of_action,
    "link": _of_link,
}
