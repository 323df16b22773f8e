"""What was erased after a backup was made, told by the database that it takes the place of.

The database keeps no list of those who left, by design. But where the one in use is still whole,
and is what became of the backup, whoever is missing in it was erased since.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store.maintenance import BackupTrouble, Gone
from bot.store.sqlite import proving


def gone_since(backup: Path, later: Path) -> Gone | None:
    """None where the later database cannot tell: it is not whole, or not what became of the backup.

    A database that was begun anew must not make everybody in the backup look erased.
    """
    if not later.is_file() or later.stat().st_size == 0:
        return None
    place = f"{later.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(place, uri=True, isolation_level=None)) as connection:
            proving.check(connection, later)
            proving.read(connection)
            there = f"{backup.absolute().as_uri()}?mode=ro&immutable=1"
            connection.execute("ATTACH ? AS backup", [there])
            return _gone(connection) if _became(connection) else None
    except (sqlite3.Error, BackupTrouble):
        return None


_CONTRADICTIONS = (
    # Other keys: another campaign's, or one begun anew.
    "SELECT 1 FROM backup.key_marks b JOIN main.key_marks m USING (name) WHERE b.mark <> m.mark",
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM backup.key_marks b JOIN main.key_marks m"
    " USING (name, mark) WHERE name = 'pseudonyms')",
    # It was itself restored since the backup was made: who came in between is missing in it, too.
    "SELECT 1 FROM main.audit m LEFT JOIN backup.audit b USING (number)"
    " WHERE m.act = 'restore' AND b.number IS NULL",
    # What only grows must not be less (two of the sequences are none).
    "SELECT 1 FROM backup.sequences b LEFT JOIN main.sequences m USING (name)"
    " WHERE b.name NOT IN ('erasures', 'audit_end') AND b.last > coalesce(m.last, 0)",
    "SELECT 1 FROM backup.tallies b LEFT JOIN main.tallies m USING (petition, day, kind)"
    " WHERE b.count > coalesce(m.count, 0)",
    "SELECT 1 FROM backup.arrivals b LEFT JOIN main.arrivals m USING (source, day)"
    " WHERE b.count > coalesce(m.count, 0)",
    "SELECT 1 FROM backup.audit b LEFT JOIN main.audit m USING (number)"
    " WHERE m.hash IS NULL OR b.hash <> m.hash",
    # Damage that no check of pages finds: rows are missing without their counter.
    "SELECT 1 WHERE (SELECT count(*) FROM main.supporters)"
    " <> coalesce((SELECT value FROM main.counters WHERE name = 'supporters'), 0)",
)


def _became(connection: sqlite3.Connection) -> bool:
    return not any(connection.execute(query).fetchone() for query in _CONTRADICTIONS)


def _gone(connection: sqlite3.Connection) -> Gone:
    people = "SELECT pseudonym FROM backup.supporters EXCEPT SELECT pseudonym FROM supporters"
    left = (
        "SELECT pseudonym, topic FROM backup.subscriptions"
        " EXCEPT SELECT pseudonym, topic FROM subscriptions"
    )
    signed = (
        "SELECT petition, pseudonym FROM backup.signatures"
        " EXCEPT SELECT petition, pseudonym FROM signatures"
    )
    nameless = (
        "SELECT petition, pseudonym FROM backup.signatures b JOIN main.signatures m"
        " USING (petition, pseudonym) WHERE m.state = 'spent' AND b.state <> 'spent'"
    )
    gone = [row for (row,) in connection.execute(people)]
    erased = set(gone)
    return Gone(
        gone,
        [row for row in connection.execute(left) if row[0] not in erased],
        connection.execute(signed).fetchall(),
        connection.execute(nameless).fetchall(),
    )
