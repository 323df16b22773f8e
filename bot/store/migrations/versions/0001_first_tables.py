"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of the first version."""
    _people()
    _petitions()
    _unasked()
    _figures()
    _traffic()
    _chat_page()
    _ways_out()


def _people() -> None:
    op.create_table(
        "supporters",
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address_sealed", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("case", sa.String, nullable=False),
        sa.Column("question_sealed", sa.LargeBinary),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary),
        sa.Column("answers_at", sa.BigInteger),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscriptions",
        _whose(),
        sa.Column("topic", sa.String, primary_key=True),
        sa.Column("wording_version", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "acts",
        _whose(),
        sa.Column("case", sa.String, primary_key=True),
        sa.Column("action", sa.String, primary_key=True),
        sa.Column("evidence", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signatures",
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("petition", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("text_version", sa.Integer, nullable=False),
        sa.Column("text_hash", sa.String, nullable=False),
        sa.Column("country", sa.String),
        sa.Column("name_sealed", sa.LargeBinary),
        sqlite_with_rowid=False,
    )


def _whose() -> sa.Column[bytes]:
    return sa.Column(
        "pseudonym",
        sa.LargeBinary,
        sa.ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    )


def _petitions() -> None:
    op.create_table(
        "signed_texts",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("petition", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("petition", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("petition", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("signatures", sa.BigInteger, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "handovers",
        sa.Column("petition", sa.String, primary_key=True),
        sa.Column("checksum", sa.String, primary_key=True),
        sa.Column("made_on", sa.Date, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "frozen_totals",
        sa.Column("petition", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("totals", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )


def _unasked() -> None:
    op.create_table(
        "reminders",
        _whose(),
        sa.Column("case", sa.String, primary_key=True),
        sa.Column("action", sa.String, primary_key=True),
        sa.Column("on", sa.Date, primary_key=True),
        sa.Column("due", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("reminders_by_time", "reminders", ["due"])
    op.create_table(
        "notices",
        _whose(),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "milestones",
        sa.Column("petition", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("reached_on", sa.Date, nullable=False),
        sa.Column("told_upto", sa.LargeBinary, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )


def _figures() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "arrivals",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sequences",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "key_marks",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("mark", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def _traffic() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("pseudonym", sa.LargeBinary, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address_sealed", sa.LargeBinary, nullable=False),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("body_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger),
    )
    op.create_table(
        "events_seen",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("events_seen_by_time", "events_seen", ["at"])
    op.create_table(
        "dead_letters",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("event", sa.String, primary_key=True),
        sa.Column("pseudonym", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("dead_letters_by_pseudonym", "dead_letters", ["pseudonym"])
    op.create_index("dead_letters_by_time", "dead_letters", ["at"])


def _ways_out() -> None:
    op.create_table(
        "share_codes",
        _whose(),
        sa.Column("code", sa.String, nullable=False, unique=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "page_tokens",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column(
            "pseudonym",
            sa.LargeBinary,
            sa.ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address_sealed", sa.LargeBinary, nullable=False),
        sa.Column("case", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("page_tokens_by_pseudonym", "page_tokens", ["pseudonym"])
    op.create_index("page_tokens_by_time", "page_tokens", ["at"])


def _chat_page() -> None:
    op.create_table(
        "web_turns",
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("turn", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("web_turns_by_turn", "web_turns", ["pseudonym", "turn"], unique=True)
    op.create_index("web_turns_by_time", "web_turns", ["until"])
