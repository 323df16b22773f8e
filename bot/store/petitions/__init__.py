"""Signatures, what happened to them, and what is handed over."""
