"""Commands about WhatsApp."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.opening import Exit, content_of, fail, settings_of, until_done

app = typer.Typer(help="WhatsApp: what is missing there, and links to it.", no_args_is_help=True)


@app.callback()
def whatsapp() -> None:
    """WhatsApp: what is missing there, and links to it."""


@app.command()
def check(
    language: Annotated[str, typer.Option(help="en or fr; by default yours (LANG).")] = "",
) -> None:
    """Say what is still missing at Meta, each with its remedy; nobody gets a message.

    `run_bot.py doctor` says the same among all else.

    Example: `python run_bot.py whatsapp check`
    """
    settings = settings_of()
    from bot.channels.whatsapp.doctor import look
    from bot.cli.doctor import lines
    from bot.findings import Level
    from bot.operators.speech import Speech

    async def work() -> None:
        found = await look(settings)
        speech = Speech(language)
        for one in found:
            print("\n".join(lines(speech, one)))
        if any(one.level is Level.WRONG for one in found):
            raise typer.Exit(Exit.CONFIGURATION)

    until_done(work())


@app.command()
def links(
    number: Annotated[str, typer.Argument(help="The number, with its country code: +33123456789.")],
    language: Annotated[str, typer.Option(help="Of the words that a link writes.")] = "",
) -> None:
    """List the links that open the chat: one for each case and each code of `link_codes`.

    Whoever follows one reads the words before sending them: a greeting, the person's name, and in
    brackets where the link was put up.

    Example: `python run_bot.py whatsapp links +33123456789`
    """
    from urllib.parse import quote

    from bot.campaign.messages import words

    digits = "".join(sign for sign in number if sign in "0123456789")
    if not digits:
        fail(Exit.USAGE, "Write the number with its country code, like +33123456789.")
    campaign, wording = content_of(settings_of()).now
    spoken = language or campaign.languages[0]
    if spoken not in campaign.languages:
        fail(Exit.USAGE, f"--language: choose one of {', '.join(campaign.languages)}")
    for case in campaign.cases.values():
        greeting = wording.text(words("exposed.greeting", name=case.name), spoken, "plain")
        for code in ("", *campaign.link_codes):
            said = f"{greeting} ({code})" if code else greeting
            print(f"https://wa.me/{digits}?text={quote(said)}")
