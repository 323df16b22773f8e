"""The page's own words (content/messages/…/web.yaml), by language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup

from bot.campaign.messages import words
from bot.content_files.watching import InUse

PLAIN = (
    *("title", "description", "skip", "conversation", "you", "bot", "write"),
    *("message", "message_hint", "send", "thinking", "untraced", "untraced_text"),
    *("untraced_before", "untraced_clear", "share"),
    *("new_window", "copy_text", "copied", "copy_failed", "text_to_copy", "documents"),
    *("document_making", "document_failed", "document_again", "offline", "back_online", "refused"),
    *("not_kept", "too_many_pages", "menu", "menu_aside", "about", "kept", "forget"),
    *("forget_title", "forget_text", "forget_yes", "forget_no", "forgetting", "forgotten"),
    *("choose_language", "website", "signing"),
)
FILLED_BY_THE_PAGE: Mapping[str, tuple[str, ...]] = {
    "step": ("step", "steps"),
    "document_get": ("name", "size"),
    "wait_seconds": ("seconds",),
}
"""The page puts its values where the label says ``{name}``."""
RICH = ("about_text", "kept_text", "no_script")
"""Given as HTML with line breaks, made of content alone."""


class _Same:
    """Content as a key of the cache: the same object is the same content."""

    def __init__(self, content: InUse):
        self.content = content

    def __hash__(self) -> int:
        return id(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.content is other.content


def labels(now: InUse, language: str) -> Mapping[str, str]:
    """All labels of the page in that language; a text that is missing never fails a page."""
    return _labels(_Same(now), language)


@lru_cache(maxsize=16)
def _labels(now: _Same, language: str) -> Mapping[str, str]:
    wording = now.content.wording
    found = {name: wording.text(words(f"web.{name}"), language, "plain") for name in PLAIN}
    for name, values in FILLED_BY_THE_PAGE.items():
        filled = words(f"web.{name}", **{value: f"{{{value}}}" for value in values})
        found[name] = wording.text(filled, language, "plain")
    for name in RICH:
        text = wording.text(words(f"web.{name}"), language, "web")
        found[name] = Markup(text)  # noqa: S704 - made of content, escaped there
    found["language"] = wording.text(words("language.name"), language, "plain")
    return found
