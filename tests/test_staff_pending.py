"""Signatures that came too fast: held, shown to staff, decided, taken back, and logged."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from bot.campaign import urgent
from tests.program import ROOT, running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_broadcast_commands import shell
from tests.test_broadcasts import OWNER, SENDER, STAFF, found

pytestmark = pytest.mark.slow


async def test_held_signatures_are_decided_by_staff_and_each_decision_is_logged(
    server: TelegramServer, data: Path
) -> None:
    content = data / "content"
    copytree(ROOT / "content", content)
    cases = content / "cases.yaml"
    rule = "burst_guard: {signatures: 200, minutes: 10}"
    assert rule in cases.read_text()
    cases.write_text(cases.read_text().replace(rule, rule.replace("200", "1")))
    with running(data, server.root, **STAFF, BOT_CONTENT=str(content)):
        sender, owner = Supporter(server, SENDER), Supporter(server, OWNER)
        await sender.says("/staff")
        await owner.says("/staff")
        for chat in (77, 78, 79):
            await Supporter(server, chat).starts()
            server.forge(chat, "sign:xinjiang:fr")
        await server.until(lambda: number(data, "select count(*) from signatures") == 3)
        alarm = await found(server, SENDER, "Beaucoup de signatures")
        waiting = await sender.presses("Voir ce qui attend", alarm)
        assert "messagerie\u00a0: moins de 20" in waiting.text
        assert "1 par messagerie · 0 par navigateur" in waiting.text
        (accept,) = [label for label in waiting.labels if label.startswith("Accepter")]
        why = await sender.presses(accept, waiting)
        proposed = await sender.presses("Ce sont de vraies personnes", why)
        assert "Une autre personne doit donner son accord" in proposed.text
        assert not [label for label in proposed.labels if label.startswith("✅")]
        server.forge(SENDER, confirmation(data), proposed.id)
        await found(server, SENDER, "n’y a rien écrit")
        assert number(data, "select count(*) from decisions") == 0

        told = await found(server, OWNER, "333 (envois) propose une décision")
        waiting = await owner.presses("Ouvrir", told)
        assert "propose de les accepter (Ce sont de vraies personnes)" in waiting.text
        (confirm,) = [label for label in waiting.labels if label.startswith("✅")]
        done = await owner.presses(confirm, waiting)
        assert "elles sont comptées" in done.text
        again = await owner.presses("Reprendre cette décision", done)
        assert "attendent de nouveau" in again.text

        code, said = await shell("pending", "accept", "xinjiang", day(data), data=data, **STAFF)
        assert (code, "somebody else approves it" in said) == (0, True), said
        told = await found(server, SENDER, "la machine du bot propose une décision")
        refused = await sender.presses("Ouvrir", told)
        (refuse,) = [label for label in refused.labels if label.startswith("Refuser")]
        assert "attendent toujours" in (await sender.presses(refuse, refused)).text
    log = rows(data, "select act, detail from audit order by number")
    assert [act for act, _ in log] == [
        "propose",
        "confirm",
        "decide",
        "decide",
        "propose",
        "refuse",
    ]
    assert "accept" in str(log[2][1])
    assert "reopen" in str(log[3][1])


def day(data: Path) -> str:
    """The day on which signatures wait."""
    ((found,),) = rows(data, "select distinct day from signatures where state = 'pending'")
    return str(found)


def confirmation(data: Path) -> str:
    """What a button would carry that approves the proposal about them."""
    proposed = urgent.proposal(
        dict(rows(data, "select name, value from staff_settings")),
        f"held.xinjiang.{day(data)}.account",
    )
    assert proposed is not None
    return f"heldok:xinjiang:{day(data)}:{proposed.fingerprint}:account"
