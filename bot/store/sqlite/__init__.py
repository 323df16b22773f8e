"""All that only SQLite and one process are good for."""
