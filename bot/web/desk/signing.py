"""The way in: the browser's code, the link of the private chat with the second factor, and out."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.desk_commands.settings import EndSession
from bot.campaign.second_factor import Standing
from bot.campaign.staff import SHELL, Member
from bot.desk import signing_in
from bot.desk.signing_in import LASTS, LINK
from bot.store.desk_passes import KeptPass
from bot.web.browsers import platform
from bot.web.desk.room import BROWSER, SESSION, TRIES, Visit
from bot.web.only_here import refuse_from_elsewhere


async def ask(visit: Visit) -> Response:
    """The code of this browser, and what to do with it."""
    room, access = visit.room, visit.access
    if not access.staff and access.at_machine:
        return visit.page("only_here.html")
    browser = room.carried(visit.request, BROWSER) or signing_in.new_secret()
    code = signing_in.code_of(access.keys, browser)
    name = room.bot_names.get("telegram", "")
    chat = f"https://t.me/{name}?text={quote(f'/desk {code}')}" if name else ""
    response = visit.page("sign_in.html", code=code, chat=chat)
    room.keep(response, BROWSER, browser, None)
    return response


async def link(visit: Visit) -> Response:
    """What the link leads to: the question for the second factor. Nothing is used up by it, since
    chats open links by themselves."""
    found = await _offered(visit)
    if found is None:
        return visit.page("no_link.html", status=410)
    return await _question(visit, *found)


async def enter(visit: Visit) -> Response:
    """Signed in, if the code is right."""
    access = visit.access
    if visit.room.context.wait(visit.request, TRIES, "desk"):
        return visit.said("too_often", 429)
    found = await _offered(visit)
    if found is None:
        return visit.page("no_link.html", status=410)
    member, offered = found
    secret = signing_in.new_secret()
    where = signing_in.name_of(secret)
    if _asks(visit, member) and not await access.prove(member, where, visit.posted("code")):
        return await _question(visit, member, offered, wrong=True)
    kind = platform(visit.request.headers.get("user-agent", ""))
    async with access.store.writing() as connection:
        # Once more, in the transaction that uses it up: two browsers cannot both do so.
        again = await signing_in.offered(
            connection, access.keys, _token(visit), _own(visit), access.clock()
        )
        if again is None:
            return visit.page("no_link.html", status=410)
        await signing_in.begin(connection, access.keys, again, secret, kind, access.clock())
    response = visit.to("staff")
    visit.room.keep(response, SESSION, secret, int(LASTS.total_seconds()))
    return response


async def leave(visit: Visit) -> Response:
    """The session ends, here and on record."""
    await visit.act(EndSession(visit.session.name))
    response = visit.to("staff/sign-in")
    response.delete_cookie(visit.room.cookie(SESSION), path="/")
    return response


async def end(visit: Visit) -> Response:
    """Another session ends: one's own, or as an owner anybody's."""
    wanted = visit.posted("session")
    try:
        await visit.act(EndSession(wanted))
    except NotAllowed:
        return visit.said("no_such_session", 409)
    return visit.to("staff/members")


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


def _own(visit: Visit) -> str:
    return visit.room.carried(visit.request, BROWSER)


def _asks(visit: Visit, member: Member) -> bool:
    return visit.access.asks_codes and member.mark != SHELL


async def _offered(visit: Visit) -> tuple[Member, KeptPass] | None:
    access = visit.access
    async with access.store.reading() as connection:
        found = await signing_in.offered(
            connection, access.keys, _token(visit), _own(visit), access.clock()
        )
    member = access.member(found.kept.mark) if found is not None else None
    if found is None or member is None:
        return None
    if member.mark == SHELL:
        refuse_from_elsewhere(visit.request)
    return member, found


async def _question(
    visit: Visit, member: Member, offered: KeptPass, *, wrong: bool = False
) -> Response:
    asks = _asks(visit, member)
    standing = (await visit.access.factor(member)).standing if asks else Standing.FREE
    return visit.page(
        "link.html",
        status=422 if wrong else 200,
        who=visit.name(member.mark),
        asks=asks,
        missing=standing is Standing.MISSING,
        locked=standing is Standing.LOCKED,
        wrong=wrong,
        minutes=int(LINK.total_seconds() // 60),
    )
