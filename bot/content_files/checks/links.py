"""Links that a channel does not open, and markup that was meant and is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.wording import link_targets

# Telegram turns mailto: into a wrong web address without a word, and refuses tel: and localhost.
_OTHER_SCHEME = re.compile(r"\b(mailto|tel|sms|javascript|data|ftp|file):", re.IGNORECASE)
_TARGET = re.compile(r"(?P<scheme>https?|tg)://(?P<host>[^/?#\s]*)", re.IGNORECASE)
_BARE = re.compile(r"(?:https?|tg)://[^\s)\]»]+", re.IGNORECASE)


def check(content: Checked) -> Iterator[Problem]:
    """Every link in every text."""
    for language, texts in content.texts.items():
        for key, source in texts.sources.items():
            if ":" in source or "](" in source:
                for start, text, remedy in _links(source, language):
                    yield content.in_text(
                        language, key, text, remedy, line=source.count("\n", 0, start) + 1
                    )


def _links(source: str, language: str) -> Iterator[tuple[int, str, str]]:
    reported: set[str] = set()
    for match in _OTHER_SCHEME.finditer(source):
        scheme = match.group(1).lower()
        follows = source[match.end() : match.end() + 1]
        if follows and not follows.isspace() and scheme not in reported:
            reported.add(scheme)
            yield (
                match.start(),
                f'a link "{scheme}:" does not work in the chat',
                "write the address as text, or offer a button that copies it",
            )
    targets = [*link_targets(source, language), *_BARE.findall(source)]
    for target in dict.fromkeys(targets):
        if target.startswith("{{") or _OTHER_SCHEME.match(target):
            continue
        start = max(source.find(target), 0)
        parts = _TARGET.match(target)
        if parts is None:
            yield start, f'"{target}" is no web address', "begin it with https://"
        elif parts["scheme"].lower() != "tg" and "{" not in parts["host"]:
            host = parts["host"].rpartition("@")[2].partition(":")[0]
            if "." not in host.strip("."):
                yield start, f'"{target}" leads to no host on the web', "a host has a dot in it"
