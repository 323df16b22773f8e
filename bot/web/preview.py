"""Placeholder until the preview stands."""

from starlette.routing import Route

from bot.web.house import House


def routes(house: House) -> list[Route]:
    """None yet."""
    return []
