"""A small, valid content directory of its own, for tests that change or break content.

The texts of the interface are the shipped ones; the people, addressees and petitions are not, so
a change of the campaign's facts breaks no test.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import yaml

from bot.campaign.content import Campaign
from bot.channels.registered import ALL
from bot.content_files import Loaded, load
from bot.wording import Wording

SHIPPED = Path(__file__).parent.parent / "content"
TODAY = date(2026, 3, 1)

CASES = """\
languages: [fr, en]
time_zone: Europe/Paris

sources:
  A0: {title: "A page", published: "2026-01"}

organisation:
  name: Organisation & amis
  address: ["1, rue du Test", 75000 Paris]
  website: https://organisation.example/
  privacy_contact: ["1, rue du Test", 75000 Paris]
  as_of: "2026-01"
  source: A0

addressees:
  minister:
    post: [1 Main Street, Capital]
    fax: "+00 1 23 45"
    email: minister@government.example
    as_of: "2026-01"
    source: A0
  embassy:
    post: [2 Side Street, Paris]
    email: embassy@government.example
    as_of: "2026-01"
    source: A0

petitions:
  freedom:
    state: open
    version: 1
    handed_over:
      {count: 1234, day: "2025-10-07", territories: 12, in_france: 5, as_of: "2025-10", source: A0}
    hand_over: {to: [embassy], when: "spring 2027", decided_by: Organisation & amis}
    milestones: [100]

cases:
  ana:
    state: active
    name: Ana
    full_name: Ana Exemple
    chinese_name: 安娜
    told: "2026"
    other: ben
    petition: freedom
    page: {url: "https://organisation.example/ana", as_of: "2026-01", source: A0}
    confirmed: {by: A page, as_of: "2026-01"}
    video:
      {url: "https://video.example/a", site: video.example, step: who, as_of: "2026-01", source: A0}
    story:
      - {id: who, act: letter, as_of: "2026-01", source: A0}
      - {id: change, act: sign, as_of: "2026-01", source: A0}
    actions:
      - kind: letter
        id: letter
        minutes: 3
        to: [minister]
        copy_to: [embassy]
        paragraphs: [dismay, release]
      - kind: support
        id: support
        minutes: 5
        send_to: [Organisation & amis, "1, rue du Test"]
        as_of: "2026-01"
        source: A0
      - kind: post
        id: post
        minutes: 1
        hashtags: [FreeAna]

  ben:
    state: paused
    name: Ben
    full_name: Ben Exemple
    chinese_name: 本
    told: "2026"
    petition: freedom
    story:
      - {id: who, act: letter, as_of: "2026-01", source: A0}
      - {id: change, act: sign, as_of: "2026-01", source: A0}
    actions:
      - kind: letter
        id: letter
        minutes: 3
        to: [embassy]
        paragraphs: [release]
      - kind: support
        id: support
        minutes: 5
        send_to: [Organisation & amis, "1, rue du Test"]
        as_of: "2026-01"
        source: A0
      - kind: post
        id: post
        minutes: 1

others: []
topics: [cases, actions, events]

donate:
  page: {url: "https://organisation.example/don", as_of: "2026-01", source: A0}
  amounts: [10, 15]
  tax: {percent: 66, as_of: "2026-01", source: A0}

school_groups:
  organiser: Organisation & amis
  url: https://organisation.example/ecole
  as_of: "2026-01"
  source: A0
"""

PERSON = """\
summary: "Somebody whose name is NAME."
story:
  who:
    text: "**NAME** is a *person*."
    call: "Write for NAME."
  change:
    text: "What can change."
    call: "Sign for NAME."
action:
  letter: {title: "Write a letter", about: "To those who decide."}
  support: {title: "Send a card", about: "A few words."}
  post: {title: "Post a message", about: "In public."}
letter:
  subject:
    letter: "Release NAME"
  dismay:
    - "I am dismayed."
    - "I am shocked."
  release:
    - "Release NAME."
    - "Let NAME go."
    - "Free NAME."
support:
  words:
    - "You are not alone."
  about: "Choose a card."
  safety: "Write nothing political."
post:
  - "Free NAME now."
share: "Do you know NAME?"
status:
  paused: "On hold."
  released: "Released."
  died: "NAME has died."
  stopwriting: "Please stop writing."
"""

MESSAGES = {
    "addressees": """\
minister:
  name: "The Minister"
  short: "Minister"
  salutation: "Dear Minister,"
  closing: "Yours respectfully,"
embassy:
  name: "The Embassy"
  short: "Embassy"
  salutation: "Your Excellency,"
  closing: "Yours respectfully,"
""",
    "petitions": """\
freedom:
  title: "Freedom"
  text: "I ask you to free them."
  history: "Handed over on {{ day|day }}: {{ count|number }}, {{ territories }}, {{ in_france }}."
""",
    "ana": PERSON.replace("NAME", "Ana"),
    "ben": PERSON.replace("NAME", "Ben").replace(
        '  dismay:\n    - "I am dismayed."\n    - "I am shocked."\n', ""
    ),
}

# What the shipped files say about the shipped content; all else in them is the interface's.
OWN = {"others": {"intro", "screen", "school"}, "banner": {"screen"}}


class ContentFolder:
    """A content directory that a test may change."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def file(self, name: str) -> Path:
        """A file by its name below the directory: "cases.yaml", "fr/ana.yaml"."""
        return self.path / (name if name == "cases.yaml" else f"messages/{name}")

    def write(self, name: str, text: str) -> None:
        self.file(name).parent.mkdir(parents=True, exist_ok=True)
        self.file(name).write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file; it must stand there (the first one counts)."""
        text = self.file(name).read_text(encoding="utf-8")
        assert old in text, f"{name} holds no {old!r}"
        self.write(name, text.replace(old, new, 1))

    def add(self, name: str, text: str) -> None:
        self.write(name, self.file(name).read_text(encoding="utf-8") + text)

    def load(self) -> Loaded:
        return load(self.path, ALL, today=TODAY)

    def loaded(self) -> tuple[Campaign, Wording]:
        found = self.load()
        assert found.campaign is not None, found.report()
        assert found.wording is not None
        return found.campaign, found.wording

    def report(self) -> list[str]:
        """The problems as staff read them, with file names below the directory."""
        found = self.load().problems
        return [str(problem).replace(f"{self.path.as_posix()}/", "") for problem in found]


def build_content(directory: Path) -> ContentFolder:
    """Write the small content into a directory that does not exist yet."""
    folder = ContentFolder(directory)
    for name, text in _small().items():
        folder.write(name, text)
    return folder


@cache
def _small() -> dict[str, str]:
    """Its files by their names."""
    files = {"cases.yaml": CASES}
    for language in ("fr", "en"):
        for file in sorted((SHIPPED / "messages" / language).glob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            kept = OWN.get(file.stem)
            if kept is not None:
                texts = yaml.safe_load(text)
                held = {name: said for name, said in texts.items() if name in kept}
                text = yaml.safe_dump(held, allow_unicode=True)
            if file.stem not in ("mamat", "akber", "addressees", "petitions"):
                files[f"{language}/{file.name}"] = text
        files |= {f"{language}/{name}.yaml": text for name, text in MESSAGES.items()}
    return files


def at(content: ContentFolder, name: str, sign: str) -> str:
    """Where something stands in a file, as a report writes it."""
    text = content.file(name).read_text(encoding="utf-8")
    assert text.count(sign) == 1, f"{name} holds {sign!r} {text.count(sign)} times"
    before = text[: text.index(sign)]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    path = content.file(name).relative_to(content.path).as_posix()
    return f"{path}:{line}:{column}"
