"""Seals are bound to their rows, times of people rounded to the hour, and rows that not everybody
can have stand under pseudonyms of their own. What needs keys for that is done at the next start
(bot/privacy/binding.py); here the tables get their new shape."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

HOUR = 3_600_000
"""Milliseconds."""


def upgrade() -> None:
    """Nothing is lost; no time of a person stays more exact than the hour."""
    _rounded("supporters", "answers_at", "seen_at", "ended_at")
    _rounded("notices", "sent_at")
    _rounded("events_seen", "at")
    _rounded("dead_letters", "at")
    _rounded("page_tokens", "at")
    _rounded("web_turns", "at")
    _aside()
    _chat_page()
    _vouched_for()


def _rounded(table: str, *columns: str) -> None:
    for column in columns:
        exact = sa.column(column, sa.BigInteger)
        op.execute(sa.update(sa.table(table, exact)).values({column: exact - exact % HOUR}))


def _anew(name: str, *columns: sa.Column[object], filled: Mapping[str, str]) -> None:
    """The table with these columns and its rows; ``filled``: what stands in columns that are new,
    as SQL."""
    op.rename_table(name, f"{name}_before")
    made = op.create_table(name, *columns, sqlite_with_rowid=False)
    names = [column.name for column in made.columns]
    before = sa.table(f"{name}_before", *map(sa.column, names))
    values = [sa.literal_column(filled[n]) if n in filled else before.c[n] for n in names]
    op.execute(made.insert().from_select(names, sa.select(*values).select_from(before)))
    op.drop_table(f"{name}_before")


def _aside() -> None:
    _anew(
        "acts",
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("case", sa.String, primary_key=True),
        sa.Column("action", sa.String, primary_key=True),
        sa.Column("evidence", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        filled={},
    )
    op.drop_index("reminders_by_time", "reminders")
    _anew(
        "reminders",
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("case", sa.String, primary_key=True),
        sa.Column("action", sa.String, primary_key=True),
        sa.Column("on", sa.Date, primary_key=True),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("whose_sealed", sa.LargeBinary, nullable=False),
        filled={"whose_sealed": "x''"},
    )
    op.create_index("reminders_by_time", "reminders", ["due"])
    _anew(
        "share_codes",
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("code", sa.String, nullable=False, unique=True),
        filled={},
    )
    op.drop_index("page_tokens_by_pseudonym", "page_tokens")
    op.drop_index("page_tokens_by_time", "page_tokens")
    _anew(
        "page_tokens",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("pseudonym", sa.LargeBinary, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address_sealed", sa.LargeBinary, nullable=False),
        sa.Column("case", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        filled={},
    )
    op.create_index("page_tokens_by_pseudonym", "page_tokens", ["pseudonym"])
    op.create_index("page_tokens_by_time", "page_tokens", ["at"])


def _chat_page() -> None:
    op.drop_index("web_turns_by_turn", "web_turns")
    op.drop_index("web_turns_by_time", "web_turns")
    _anew(
        "web_turns",
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("mark", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        filled={"mark": "CAST(turn AS BLOB)"},
    )
    op.create_index("web_turns_by_mark", "web_turns", ["pseudonym", "mark"], unique=True)
    op.create_index("web_turns_by_time", "web_turns", ["at"])


def _vouched_for() -> None:
    _anew(
        "staff_settings",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("mark", sa.LargeBinary, nullable=False),
        filled={"mark": "x''"},
    )
    _anew(
        "broadcasts",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("mark", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("recipients", sa.BigInteger, nullable=False),
        sa.Column("fixed_upto", sa.LargeBinary, nullable=False),
        sa.Column("fixed", sa.Boolean, nullable=False),
        sa.Column("sent", sa.BigInteger, nullable=False),
        sa.Column("blocked", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("unknown", sa.BigInteger, nullable=False),
        sa.Column("left", sa.BigInteger, nullable=False),
        sa.Column("retract", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("shown", sa.String, nullable=False),
        sa.Column("followed", sa.Boolean, nullable=False),
        sa.Column("progress", sa.String, nullable=False),
        sa.Column("report", sa.String, nullable=False),
        filled={"mark": "x''"},
    )
