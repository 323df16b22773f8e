"""Broadcasts at work: counted, fixed, delivered behind the conversation's back, reported."""
