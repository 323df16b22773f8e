"""What a platform calls a message is text: not every platform counts its messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table anew with the names as text, and carry every delivery over, set by set."""
    op.rename_table("deliveries", "deliveries_before")
    op.create_table(
        "deliveries",
        sa.Column("broadcast", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("pseudonym", sa.LargeBinary, primary_key=True),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer),
        sa.Column("ref", sa.String),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO deliveries (broadcast, pseudonym, state, at, ref)"
        " SELECT broadcast, pseudonym, state, at, CAST(ref AS VARCHAR) FROM deliveries_before"
    )
    op.drop_table("deliveries_before")
