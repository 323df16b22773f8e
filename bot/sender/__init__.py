"""From the outbox to the channels: in order within a chat, paced, and every result recorded."""

from bot.sender.results import Results
from bot.sender.sending import Make, Sender

__all__ = ["Make", "Results", "Sender"]
