"""Broadcasts, who gets them, and what became of each message."""
