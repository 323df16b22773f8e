"""The signs as they are told: one form for /readyz, ``status`` and whoever reads either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot import __version__
from bot.health.judging import State, can_record
from bot.health.signs import Signs


def as_json(signs: Signs, states: Sequence[State], *, running: bool = True) -> dict[str, Any]:
    """Everything, in plain values. ``signs.written`` is that of this moment; ``running``: the bot
    itself tells, not its files."""
    disk = signs.disk
    return {
        "running": running,
        "ready": running and can_record(signs.written, signs.damaged),
        "version": __version__,
        "written_seconds": _rounded(signs.written),
        "platforms": {
            name: {
                "heard_seconds": _rounded(platform.heard),
                "trouble": platform.trouble,
                "stuck_seconds": _rounded(platform.stuck),
                "waiting": platform.waiting,
                "oldest_seconds": _rounded(platform.oldest),
            }
            for name, platform in signs.platforms.items()
        },
        "disk": {
            "free_bytes": disk.free,
            "free_percent": round(disk.percent, 1),
            "full_in_hours": _rounded(disk.hours),
        }
        if disk
        else None,
        "database_bytes": signs.database,
        "dead_letters": {"last_day": signs.dead_letters, "kept": signs.letters_kept},
        "signatures_held": signs.held,
        "broadcasts": dict(signs.broadcasts),
        "backup_seconds": _rounded(signs.backup) if signs.backed_up else None,
        "certificate_days": _rounded(signs.certificate),
        "troubles": [
            {
                "name": state.ill.kind,
                "about": state.about,
                "remedy": state.ill.remedy,
                **state.values,
            }
            for state in states
        ],
    }


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    if told["written_seconds"] is not None:
        yield f"written      {_ago(told['written_seconds'])}"
    for name, platform in told["platforms"].items():
        yield f"{name:<12} {', '.join(_platform(platform))}"
    if disk := told["disk"]:
        full = disk["full_in_hours"]
        later = f", full in {full} hours at this rate" if full is not None and full < 1000 else ""
        yield f"disk         {disk['free_percent']} % free{later}"
    yield f"database     {told['database_bytes'] / 1e6:.1f} MB"
    letters = told["dead_letters"]
    yield f"dead letters {letters['last_day']} of the last day, {letters['kept']} kept"
    yield f"signatures   {told['signatures_held']} held"
    states = (f"{number} {state}" for state, number in sorted(told["broadcasts"].items()))
    yield f"broadcasts   {', '.join(states) or 'none'}"
    backup = told["backup_seconds"]
    yield f"backup       {_ago(backup) if backup is not None else 'none known'}"
    if told["certificate_days"] is not None:
        yield f"certificate  good for {told['certificate_days']} days"
    for trouble in told["troubles"]:
        about = f" ({trouble['about']})" if trouble["about"] else ""
        yield f"WRONG: {trouble['name'].replace('_', ' ')}{about}: {trouble['remedy']}"
    if not told["running"]:
        yield (
            "The bot does not answer on this machine: it is stopped, or runs with --no-page. This"
            " is what its files say."
        )
    elif not told["troubles"]:
        yield "All is well."


def _platform(platform: Mapping[str, Any]) -> Iterator[str]:
    if platform["heard_seconds"] is not None:
        yield f"heard {_ago(platform['heard_seconds'])}"
    if platform["trouble"]:
        yield str(platform["trouble"])
    if platform["stuck_seconds"] is not None:
        yield f"nothing gets through since {_span(platform['stuck_seconds'])}"
    waiting = f"{platform['waiting']} messages wait"
    if platform["waiting"] and platform["oldest_seconds"]:
        waiting += f", the oldest for {_span(platform['oldest_seconds'])}"
    yield waiting


def _ago(seconds: float) -> str:
    return f"{_span(seconds)} ago"


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} seconds"


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)
