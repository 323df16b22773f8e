"""Broadcasts from the shell. Every command works beside a running bot, in a transaction of its own;
the bot takes notice within a second."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.opening import Exit, content_of, fail, opened, settings_of, until_done
from bot.clock import utc_now

if TYPE_CHECKING:
    from bot.campaign.broadcast_rules.record import BroadcastRecord
    from bot.campaign.desk_commands.broadcasts import BroadcastCommand
    from bot.store.database import Database

app = typer.Typer(
    help="Broadcasts: write, watch, pause, resume, cancel. Approving is done in the chat (/staff).",
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(help="The number of the broadcast (see: broadcast list).")]

_REFUSED = {
    "state": "not possible in its present state (see: broadcast show)",
    "changed": "it was changed after its approval",
    "nothing": "there is no such broadcast (see: broadcast list)",
}


@app.command()
def new(
    file: Annotated[
        Path, typer.Argument(help="The broadcast as a YAML file (docs/broadcasts.md).")
    ],
) -> None:
    """Make a draft from a file; staff review and approve it in the chat.

    Example: `python run_bot.py broadcast new update.yaml`
    """
    from bot.broadcasts import file_format
    from bot.campaign.broadcast_rules.acts import member_of_shell
    from bot.campaign.desk_commands.broadcasts import Begin
    from bot.channels.registered import checked, writing_first
    from bot.desk import acts
    from bot.desk.second_factor import SecondFactors
    from bot.store.broadcasts import files

    settings = settings_of()
    content = content_of(settings)
    now = utc_now()
    able = writing_first(checked(settings))
    written = file_format.load(file, content.campaign, able, now)
    for problem in written.problems:
        print(problem)
    draft = written.broadcast
    if draft is None:
        fail(Exit.CONTENT, "Mend these and run it again.")

    async def work() -> None:
        async with opened(settings) as (store, keys), store.writing() as connection:
            if written.file is not None:
                await files.add(connection, written.file)
            rules = await acts.rules_now(connection, keys, content.campaign, able)
            acting = acts.Acting(
                connection, keys, member_of_shell(), rules, now, SecondFactors(keys)
            )
            made = await acts.act(acting, Begin(draft))
        print(f"Broadcast {made.id} is a draft: open /staff in the chat to have it reviewed.")

    until_done(work())


@app.command("list")
def list_() -> None:
    """The newest broadcasts.

    Example: `python run_bot.py broadcast list`
    """
    from bot.campaign.scenes.staff_screens import title
    from bot.store.broadcasts import records

    async def work() -> None:
        async with opened(settings_of(), looking=True) as (store, _), store.reading() as connection:
            found = await records.newest(connection, 50)
        for one in found:
            sent = f"{_people(one.sent)} of {_people(one.recipients)} sent"
            sent = sent if one.recipients else ""
            made = one.broadcast
            print(f"{made.id:>5}  {made.state:<9}  {title(made):<28}  {sent}".rstrip())
        if not found:
            print("There are none yet: make one with /staff in the chat, or broadcast new FILE.")

    until_done(work())


@app.command()
def show(
    number: Number,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, with a progress bar, until it stops.")
    ] = False,
) -> None:
    """All figures of a broadcast; `--watch` shows a progress bar.

    Example: `python run_bot.py broadcast show 3 --watch`
    """

    async def work() -> None:
        async with opened(settings_of(), looking=True) as (store, _):
            record = await _found(store, number)
            if watch:
                record = await _watch(store, number)
        _print(record)

    until_done(work())


async def _found(store: Database, number: int) -> BroadcastRecord:
    from bot.store.broadcasts import records

    async with store.reading() as connection:
        record = await records.find(connection, number)
    if record is None:
        fail(Exit.USAGE, f"Broadcast {number}: {_REFUSED['nothing']}.")
    return record


async def _watch(store: Database, number: int) -> BroadcastRecord:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.campaign.crowd import rounded

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}/s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as bar:
        task = bar.add_task("", total=None, rate=0)
        before: int | None = None
        while True:
            record = await _found(store, number)
            settled = rounded(record.settled)
            rate = 0 if before is None else settled - before
            before = settled
            bar.update(
                task,
                completed=settled,
                total=rounded(record.expected) or None,
                description=record.broadcast.state.value,
                rate=rate,
            )
            if record.broadcast.state.value not in ("approved", "sending"):
                return record
            await asyncio.sleep(1.0)


def _people(number: int) -> str:
    """As in the chat: nobody is counted out of an audience at the shell either."""
    from bot.campaign.crowd import plainly

    return plainly(number)


def _print(record: BroadcastRecord) -> None:
    broadcast = record.broadcast
    told: dict[str, Any] = {
        "state": broadcast.state.value + (f" ({broadcast.reason})" if broadcast.reason else ""),
        "texts": ", ".join(broadcast.texts),
        "topic": broadcast.audience.topic,
        "counted": _people(broadcast.counted or 0) if broadcast.is_counted else "not counted",
        "approved": "yes" if broadcast.is_approved else "no",
        "goes out": broadcast.at.isoformat() if broadcast.at else "once approved",
        "recipients": f"{_people(record.recipients)}{'' if record.fixed else ' so far'}",
        "sent": _people(record.sent),
        "blocked": _people(record.blocked),
        "failed": _people(record.failed),
        "unknown": _people(record.unknown),
        "left before": _people(record.left),
    }
    for name, value in told.items():
        print(f"{name + ':':<13}{value}")


def _do(command: BroadcastCommand) -> None:
    from bot.campaign.broadcast_rules.acts import member_of_shell
    from bot.campaign.broadcast_rules.allowing import NotAllowed
    from bot.channels.registered import checked, writing_first
    from bot.desk import acts
    from bot.desk.second_factor import SecondFactors

    settings = settings_of()
    content = content_of(settings)
    able = writing_first(checked(settings))

    async def work() -> None:
        async with opened(settings) as (store, keys):
            try:
                async with store.writing() as connection:
                    rules = await acts.rules_now(connection, keys, content.campaign, able)
                    acting = acts.Acting(
                        connection, keys, member_of_shell(), rules, utc_now(), SecondFactors(keys)
                    )
                    changed = await acts.act(acting, command)
            except NotAllowed as refusal:
                told = _REFUSED.get(refusal.reason, refusal)
                fail(Exit.USAGE, f"Broadcast {command.number}: {told}.")
        print(f"Broadcast {command.number}: {changed.state.value}")

    until_done(work())


@app.command()
def pause(number: Number) -> None:
    """Stop sending within a second; what was sent stays.

    Example: `python run_bot.py broadcast pause 3`
    """
    from bot.campaign.desk_commands.broadcasts import Pause

    _do(Pause(number))


@app.command()
def resume(number: Number) -> None:
    """Go on sending where it was paused.

    Example: `python run_bot.py broadcast resume 3`
    """
    from bot.campaign.desk_commands.broadcasts import Resume

    _do(Resume(number))


@app.command()
def cancel(number: Number) -> None:
    """End it for good; what was sent stays.

    Example: `python run_bot.py broadcast cancel 3`
    """
    from bot.campaign.desk_commands.broadcasts import Cancel

    _do(Cancel(number))
