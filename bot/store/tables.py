"""Tables that belong to no aggregate: what waits, what was seen, and what is counted.

Those of people, petitions and broadcasts lie beside what reads and writes them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from bot.store.schema import NUMBER, UNORDERED, Hour, Moment, kind, metadata, sealed

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

# The same as the public sees them: copied once an hour (see bot/store/published.py).
published = Table(
    "published",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

outbox = Table(
    "outbox",
    metadata,
    # Not by autoincrement: numbers come from `sequences`, so that a batch knows its own.
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("pseudonym", LargeBinary, nullable=False),
    Column("channel", String, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False, info=sealed("outbox.address")),
    Column("lane", String, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False, info=sealed("outbox.body")),
    Column("created_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Moment),
    info=kind("outbox"),
)

sequences = Table(
    "sequences",
    metadata,
    Column("name", String, primary_key=True),
    Column("last", BigInteger, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

events_seen = Table(
    "events_seen",
    metadata,
    Column("channel", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", Hour, nullable=False),
    Index("events_seen_by_time", "at"),
    **UNORDERED,
    info=kind("events"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("channel", String, primary_key=True),
    Column("event", String, primary_key=True),
    Column("pseudonym", LargeBinary),
    Column("sealed", LargeBinary, nullable=False, info=sealed("dead_letters.event")),
    Column("reason", String, nullable=False),
    Column("at", Hour, nullable=False),
    Index("dead_letters_by_pseudonym", "pseudonym"),
    Index("dead_letters_by_time", "at"),
    info=kind("dead_letters"),
)

key_marks = Table(
    "key_marks",
    metadata,
    Column("name", String, primary_key=True),
    Column("mark", LargeBinary, nullable=False),
    **UNORDERED,
    info=kind("keys"),
)

# What staff have set without a broadcast: how many must approve, the urgent banner, cases' states.
staff_settings = Table(
    "staff_settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    # That the bot itself has put it there (Keys.vouch): anything else is not obeyed.
    Column("mark", LargeBinary, nullable=False),
    **UNORDERED,
    info=kind("staff"),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("mark", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False, info=sealed("second_factors.sealed")),
    **UNORDERED,
    info=kind("staff"),
)

# Browsers that are signed in at the staff's pages, and links that sign one in: found by the hash of
# what the browser or the link carries, sealed as a whole.
desk_passes = Table(
    "desk_passes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False, info=sealed("desk_passes.sealed")),
    **UNORDERED,
    info=kind("staff"),
)

# How many supporters came to each stage on a day, by one thing at a time: two of them together
# (a language and a source) could lead to somebody.
stages = Table(
    "stages",
    metadata,
    Column("day", Date, primary_key=True),
    Column("dimension", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("stage", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

# Append-only (the migration forbids the rest); each row's hash covers the one before it.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", String, nullable=False),
    Column("act", String, nullable=False),
    Column("broadcast", BigInteger, nullable=False),
    Column("detail", String, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    **UNORDERED,
    info=kind("staff"),
)

# What is wrong with the bot, until it is over and owners know of both.
alarms = Table(
    "alarms",
    metadata,
    Column("name", String, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("over", Moment),
    Column("told", Moment),
    Column("said", String, nullable=False),
    Column("posted", String, nullable=False),
    **UNORDERED,
    info=kind("health"),
)
