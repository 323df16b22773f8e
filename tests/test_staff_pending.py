"""Signatures that came too fast: held, shown to staff, decided, taken back, and logged."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

from tests.program import ROOT, running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import SENDER, STAFF, found


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
        sender = Supporter(server, SENDER)
        await sender.says("/staff")
        for chat in (77, 78, 79):
            await Supporter(server, chat).starts()
            server.forge(chat, "sign:xinjiang:fr")
        await server.until(lambda: number(data, "select count(*) from signatures") == 3)
        alarm = await found(server, SENDER, "Beaucoup de signatures")
        waiting = await sender.presses("Voir ce qui attend", alarm)
        assert "2 · " in waiting.text
        (accept,) = [label for label in waiting.labels if label.startswith("Accepter")]
        why = await sender.presses(accept, waiting)
        done = await sender.presses("Ce sont de vraies personnes", why)
        assert "elles sont comptées" in done.text
        again = await sender.presses("Reprendre cette décision", done)
        assert "attendent de nouveau" in again.text
    log = rows(data, "select act, detail from audit order by number")
    assert [act for act, _ in log] == ["decide", "decide"]
    assert "accept" in str(log[0][1])
    assert "reopen" in str(log[1][1])
