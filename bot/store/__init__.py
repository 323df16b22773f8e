"""What is kept: SQLAlchemy Core tables, one file per aggregate, one writing connection.

Functions take a connection and plain values, and work on many rows at once. Whoever writes opens
``async with store.writing() as connection:``, which is one transaction.
"""
