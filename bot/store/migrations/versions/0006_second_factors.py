"""Members of the staff have a second factor."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nobody has one yet."""
    op.create_table(
        "second_factors",
        sa.Column("mark", sa.String, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
