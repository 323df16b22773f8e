"""Tables of petitions: signatures, the second book beside them, and what was handed over."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
)

from bot.store.schema import UNORDERED, kind, metadata, sealed

# Its pseudonyms are made with the petition's own key, and it knows days only: a row cannot be
# matched with a supporter without the keys. `lot`: whoever signs from a browser has one in common
# with all of the same network and day, readable with the keys alone.
signatures = Table(
    "signatures",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("petition", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("signer", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("language", String, nullable=False),
    Column("text_version", Integer, nullable=False),
    Column("text_hash", String, nullable=False),
    Column("consent_hash", String),
    Column("lot_sealed", LargeBinary, info=sealed("signatures.lot")),
    Column("country", String),
    Column("name_sealed", LargeBinary, info=sealed("signatures.name")),
    **UNORDERED,
    info=kind("signature"),
)

# Every text that was ever signed, under the hash that signatures carry: it stays readable when
# the content has moved on.
signed_texts = Table(
    "signed_texts",
    metadata,
    Column("hash", String, primary_key=True),
    Column("petition", String, nullable=False),
    Column("language", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", String, nullable=False),
    **UNORDERED,
    info=kind("texts"),
)

# The second book beside the signatures: what happened to them, day by day, and to nobody in
# particular, for each kind of signer. Signed less withdrawn less erased must be what the rows say.
tallies = Table(
    "tallies",
    metadata,
    Column("petition", String, primary_key=True),
    Column("signer", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

# What staff decided about signatures that were held, or about whole lots of them (`lots`, parted by
# commas); never changed, only followed by another.
decisions = Table(
    "decisions",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("petition", String, nullable=False),
    Column("signer", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("lots", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("by", String, nullable=False),
    Column("signatures", BigInteger, nullable=False),
    Column("decided_on", Date, nullable=False),
    **UNORDERED,
    info=kind("staff"),
)

# Milestones reached. `told_upto`: the supporters' pseudonyms are gone through in order, once.
milestones = Table(
    "milestones",
    metadata,
    Column("petition", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("reached_on", Date, nullable=False),
    Column("told_upto", LargeBinary, nullable=False),
    Column("told", Boolean, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

# Packs that were made for a hand-over, by their checksum.
handovers = Table(
    "handovers",
    metadata,
    Column("petition", String, primary_key=True),
    Column("checksum", String, primary_key=True),
    Column("made_on", Date, nullable=False),
    Column("total", BigInteger, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

# What remains of a petition after its signatures and their key were destroyed: totals, as JSON.
frozen_totals = Table(
    "frozen_totals",
    metadata,
    Column("petition", String, primary_key=True),
    Column("day", Date, nullable=False),
    Column("totals", String, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)
