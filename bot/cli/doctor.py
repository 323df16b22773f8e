"""The command that looks at everything and says what is wrong and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import logs
from bot.cli.opening import Exit, until_done
from bot.clock import utc_now
from bot.settings import ENV_FILE, Settings, SettingsTrouble, load, revealed

if TYPE_CHECKING:
    from bot.doctor.looking import Look
    from bot.findings import Finding
    from bot.operators.speech import Speech

BACKUPS = Path("/var/backups/campaign")
"""Where ``deploy/install.sh`` has them made."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    backups: Annotated[
        Path | None, typer.Option(help=f"Where backups are; by default {BACKUPS}.")
    ] = None,
    language: Annotated[str, typer.Option(help="en or fr; by default yours (LANG).")] = "",
) -> None:
    """Look at everything an operator answers for, and say what is wrong and what to do about it.

    Beside a running bot or without one; nothing is changed. Exit code 1 where something is wrong,
    0 where at most something should be looked at.

    Example: `sudo -u campaign .venv/bin/python run_bot.py doctor`
    """
    logs.set_up(quiet=True)

    async def work() -> None:
        from bot.findings import Level
        from bot.operators.speech import Speech

        speech = Speech(language)
        found = []
        async for check, one in _findings(backups):
            found.append((check, one))
            if not as_json:
                print("\n".join(lines(speech, one)), flush=True)
        if as_json:
            print(json.dumps(_as_json(speech, found), ensure_ascii=False, indent=2))
        else:
            print(f"\n{_sum(speech, [one for _, one in found])}")
        if any(one.level is Level.WRONG for _, one in found):
            raise typer.Exit(Exit.CONTENT)

    until_done(work())


async def _findings(backups: Path | None) -> Any:
    from bot.channels import registered
    from bot.doctor import checks, program
    from bot.findings import wrong

    try:
        settings = load()
        if unknown := registered.unknown_places(settings):
            raise SettingsTrouble("\n".join(unknown))
    except SettingsTrouble as trouble:
        yield "program", program.packages(checks.ROOT / program.LOCK)
        yield "settings", wrong("settings.wrong", str(trouble))
        return
    async for check, one in checks.findings(_look(settings, backups)):
        yield check, one


def _look(settings: Settings, backups: Path | None) -> Look:
    from bot.doctor.checks import ROOT
    from bot.doctor.looking import Look
    from bot.store.opening import maintenance_of

    url = revealed(settings.database_url)
    maintenance = maintenance_of(url)
    place = maintenance.place(settings.data_dir, url)
    if backups is None and BACKUPS.is_dir():
        backups = BACKUPS
    process = maintenance.holder(settings.data_dir, place)
    return Look(settings, ROOT, Path(ENV_FILE), backups, utc_now(), process)


def lines(speech: Speech, one: Finding) -> list[str]:
    """A line for how it is, the program's own sentence where there is one, and the next step."""
    level = speech.says(f"level.{one.level}")
    lines = [f"{level:<10} {speech.says(one.name, one.values)}"]
    lines += [f"{'':<10}   {line}" for line in one.detail.splitlines()]
    if remedy := speech.remedy(one.name, one.values):
        lines.append(f"{'':<10} → {remedy}")
    return lines


def _sum(speech: Speech, found: list[Finding]) -> str:
    from bot.findings import Level

    wrongs = sum(one.level is Level.WRONG for one in found)
    warnings = sum(one.level is Level.WARNING for one in found)
    values = {"count": len(found), "wrongs": wrongs, "warnings": warnings}
    if any(one.name == "settings.wrong" for one in found):
        return speech.says("doctor.settings_first")
    name = "doctor.broken" if wrongs else "doctor.look_at" if warnings else "doctor.all_well"
    return speech.says(name, values)


def _as_json(speech: Speech, found: list[tuple[str, Finding]]) -> dict[str, Any]:
    from bot.doctor.checks import worst

    return {
        "level": worst([one for _, one in found]),
        "findings": [
            {
                "check": check,
                "level": one.level,
                "name": one.name,
                "says": speech.says(one.name, one.values),
                "do": speech.remedy(one.name, one.values),
                "detail": one.detail,
                "values": dict(one.values),
            }
            for check, one in found
        ],
    }


def register(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(doctor)
