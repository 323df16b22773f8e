"""Tables of broadcasts, of who gets them, and of what staff ask for besides."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
)

from bot.store.schema import NUMBER, UNORDERED, Moment, kind, metadata

# What a broadcast is stands in `body` (campaign.broadcast_rules); the figures beside it change with
# the deliveries that they count, in the same transaction.
broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("body", String, nullable=False),
    # That the bot itself has written state and body (Keys.vouch): no other is sent.
    Column("mark", LargeBinary, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # Recipients: fixed so far (up to that pseudonym), and whether these are all.
    Column("recipients", BigInteger, nullable=False),
    Column("fixed_upto", LargeBinary, nullable=False),
    Column("fixed", Boolean, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("blocked", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("unknown", BigInteger, nullable=False),
    Column("left", BigInteger, nullable=False),
    # "asked" while its messages are to be taken back, then "done".
    Column("retract", String, nullable=False),
    # Why it was stopped.
    Column("reason", String, nullable=False),
    # The state that staff were last shown, and whether the report of two days later went out.
    Column("shown", String, nullable=False),
    Column("followed", Boolean, nullable=False),
    # Messages that show staff how far it has come; figures that outlive the deliveries.
    Column("progress", String, nullable=False),
    Column("report", String, nullable=False),
    **UNORDERED,
    info=kind("staff"),
)

# One row a recipient, in the order of their pseudonyms: written and read from end to end. `ref` is
# the platform's name for the message, for taking it back.
deliveries = Table(
    "deliveries",
    metadata,
    Column("broadcast", BigInteger, primary_key=True, autoincrement=False),
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("state", Integer, nullable=False),
    Column("at", Integer),
    Column("ref", String),
    **UNORDERED,
    info=kind("deliveries"),
)

broadcast_files = Table(
    "broadcast_files",
    metadata,
    Column("digest", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("ref", String, nullable=False),
    info=kind("staff"),
)

# What staff ask for that changes nothing, until it is answered: a command of theirs by its name
# (``kind``), its fields as JSON, and the mark of the member.
desk_requests = Table(
    "desk_requests",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("kind", String, nullable=False),
    Column("member", String, nullable=False),
    Column("fields", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("taken", Boolean, nullable=False),
    info=kind("staff"),
)
