"""What staff want done is decided and logged in one place, whoever makes the command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.acts import the_bot
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.desk_commands import broadcasts, inbox, requests, settings
from bot.campaign.desk_commands.broadcasts import (
    Aim,
    Approve,
    Begin,
    BroadcastCommand,
    NoteCount,
    Return,
    SetText,
    Submit,
    Switch,
)
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.requests import Preview, Request, SendTest
from bot.campaign.desk_commands.settings import (
    DecideHeld,
    InviteMember,
    ProposeState,
    SetApprovals,
    Verdict,
)
from bot.campaign.signatures import Signer
from bot.campaign.staff import Member, Role
from bot.channels.telegram.capabilities import TELEGRAM
from bot.desk import acts
from bot.desk.second_factor import SecondFactors
from bot.keys import Keys
from bot.store import audit
from bot.store.broadcasts import desk_requests
from bot.store.sqlite.database import SqliteDatabase
from tests.shipped import shipped

CAMPAIGN, _ = shipped()
CHANNELS = (TELEGRAM,)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EDITOR, OWNER = Member("e", Role.EDITOR), Member("o", Role.OWNER)
ANALYST = Member("a", Role.ANALYST)
DRAFT = Broadcast(texts={"fr": "Bonjour"}, audience=Audience(topic="cases"))


class Desk:
    def __init__(self, connection: AsyncConnection, keys: Keys):
        self.connection, self.keys = connection, keys
        self.approvals = 1

    async def does(self, member: Member, command: StaffCommand) -> object:
        rules = Rules(self.approvals, CAMPAIGN, CHANNELS)
        acting = acts.Acting(
            self.connection, self.keys, member, rules, NOW, SecondFactors(self.keys, asked=False)
        )
        return await acts.act(acting, command)

    async def refuses(self, member: Member, command: StaffCommand) -> str:
        with pytest.raises(NotAllowed) as refused:
            await self.does(member, command)
        return refused.value.reason

    async def log(self) -> list[tuple[str, str, int, str]]:
        found = await audit.newest(self.connection, 50)
        return [(e.who, e.act, e.broadcast, e.detail) for e in (one.entry for one in found)][::-1]


@asynccontextmanager
async def desk(data: Path) -> AsyncIterator[Desk]:
    store = await SqliteDatabase.open(data)
    try:
        keys = Keys.open(data / "keys", database_exists=False)
        async with store.writing() as connection:
            yield Desk(connection, keys)
            assert (await audit.verify(connection, keys))[1] is None
    finally:
        await store.close()


def test_every_command_has_one_handler() -> None:
    found = [one for room in (broadcasts, inbox, requests, settings) for one in vars(room).values()]
    kinds = {one for one in found if isinstance(one, type) and issubclass(one, StaffCommand)}
    assert set(acts.HANDLERS) == kinds - {StaffCommand, BroadcastCommand, Request}


async def test_each_command_is_logged_by_its_name_with_what_it_was_about(data: Path) -> None:
    async with desk(data) as here:
        made = await here.does(EDITOR, Begin(DRAFT))
        assert isinstance(made, Broadcast)
        assert (made.id, made.author) == (1, "e")
        await here.does(EDITOR, SetText(1, "en", "Hello"))
        await here.does(EDITOR, Aim(1, "signed", "yes"))
        await here.does(EDITOR, Switch(1, "quiet", on=False))
        whole = await here.does(EDITOR, Submit(1))
        assert isinstance(whole, Broadcast)
        await here.does(the_bot(), NoteCount(1, 10, whole.fingerprint))
        await here.does(OWNER, Approve(1, whole.approval_mark))
        await here.does(OWNER, Return(1, "Plus court"))
        await here.does(EDITOR, SendTest(1, "office"))
        await here.does(EDITOR, Preview(1))
        await here.does(OWNER, SetApprovals(0))
        await here.does(EDITOR, ProposeState("mamat", "paused"))
        held = DecideHeld("xinjiang", date(2026, 3, 4), Signer.ACCOUNT, Verdict.REOPEN, "unknown")
        assert await here.does(OWNER, held) == 0
        log = await here.log()
        named = [(who, act, number) for who, act, number, _ in log]
        assert named == [
            ("e", "new", 1),
            ("e", "text", 1),
            ("e", "aim", 1),
            ("e", "switch", 1),
            ("e", "submit", 1),
            ("o", "approve", 1),
            ("o", "return", 1),
            ("e", "test", 1),
            ("o", "approvals", 0),
            ("e", "propose", 0),
            ("o", "decide", 0),
        ]
        told = {act: detail for _, act, _, detail in log}
        assert told["aim"] == "signed=yes"
        assert told["switch"] == "quiet=off"
        assert told["submit"] == f"review {whole.fingerprint}"
        ends = f"approved {whole.fingerprint} fewer than 20 recipients, 1 approvals, 0 stars"
        assert told["approve"] == ends
        assert told["test"] == "office"
        assert told["approvals"] == "0"
        assert told["propose"] == "case.mamat=paused"
        assert told["decide"] == "xinjiang 2026-03-04 account reopen unknown"


async def test_what_a_member_may_not_do_is_refused_wherever_the_command_comes_from(
    data: Path,
) -> None:
    async with desk(data) as here:
        await here.does(EDITOR, Begin(DRAFT))
        decision = DecideHeld(
            "xinjiang", date(2026, 3, 4), Signer.ACCOUNT, Verdict.ACCEPT, "genuine"
        )
        for command in (Begin(DRAFT), SendTest(1), SetApprovals(0), decision, Submit(1)):
            assert await here.refuses(ANALYST, command) == "right"
        assert await here.refuses(OWNER, decision) == "own", "another one approves it"
        here.approvals = 0
        assert await here.refuses(OWNER, replace(decision, reason="copies")) == "value"
        here.approvals = 1
        assert await here.refuses(OWNER, SetApprovals(2)) == "value"
        assert await here.refuses(OWNER, Submit(7)) == "nothing"
        await here.does(ANALYST, Preview(1))
        assert len(await here.log()) == 1


async def test_a_request_waits_with_whoever_made_it_until_it_is_taken(data: Path) -> None:
    async with desk(data) as here:
        await here.does(EDITOR, Begin(DRAFT))
        await here.does(EDITOR, Submit(1))
        await here.does(EDITOR, SendTest(1, "office"))
        await here.does(OWNER, Return(1, "Plus court :\n« ça »"))
        waiting = await desk_requests.waiting(here.connection, here.keys)
        assert [(one.member, one.command) for one in waiting] == [
            ("e", SendTest(1, "office")),
            ("o", Return(1, "Plus court :\n« ça »")),
        ]
        await desk_requests.settle(here.connection, [one.id for one in waiting])
        assert await desk_requests.waiting(here.connection, here.keys) == []


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE desk_requests SET member = 'e', taken = 0",
        "UPDATE desk_requests SET fields = replace(fields, 'thief', 'owner'), taken = 0",
        "INSERT INTO desk_requests (kind, member, fields, at, taken)"
        " VALUES ('invite', 'e', '{\"mark\": \"o\"}', 1, 0)",
    ],
)
async def test_a_request_that_somebody_wrote_without_the_keys_is_not_answered(
    data: Path, forged: str
) -> None:
    async with desk(data) as here:
        await desk_requests.add(here.connection, here.keys, "o", InviteMember("thief"), NOW)
        (asked,) = await desk_requests.waiting(here.connection, here.keys)
        assert asked.command == InviteMember("thief")
        await desk_requests.settle(here.connection, [asked.id])
        # Whoever stole an editor's phone must not be sent what makes them an owner.
        await here.connection.exec_driver_sql(forged)
        waiting = await desk_requests.waiting(here.connection, here.keys)
        assert [one.command for one in waiting] == [None]


@pytest.mark.parametrize(("kind", "fields"), [("dance", "{}"), ("test", '{"group": "x"}')])
async def test_a_request_that_another_version_left_holds_up_no_other(
    data: Path, kind: str, fields: str
) -> None:
    async with desk(data) as here:
        left = "INSERT INTO desk_requests (kind, member, fields, at, taken) VALUES (:k,'e',:f,1,0)"
        await here.connection.execute(text(left), {"k": kind, "f": fields})
        await here.does(EDITOR, Preview(1))
        waiting = await desk_requests.waiting(here.connection, here.keys)
        assert [one.command for one in waiting] == [None, Preview(1)]
