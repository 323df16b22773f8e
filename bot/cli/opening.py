"""What all commands share: settings, content, exit codes, and failures in a sentence."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import typer

from bot import garbage, packages
from bot.clock import utc_now
from bot.settings import Settings, SettingsTrouble, load, revealed

if TYPE_CHECKING:
    from bot.content_files import Problem
    from bot.content_files.checks.content import Checked
    from bot.keys import Keys
    from bot.store.database import Database


class Exit(IntEnum):
    """What the exit code tells a script.

    ``IN_THE_WAY`` is what may pass by itself: whoever starts the bot may try again. With
    ``CONFIGURATION`` and ``DAMAGED`` somebody has to mend something first.
    """

    OK = 0
    CONTENT = 1
    USAGE = 2
    CONFIGURATION = 3
    IN_THE_WAY = 4
    DRIFTED = 5
    TAMPERED = 6
    FAULT = 7
    DAMAGED = 8


EXIT_CODES = (
    "Exit codes: 0 all right, 1 content, or what the doctor found, 2 usage, 3 configuration, 4"
    " something in the way that may pass by itself (data directory or port taken, network, full"
    " disk), 5 a recount found something wrong, 6 the audit log was changed, 7 a fault of the"
    " program, 8 the database is damaged."
)


def settings_of() -> Settings:
    """The settings; what is wrong with them ends the command."""
    from bot.channels import registered

    try:
        settings = load()
        if wrong := registered.unknown_places(settings):
            raise SettingsTrouble("\n".join(wrong))
        return settings
    except SettingsTrouble as trouble:
        fail(Exit.CONFIGURATION, f"Settings that cannot be used:\n{trouble}")


def content_of(settings: Settings, *, starting: bool = False, trying: Sequence[str] = ()) -> Any:
    """The checked content; its problems end the command.

    ``starting``: for what may make the data directory, where the check is then remembered.
    ``trying``: languages to offer although nobody has reviewed them.
    """
    from bot.channels import registered
    from bot.content_files import Content, ContentError

    if not os.path.exists(settings.content / "cases.yaml"):
        fail(
            Exit.CONFIGURATION,
            f"There is no {settings.content}/cases.yaml: start in the project's directory,"
            " or set BOT_CONTENT.",
        )
    try:
        directory = settings.data_dir
        proof = directory / "content.proof" if starting or directory.is_dir() else None
        channels = registered.checked(settings)
        return Content(
            settings.content, channels, more_checks=(documents,), proof=proof, trying=trying
        )
    except ContentError as error:
        fail(Exit.CONTENT, f"{error}\nMend these and start again (check: run_bot.py check).")


@asynccontextmanager
async def opened(
    settings: Settings, *, looking: bool = False
) -> AsyncIterator[tuple[Database, Keys]]:
    """Store and keys, for short transactions beside a bot that may be running.

    ``looking``: for what changes nothing, not even tables of an older version.
    """
    from bot import logs
    from bot.keys import Keys
    from bot.store import key_marks
    from bot.store.database import DatabaseTrouble
    from bot.store.opening import open_database

    logs.set_up(quiet=True)
    url = revealed(settings.database_url)
    given = revealed(settings.keys)
    store = await open_database(
        settings.data_dir, url, beside=True, looking=looking, before_upgrade=_leave_alone
    )
    try:
        async with store.reading() as connection:
            if not await key_marks.there(connection):
                raise DatabaseTrouble(
                    f"The first start in {settings.data_dir} was cut off before it made its keys:"
                    " start the bot once."
                )
            keys = Keys.open(
                settings.data_dir / "keys",
                given,
                database_exists=True,
                names_to=settings.handover_key,
            )
            await key_marks.verify(connection, keys)
        store.on_writing = keys.take_up
        yield store, keys
    finally:
        await store.close()


def _leave_alone(database: Path, _: object) -> None:
    """The version before may be running on these tables."""
    from bot.store.database import DatabaseOlder

    raise DatabaseOlder(
        f"The database {database} was written by an older version of the bot: start the bot once,"
        " or run_bot.py upgrade, which brings it up to date."
    )


def now_and_today(campaign: Any) -> tuple[datetime, date]:
    """The moment, and the day that it is for the campaign."""
    now = utc_now()
    return now, now.astimezone(ZoneInfo(campaign.time_zone)).date()


def documents(content: Checked) -> Iterable[Problem]:
    """What documents need of the content. Loads what makes them only where it is checked."""
    from bot.documents.checking import check

    return check(content)


def until_done(work: Coroutine[Any, Any, None]) -> None:
    """Run it; what an operator can mend ends with a sentence and an exit code, not a traceback."""
    garbage.look_again()
    try:
        asyncio.run(work)
        sys.stdout.flush()  # here, where a closed pipe is caught
    except KeyboardInterrupt:
        raise typer.Exit(Exit.OK) from None
    except typer.Exit:
        raise
    except BrokenPipeError:
        # Whoever read the output (head) has seen enough. What Python would still write at its end
        # goes nowhere, without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.OK) from None
    except Exception as trouble:
        fail(*told(trouble))


def told(trouble: Exception) -> tuple[Exit, str]:
    """The exit code and the sentence for what went wrong; nothing in it is personal."""
    if isinstance(trouble, ModuleNotFoundError) and (sentence := packages.missing(trouble)):
        return Exit.CONFIGURATION, sentence
    # Imported only now: Telegram's and the web's libraries would be half the time of a command
    # that ends well and needs none of them.
    from sqlalchemy.exc import DBAPIError

    from bot.channels.service import ChannelTrouble
    from bot.disk import is_full, remedy
    from bot.keys import KeyTrouble
    from bot.logs import place
    from bot.store.database import (
        DatabaseBusy,
        DatabaseDamaged,
        DatabaseTrouble,
        DataDirectoryTaken,
    )
    from bot.store.opening import maintenance_of
    from bot.web.serving import CannotListenYet, PortTrouble

    match trouble:
        case DatabaseDamaged():
            return Exit.DAMAGED, str(trouble)
        case DataDirectoryTaken() | DatabaseBusy() | CannotListenYet():
            return Exit.IN_THE_WAY, str(trouble)
        case DatabaseTrouble() | KeyTrouble() | ChannelTrouble() | PortTrouble():
            return Exit.CONFIGURATION, str(trouble)
        case DBAPIError():
            settings = load()
            url = revealed(settings.database_url)
            maintenance = maintenance_of(url)
            database = maintenance.place(settings.data_dir, url)
            return told(maintenance.refused(database, trouble))
        case OSError() if is_full(trouble):
            return Exit.IN_THE_WAY, "The disk is full: make room, and start again."
        case OSError(filename=str(named), strerror=str(reason)):
            return (
                Exit.CONFIGURATION,
                f"{named} cannot be used ({reason}): {remedy(trouble)}, or name another place"
                " (BOT_DATA_DIR).",
            )
    return Exit.FAULT, (
        f"A fault of the program: {place(trouble)}. Report this line, there is nothing personal"
        " in it. What was recorded stays."
    )


def fail(code: Exit, text: str) -> NoReturn:
    """End the command with a sentence and its exit code."""
    print(text, file=sys.stderr)
    raise typer.Exit(code)
