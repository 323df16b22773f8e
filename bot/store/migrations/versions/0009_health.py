"""What is wrong with the bot, and how far owners were told."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing is wrong yet."""
    op.create_table(
        "alarms",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("over", sa.BigInteger),
        sa.Column("told", sa.BigInteger),
        sa.Column("said", sa.String, nullable=False),
        sa.Column("posted", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
