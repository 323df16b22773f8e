"""Commands about WhatsApp: what is missing there."""

from __future__ import annotations

import typer

from bot.cli.opening import Exit, fail, settings_of, until_done

app = typer.Typer(help="WhatsApp: what is missing there.", no_args_is_help=True)


@app.callback()
def whatsapp() -> None:
    """WhatsApp: what is missing there."""


@app.command()
def check() -> None:
    """Say what is still missing at Meta, each with its remedy; nobody gets a message.

    Example: `python run_bot.py whatsapp check`
    """
    settings = settings_of()
    from bot.channels.proxies import proxy_to
    from bot.channels.whatsapp.account import findings
    from bot.channels.whatsapp.http import Graph
    from bot.channels.whatsapp.service import missing
    from bot.settings import revealed

    lacking = missing(settings)
    if lacking:
        fail(Exit.CONFIGURATION, "\n".join(lacking))

    async def work() -> None:
        bad = 0
        root, token = settings.graph_url, revealed(settings.whatsapp_token) or ""
        async with Graph(root, token, proxy=proxy_to(root)) as graph:
            number, account = settings.whatsapp_number_id, settings.whatsapp_account_id
            async for found in findings(graph, number, account):
                bad += not found.is_good
                print(f"{'ok  ' if found.is_good else 'MISSING'} {found.what}")
                if not found.is_good:
                    print(f"        {found.remedy}")
        print(
            "A payment method cannot be seen from here: WhatsApp Manager > Payment settings"
            " (without one answers stop after the free ones of a month)."
        )
        if bad:
            raise typer.Exit(Exit.CONFIGURATION)

    until_done(work())
