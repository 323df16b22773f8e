"""Texts to translators and back: one PO file a language."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.opening import Exit, documents, fail, settings_of
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.campaign.content import Campaign

app = typer.Typer(no_args_is_help=True, help="Texts to translators and back (one PO file).")

SOURCE = typer.Option("--from", help="The language to translate from; else the first one.")


@app.command("export")
def export(
    language: Annotated[str, typer.Argument(help="The language to translate into: ar, de, …")],
    source: Annotated[str, SOURCE] = "",
    file: Annotated[Path | None, typer.Option(help="Where to write it; else CODE.po.")] = None,
) -> None:
    """Write a PO file with every text, what comes first first, and what is translated already.

    Example: `python run_bot.py translate export ar`
    """
    settings = settings_of()
    from bot.channels import registered
    from bot.content_files.loading import MESSAGES
    from bot.content_files.messages import read_texts
    from bot.translations import catalogue

    campaign, first = _campaign(settings, language, source)
    messages = settings.content / MESSAGES
    given, there = (
        read_texts(messages / code, f"{messages.as_posix()}/{code}", code)
        for code in (first, language)
    )
    most = min(one.label for one in registered.checked(settings))
    made = catalogue.exported(campaign, given, there, {"buttons": most}, catalogue.moment())
    where = file or Path(f"{language}.po")
    try:
        where.write_bytes(made)
    except OSError as error:
        fail(Exit.CONFIGURATION, f"{where} cannot be written: {error.strerror}.")
    keys = catalogue.wanted(given, there)
    done = sum(key in there.sources for key in keys)
    print(f"{where}: {len(keys)} texts from {first} into {language}, {done} of them translated")


@app.command("import")
def take_back(
    file: Annotated[Path, typer.Argument(help="The PO file that came back.")],
    language: Annotated[str, typer.Option(help="The language; else by the file.")] = "",
    source: Annotated[str, SOURCE] = "",
) -> None:
    """Put translations into content/messages/, those that pass; the rest is named and left out.

    Nothing else in the files changes: order, comments and other texts stay.

    Example: `python run_bot.py translate import ar.po`
    """
    settings = settings_of()
    from bot.channels import registered
    from bot.content_files import load
    from bot.content_files.loading import MESSAGES
    from bot.content_files.messages import read_texts
    from bot.translations import catalogue, taking_back

    try:
        content = file.read_bytes()
        entries = catalogue.read(content)
    except OSError as error:
        fail(Exit.USAGE, f"{file} cannot be read: {error.strerror}.")
    except catalogue.NoCatalogue as error:
        fail(Exit.USAGE, f"{file} is no PO file: {error}. Save it as gettext PO, in UTF-8.")
    target = language or catalogue.language(content) or file.stem
    _, first = _campaign(settings, target, source)
    channels = registered.checked(settings)
    given = read_texts(settings.content / MESSAGES / first, "", first)
    taken = taking_back.take(
        settings.content,
        first,
        target,
        entries,
        given.sources,
        lambda root: load(root, channels, more_checks=(documents,)),
    )
    for line in taken.refused:
        print(f"not taken: {line}")
    for line in taken.look_at:
        print(f"look at: {line}")
    for name in taken.written:
        print(f"{settings.content}/{name}: written")
    print(
        f"{len(taken.written)} files changed; {len(taken.refused)} texts not taken,"
        f" {taken.unsure} marked as unsure, {taken.empty} not translated"
    )
    sys.stdout.flush()
    if taken.refused:
        raise typer.Exit(Exit.CONTENT)


def _campaign(settings: Settings, language: str, source: str) -> tuple[Campaign, str]:
    """The campaign, and the language to translate from."""
    from bot.content_files import load

    loaded = load(settings.content, (), thorough=False)
    if loaded.campaign is None or loaded.errors:
        _refuse("\n".join(map(str, loaded.errors)))
    campaign = loaded.campaign
    first = source or campaign.written[0]
    if first not in campaign.written:
        fail(Exit.USAGE, f"--from: choose one of {', '.join(campaign.written)}")
    if language not in campaign.written:
        fail(
            Exit.USAGE,
            f'"{language}" is no language of the content: add'
            f" {{code: {language}, partial: true}} to languages in {settings.content}/cases.yaml.",
        )
    if language == first:
        fail(Exit.USAGE, f'"{language}" is what is translated from: name another with --from.')
    return campaign, first


def _refuse(report: str) -> NoReturn:
    fail(Exit.CONTENT, f"{report}\nMend these first (check: run_bot.py check).")
