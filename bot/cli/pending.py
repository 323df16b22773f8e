"""Commands about signatures that were held, and about whole lots of browsers' signatures.

They work beside a running bot, in short transactions of their own; somebody else approves in the
chat what is proposed here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from bot.campaign.crowd import plainly
from bot.campaign.desk_commands.settings import (
    DecideHeld,
    DecideLots,
    ProposeHeld,
    ProposeLots,
    Verdict,
)
from bot.campaign.signatures import Signer
from bot.cli.opening import Exit, content_of, fail, opened, settings_of, until_done
from bot.clock import utc_now

if TYPE_CHECKING:
    from bot.campaign.held import Lot

app = typer.Typer(
    help="Signatures that were held, and lots: see, accept, reject, reopen, take out, put back.",
    no_args_is_help=True,
)
Petition = Annotated[str, typer.Argument(help="The petition.")]
Day = Annotated[str, typer.Argument(help="The day of the signatures: 2026-03-05.")]
Kind = Annotated[
    Signer, typer.Option("--signer", help="Which signers: account, browser, or earlier.")
]
Lots = Annotated[list[str] | None, typer.Argument(help="Lots, as `pending lots` names them.")]


@app.command("list")
def list_() -> None:
    """Show how many signatures wait, by petition, day and kind of signer, and how many count.

    Example: `python run_bot.py pending list`
    """
    from bot.store import counters
    from bot.store.petitions import held

    settings = settings_of()
    petitions = content_of(settings).campaign.petitions

    async def work() -> None:
        async with opened(settings, looking=True) as (store, _), store.reading() as connection:
            waiting = await held.waiting(connection)
            names = [counters.of_signatures(p, signer) for p in petitions for signer in Signer]
            counted = counters.by_signer(await counters.values(connection, names), petitions)
        for (petition, day, signer), number in sorted(waiting.items()):
            print(f"{petition} {day} {signer.value}: {plainly(number)}")
        if not waiting:
            print("nothing waits")
        for petition, numbers in counted.items():
            told = ", ".join(f"{signer.value} {numbers[signer]}" for signer in Signer)
            print(f"{petition}, counted now: {told}")

    until_done(work())


@app.command()
def accept(
    petition: Petition,
    day: Day,
    signer: Kind = Signer.ACCOUNT,
    reason: Annotated[str, typer.Option(help="genuine or campaign")] = "genuine",
) -> None:
    """Count what was held on that day.

    Example: `python run_bot.py pending accept xinjiang 2026-03-05 --reason campaign`
    """
    _decide_held(petition, day, signer, Verdict.ACCEPT, reason)


@app.command()
def reject(
    petition: Petition,
    day: Day,
    signer: Kind = Signer.ACCOUNT,
    reason: Annotated[str, typer.Option(help="copies or unknown")] = "unknown",
) -> None:
    """Do not count what was held on that day; `reopen` takes it back.

    Example: `python run_bot.py pending reject xinjiang 2026-03-05 --reason copies`
    """
    _decide_held(petition, day, signer, Verdict.REJECT, reason)


@app.command()
def reopen(petition: Petition, day: Day, signer: Kind = Signer.ACCOUNT) -> None:
    """Take a decision back: what was held on that day waits again.

    Example: `python run_bot.py pending reopen xinjiang 2026-03-05`
    """
    _decide_held(petition, day, signer, Verdict.REOPEN, "unknown")


@app.command()
def lots(petition: Petition, day: Day) -> None:
    """Show the lots of browsers' signatures of a day: each is what came from one network.

    Example: `python run_bot.py pending lots xinjiang 2026-03-05`
    """
    on = _known(petition, day)

    async def work() -> None:
        for lot in await _of_day(petition, on):
            parts = {"counted": lot.counted, "waiting": lot.waiting, "taken out": lot.out}
            told = ", ".join(f"{what} {plainly(n)}" for what, n in parts.items() if n)
            print(f"{lot.name}: {told or 'rejected'}")

    until_done(work())


@app.command()
def take_out(
    petition: Petition,
    day: Day,
    chosen: Lots = None,
    large: Annotated[
        int, typer.Option("--from", help="All lots with so many signatures or more.", min=0)
    ] = 0,
    reason: Annotated[str, typer.Option(help="copies or unknown")] = "unknown",
) -> None:
    """Take whole lots out of the number, on any later day; `put-back` makes them what they were.

    Example: `python run_bot.py pending take-out xinjiang 2026-03-05 --from 20 --reason copies`
    """
    from bot.campaign import held

    on = _known(petition, day)

    async def work() -> None:
        names = tuple(chosen or ())
        if large and not names:
            names = held.large(await _of_day(petition, on), large)
        await _decide_lots(petition, on, Verdict.TAKE_OUT, reason, names)

    until_done(work())


@app.command()
def put_back(
    petition: Petition,
    day: Day,
    chosen: Lots = None,
    reason: Annotated[str, typer.Option(help="genuine or campaign")] = "genuine",
) -> None:
    """Put lots back that were taken out: each signature becomes again what it was.

    Without lots, all of that day.

    Example: `python run_bot.py pending put-back xinjiang 2026-03-05 --reason genuine`
    """
    on = _known(petition, day)

    async def work() -> None:
        names = tuple(chosen or ()) or tuple(
            lot.name for lot in await _of_day(petition, on) if lot.out
        )
        await _decide_lots(petition, on, Verdict.PUT_BACK, reason, names)

    until_done(work())


def _known(petition: str, day: str) -> date:
    """The day, where both are what they should be; else the command ends with what to write."""
    known = content_of(settings_of()).campaign.petitions
    if petition not in known:
        fail(Exit.USAGE, f'There is no petition "{petition}": choose one of {", ".join(known)}.')
    try:
        return date.fromisoformat(day)
    except ValueError:
        fail(Exit.USAGE, f'"{day}" is no day: write it like 2026-03-05')


async def _of_day(petition: str, day: date) -> tuple[Lot, ...]:
    from bot.store.petitions import lots as stored

    async with opened(settings_of(), looking=True) as (store, keys), store.reading() as connection:
        found = await stored.of_day(connection, keys, petition, day)
    if not found:
        print("no browser signed on that day")
    return found


def _decide_held(petition: str, day: str, signer: Signer, verdict: Verdict, reason: str) -> None:
    from bot.campaign.held import FITTING, REASONS, fits

    on = _known(petition, day)
    if not fits(verdict, reason):
        fail(Exit.USAGE, f"--reason: choose one of {', '.join(FITTING.get(verdict, REASONS))}")
    what = petition, on, signer, verdict, reason
    until_done(_done(DecideHeld(*what), ProposeHeld(*what)))


async def _decide_lots(
    petition: str, day: date, verdict: Verdict, reason: str, chosen: tuple[str, ...]
) -> None:
    from bot.campaign.held import FITTING, LOT, MOST_LOTS

    if reason not in FITTING[verdict]:
        fail(Exit.USAGE, f"--reason: choose one of {', '.join(FITTING[verdict])}")
    unknown = [name for name in chosen if not LOT.fullmatch(name)]
    if unknown or not 0 < len(chosen) <= MOST_LOTS:
        told = f'"{unknown[0][:20]}" is no lot' if unknown else f"name 1 to {MOST_LOTS} lots"
        fail(Exit.USAGE, f"{told}: `run_bot.py pending lots {petition} {day}` shows them")
    what = petition, day, verdict, reason, chosen
    await _done(DecideLots(*what), ProposeLots(*what))


async def _done(decision: DecideHeld | DecideLots, proposal: ProposeHeld | ProposeLots) -> None:
    """Decided, or proposed where somebody in the chat can approve it."""
    from bot.campaign.broadcast_rules.acts import member_of_shell
    from bot.campaign.staff import RIGHTS, Right
    from bot.desk import acts
    from bot.desk.second_factor import SecondFactors

    settings = settings_of()
    content = content_of(settings)
    # Without anybody in the chat who could approve it, the shell is alone.
    others = any(Right.DECIDE in RIGHTS[one.role] for one in settings.staff)
    async with opened(settings) as (store, keys), store.writing() as connection:
        # Nothing of this goes to a channel.
        rules = await acts.rules_now(connection, keys, content.campaign, ())
        if not others:
            rules = replace(rules, approvals=0)
        acting = acts.Acting(
            connection, keys, member_of_shell(), rules, utc_now(), SecondFactors(keys)
        )
        if rules.approvals and decision.verdict is not Verdict.REOPEN:
            await acts.act(acting, proposal)
            print("Proposed: somebody else approves it in the chat (/pending).")
            return
        print(f"{await acts.act(acting, decision)} signatures changed")
