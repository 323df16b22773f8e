"""The shipped content, checked once for all tests: by whoever of the workers comes first."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path

from filelock import FileLock

from bot.campaign.content import Campaign
from bot.channels.registered import ALL
from bot.content_files import Content
from bot.documents.checking import check as documents
from bot.wording import Wording

ROOT = Path(__file__).parent.parent
CONTENT = ROOT / "content"
_PROOF = ROOT / ".pytest_cache" / "content.proof"


def content() -> Content:
    """The content as a start of the program has it; what is laid over it is the caller's own."""
    return copy(_checked())


@cache
def _checked() -> Content:
    _PROOF.parent.mkdir(exist_ok=True)
    with FileLock(_PROOF.with_suffix(".lock")):
        return Content(CONTENT, ALL, more_checks=(documents,), proof=_PROOF)


@cache
def proof() -> bytes:
    """What the program's first start leaves: that this very program found no error in it."""
    _checked()
    return _PROOF.read_bytes()


@cache
def shipped() -> tuple[Campaign, Wording]:
    """The campaign and its wording, for who only reads them."""
    now = content().now
    return now.campaign, now.wording
