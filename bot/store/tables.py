"""The tables. Everything personal is a pseudonym or sealed (see bot/keys/keys.py).

Portable: the same definitions serve SQLite and PostgreSQL. Where SQLite would number the rows in
their order of writing, ``sqlite_with_rowid=False`` takes that order away, so that rows of two
tables cannot be matched by it. The first migration creates these tables; each later change here
needs a migration of its own (a test compares them). They stand in one file, to be read as one list
of what is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)


class Moment(TypeDecorator[datetime]):
    """A time in UTC, kept as milliseconds since 1970: no zone to be mistaken, quick to compare."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To milliseconds; a time without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        return round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to a time in UTC."""
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


metadata = MetaData()

supporters = Table(
    "supporters",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("channel", String, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("language", String, nullable=False),
    Column("case", String, nullable=False),
    # Sealed, since "which name on the list?" would tell that somebody has signed.
    Column("question_sealed", LargeBinary),
    Column("source", String, nullable=False),
    Column("answers_sealed", LargeBinary),
    Column("answers_at", Moment),
    Column("joined_on", Date, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
    sqlite_with_rowid=False,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("topic", String, primary_key=True),
    Column("wording_version", String, nullable=False),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)

# Its pseudonyms are made with the petition's own key, and it knows days only: a row cannot be
# matched with a supporter without the keys.
signatures = Table(
    "signatures",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("petition", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("language", String, nullable=False),
    Column("text_version", Integer, nullable=False),
    Column("text_hash", String, nullable=False),
    Column("country", String),
    Column("name_sealed", LargeBinary),
    sqlite_with_rowid=False,
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
    sqlite_with_rowid=False,
)

# The second book beside the signatures: what happened to them, day by day, and to nobody in
# particular. Signed less withdrawn less erased must be what the rows say.
tallies = Table(
    "tallies",
    metadata,
    Column("petition", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What staff decided about signatures that were held; never changed, only followed by another.
decisions = Table(
    "decisions",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("petition", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("by", String, nullable=False),
    Column("signatures", BigInteger, nullable=False),
    Column("decided_on", Date, nullable=False),
    sqlite_with_rowid=False,
)

reminders = Table(
    "reminders",
    metadata,
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("case", String, primary_key=True),
    Column("action", String, primary_key=True),
    Column("on", Date, primary_key=True),
    Column("due", Moment, nullable=False),
    Index("reminders_by_time", "due"),
    sqlite_with_rowid=False,
)

# Who was told that their data will be erased for being silent.
notices = Table(
    "notices",
    metadata,
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("sent_at", Moment, nullable=False),
    sqlite_with_rowid=False,
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
    sqlite_with_rowid=False,
)

# Packs that were made for a hand-over, by their checksum.
handovers = Table(
    "handovers",
    metadata,
    Column("petition", String, primary_key=True),
    Column("checksum", String, primary_key=True),
    Column("made_on", Date, nullable=False),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What remains of a petition after its signatures and their key were destroyed: totals, as JSON.
frozen_totals = Table(
    "frozen_totals",
    metadata,
    Column("petition", String, primary_key=True),
    Column("day", Date, nullable=False),
    Column("totals", String, nullable=False),
    sqlite_with_rowid=False,
)

acts = Table(
    "acts",
    metadata,
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("case", String, primary_key=True),
    Column("action", String, primary_key=True),
    Column("evidence", String, primary_key=True),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("source", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    # Not by autoincrement: numbers come from `sequences`, so that a batch knows its own.
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    Column("pseudonym", LargeBinary, nullable=False),
    Column("channel", String, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("lane", String, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Moment),
)

sequences = Table(
    "sequences",
    metadata,
    Column("name", String, primary_key=True),
    Column("last", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

events_seen = Table(
    "events_seen",
    metadata,
    Column("channel", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Index("events_seen_by_time", "at"),
    sqlite_with_rowid=False,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("channel", String, primary_key=True),
    Column("event", String, primary_key=True),
    Column("pseudonym", LargeBinary),
    Column("sealed", LargeBinary, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", Moment, nullable=False),
    Index("dead_letters_by_pseudonym", "pseudonym"),
    Index("dead_letters_by_time", "at"),
)

# What the chat page shows again after a reload: the only conversation that is kept, since no
# platform keeps it for us. Numbers come from `sequences` and are never given twice. `turn` is the
# page's own id of a turn, or the outbox's of an answer: neither is ever there twice.
web_turns = Table(
    "web_turns",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("turn", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Index("web_turns_by_turn", "pseudonym", "turn", unique=True),
    Index("web_turns_by_time", "until"),
    sqlite_with_rowid=False,
)

# No way leads from a code to who came by it, nor to a signature.
share_codes = Table(
    "share_codes",
    metadata,
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("code", String, nullable=False, unique=True),
    sqlite_with_rowid=False,
)

# Links to the compose page, each good for saying once that a letter was sent.
page_tokens = Table(
    "page_tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("channel", String, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("case", String, nullable=False),
    Column("action", String, nullable=False),
    Column("at", Moment, nullable=False),
    Index("page_tokens_by_pseudonym", "pseudonym"),
    Index("page_tokens_by_time", "at"),
    sqlite_with_rowid=False,
)

key_marks = Table(
    "key_marks",
    metadata,
    Column("name", String, primary_key=True),
    Column("mark", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


# What a broadcast is stands in `body` (campaign.broadcasting); the figures beside it change with
# the deliveries that they count, in the same transaction.
broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("body", String, nullable=False),
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
    # Messages that show staff how far it has come; figures that outlive the deliveries.
    Column("progress", String, nullable=False),
    Column("report", String, nullable=False),
    sqlite_with_rowid=False,
)

# One row a recipient, in the order of their pseudonyms: written and read from end to end. `ref` is
# the platform's number of the message, for taking it back.
deliveries = Table(
    "deliveries",
    metadata,
    Column("broadcast", BigInteger, primary_key=True, autoincrement=False),
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("state", Integer, nullable=False),
    Column("at", Integer),
    Column("ref", BigInteger),
    sqlite_with_rowid=False,
)

broadcast_files = Table(
    "broadcast_files",
    metadata,
    Column("digest", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("ref", String, nullable=False),
)

# What staff have set without a broadcast: how many must approve, the urgent banner, cases' states.
desk = Table(
    "desk",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)

# What another process wants the running bot to do.
orders = Table(
    "orders",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("broadcast", BigInteger, nullable=False),
    Column("act", String, nullable=False),
    Column("value", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("answer", String),
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
    sqlite_with_rowid=False,
)
