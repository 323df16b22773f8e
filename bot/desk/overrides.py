"""The campaign of this moment: the content's, with what staff have set laid over it."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot.campaign.content import Campaign, CampaignNow
from bot.campaign.urgent import overlay, unusable

log = structlog.get_logger()


class Overrides:
    """Gives the campaign; takes what the desk keeps."""

    def __init__(self, content: CampaignNow):
        """``content`` gives the campaign as it stands in the files."""
        self._content = content
        self._values: Mapping[str, str] = {}
        self._made: tuple[Campaign, Campaign] | None = None

    def take(self, values: Mapping[str, str]) -> None:
        """What staff have set, all of it."""
        if values != self._values:
            self._values = dict(values)
            self._made = None
            for name in unusable(values):
                log.error("staff_value_unusable", name=name)

    def campaign(self) -> Campaign:
        """As supporters meet it now."""
        base = self._content()
        if self._made is None or self._made[0] is not base:
            self._made = (base, overlay(base, self._values))
        return self._made[1]
