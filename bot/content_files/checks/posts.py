"""Posts on X: counted as X counts, with the hashtags and the link that go along."""

from __future__ import annotations

from collections.abc import Iterator

from bot.campaign.content import Case, PostAction
from bot.campaign.messages import words
from bot.campaign.x_length import LIMIT, post_length
from bot.content_files.checks.content import Checked
from bot.content_files.checks.translations import version_keys
from bot.content_files.problems import Problem
from bot.wording import WordingError


def check(content: Checked) -> Iterator[Problem]:
    """Every version of every post in each language."""
    for case_id, case in content.campaign.cases.items():
        for action in case.actions:
            if isinstance(action, PostAction):
                for language in content.texts:
                    yield from _posts(content, case_id, case, action, language)


def _posts(
    content: Checked, case_id: str, case: Case, action: PostAction, language: str
) -> Iterator[Problem]:
    for key in version_keys(content, f"{case_id}.post"):
        try:
            text = content.strict(words(key), language, "plain")
        except WordingError:  # reported where translations and placeholders are checked
            continue
        long = post_length(text, case.page.url if case.page else "", tuple(action.hashtags))
        if long > LIMIT:
            yield content.in_text(
                language,
                key,
                f"{long} characters on X with its link and hashtags",
                f"shorten it by {long - LIMIT}: X takes {LIMIT}",
            )
