"""What staff have set, and what they ask for, under names of their own; requests by their fields
instead of one packed value."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_DESK = sa.table("desk", sa.column("name"), sa.column("value"))
_ORDERS = sa.table("orders", *map(sa.column, ("id", "broadcast", "act", "value", "at", "answer")))


def upgrade() -> None:
    """Nothing that waits is lost."""
    # A renamed table would keep its name in quotes, and differ from a new database's.
    settings = op.create_table(
        "staff_settings",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(settings.insert().from_select(["name", "value"], sa.select(_DESK)))
    op.drop_table("desk")
    requests = op.create_table(
        "desk_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("member", sa.String, nullable=False),
        sa.Column("fields", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("taken", sa.Boolean, nullable=False),
    )
    orders = op.get_bind().execute(sa.select(_ORDERS)).all()
    op.bulk_insert(requests, [_request(order) for order in orders])
    op.drop_table("orders")


def _request(order: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    # "MARK:what", where only a test (its group) and a word to an author had a what.
    member, _, what = order.value.partition(":")
    kind, fields = order.act, {"number": order.broadcast}
    if kind == "test":
        fields["group"] = what
    elif kind == "word":
        kind, fields["word"] = "return", what
    return {
        "id": order.id,
        "kind": kind,
        "member": member,
        "fields": json.dumps(fields, ensure_ascii=False),
        "at": order.at,
        "taken": order.answer is not None,
    }
