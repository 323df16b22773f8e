"""The command line. Each command says what it does, and every failure says what to do next."""

from __future__ import annotations

import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__, logs
from bot.cli import (
    audit,
    backup,
    broadcast,
    data,
    dead_letters,
    doctor,
    handover,
    init,
    pending,
    staff,
    status,
    translate,
    upgrade,
    whatsapp,
)
from bot.cli.opening import (
    EXIT_CODES,
    Exit,
    content_of,
    documents,
    fail,
    settings_of,
    told,
    until_done,
)
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.content_files import Content
    from bot.web.serving import Listening


app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="A campaign chatbot: a supporter hears the story of a detained person and acts for them.",
)

EXAMPLES = f"""

Examples:

- `python run_bot.py` – start the bot: Telegram with a token, and the chat page
- `python run_bot.py chat --language en --case akber` – talk to it in the terminal
- `python run_bot.py check` – is the content all right?

{EXIT_CODES}
"""


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback(invoke_without_command=True, epilog=EXAMPLES)
def start(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and stop."
        ),
    ] = False,
) -> None:
    """A campaign chatbot: a supporter hears the story of a detained person and acts for them."""
    if context.invoked_subcommand is None:
        run()


@app.command()
def run(
    page: Annotated[
        bool, typer.Option("--page/--no-page", help="Serve the chat page for browsers.")
    ] = True,
) -> None:
    """Start the bot: the chat page, and Telegram with BOT_TOKEN.

    Without both a token and the page, the conversation opens in the terminal.

    Example: `BOT_TOKEN=123456:ABC… python run_bot.py run`
    """
    settings = settings_of()
    from bot.channels.registered import is_on

    alone = not is_on(settings)
    if settings.token is None:
        print(
            "BOT_TOKEN is not set, so Telegram stays off; README.md says how to get a token.",
            file=sys.stderr,
        )
    if alone and not page:
        _chat(settings, language="", case="")
        return
    if hasattr(signal, "SIGHUP"):
        # A terminal that is closed does not end the bot. There is nothing to be read again:
        # content is taken up by itself, and settings need a new start.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logs.set_up(quiet=alone)
    _tighten(settings)
    content = content_of(settings, starting=True)
    _tell_warnings(settings, content)
    # Slow to import: only what starts the bot pays for it.
    from bot import running

    until_done(running.run(settings, content, page=page, at=_tell_where(alone)))


def _tell_warnings(settings: Settings, content: Content) -> None:
    """What staff should look at: in full the first time, and counted at every other start."""
    from bot.content_files import known_warnings

    file = settings.data_dir / known_warnings.FILE
    fresh, known = known_warnings.told(file, content.warnings)
    lines = [*map(str, fresh), known_warnings.summary(known)]
    for line in filter(None, lines):
        print(line, file=sys.stderr)


def _tell_where(is_alone: bool) -> Callable[[Listening, str], None]:
    """Print where the chat page is; a newcomer on a desktop sees it open."""

    def tell(listening: Listening, desk: str) -> None:
        if listening.moved:
            print(f"Port {listening.wanted} is taken: {listening.port} is used instead.")
        print(f"The chat page: {listening.url} (Ctrl-C ends it)", flush=True)
        if desk:
            print(f"The staff's desk, opened once by: {desk}", flush=True)
        if is_alone and _has_desktop():
            threading.Thread(target=webbrowser.open, args=(listening.url,), daemon=True).start()

    return tell


def _has_desktop() -> bool:
    """Whether somebody sits before this machine and can be shown a browser."""
    if not sys.stdout.isatty() or "CI" in os.environ or "SSH_CONNECTION" in os.environ:
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@app.command()
def chat(
    language: Annotated[str, typer.Option(help="Language to talk in: fr, en, …")] = "",
    case: Annotated[str, typer.Option(help="Begin with this case: mamat, akber, …")] = "",
) -> None:
    """Talk to the bot in the terminal, or through a pipe (a line is a turn).

    A number or a label presses that choice, `/help` is a command, `=5` says "5", everything
    else is said.

    Example: `printf '1\\n2\\n' | python run_bot.py chat --language fr --case mamat`
    """
    _chat(settings_of(), language=language, case=case)


@app.command()
def check(
    schema: Annotated[
        bool, typer.Option("--schema", help="Write cases.schema.json for editors and stop.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Show the warnings that were shown before, too.")
    ] = False,
) -> None:
    """Say everything that is wrong in the content, with file, line, column and remedy.

    A warning is shown once and then counted, for as long as it stands.

    Example: `python run_bot.py check`
    """
    settings = settings_of()
    from bot.channels import registered
    from bot.cli.signed import signed_texts
    from bot.content_files import known_warnings
    from bot.content_files import load as load_content
    from bot.content_files.schema import write

    if schema:
        print(write(settings.content))
        return
    channels = registered.checked(settings)
    signed = signed_texts(settings)
    loaded = load_content(settings.content, channels, more_checks=(documents, signed))
    fresh, known = known_warnings.told(settings.data_dir / known_warnings.FILE, loaded.warnings)
    shown = loaded.warnings if everything else fresh
    for problem in (*loaded.errors, *shown):
        print(problem)
    if not everything and known:
        print(known_warnings.summary(known))
    if not loaded.valid:
        raise typer.Exit(Exit.CONTENT)
    print(f"{settings.content}: all right ({len(loaded.warnings)} to look at)")


def _tighten(settings: Settings) -> None:
    from bot.cli import rights

    rights.tighten(settings)


def _chat(settings: Settings, *, language: str, case: str) -> None:
    logs.set_up(quiet=True)
    _tighten(settings)
    content = content_of(settings, starting=True, trying=[language])
    if language and language not in content.campaign.languages:
        fail(Exit.USAGE, f"--language: choose one of {', '.join(content.campaign.written)}")
    if case and case not in content.campaign.cases:
        fail(Exit.USAGE, f"--case: choose one of {', '.join(content.campaign.cases)}")
    from bot.cli import chat

    wanted = language or content.campaign.language(os.environ.get("LANG", ""))
    until_done(chat.chat(settings, content, language=wanted, case=case, chosen=bool(language)))


data.register(app)
handover.register(app)
backup.register(app)
upgrade.register(app)
doctor.register(app)
init.register(app)
dead_letters.register(app)
status.register(app)
app.add_typer(broadcast.app, name="broadcast")
app.add_typer(pending.app, name="pending")
app.add_typer(audit.app, name="audit")
app.add_typer(staff.app, name="staff")
app.add_typer(translate.app, name="translate")
app.add_typer(whatsapp.app, name="whatsapp")


def main() -> None:
    """Run the command line; whatever goes wrong, nobody sees a traceback."""
    try:
        app()
    except Exception as trouble:
        code, sentence = told(trouble)
        print(sentence, file=sys.stderr)
        sys.exit(code)
