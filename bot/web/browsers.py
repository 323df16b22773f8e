"""What a browser says of itself, as far as the way to a mail program depends on it."""

from __future__ import annotations

import re

# In this order: an iPhone's name holds "Mac OS X", an Android's "Linux".
_PLATFORMS = (
    ("ios", re.compile(r"iPhone|iPad|iPod")),
    ("android", re.compile(r"Android")),
    ("windows", re.compile(r"Windows")),
    ("chromeos", re.compile(r"\bCrOS\b")),
    ("mac", re.compile(r"Macintosh|Mac OS X")),
    ("linux", re.compile(r"Linux|X11|BSD")),
)

# Android's WebView says "; wv" (developer.chrome.com/docs/webview); the others add a name.
_IN_AN_APP = re.compile(r"; wv\)|\bFBA[NV]\b|\bFB_IAB\b|Instagram|Telegram|WhatsApp|Line/|Snapchat")


def platform(user_agent: str) -> str:
    """The system: "ios", "android", "windows", "chromeos", "mac", "linux"; "" where unknown.

    An iPad that asks for desktop pages calls itself a Mac; for mail links both are the same.
    """
    return next((name for name, said in _PLATFORMS if said.search(user_agent)), "")


def inside_an_app(user_agent: str) -> str:
    """ "android" or "ios" where the page is shown within another app, whose browser may not open
    mail programs; else ""."""
    system = platform(user_agent)
    if system == "android":
        return system if _IN_AN_APP.search(user_agent) else ""
    if system == "ios":
        # An app's own web view leaves Safari's name out; browsers for iOS keep it.
        within = _IN_AN_APP.search(user_agent) or "Safari/" not in user_agent
        return system if within else ""
    return ""
