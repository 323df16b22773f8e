"""Staff from the shell: who belongs to them, their second factors, and whether others approve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.opening import Exit, content_of, fail, opened, settings_of, until_done
from bot.clock import utc_now

if TYPE_CHECKING:
    from bot.campaign.staff import Appointed
    from bot.desk.members import Staff
    from bot.keys import Keys

app = typer.Typer(
    help="Staff: who they are, their second factors, whether others approve.", no_args_is_help=True
)
Whose = Annotated[
    str, typer.Argument(help="The member, as in BOT_STAFF: 111, or web:KEY, or a first name.")
]


@app.command("list")
def list_() -> None:
    """Everybody in BOT_STAFF, and who has a second factor.

    Example: `python run_bot.py staff list`
    """
    from bot.desk.members import Staff
    from bot.store import second_factors

    settings = settings_of()

    async def work() -> None:
        async with opened(settings, looking=True) as (store, keys), store.reading() as connection:
            staff = Staff(keys, settings.staff)
            found = await second_factors.every(connection, keys, staff.marks)
        for mark in staff.marks:
            has = mark in found and found[mark].secret
            print(f"{staff.names[mark]}: {'second factor' if has else 'no second factor'}")
        if not staff:
            print("Nobody: name them in BOT_STAFF (111=owner,222=editor).")

    until_done(work())


@app.command()
def enrol(
    member: Whose,
    code: Annotated[
        str, typer.Option(help="The code that the app shows; asked for if left out.")
    ] = "",
    secret: Annotated[
        str, typer.Option(help="A secret that the app has already (base32); else one is made.")
    ] = "",
) -> None:
    """Set up a member's second factor: scan the code with an authenticator app, type what it shows.

    Takes the place of the one they had, for instance on a lost phone.

    Example: `python run_bot.py staff enrol 111`
    """
    import segno

    from bot.desk import second_factor
    from bot.store import audit

    settings = settings_of()
    if secret and not second_factor.is_secret(secret):
        fail(Exit.USAGE, "--secret: at least 32 letters and digits of base32 (A–Z, 2–7).")

    async def work() -> None:
        async with opened(settings) as (store, keys):
            staff, mark = _member(keys, member)
            made = secret or second_factor.new_secret()
            if not secret:
                address = second_factor.address(made, staff.names[mark])
                segno.make(address, error="l").terminal(compact=True)
                print(f"Scan it with an authenticator app, or type in: {made}")
            typed = code or typer.prompt("The code that the app shows")
            async with store.writing() as connection:
                now = utc_now()
                if not await second_factor.enrol(connection, keys, mark, made, typed, now):
                    fail(
                        Exit.USAGE,
                        "That is not its code: nothing was changed. Codes change every 30 seconds;"
                        " if it happens again, set the clocks of phone and machine.",
                    )
                entry = audit.Entry("shell", "enrol", detail=mark)
                await audit.add(connection, keys, [entry], now)
            print(f"{staff.names[mark]} has a second factor.")

    until_done(work())


@app.command()
def unenrol(member: Whose) -> None:
    """Take a member's second factor away, for instance when a phone was stolen.

    Example: `python run_bot.py staff unenrol 111`
    """
    from bot.store import audit, second_factors

    settings = settings_of()

    async def work() -> None:
        async with opened(settings) as (store, keys):
            staff, mark = _member(keys, member)
            async with store.writing() as connection:
                if not await second_factors.drop(connection, mark):
                    fail(Exit.USAGE, f"{staff.names[mark]} has none.")
                entry = audit.Entry("shell", "unenrol", detail=mark)
                await audit.add(connection, keys, [entry], utc_now())
            print(f"{staff.names[mark]} has no second factor any more.")

    until_done(work())


@app.command()
def link() -> None:
    """A link that signs whoever is at this machine in at the staff's pages, once, for ten minutes.

    Where the pages have a public address, staff sign in by their chats.

    Example: `python run_bot.py staff link`
    """
    from bot.campaign.staff import SHELL
    from bot.desk import signing_in
    from bot.desk.invitations import SIGN_IN
    from bot.web.only_here import is_private

    settings = settings_of()
    if not is_private(settings):
        fail(
            Exit.USAGE,
            "The pages can be reached from elsewhere (BOT_PUBLIC_URL, BOT_HOST): staff sign in at"
            " /staff, with the code that it shows and the bot's private chat.",
        )

    async def work() -> None:
        async with opened(settings) as (store, keys), store.writing() as connection:
            token = await signing_in.offer(connection, keys, SHELL, "", utc_now())
        print(f"http://{settings.host}:{settings.port}{SIGN_IN}{token}")
        print("(Where the bot took another port at its start, put that in its place.)")

    until_done(work())


@app.command()
def approvals(
    number: Annotated[int, typer.Argument(min=0, max=1, help="1: another one approves; 0: none.")],
) -> None:
    """Say whether somebody else must approve what reaches everybody; all staff are told.

    Example: `python run_bot.py staff approvals 1`
    """
    from bot.campaign.broadcast_rules.acts import member_of_shell
    from bot.campaign.desk_commands.settings import SetApprovals
    from bot.desk import acts
    from bot.desk.second_factor import SecondFactors

    settings = settings_of()
    content = content_of(settings)

    async def work() -> None:
        async with opened(settings) as (store, keys), store.writing() as connection:
            rules = await acts.rules_now(connection, keys, content.campaign, ())
            acting = acts.Acting(
                connection, keys, member_of_shell(), rules, utc_now(), SecondFactors(keys)
            )
            await acts.act(acting, SetApprovals(number))
        print("Somebody else must approve." if number else "Nobody else has to approve.")

    until_done(work())


def _member(keys: Keys, member: str) -> tuple[Staff, str]:
    """The staff, and the mark of the one that is meant; ends the command where there is none."""
    from bot.desk.members import Staff

    settings = settings_of()
    staff = Staff(keys, settings.staff)
    named = zip(settings.staff, staff.marks, strict=True)
    mark = next((mark for one, mark in named if member and member in _names(one)), "")
    if not mark:
        known = ", ".join(staff.names[mark] for mark in staff.marks) or "nobody"
        fail(Exit.USAGE, f"There is no such member in BOT_STAFF: {known}.")
    return staff, mark


def _names(one: Appointed) -> set[str]:
    places = {place.known_as for place in one.places}
    return {one.name} | places | {f"{place.channel}:{place.address}" for place in one.places}
