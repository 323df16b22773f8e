"""Telegram: a bot that polls for updates and sends messages."""
