"""The chat page as a channel: its conversations are kept in the store, and shown live."""
