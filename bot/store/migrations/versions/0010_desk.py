"""Staff sign in at their pages, and see how many came to each stage of the campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nobody is signed in, and nothing is counted yet: what was before is not made up."""
    op.create_table(
        "desk_passes",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stages",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("dimension", sa.String, primary_key=True),
        sa.Column("value", sa.String, primary_key=True),
        sa.Column("stage", sa.String, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
