"""What staff want done: one frozen class a command, with all that it needs and nothing packed.

The chat, the shell, a page and the bot itself make such objects; ``bot.desk.acts`` has a handler
for each and is the one place that decides and logs.
"""
