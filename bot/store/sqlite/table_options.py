"""What the definitions of tables say to SQLite alone; other engines take no notice."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer

UNORDERED: dict[str, Any] = {"sqlite_with_rowid": False}
"""For a table whose rows shall not be numbered in their order of writing."""
NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A number that the engine can give by itself: SQLite does so for its own type only."""
