"""What a platform shows of the bot itself: within its bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from bot.campaign.messages import words
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.wording import WordingError


def check(content: Checked) -> Iterator[Problem]:
    """Each text in each language on each channel that has a profile."""
    for able in content.channels:
        for field, most in asdict(able.profile).items() if able.profile else ():
            key = f"profile.{field}"
            for language in content.texts:
                try:
                    text = content.strict(words(key), language, "plain")
                except WordingError:  # left out, or told with all that cannot be filled in
                    continue
                if able.length(text) > most:
                    kind = f"too long: {able.length(text)} characters"
                    yield content.in_text(language, key, kind, f"{able.channel} takes {most}")
