"""The web part: the chat page, the staff's preview, and what later rooms add.

A room is a module with ``routes(context) -> list[Route]``; ``app.build`` puts them behind one guard
(hosts, origins, headers) and gives them the same templates, labels and limits.
"""
