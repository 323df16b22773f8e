"""From nothing to a bot that answers: settings that are written line by line, and proxies."""
