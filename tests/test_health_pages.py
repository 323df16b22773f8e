"""/healthz, /readyz and /metrics: who may know what, and that the numbers are those of the bot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.campaign.channel import Lane, Refused, Result, Sent, Unknown
from bot.health.running import UNSEEN
from bot.meters import ENDINGS, FORGOTTEN, Meters, Silence, ending
from bot.settings import Settings
from tests.chat_page import Page, ask, opened_page
from tests.desk_pages import colleague, desk
from tests.metrics import numbers_of
from tests.test_alarms import listening

TOKEN = "0123456789abcdef"
FROM_ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}
"""What a proxy on this machine adds."""


async def metrics(page: Page) -> dict[str, float]:
    answer = await ask(page, "GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return numbers_of(answer.text)


async def test_strangers_learn_that_it_lives_and_can_record_and_nothing_else(data: Path) -> None:
    async with opened_page(data) as page:
        lives = await ask(page, "GET", "/healthz", **FROM_ELSEWHERE)
        assert (lives.status_code, lives.text) == (200, "ok")
        ready = await ask(page, "GET", "/readyz", **FROM_ELSEWHERE)
        assert (ready.status_code, ready.json()) == (200, {"ready": True})
        for path in ("/metrics", "/readyz"):
            for headers in (
                {"Forwarded": "for=203.0.113.7"},
                {"Via": "1.1 proxy"},
                {"Authorization": f"Bearer {TOKEN}", **FROM_ELSEWHERE},
            ):
                answer = await ask(page, "GET", path, **headers)
                assert answer.status_code == 404 or answer.json() == {"ready": True}


async def test_a_proxy_that_names_its_own_page_learns_no_more(data: Path) -> None:
    async with opened_page(data, public_url="https://chat.example.org") as page:
        host = {"Host": "chat.example.org"}
        assert (await ask(page, "GET", "/metrics", **host)).status_code == 404
        assert (await ask(page, "GET", "/readyz", **host)).json() == {"ready": True}
        assert (await ask(page, "GET", "/metrics")).status_code == 200


async def test_with_the_token_it_is_told_from_elsewhere_too(data: Path) -> None:
    async with opened_page(data, metrics_token=TOKEN) as page:
        right = {"Authorization": f"Bearer {TOKEN}", **FROM_ELSEWHERE}
        assert (await ask(page, "GET", "/metrics", **right)).status_code == 200
        assert "platforms" in (await ask(page, "GET", "/readyz", **right)).json()
        wrong = {"Authorization": f"Bearer {TOKEN}x"}
        assert (await ask(page, "GET", "/metrics", **wrong)).status_code == 404
        assert (await ask(page, "GET", "/readyz", **wrong)).json() == {"ready": True}


@pytest.mark.parametrize("token", ["short", "with a space in it ....", "éééééééééééééééé"])
def test_a_token_that_can_be_guessed_or_cannot_be_sent_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="openssl rand"):
        Settings(_env_file=None, metrics_token=token)


async def test_this_machine_is_told_all(data: Path) -> None:
    async with opened_page(data) as page:
        await page.app.health.look()
        told = (await ask(page, "GET", "/readyz")).json()
        assert told["ready"]
        assert told["running"]
        assert told["platforms"]["web"] == {
            "heard_seconds": None,
            "trouble": "",
            "stuck_seconds": None,
            "waiting": 0,
            "oldest_seconds": 0,
        }
        assert 0 < told["disk"]["free_percent"] <= 100
        assert told["troubles"] == []
        assert told["dead_letters"] == {"last_day": 0, "kept": 0}


async def test_what_visitors_do_is_counted(data: Path) -> None:
    async with opened_page(data) as page, page.visitor() as visitor:
        await visitor.looks()
        await visitor.does("start")
        await visitor.does("command", text="/help")
        await page.app.health.look()
        found = await metrics(page)
    assert found["campaign_events_total web"] == 2
    assert found["campaign_recording_seconds_count"] == 2
    assert found["campaign_recording_seconds_bucket +Inf"] == 2
    assert found["campaign_outbox_messages web"] == 0
    assert found["campaign_disk_free_bytes"] > 0
    assert found["campaign_drifts_total"] == 0
    assert any(name.startswith("campaign_info ") for name in found)
    assert found["process_resident_memory_bytes"] > 0


async def test_the_numbers_name_nobody(data: Path) -> None:
    async with opened_page(data) as page, page.visitor() as visitor:
        await visitor.looks()
        await visitor.does("start", data="mamat")
        text = (await ask(page, "GET", "/metrics")).text
    labels = set(re.findall(r"campaign_\w+\{([^}]*)\}", text))
    names = {name for one in labels for name in re.findall(r'(\w+)="', one)}
    assert names <= {
        "channel",
        "lane",
        "ended",
        "le",
        "kind",
        "about",
        "state",
        "version",
        "python",
    }
    assert visitor.key not in text


async def test_only_what_cannot_record_is_taken_away_from_people(data: Path) -> None:
    async with opened_page(data) as page:
        hearing = page.app.meters.hearing("telegram")
        hearing._at -= 4000
        hearing.lost("telegram_unreachable", Silence.NO_ANSWER)
        await page.app.health.look()
        answer = await ask(page, "GET", "/readyz")
        assert answer.status_code == 200
        assert [one["name"] for one in answer.json()["troubles"]] == ["hearing"]
        while answer.status_code == 200:  # the bot's own proof may have come in between
            page.app.health._looking.written_at -= 31
            answer = await ask(page, "GET", "/readyz", **FROM_ELSEWHERE)
        assert (answer.status_code, answer.json()) == (503, {"ready": False})
        assert answer.headers["retry-after"] == "30"
        assert (await ask(page, "GET", "/healthz")).status_code == 200
        assert (await ask(page, "GET", "/")).status_code == 200
        await page.app.health.beat()
        assert (await ask(page, "GET", "/readyz")).status_code == 200


async def test_somebody_elsewhere_is_called_as_long_as_the_bot_can_do_its_work(
    data: Path,
) -> None:
    async with listening() as listener, opened_page(data, ping_url=listener.url) as page:
        health = page.app.health
        await health.look()
        await health.call()
        assert listener.pings == 1
        health._looked_at -= UNSEEN
        await health.call()
        assert listener.pings == 1, "nobody has looked for long: it may be anything"
        await health.look()
        health._looking.written_at -= 31
        await health.call()
        assert listener.pings == 1, "nothing can be recorded"
        await health.beat()
        await health.call()
        assert listener.pings == 2


# What is counted


def test_every_end_of_a_message_has_its_name() -> None:
    ends: dict[str, Result] = {
        "sent": Sent("1"),
        "gone": Refused("blocked", permanent=True, gone=True),
        "flooded": Refused("slow down", retry_after=3.0),
        "refused": Refused("too long", permanent=True),
        "not_taken": Refused("no network"),
        "unknown": Unknown("no answer"),
    }
    assert tuple(ends) == ENDINGS
    assert all(ending(result) == name for name, result in ends.items())


def test_only_answers_show_that_a_platform_takes_answers() -> None:
    meters = Meters(lambda: 7.0)
    meters.came("telegram", Lane.BROADCAST, Sent("1"))
    meters.came("telegram", Lane.CONVERSATION, Unknown("no answer"))
    assert meters.through == {}
    meters.came("telegram", Lane.CONVERSATION, Sent("2"))
    assert meters.through == {"telegram": 7.0}


def test_failures_to_record_count_until_something_is_recorded_or_nobody_tries_any_more() -> None:
    now = [0.0]
    meters = Meters(lambda: now[0])
    assert meters.failing == 0
    meters.failed()
    now[0] = 60.0
    meters.failed()
    assert meters.failing == 60
    now[0] += FORGOTTEN + 1
    assert meters.failing == 0
    meters.failed()
    assert meters.failing == 0, "a new one"
    now[0] += 20
    assert meters.failing == 20
    meters.recorded([])
    assert meters.failing == 0


async def test_owners_see_at_their_pages_what_is_wrong_and_nobody_else_does(data: Path) -> None:
    async with desk(data) as page, colleague(page, "owner") as anna, colleague(page, "editor") as b:
        page.app.meters.hearing("telegram").lost("telegram_conflict", Silence.RIVAL)
        page.app.meters.hearings["telegram"]._at -= 4000
        await page.app.health.look()
        shown = (await anna.get("/staff")).text
        assert "Another program receives what people write to the bot" in shown
        assert "Nothing has come in for 66 minutes." in shown
        assert "Another program" not in (await b.get("/staff")).text
        page.app.meters.hearings["telegram"].heard()
        await page.app.health.look()
        assert "Another program" not in (await anna.get("/staff")).text
