"""All tables at once, for what goes through the whole database: migrations, exports, resealing."""

from bot.store import tables as _tables
from bot.store.broadcasts import tables as _broadcasts
from bot.store.people import tables as _people
from bot.store.petitions import tables as _petitions
from bot.store.schema import metadata

LAID_DOWN = (_tables, _people, _petitions, _broadcasts)
"""The modules in which the tables stand: importing them fills ``metadata``."""

__all__ = ["LAID_DOWN", "metadata"]
