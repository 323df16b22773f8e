"""Signing in at the staff's pages: by a link of the private chat, in the browser that asked for it.

The browser carries a secret and shows a code that follows from it; the member gives the code to the
bot in the chat, and the link that comes back opens only where the secret is. Whoever reads the chat
over a shoulder has no use for the link, nor whoever sees the code without the chat. No request of a
stranger is kept: the code is not written down before a member has given it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.desk_commands.settings import EndSession
from bot.campaign.staff import Member, Right
from bot.keys import Keys
from bot.store import audit, desk_passes
from bot.store.audit import Entry
from bot.store.desk_passes import DeskPass, KeptPass, hashed

LINK = timedelta(minutes=10)
LASTS = timedelta(hours=12)
"""As long as a second factor, whatever is done in it."""
IDLE = timedelta(hours=2)
NOTED = timedelta(minutes=5)
"""So exactly it is written down when a session was used last."""
CODE_BYTES = 5


def new_secret() -> str:
    """What a browser carries, or a link."""
    return secrets.token_urlsafe(32)


def code_of(keys: Keys, browser: str) -> str:
    """What the browser with that secret shows: "K7PQ-M3XD". Who has it cannot find another secret
    that shows the same, since it is made with a key."""
    made = keys.vouch(b"desk browser\0" + hashed(browser))[:CODE_BYTES]
    letters = base64.b32encode(made).decode()
    return f"{letters[:4]}-{letters[4:]}"


def read_code(typed: str) -> str:
    """A code as somebody types it; "" where it is none."""
    letters = "".join(typed.upper().replace("-", " ").split())
    # Nobody sees the difference: the alphabet has neither of the digits.
    letters = letters.replace("0", "O").replace("1", "I").replace("8", "B")
    if len(letters) != CODE_BYTES * 8 // 5 or not letters.isascii() or not letters.isalnum():
        return ""
    return f"{letters[:4]}-{letters[4:]}"


def name_of(secret: str) -> str:
    """How the session with that secret is called on a page and in the log; opens nothing."""
    return KeptPass.named(hashed(secret))


def proof_of(keys: Keys, session: KeptPass) -> str:
    """What the forms of a session carry, so that no other page can send them (CSRF)."""
    return keys.vouch(b"desk form\0" + session.hash).hex()[:32]


def same(given: str, right: str) -> bool:
    """Whether they are the same, in a time that does not tell how nearly."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


async def offer(
    connection: AsyncConnection,
    keys: Keys,
    mark: str,
    code: str,
    now: datetime,
    lasts: timedelta = LINK,
) -> str:
    """Let the browser that shows ``code`` ("": the first that comes) sign in as that member, once;
    what the link carries. An earlier link of theirs is good no longer."""
    token = new_secret()
    await _tidy(connection, keys, now, links_of=mark)
    link = DeskPass("link", mark, now, now + lasts, code)
    await desk_passes.put(connection, keys, hashed(token), link)
    return token


async def offered(
    connection: AsyncConnection, keys: Keys, token: str, browser: str, now: datetime
) -> KeptPass | None:
    """The link, where it is good still and this browser may use it."""
    found = await desk_passes.find(connection, keys, hashed(token))
    if found is None or found.kept.kind != "link" or not _runs(found, now):
        return None
    code = code_of(keys, browser) if browser else ""
    fits = not found.kept.code or hmac.compare_digest(found.kept.code, code)
    return found if fits else None


async def begin(
    connection: AsyncConnection,
    keys: Keys,
    link: KeptPass,
    secret: str,
    browser: str,
    now: datetime,
) -> None:
    """Use the link up, for a session of the browser that carries ``secret``. ``browser``: its kind,
    in a word."""
    mark = link.kept.mark
    await desk_passes.drop(connection, [link.hash])
    session = DeskPass("session", mark, now, now + LASTS, seen=now, browser=browser)
    await desk_passes.put(connection, keys, hashed(secret), session)
    await audit.add(connection, keys, [Entry(mark, "sign in", detail=name_of(secret))], now)


async def session(
    connection: AsyncConnection, keys: Keys, secret: str, now: datetime
) -> KeptPass | None:
    """The session of the browser with that secret, while it lasts."""
    found = await desk_passes.find(connection, keys, hashed(secret))
    return found if found is not None and goes_on(found, now) else None


def goes_on(one: KeptPass, now: datetime) -> bool:
    """Whether that session has not ended."""
    seen = one.kept.seen or one.kept.begun
    return one.kept.kind == "session" and _runs(one, now) and now < seen + IDLE


def _runs(one: KeptPass, now: datetime) -> bool:
    # Nothing lasts longer because the clock was set back meanwhile.
    return now < one.kept.until <= now + LASTS


def is_to_be_noted(one: KeptPass, now: datetime) -> bool:
    """Whether its last use is noted too long ago."""
    return now >= (one.kept.seen or one.kept.begun) + NOTED


async def note(connection: AsyncConnection, keys: Keys, one: KeptPass, now: datetime) -> None:
    """The session was used, unless it was ended meanwhile."""
    if await desk_passes.find(connection, keys, one.hash) is not None:
        await desk_passes.put(connection, keys, one.hash, replace(one.kept, seen=now))


async def sessions(connection: AsyncConnection, keys: Keys, now: datetime) -> Sequence[KeptPass]:
    """All that last, the newest first."""
    return [one for one in await desk_passes.every(connection, keys) if goes_on(one, now)]


async def end(
    connection: AsyncConnection, keys: Keys, member: Member, command: EndSession, now: datetime
) -> KeptPass | None:
    """End a session: one's own, or as an owner anybody's; None where there is none such."""
    for one in await sessions(connection, keys, now):
        mine = one.kept.mark == member.mark
        if one.name == command.session and (mine or member.may(Right.RULE)):
            await desk_passes.drop(connection, [one.hash])
            return one
    return None


async def _tidy(
    connection: AsyncConnection, keys: Keys, now: datetime, *, links_of: str = ""
) -> None:
    """What has ended goes, and this member's links."""
    over = [
        one.hash
        for one in await desk_passes.every(connection, keys)
        if not goes_on(one, now)
        and (one.kept.kind == "session" or not _runs(one, now) or one.kept.mark == links_of)
    ]
    await desk_passes.drop(connection, over)
