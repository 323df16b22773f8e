"""From the outbox to the channels: in order within a chat, paced, and every result recorded."""

from bot.sender.results import Results
from bot.sender.sending import Sender

__all__ = ["Results", "Sender"]
