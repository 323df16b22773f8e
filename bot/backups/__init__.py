"""Copies of the database that can be relied on, and the way back from one of them.

A backup is whole or it is not there: it gets its name only when it was read back and found to be
what the database was at one moment.
"""
