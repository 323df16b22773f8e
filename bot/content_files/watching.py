"""Content in use, and taking up changes while the bot runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import structlog

from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign, CampaignNow
from bot.content_files.checks import Check
from bot.content_files.checks.petitions import changed_petitions
from bot.content_files.loading import ContentError, load
from bot.content_files.named_files import every_file
from bot.content_files.problems import Problem
from bot.content_files.proving import fingerprint, is_proven, remember
from bot.wording import Wording

log = structlog.get_logger(__name__)

Stamps = dict[str, tuple[int, int]]
"""When each file was changed (ns), and how large it is."""


class InUse(NamedTuple):
    """A campaign and the wording that belongs to it."""

    campaign: Campaign
    wording: Wording


class Content:
    """The content that is valid now. Who needs both parts at once takes ``now`` and keeps it."""

    def __init__(
        self,
        directory: str | os.PathLike[str],
        channels: Sequence[Capabilities],
        *,
        more_checks: Iterable[Check] = (),
        proof: Path | None = None,
        trying: Sequence[str] = (),
    ) -> None:
        """Load the directory. Raises ContentError with the whole report.

        ``channels``: what those can do that the screens are held against.
        ``proof``: a file that remembers which content was found without errors, so that the next
        start with the same content and program is a quick one.
        ``trying``: languages to offer although nobody has reviewed them.
        """
        self.laid_over: CampaignNow | None = None
        """Gives the campaign with what staff have set laid over ``valid``, as the files have it."""
        self.refused = 0
        """How many problems the last change has, where it was refused."""
        self._directory = Path(directory)
        self._channels = tuple(channels)
        self._more_checks = tuple(more_checks)
        self._trying = tuple(trying)
        self.warnings: tuple[Problem, ...] | None = None
        """What was found at the last thorough look; None where the proof spared it."""
        self._seen = stamps(self._directory)
        if proof is not None and is_proven(proof, self._directory, self._channels):
            self.valid = self._load(thorough=False)
            return
        found = fingerprint(self._directory, self._channels)
        self.valid = self._load()
        if proof is not None:
            remember(proof, found)

    @property
    def now(self) -> InUse:
        """Both parts, as supporters meet them."""
        return InUse(self.campaign, self.wording)

    @property
    def campaign(self) -> Campaign:
        """The campaign as it is now."""
        return self.laid_over() if self.laid_over is not None else self.valid.campaign

    @property
    def wording(self) -> Wording:
        """The wording as it is now."""
        return self.valid.wording

    async def watch(
        self,
        stop: asyncio.Event,
        *,
        every: float = 2.0,
        settle: float = 0.3,
        changed: Callable[[InUse], None] | None = None,
    ) -> None:
        """Take up valid changes until ``stop`` is set; invalid ones are refused, with a report.

        ``settle``: how long the files must stay as they are before they are read, so that a file
        is not read half-written. ``changed`` is called after each change that was taken up.
        """
        while not await _set_within(stop, every):
            if stamps(self._directory) == self._seen:
                continue
            settled = await self._settled(stop, settle)
            if settled is None:
                return
            try:
                taken = await asyncio.to_thread(self._load)
            except ContentError as error:
                self._seen = settled
                self.refused = _refuse(error)
                continue
            if stamps(self._directory) != settled:
                continue  # written on while it was read: look again
            _tell_changed(self.valid.campaign, taken.campaign)
            self._seen, self.valid = settled, taken
            self.refused = 0
            log.info("content_changed", cases=len(taken.campaign.cases))
            if changed is not None:
                changed(taken)

    async def _settled(self, stop: asyncio.Event, settle: float) -> Stamps | None:
        before = stamps(self._directory)
        while not await _set_within(stop, settle):
            after = stamps(self._directory)
            if after == before:
                return after
            before = after
        return None

    def _load(self, *, thorough: bool = True) -> InUse:
        loaded = load(
            self._directory, self._channels, more_checks=self._more_checks, thorough=thorough
        )
        if loaded.campaign is None or loaded.wording is None or loaded.errors:
            raise ContentError(loaded)
        if thorough:
            self.warnings = loaded.warnings
        return InUse(loaded.campaign.trying(*self._trying), loaded.wording)


def _tell_changed(before: Campaign, after: Campaign) -> None:
    """Say that a petition's text is another one under its old version: people have signed both."""
    for petition in changed_petitions(before, after):
        log.warning(
            "petition_text_changed",
            petition=petition,
            version=after.petitions[petition].version,
            remedy="raise the version in cases.yaml",
        )


def _refuse(error: ContentError) -> int:
    """Say so; how many problems there are."""
    problems = [str(problem) for problem in error.loaded.errors]
    log.error("content_refused", problems=problems)
    return len(problems)


async def _set_within(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


def stamps(directory: Path) -> Stamps:
    """The state of all files below a directory; a file that goes away meanwhile is left out."""
    found: Stamps = {}
    for file in every_file(directory):
        with suppress(OSError):
            state = file.stat()
            found[str(file)] = (state.st_mtime_ns, state.st_size)
    return found
