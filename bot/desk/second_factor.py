"""Second factors at work: codes of the hour (TOTP, RFC 6238), asked once in twelve hours.

Who gave a code is remembered in memory only, so that nothing in the database opens anything; after
a restart everybody is asked once more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.second_factor import SecondFactor, Standing
from bot.campaign.staff import BOT, SHELL
from bot.keys import Keys
from bot.store import second_factors
from bot.store.second_factors import Invitation, StoredFactor

LASTS = timedelta(hours=12)
STEP = 30
"""Seconds of a code; one before and one after are taken as well (RFC 6238, 5.2 and 6)."""
MOST_WRONG = 5
"""Wrong codes in a row: after that none is taken for a quarter of an hour, then twice as long each
time. At three codes of a million, whoever has the account guesses for years."""
LOCKED = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=12)
INVITED = timedelta(hours=24)
SECRET_BYTES = 20
"""As long as the hash (RFC 4226, 4: R6)."""
ISSUER = "Campaign bot"


class SecondFactors:
    """Those of one bot. ``asked`` is False where a trial asks nobody for a code."""

    def __init__(self, keys: Keys, *, asked: bool = True):
        """Nobody has given a code yet."""
        self._keys = keys
        self._asked = asked
        self._until: dict[str, datetime] = {}
        self._wrong: dict[str, int] = {}
        self._locked: dict[str, datetime] = {}

    def opens(self, mark: str, now: datetime, where: str = "") -> bool:
        """Whether this member may do now what asks for a code: in their chats (""), or in a browser
        of theirs. A code that is given in one opens none of the others.

        Whoever is at the machine has its keys, and the bot itself acts by what was approved."""
        if not self._asked or mark in (SHELL, BOT):
            return True
        until = self._until.get(f"{mark} {where}".rstrip())
        return until is not None and now < until <= now + LASTS

    async def of(self, connection: AsyncConnection, mark: str, now: datetime) -> SecondFactor:
        """How they stand, and the codes that would be taken now."""
        if self.opens(mark, now):
            return SecondFactor(Standing.GIVEN if self._asked else Standing.FREE)
        stored = await second_factors.find(connection, self._keys, mark)
        if not stored.secret:
            return SecondFactor(Standing.MISSING)
        if self._is_locked(mark, now):
            return SecondFactor(Standing.LOCKED)
        return SecondFactor(Standing.DUE, frozenset(codes(stored, now)))

    async def missing(self, connection: AsyncConnection, marks: Collection[str]) -> tuple[str, ...]:
        """Those of these members who have none yet."""
        if not self._asked:
            return ()
        stored = await second_factors.every(connection, self._keys, marks)
        return tuple(mark for mark in marks if mark not in stored or not stored[mark].secret)

    async def give(
        self,
        connection: AsyncConnection,
        mark: str,
        code: str,
        now: datetime,
        where: str = "",
    ) -> bool:
        """Use a code up, to open what asks for it there; whether it was taken."""
        stored = await second_factors.find(connection, self._keys, mark)
        step = codes(stored, now).get(code) if stored.secret else None
        if step is None or self._is_locked(mark, now):
            return False
        await second_factors.put(connection, self._keys, replace(stored, used=step))
        self._until[f"{mark} {where}".rstrip()] = now + LASTS
        self._wrong.pop(mark, None)
        self._locked.pop(mark, None)
        return True

    def _is_locked(self, mark: str, now: datetime) -> bool:
        # Nothing lasts longer because the clock was set back meanwhile.
        return now < self._locked.get(mark, now) <= now + LONGEST_LOCK

    def wrong(self, mark: str, now: datetime) -> bool:
        """Something else was typed; whether no code of theirs is taken now for a while."""
        number = self._wrong[mark] = self._wrong.get(mark, 0) + 1
        if number % MOST_WRONG:
            return False
        self._locked[mark] = now + min(LOCKED * 2 ** (number // MOST_WRONG - 1), LONGEST_LOCK)
        return True


def codes(factor: StoredFactor, now: datetime) -> dict[str, int]:
    """The codes that are taken at that moment, with their steps of time."""
    present = int(now.timestamp()) // STEP
    totp = _totp(factor.secret)
    steps = [step for step in (present - 1, present, present + 1) if step > factor.used]
    return {totp.generate(step * STEP).decode(): step for step in steps}


def new_secret() -> str:
    """A secret as authenticator apps take it (base32)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether it is one that is long enough."""
    try:
        return len(base64.b32decode(text)) >= SECRET_BYTES
    except ValueError:
        return False


def address(secret: str, name: str) -> str:
    """What a QR code for an authenticator app holds. ``name``: whose it is, as the app shows it."""
    return _totp(secret).get_provisioning_uri(name, ISSUER)


def _totp(secret: str) -> TOTP:
    # SHA-1 and six digits: what every app can do. Its collisions are no weakness of an HMAC.
    return TOTP(base64.b32decode(secret), 6, SHA1(), STEP)  # noqa: S303


async def enrol(
    connection: AsyncConnection, keys: Keys, mark: str, secret: str, code: str, now: datetime
) -> bool:
    """Set up this secret if the code is its own; it takes the place of another one."""
    step = codes(StoredFactor(mark, secret), now).get("".join(code.split()))
    if step is None:
        return False
    await second_factors.put(connection, keys, StoredFactor(mark, secret, used=step))
    return True


async def invite(connection: AsyncConnection, keys: Keys, mark: str, now: datetime) -> str:
    """Let that member set one up by a link, once and within a day; the token that it carries.

    What they had goes on until then; an earlier invitation does not.
    """
    token = secrets.token_urlsafe(24)
    stored = await second_factors.find(connection, keys, mark)
    invitation = Invitation(new_secret(), _hashed(token), now + INVITED)
    await second_factors.put(connection, keys, replace(stored, invitation=invitation))
    return f"{mark}.{token}"


async def invited(
    connection: AsyncConnection, keys: Keys, token: str, now: datetime
) -> StoredFactor | None:
    """Who may set up a secret by that token; None where it is not (or no longer) good."""
    mark, _, rest = token.partition(".")
    stored = await second_factors.find(connection, keys, mark)
    invitation = stored.invitation
    if invitation is None or now >= invitation.until or invitation.wrong >= MOST_WRONG:
        return None
    return stored if hmac.compare_digest(invitation.token, _hashed(rest)) else None


async def accept(
    connection: AsyncConnection, keys: Keys, invited: StoredFactor, code: str, now: datetime
) -> bool:
    """Set up what an invitation offers, if the code is its own; a few wrong ones end it."""
    invitation = invited.invitation
    if invitation is None:
        return False
    if await enrol(connection, keys, invited.mark, invitation.secret, code, now):
        return True
    again = replace(invitation, wrong=invitation.wrong + 1)
    await second_factors.put(connection, keys, replace(invited, invitation=again))
    return False


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
