"""What is looked for in broadcasts gets columns: it was a substring of their JSON."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table anew with the columns, and carry every broadcast over."""
    op.rename_table("broadcasts", "broadcasts_before")
    broadcasts = op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
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
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    before = sa.table("broadcasts_before", *(sa.column(c.name) for c in broadcasts.columns))
    kept = [c for c in before.columns if c.name not in ("retract", "reason", "shown", "followed")]
    for row in connection.execute(sa.select(*kept)).mappings().all():
        body, report = json.loads(row["body"]), json.loads(row["report"])
        connection.execute(
            broadcasts.insert().values(
                dict(row)
                | {
                    "retract": body.pop("retract", ""),
                    "reason": body.pop("reason", ""),
                    "shown": report.pop("shown", ""),
                    "followed": bool(report.pop("followed", False)),
                    "body": _json(body),
                    "report": _json(report),
                }
            )
        )
    op.drop_table("broadcasts_before")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
