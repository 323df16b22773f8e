"""Several broadcasts at once, the first lot that is watched, the report two days later."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.campaign.broadcast_rules.broadcast import Broadcast
from tests.broadcast_crowd import drafted, fill, vouched
from tests.program import run, running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import FIRST, OWNER, SENDER, STAFF, approved, found

WATCHED_FOR_TEN_MINUTES = {name: STAFF[name] for name in ("BOT_STAFF",)}
"""As an operator has it who sets nothing else."""
URGENT = 'texts: {fr: "Urgent"}\naudience: {rest_hours: 0}\nquiet_hours: false\ncanary: false\n'
CALM = 'texts: {fr: "Bonjour"}\naudience: {rest_hours: 0}\nquiet_hours: false\n'


async def sent_from_file(server: TelegramServer, data: Path, text: str, expected: int) -> None:
    """Made from a file, put before the staff by the owner, approved by the sender."""
    assert await drafted(data, text) == expected
    server.forge(OWNER, f"staff.submit:{expected}")
    opens = f"staff.show:{expected}"
    await server.until(lambda: any(opens in str(shown.buttons) for shown in reviews(server)))
    await Supporter(server, SENDER).presses("✅ J’approuve", reviews(server)[-1])


def reviews(server: TelegramServer) -> list:  # type: ignore[type-arg]
    return [shown for shown in server.chat(SENDER) if "À relire" in shown.text]


@pytest.mark.slow
async def test_while_the_first_fifty_are_watched_another_broadcast_goes_out(
    server: TelegramServer, data: Path
) -> None:
    crowd = range(FIRST, FIRST + 70)
    await fill(data, crowd)
    server.meet(FIRST, len(crowd))
    with running(data, server.root, **WATCHED_FOR_TEN_MINUTES):
        await approved(server)
        await Supporter(server, OWNER).says("/staff")
        await sent_from_file(server, data, CALM, 1)
        await found(server, SENDER, "on observe avant de continuer", 20)
        await found(server, SENDER, "environ 50, sur environ 70", 20)
        await sent_from_file(server, data, URGENT, 2)
        await found(server, SENDER, "environ 70, sur environ 70", 20)
        assert rows(data, "select state, sent from broadcasts") == [("sending", 50), ("done", 70)]
        done = run("broadcast", "cancel", "1", data=data)
        assert done.stdout == "Broadcast 1: cancelled\n"
        await found(server, SENDER, "annulée", 20)
    told = [[shown.text for shown in server.chat(chat)] for chat in crowd]
    assert sorted(map(len, told)) == [1] * 20 + [2] * 50
    assert all(texts[-1] == "Urgent" for texts in told)


@pytest.mark.slow
async def test_of_two_that_send_the_second_says_that_it_waits_for_the_first(
    server: TelegramServer, data: Path
) -> None:
    crowd = range(FIRST, FIRST + 150)
    await fill(data, crowd)
    server.meet(FIRST, len(crowd))
    with running(data, server.root, **STAFF, BOT_RATE="15") as bot:
        await approved(server)
        await Supporter(server, OWNER).says("/staff")
        await sent_from_file(server, data, URGENT, 1)
        await sent_from_file(server, data, URGENT.replace("Urgent", "Après"), 2)
        await found(server, SENDER, "la № 1 part d’abord", 20)
        assert not any(shown.text == "Après" for chat in crowd for shown in server.chat(chat))
        assert number(data, "select sent from broadcasts where id = 2") == 0
        # A pause lets the other one go.
        assert run("broadcast", "pause", "1", data=data).returncode == 0
        await server.until(lambda: any(s.text == "Après" for c in crowd for s in server.chat(c)))
        assert bot.stop() == 0
    assert rows(data, "select state from broadcasts") == [("paused",), ("sending",)]


@pytest.mark.slow
async def test_two_days_after_the_end_the_report_comes_again_with_what_people_did(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 25))
    server.meet(FIRST, 25)
    with running(data, server.root, **STAFF):
        await approved(server)
        await Supporter(server, OWNER).says("/staff")
        await sent_from_file(server, data, URGENT, 1)
        first = await found(server, SENDER, "Début")
        assert "pas dire grâce à elle), jusqu’ici" in first.text
        alice = Supporter(server, FIRST)
        await alice.presses("Ne plus recevoir")
        bob = Supporter(server, FIRST + 1)
        await bob.starts()
        server.forge(FIRST + 1, "sign:xinjiang:fr")
        await server.until(lambda: number(data, "select count(*) from signatures") == 1)
    assert len([shown for shown in server.chat(SENDER) if "Début" in shown.text]) == 1
    two_days_pass(data)
    with running(data, server.root, **STAFF):
        report = await found(server, SENDER, "pas dire grâce à elle), en deux jours", 20)
        assert report.file is not None, "with its picture"
        told = report.text.replace("\u00a0", " ")
        assert "signatures : moins de 20" in told
        assert "désabonnements : moins de 20" in told
    with running(data, server.root, **STAFF):
        before = server.answered[SENDER]
        await Supporter(server, OWNER).says("/staff")
        assert server.answered[SENDER] == before, "once"


def two_days_pass(data: Path) -> None:
    """As if the broadcast had ended 49 hours ago."""
    ended = datetime.now(UTC) - timedelta(hours=49)
    with closing(sqlite3.connect(data / "campaign.sqlite3")) as connection, connection:
        (body,) = connection.execute("select body from broadcasts").fetchone()
        changed = Broadcast.model_validate_json(body)
        earlier = (changed.started_at or ended) - timedelta(hours=49)
        kept = changed.model_copy(update={"ended_at": ended, "started_at": earlier})
        connection.execute(
            "update broadcasts set body = ?", (kept.model_dump_json(exclude={"id", "state"}),)
        )
    vouched(data)


@pytest.mark.slow
async def test_a_broadcast_whose_file_is_gone_stops_and_says_so(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, [FIRST])
    server.meet(FIRST, 1)
    (data / "report.pdf").write_bytes(b"%PDF-1.7")
    with running(data, server.root, **STAFF):
        await approved(server)
        await Supporter(server, OWNER).says("/staff")
        await drafted(data, URGENT + "document: report.pdf\n")
        with closing(sqlite3.connect(data / "campaign.sqlite3")) as connection, connection:
            connection.execute("delete from broadcast_files")
        server.forge(OWNER, "staff.preview:1")
        await found(server, OWNER, "n’est plus sur la machine")
        server.forge(OWNER, "staff.submit:1")
        await Supporter(server, SENDER).presses(
            "✅ J’approuve", await found(server, SENDER, "À relire")
        )
        await found(server, SENDER, "n’est plus sur la machine")
    assert rows(data, "select state, sent from broadcasts") == [("paused", 0)]
    assert not server.answered[FIRST]
