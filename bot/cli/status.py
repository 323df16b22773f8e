"""How the bot is, for people: asked of the one that runs, else read from its files."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.opening import Exit, opened, settings_of, until_done
from bot.clock import utc_now
from bot.settings import Settings, revealed

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 5.0


def status(
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs, as /readyz has it.")
    ] = False,
) -> None:
    """What the bot can and cannot do just now, and the first thing to do about it.

    Exit code 4 when something is wrong, or the bot does not run.

    Example: `python run_bot.py status`
    """
    settings = settings_of()

    async def work() -> None:
        from bot.health import telling

        told = _asked(settings) or await _from_files(settings)
        if as_json:
            print(json.dumps(told, indent=2))
        else:
            for line in telling.lines(told):
                print(line)
        if told["troubles"] or not told["ready"]:
            raise typer.Exit(Exit.IN_THE_WAY)

    until_done(work())


def _asked(settings: Settings) -> Mapping[str, Any] | None:
    """What the running bot says; None where none answers, or not to us."""
    from bot.health import whereabouts

    url = whereabouts.told(settings.data_dir)
    if not url.startswith("http://"):
        return None
    token = revealed(settings.metrics_token)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"{url}readyz", headers=headers)  # noqa: S310 - http, above
    # This machine is reached without the proxy that leads out of it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                told = json.load(refusal)
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and "troubles" in told else None


async def _from_files(settings: Settings) -> Mapping[str, Any]:
    from bot.health import looking, telling
    from bot.health.judging import Limits, judge

    async with opened(settings, looking=True) as (store, _):
        signs = await looking.from_files(settings, store, utc_now())
    return telling.as_json(signs, judge(signs, Limits.of(settings)), running=False)


def register(app: typer.Typer) -> None:
    """Make it a command."""
    app.command()(status)
