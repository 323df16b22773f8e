"""Staff write, approve and stop broadcasts at their pages, by the commands of chat and shell."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, Lead, State
from bot.campaign.desk_commands import broadcasts as made
from bot.campaign.desk_commands import inbox as letters
from bot.campaign.desk_commands import requests, settings
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.events import Chose
from bot.campaign.signatures import Signer
from bot.campaign.staff import RIGHTS, Member, Right, Role
from bot.desk.acts import HANDLERS
from bot.store import audit
from bot.store.broadcasts import records
from bot.web.desk.writing import ACTS
from tests.chat_page import Page
from tests.desk_pages import ROLES, Colleague, colleague, desk, mark_of

TOPIC = "cases"


async def broadcast(page: Page, number: int = 1) -> Broadcast:
    async with page.app.store.reading() as connection:
        found = await records.find(connection, number)
    assert found
    return found.broadcast


async def written(boris: Colleague) -> str:
    """A draft in two languages; its address."""
    answer = await boris.post(
        "/staff/broadcasts",
        **{"title": "Thursday", "text-fr": "**Jeudi**\r\n\r\nMerci", "text-en": "Thursday"},
    )
    assert answer.status_code == 303, answer.text
    return "/staff/" + answer.headers["location"].partition("staff/")[2]


async def reviewed(boris: Colleague, path: str) -> None:
    """Submitted, and counted by the bot."""
    assert (await boris.post(f"{path}/do/submit")).status_code == 303
    async with asyncio.timeout(30):
        while not (await broadcast(boris.page)).is_counted:
            await asyncio.sleep(0.05)


async def test_it_is_written_in_several_languages_and_shown_as_recipients_see_it(
    data: Path,
) -> None:
    async with desk(data) as page, colleague(page, "editor") as boris:
        path = await written(boris)
        assert (await broadcast(page)).texts == {"fr": "**Jeudi**\n\nMerci", "en": "Thursday"}
        shown = (await boris.get(path)).text
        assert "<strong>Jeudi</strong>" in shown
        await boris.post(f"{path}/text", **{"title": "<b>", "text-fr": "", "text-en": "<script>"})
        assert (await broadcast(page)).texts == {"en": "<script>"}
        shown = (await boris.get(path)).text
        assert "<script>" not in shown.replace('<script type="module"', "")
        assert "&lt;script&gt;" in shown


async def test_texts_that_show_nothing_are_refused_and_the_others_stay(data: Path) -> None:
    async with desk(data) as page, colleague(page, "editor") as boris:
        path = await written(boris)
        answer = await boris.post(f"{path}/text", **{"title": "New", "text-fr": "\u200b"})
        assert answer.status_code == 409
        kept = await broadcast(page)
        assert (kept.title, kept.texts["en"]) == ("Thursday", "Thursday"), "all of it or nothing"
        assert (await boris.post("/staff/broadcasts", title="Empty")).status_code == 409
        blank = {"text-fr": "Bonjour", "text-en": "\u200b"}
        assert (await boris.post("/staff/broadcasts", **blank)).status_code == 409
        long = {"text-fr": "a" * 70_000}
        assert (await boris.post("/staff/broadcasts", **long)).status_code == 413
        async with page.app.store.reading() as connection:
            assert len(await records.newest(connection, 9)) == 1


async def test_another_one_approves_exactly_what_was_on_the_page(data: Path) -> None:
    async with (
        desk(data) as page,
        colleague(page, "editor") as boris,
        colleague(page, "sender") as clara,
    ):
        path = await written(boris)
        later = datetime(2099, 1, 1, 12, tzinfo=UTC)
        await boris.post(f"{path}/do/schedule", at=later.strftime("%Y-%m-%dT%H:%M"))
        await reviewed(boris, path)
        old = _mark(await clara.get(path))
        assert (await boris.post(f"{path}/do/approve", mark=old)).status_code == 409
        await boris.post(f"{path}/text", **{"title": "Thursday", "text-en": "Friday"})
        await reviewed(boris, path)
        assert (await clara.post(f"{path}/do/approve", mark=old)).status_code == 409
        fresh = _mark(await clara.get(path))
        assert (await clara.post(f"{path}/do/approve", mark=fresh)).status_code == 303
        approved = await broadcast(page)
        assert approved.state is State.APPROVED
        assert approved.approved_by == (clara.mark,)
        assert (await clara.post(f"{path}/do/pause")).status_code == 303
        assert (await clara.post(f"{path}/do/cancel")).status_code == 303
        assert (await broadcast(page)).state is State.CANCELLED
        async with page.app.store.reading() as connection:
            log = [one.entry for one in await audit.newest(connection, 3)]
        assert [(one.act, one.who) for one in log] == [
            ("cancel", clara.mark),
            ("pause", clara.mark),
            ("approve", clara.mark),
        ]


def _mark(answer: Any) -> str:
    found = re.search(r'name="mark" value="(\w+)"', answer.text)
    assert found, answer.text
    return found[1]


async def test_what_reaches_everybody_asks_for_the_code_of_the_device(data: Path) -> None:
    async with (
        desk(data, second_factor=True) as page,
        colleague(page, "editor") as boris,
        colleague(page, "sender") as clara,
    ):
        path = await written(boris)
        await reviewed(boris, path)
        mark = _mark(await clara.get(path))
        assert not page.app.desk.is_proven(Member(clara.mark, Role.SENDER), ""), "in the chat"
        page.app.desk.factors._until.clear()  # as after a restart
        assert 'name="code"' in (await clara.get(path)).text
        answer = await clara.post(f"{path}/do/approve", mark=mark, code="000000")
        assert answer.status_code == 409
        assert (await broadcast(page)).state is State.REVIEW


async def test_the_audience_and_the_way_it_goes_out_are_set_by_forms(data: Path) -> None:
    async with desk(data) as page, colleague(page, "editor") as boris:
        path = await written(boris)
        topic = (await broadcast(page)).audience.topic
        answer = await boris.post(
            f"{path}/aim", topic=topic, case="mamat", signed="yes", rest_hours="48", languages="en"
        )
        assert answer.status_code == 303
        aimed = (await broadcast(page)).audience
        assert (aimed.case, aimed.signed, aimed.rest_hours) == ("mamat", "yes", 48)
        assert aimed.languages == ("en",)
        await boris.post(f"{path}/aim", topic=topic)
        assert (await broadcast(page)).audience == Audience(topic=topic, rest_hours=0)
        await boris.post(f"{path}/switch", canary="on")
        assert not (await broadcast(page)).quiet
        await boris.post(f"{path}/lead", to="mamat")
        await boris.post(f"{path}/lead", url="https://www.example.org", **{"label-fr": "Voir"})
        (case, link) = (await broadcast(page)).leads
        assert (case, link.url) == (Lead(case="mamat"), "https://www.example.org")
        await boris.post(f"{path}/lead", drop=case.mark)
        assert (await broadcast(page)).leads == (link,)
        for wrong in ({"to": "nobody"}, {"url": "https://www.example.org"}):
            assert (await boris.post(f"{path}/lead", **wrong)).status_code == 409


async def test_a_broadcast_that_is_not_there_is_no_fault(data: Path) -> None:
    async with desk(data) as page, colleague(page, "owner") as anna:
        for number in ("7", "0", "x", "9" * 40, "-1", "%00"):
            for more in ("", "/progress"):
                found = await anna.get(f"/staff/broadcasts/{number}{more}")
                assert found.status_code == 404, number


async def test_how_far_it_is_tells_nothing_of_few(data: Path) -> None:
    async with desk(data) as page, colleague(page, "analyst") as dora:
        async with colleague(page, "editor") as boris:
            path = await written(boris)
        async with page.app.store.writing() as connection:
            await records.fixed(connection, 1, 15, b"", all_of_them=True)
            await records.count(connection, 1, {"sent": 9})
        told = (await dora.get(f"{path}/progress")).json()
        assert told["percent"] == 0
        assert "9" not in told["figures"]
        assert "15" not in told["figures"]


DAY = datetime(2026, 3, 4, tzinfo=UTC).date()
FORBIDDEN: list[tuple[StaffCommand, set[Role], str]] = [
    # the command; the roles that may not; what a button of it carries in the chat ("": none does)
    (made.Begin(Broadcast(texts={"fr": "A"}, audience=Audience(topic=TOPIC))), set(), ""),
    (made.SetText(1, "fr", "B"), set(), ""),
    (made.SetTitle(1, "B"), set(), ""),
    (made.Attach(1, None), set(), "staff.no_file:1"),
    (made.AddLead(1, Lead(case="mamat")), set(), "staff.lead:1:mamat"),
    (made.DropLead(1, "0" * 12), set(), f"staff.unlead:1:{'0' * 12}"),
    (made.Aim(1, "case", "mamat"), set(), "staff.aim:1:case:mamat"),
    (made.Switch(1, "quiet", False), set(), "staff.switch:1:quiet:off"),
    (made.Submit(1), set(), "staff.submit:1"),
    (made.Discard(1), set(), "staff.discard:1"),
    (made.Correct(1), set(), "staff.correct:1"),
    (made.Approve(1, "0" * 16), {Role.EDITOR}, f"staff.approve:1:{'0' * 16}"),
    (made.Return(1, "no"), {Role.EDITOR}, ""),
    (made.Schedule(1, None), {Role.ANALYST}, "staff.at_once:1"),
    (made.Pause(1), {Role.EDITOR}, "staff.pause:1"),
    (made.Resume(1), {Role.EDITOR}, "staff.resume:1"),
    (made.Cancel(1), {Role.EDITOR}, "staff.cancel:1"),
    (made.Release(1), {Role.EDITOR}, "staff.release:1"),
    (made.Retract(1), {Role.EDITOR}, "staff.retract:1"),
    (requests.SendTest(1), {Role.ANALYST}, "staff.send_test:1"),
    (settings.InviteMember("m"), {Role.EDITOR, Role.SENDER, Role.ANALYST}, "staff.invite:m"),
    (settings.SetApprovals(0), {Role.EDITOR, Role.SENDER, Role.ANALYST}, "staff.approvals:0"),
    (settings.ProposeState("mamat", "died"), {Role.ANALYST}, ""),
    (
        settings.ProposeHeld("xinjiang", DAY, Signer.ACCOUNT, settings.Verdict.ACCEPT, "genuine"),
        {Role.ANALYST},
        f"decide:xinjiang:{DAY}:accept:genuine:account",
    ),
    (
        settings.DecideHeld("xinjiang", DAY, Signer.ACCOUNT, settings.Verdict.ACCEPT, "genuine"),
        {Role.ANALYST},
        f"decide:xinjiang:{DAY}:accept:genuine:account",
    ),
    (letters.AnswerLetter("0" * 12, "Hm"), {Role.ANALYST}, ""),
    (letters.CloseLetter("0" * 12), {Role.ANALYST}, ""),
    (settings.ConfirmProposal("case.mamat", "0"), {Role.EDITOR, Role.ANALYST}, ""),
    (settings.RefuseProposal("case.mamat"), {Role.EDITOR, Role.ANALYST}, ""),
]
WRITING = {Role.SENDER, Role.ANALYST}
"""May not where nothing else is said: who writes is an editor or an owner."""
OF_THE_BOT = (*(made.NoteCount, made.NoteAsked, made.Start, made.Finish, made.NoteRetracted),)
FOR_ALL = (
    *(requests.Preview, requests.Count, requests.Report, requests.ShowFigures),
    *(settings.GiveCode, settings.NoteWrongCode, settings.AskForLink, settings.EndSession),
)
ELSEWHERE = (settings.ProposeBanner, settings.ProposeLots, settings.DecideLots)
"""By the same two rules as what is proposed and decided here."""


def test_every_command_that_takes_a_right_is_tried() -> None:
    tried = {type(command) for command, *_ in FORBIDDEN}
    assert tried | {*OF_THE_BOT, *FOR_ALL, *ELSEWHERE} == set(HANDLERS)


async def test_who_has_no_right_is_refused_by_desk_chat_and_page_alike(data: Path) -> None:
    async with desk(data) as page, colleague(page, "owner") as anna:
        await written(anna)
        others = {}
        async with AsyncExitStack() as open_:
            for role in (Role.EDITOR, Role.SENDER, Role.ANALYST):
                others[role] = await open_.enter_async_context(colleague(page, role.value))
            before, entries = await broadcast(page), await _entries(page)
            for place, (command, roles, button) in enumerate(FORBIDDEN):
                for role in roles or WRITING:
                    await _is_refused(page, others[role], role, command, button, str(place))
            assert await broadcast(page) == before
            assert await _entries(page) == entries


async def _is_refused(
    page: Page, other: Colleague, role: Role, command: StaffCommand, button: str, mark: str
) -> None:
    member = Member(mark_of(page, role.value), role)
    with pytest.raises(NotAllowed) as refusal:
        await page.app.desk.act(member, "", command)
    assert refusal.value.reason in ("right", "state"), (role, command)
    if button:
        at_the_page = f"k{ROLES[role.value]}"
        event = Chose(id=f"{role}-{mark}", channel="web", address=at_the_page, data=button)
        await page.app.engine.take([event])
    if command.name in ACTS and isinstance(command, made.BroadcastCommand):
        path = f"/staff/broadcasts/1/do/{command.name}"
        answer = await other.post(path, mark="0" * 16, word="no")
        allowed = RIGHTS[role] & {Right.WRITE, Right.DECIDE}
        assert answer.status_code == (409 if allowed else 403), (role, command)


async def _entries(page: Page) -> int:
    async with page.app.store.reading() as connection:
        return len(await audit.newest(connection, 1000))
