"""Signatures of accounts and of browsers are kept apart, with the consent and the lot of each;
public figures stand still for an hour. What was there before is told as a kind of its own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

EARLIER = "earlier"


def upgrade() -> None:
    """Nothing is counted anew: counters only get the names of their kind."""
    _renewed(
        "signatures",
        (
            sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
            sa.Column("petition", sa.String, primary_key=True),
            sa.Column("state", sa.String, nullable=False),
            sa.Column("signer", sa.String, nullable=False),
            sa.Column("day", sa.Date, nullable=False),
            sa.Column("language", sa.String, nullable=False),
            sa.Column("text_version", sa.Integer, nullable=False),
            sa.Column("text_hash", sa.String, nullable=False),
            sa.Column("consent_hash", sa.String),
            sa.Column("lot_sealed", sa.LargeBinary),
            sa.Column("country", sa.String),
            sa.Column("name_sealed", sa.LargeBinary),
        ),
        {"signer": EARLIER, "consent_hash": None, "lot_sealed": None},
    )
    _renewed(
        "tallies",
        (
            sa.Column("petition", sa.String, primary_key=True),
            sa.Column("signer", sa.String, primary_key=True),
            sa.Column("day", sa.Date, primary_key=True),
            sa.Column("kind", sa.String, primary_key=True),
            sa.Column("count", sa.BigInteger, nullable=False),
        ),
        {"signer": EARLIER},
    )
    _renewed(
        "decisions",
        (
            sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("petition", sa.String, nullable=False),
            sa.Column("signer", sa.String, nullable=False),
            sa.Column("day", sa.Date, nullable=False),
            sa.Column("lots", sa.String, nullable=False),
            sa.Column("verdict", sa.String, nullable=False),
            sa.Column("reason", sa.String, nullable=False),
            sa.Column("by", sa.String, nullable=False),
            sa.Column("signatures", sa.BigInteger, nullable=False),
            sa.Column("decided_on", sa.Date, nullable=False),
        ),
        {"signer": EARLIER, "lots": ""},
    )
    op.create_table(
        "published",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value"))
    for kind in ("signatures", "countries"):
        op.execute(
            counters.update()
            .where(counters.c.name.startswith(f"{kind}:"))
            .values(name=sa.func.replace(counters.c.name, f"{kind}:", f"{kind}:{EARLIER}:"))
        )

    desk = sa.table("staff_settings", sa.column("name", sa.String))
    for mark in ("proposal", "told", "decided"):
        op.execute(
            desk.update()
            .where(desk.c.name.startswith(f"{mark}.held."))
            .values(name=desk.c.name + f".{EARLIER}")
        )


def _renewed(name: str, columns: tuple[sa.Column[Any], ...], new: dict[str, str | None]) -> None:
    """A table made anew with these columns; ``new``: what those that were not there hold."""
    op.rename_table(name, f"{name}_before")
    made = op.create_table(name, *columns, sqlite_with_rowid=False)
    before = sa.table(f"{name}_before", *(sa.column(c.name) for c in columns if c.name not in new))
    values = [
        sa.literal(new[c.name], c.type).label(c.name) if c.name in new else before.c[c.name]
        for c in columns
    ]
    op.execute(made.insert().from_select([c.name for c in columns], sa.select(*values)))
    op.drop_table(f"{name}_before")
