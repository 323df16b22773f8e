"""The same numbers for Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from platform import python_version

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot import __version__
from bot.health.judging import State
from bot.health.signs import Signs
from bot.meters import BOUNDS, Meters, Spread

CONTENT_TYPE = CONTENT_TYPE_LATEST
OF_THE_PROCESS = (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR)


def exposition(meters: Meters, signs: Signs, states: Sequence[State], at: datetime) -> bytes:
    """All numbers as text."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in (*OF_THE_PROCESS, _Ours(meters, signs, states, at)):
        registry.register(collector)
    return generate_latest(registry)


class _Ours(Collector):
    def __init__(self, meters: Meters, signs: Signs, states: Sequence[State], at: datetime):
        self._meters = meters
        self._signs = signs
        self._states = states
        self._at = at

    def collect(self) -> Iterable[Metric]:
        yield from self._counted()
        yield from self._of_platforms()
        yield from self._of_the_machine()
        yield from self._of_the_campaign()
        wrong = GaugeMetricFamily(
            "campaign_wrong", "What is wrong (docs/operations.md).", labels=("kind", "about")
        )
        for state in self._states:
            wrong.add_metric((state.kind, state.about), 1)
        yield wrong
        yield InfoMetricFamily(
            "campaign", "Versions.", {"version": __version__, "python": python_version()}
        )

    def _counted(self) -> Iterator[Metric]:
        events = CounterMetricFamily(
            "campaign_events", "What came and is on record.", labels=("channel",)
        )
        for channel, number in self._meters.events.items():
            events.add_metric((channel,), number)
        yield events
        sent = CounterMetricFamily(
            "campaign_messages", "What came of sending.", labels=("channel", "lane", "ended")
        )
        for labels, number in self._meters.sent.items():
            sent.add_metric(labels, number)
        yield sent
        yield CounterMetricFamily(
            "campaign_drifts", "Counters that were not what the rows said.", self._meters.drifts
        )
        yield _histogram(
            "campaign_recording_seconds", "From what came to its commit.", self._meters.recording
        )
        yield _histogram(
            "campaign_answering_seconds",
            "From the commit of a message until its platform had it.",
            self._meters.answering,
        )

    def _of_platforms(self) -> Iterator[Metric]:
        shown = (
            ("campaign_heard_seconds", "Since the platform last answered.", "heard"),
            ("campaign_stuck_seconds", "For so long nothing has got through.", "stuck"),
            ("campaign_outbox_messages", "Messages that wait.", "waiting"),
            ("campaign_outbox_oldest_seconds", "For so long the oldest has waited.", "oldest"),
        )
        for name, about, field in shown:
            family = GaugeMetricFamily(name, about, labels=("channel",))
            for channel, platform in self._signs.platforms.items():
                value = getattr(platform, field)
                # Of one that calls by itself nobody knows since when it is silent.
                if value is not None or field != "heard":
                    family.add_metric((channel,), value or 0)
            yield family

    def _of_the_machine(self) -> Iterator[Metric]:
        signs = self._signs
        yield GaugeMetricFamily(
            "campaign_written_seconds", "Since something was last written.", signs.written or 0
        )
        if signs.disk is not None:
            yield GaugeMetricFamily(
                "campaign_disk_free_bytes", "Room where the database is.", signs.disk.free
            )
            yield GaugeMetricFamily("campaign_disk_bytes", "The whole disk.", signs.disk.size)
        yield GaugeMetricFamily(
            "campaign_database_bytes", "The database, without its log.", signs.database
        )
        if signs.backed_up and signs.backup is not None:
            yield GaugeMetricFamily(
                "campaign_backup_timestamp_seconds",
                "When the last backup was made.",
                self._at.timestamp() - signs.backup,
            )
        if signs.certificate is not None:
            yield GaugeMetricFamily(
                "campaign_certificate_days", "For so long it is good.", signs.certificate
            )

    def _of_the_campaign(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "campaign_dead_letters", "Events that failed, kept a week.", self._signs.letters_kept
        )
        yield GaugeMetricFamily(
            "campaign_signatures_held", "Signatures that wait for staff.", self._signs.held
        )
        broadcasts = GaugeMetricFamily("campaign_broadcasts", "By state.", labels=("state",))
        for state, number in self._signs.broadcasts.items():
            broadcasts.add_metric((state,), number)
        yield broadcasts


def _histogram(name: str, about: str, spread: Spread) -> HistogramMetricFamily:
    ends = [*map(str, BOUNDS), "+Inf"]
    buckets = [(end, float(n)) for end, n in zip(ends, accumulate(spread.counts), strict=True)]
    return HistogramMetricFamily(name, about, buckets=buckets, sum_value=spread.seconds)
