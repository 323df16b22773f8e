"""The terminal as a channel: a conversation typed and read line by line."""
