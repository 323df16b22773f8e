"""How long X says that a post is (twitter-text, configuration version 3).

Numbers: https://github.com/twitter/twitter-text/blob/master/config/v3.json. A link counts as many
characters as X's own short link, whatever its length; an emoji two, however many code points make
it; Latin, Greek, Cyrillic, Arabic, … letters one, everything beyond two.
"""

from __future__ import annotations

import re
import unicodedata

LIMIT = 280
LINK = 23
EMOJI = 2
HEAVY = 2
# Code points that count one.
LIGHT = (range(4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))

# Two letters are a country; of the longer endings, those that a campaign is likely to write.
# X knows them all: an ending that is missing here is counted letter by letter.
_ENDINGS = "com|org|net|info|edu|gov|int|news|app|page|site|world|global|ngo|[a-z]{2}"
_LINK = re.compile(
    r"https?://[^\s<>\"«»“”\u3000-\uffef]+"
    rf"|(?<![\w@.#/-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS})\b"
    r"(?:/[^\s<>\"«»“”\u3000-\uffef]*)?",
    re.IGNORECASE,
)
# What ends a sentence does not belong to the link before it.
_AFTER_A_LINK = ".,;:!?…'’\")]}"

_PICTURE = (
    "[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u27bf\u2934-\u2b55\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff]"
)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # flags of countries
    "|[0-9#*]\ufe0f?\u20e3"  # keys
    "|[\u00a9\u00ae\u2122]\ufe0f"
    f"|{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*[\U000e0020-\U000e007f]*"
    f"(?:\u200d(?:{_PICTURE}|[\u2640\u2642\u2695])[\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)


def weighted_length(text: str) -> int:
    """The length as X counts it: at most ``LIMIT`` for a post."""
    rest = unicodedata.normalize("NFC", text)
    total = 0
    position = 0
    for match in _LINK.finditer(rest):
        end = match.start() + len(match.group().rstrip(_AFTER_A_LINK))
        total += _without_links(rest[position : match.start()]) + LINK
        position = end
    return total + _without_links(rest[position:])


def post_length(text: str, url: str = "", hashtags: tuple[str, ...] = ()) -> int:
    """The length of the post that an intent link makes: text, link and hashtags, a space apart."""
    parts = (text, url, *(f"#{tag}" for tag in hashtags))
    return weighted_length(" ".join(part for part in parts if part))


def _without_links(text: str) -> int:
    pictures = len(_EMOJI.findall(text))
    letters = _EMOJI.sub("", text)
    return EMOJI * pictures + sum(
        1 if any(ord(letter) in light for light in LIGHT) else HEAVY for letter in letters
    )
