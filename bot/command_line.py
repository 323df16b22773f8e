"""What all commands share: settings, content, exit codes, and failures in a sentence."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from bot.settings import Settings, SettingsTrouble, load

if TYPE_CHECKING:
    from bot.content_files import Problem
    from bot.content_files.checks.content import Checked
    from bot.keys import Keys
    from bot.store.database import Store


class Exit(IntEnum):
    """What the exit code tells a script."""

    OK = 0
    CONTENT = 1
    USAGE = 2
    CONFIGURATION = 3
    NETWORK = 4


def settings_of() -> Settings:
    """The settings; what is wrong with them ends the command."""
    try:
        return load()
    except SettingsTrouble as trouble:
        fail(Exit.CONFIGURATION, f"Settings that cannot be used:\n{trouble}")


def content_of(settings: Settings) -> Any:
    """The checked content; its problems end the command."""
    from bot.content_files import Content, ContentError

    if not Path(settings.content, "cases.yaml").exists():
        fail(
            Exit.CONFIGURATION,
            f"There is no {settings.content}/cases.yaml: start in the project's directory,"
            " or set BOT_CONTENT.",
        )
    try:
        proof = settings.data_dir / "content.proof"
        return Content(settings.content, more_checks=(documents,), proof=proof)
    except ContentError as error:
        fail(Exit.CONTENT, f"{error}\nMend these and start again (check: run_bot.py check).")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Store, Keys]]:
    """Store and keys, for short transactions beside a bot that may be running."""
    from bot import logs
    from bot.keys import Keys
    from bot.store.database import Store

    logs.set_up(quiet=True)
    url = settings.database_url.get_secret_value() if settings.database_url else None
    given = settings.keys.get_secret_value() if settings.keys else None
    store = await Store.open(settings.data_dir, url, beside=True)
    try:
        yield store, Keys.open(settings.data_dir / "keys", given, database_exists=True)
    finally:
        await store.close()


def documents(content: Checked) -> Iterable[Problem]:
    """What documents need of the content. Loads what makes them only where it is checked."""
    from bot.documents.checking import check

    return check(content)


def until_done(work: Coroutine[Any, Any, None]) -> None:
    """Run it; what an operator can mend ends with a sentence and an exit code, not a traceback."""
    # run_bot.py has switched garbage collection off for what stays; work makes garbage.
    gc.freeze()
    gc.enable()
    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(Exit.OK) from None
    except typer.Exit:
        raise
    except PermissionError as trouble:
        fail(
            Exit.CONFIGURATION,
            f"{trouble.filename} may not be written: give it to the account that runs the bot,"
            " or set BOT_DATA_DIR.",
        )
    except Exception as trouble:
        code = _code_of(trouble)
        if code is None:
            raise
        fail(code, str(trouble))


def _code_of(trouble: Exception) -> Exit | None:
    """The exit code of what an operator can mend."""
    # Imported only now: Telegram's and the web's libraries would be half the time of a command
    # that ends well and needs none of them.
    from bot.channels.telegram_polling import TokenRefused
    from bot.keys import KeyTrouble
    from bot.store.database import DatabaseTrouble
    from bot.store.holding import DataDirectoryTaken
    from bot.web.serving import PortTrouble

    if isinstance(trouble, (DataDirectoryTaken, DatabaseTrouble, KeyTrouble, TokenRefused)):
        return Exit.CONFIGURATION
    return Exit.NETWORK if isinstance(trouble, PortTrouble) else None


def fail(code: Exit, text: str) -> NoReturn:
    """End the command with a sentence and its exit code."""
    print(text, file=sys.stderr)
    raise typer.Exit(code)
