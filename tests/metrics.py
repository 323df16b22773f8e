"""Numbers as Prometheus reads them."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def numbers_of(text: str) -> dict[str, float]:
    """By the name and the values of its labels, in the order of what they are called."""
    return {
        " ".join(
            (sample.name, *(sample.labels[label] for label in sorted(sample.labels)))
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
