"""What a conversation costs on each channel: messages, money, CPU and the time of an answer.

    python -m benchmarks.channels [--conversations 1000] [--price 0.03] [--updates 1000]

Messages are counted over whole conversations (hello, a story, the signature, the letter, "I've sent
it") of people whose letters and first screens differ, laid out as each channel does: ``apart`` is a
message for each text, link and thing to copy, ``joined`` what is sent. With ``--price`` (euros a
message, as Meta's list of the day has it) each letter that was opened has its price.

Then the program itself, once on Telegram and once on WhatsApp, gets one text from each of that many
people at once, from the strict servers of the tests: CPU of its processes until they rest, and on
WhatsApp, where all answers are timed, when half and 95 of 100 people had theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from benchmarks.answered_updates import PROGRAMS, ROOT, cpu_of, run
from bot.campaign.capabilities import Capabilities
from bot.campaign.conversation import step
from bot.campaign.events import Chose, Event, Said, Started
from bot.campaign.messages import Message, Rendered
from bot.campaign.screen_parts import parts
from bot.campaign.supporter import Facts, Supporter
from bot.channels.registered import REGISTERED
from bot.channels.whatsapp.capabilities import WHATSAPP
from bot.channels.whatsapp.messages import payloads
from tests.program import free_port
from tests.shipped import shipped
from tests.whatsapp_posts import person
from tests.whatsapp_server import WhatsAppServer

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SAID = {"more": "Plus de choix", "rest": "Voici les autres choix :", "choose": "Choisir"}
PAGE = "https://campagne.example.org"
REST = 1.0


@dataclass
class Count:
    """Over all conversations on a channel."""

    turns: int = 0
    apart: int = 0
    joined: int = 0
    letters: int = 0


def conversation(
    able: Capabilities, seed: int, case: str, language: str
) -> Iterator[tuple[Event, Sequence[Message]]]:
    """Each event of one person, and what answers it."""
    campaign, _ = shipped()
    facts = Facts(
        exposed=able.exposed,
        closes=able.window is not None,
        web=PAGE,
        compose=PAGE,
        bot_name="bot" if able.edits and able.accounts else "",
        chance="a" * 26,
    )
    who = {"id": "1", "channel": able.channel, "address": "x"}
    letter = next(one.id for one in campaign.cases[case].actions if one.kind == "letter")
    petition = campaign.cases[case].petition
    acts: list[Event] = [
        Started(**who, language=language, payload=case)  # type: ignore[arg-type]
        if able.payload and not able.exposed
        else Said(**who, language=language, text=f"Bonjour, {case} (affiche)")  # type: ignore[arg-type]
    ]
    pressed = [
        f"story:{case}:2",
        f"story:{case}:3",
        f"actions:{case}",
        f"sign:{petition}:{language}",
    ]
    pressed += [f"act:{case}:{letter}"]
    if not able.exposed:
        pressed += [f"risk:{case}:{letter}:no"]
    pressed += [f"did:{case}:{letter}"]
    acts += [Chose(**who, language=language, data=data) for data in pressed]  # type: ignore[arg-type]
    supporter = Supporter(seed=seed)
    for act in acts:
        outcome = step(supporter, act, facts, campaign, NOW)
        if outcome.supporter is not None:
            supporter = replace(outcome.supporter, seed=seed)
        yield act, outcome.messages


def counted(able: Capabilities, conversations: int) -> Count:
    """All these conversations on that channel."""
    campaign, wording = shipped()
    cases, languages = list(campaign.cases), ("fr", "en")
    count = Count()
    for seed in range(conversations):
        case, language = cases[seed % len(cases)], languages[seed // len(cases) % 2]
        for _, messages in conversation(able, seed * 7919, case, language):
            count.turns += 1
            for message in messages:
                shown = wording.render(message, language, able.markup)
                apart = len(parts(shown, able, SAID)) if not able.is_roomy else 1
                count.apart += apart
                count.joined += _joined(able, shown) if not able.is_roomy else apart
        count.letters += 1
    return count


def _joined(able: Capabilities, shown: Rendered) -> int:
    return len(payloads(shown, (), SAID)) if able is WHATSAPP else 0


def _print_counts(conversations: int, price: float) -> None:
    print(f"{conversations} conversations, each with a letter opened and a signature")
    print(
        f"{'channel':12}{'turns':>8}{'apart':>8}{'joined':>8}{'EUR/letter apart':>20}{'joined':>10}"
    )
    for one in REGISTERED:
        able = one.capabilities
        found = counted(able, conversations)
        each = [
            f"{value / conversations:.2f}" for value in (found.turns, found.apart, found.joined)
        ]
        paid = price if able.exposed else 0.0
        money = [f"{value * paid / found.letters:.3f}" for value in (found.apart, found.joined)]
        print(f"{able.channel:12}" + "".join(f"{cell:>8}" for cell in each), end="")
        print(f"{money[0]:>20}{money[1]:>10}")


async def on_whatsapp(updates: int) -> tuple[float, list[float]]:
    """CPU milliseconds for each text, and the seconds until each person had an answer."""
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryFile() as output:
        async with WhatsAppServer(delivered=True) as server:
            port = str(free_port())
            posting = server.posts_to(f"http://127.0.0.1:{port}/whatsapp")
            settings = {
                **server.settings,
                "BOT_TOKEN": "",
                "BOT_PORT": port,
                "BOT_PUBLIC_URL": f"http://127.0.0.1:{port}",
                "BOT_RATE": "100000",
                "BOT_DATA_DIR": data,
            }
            bot = subprocess.Popen(
                [sys.executable, *PROGRAMS["ours"]],
                cwd=ROOT,
                env={**os.environ, **settings},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                end = time.monotonic() + 120
                while time.monotonic() < end and not await _open(server):
                    await asyncio.sleep(0.1)
                await _rest(bot.pid)
                before, began = cpu_of(bot.pid), time.monotonic()
                for who in range(updates):
                    server.text(who, "bonjour")
                times: dict[int, float] = {}
                waiting = set(range(updates))
                while waiting and time.monotonic() < began + 120:
                    now = time.monotonic() - began
                    done = {who for who in waiting if server.got[person(who).user_id]}
                    times |= dict.fromkeys(done, now)
                    waiting -= done
                    await asyncio.sleep(0.01)
                await server.until(lambda: not posting.waiting, 120.0, "all statuses to be taken")
                await _rest(bot.pid)
                return 1000 * (cpu_of(bot.pid) - before) / updates, sorted(times.values())
            finally:
                bot.send_signal(signal.SIGTERM)
                bot.wait(30)


async def _open(server: WhatsAppServer) -> bool:
    try:
        return server.posting is not None and await server.posting.greet()
    except OSError:
        return False


async def _rest(pid: int) -> None:
    known, since = cpu_of(pid), time.monotonic()
    while time.monotonic() - since < REST:
        await asyncio.sleep(0.1)
        now = cpu_of(pid)
        if now - known > 0.02:
            known, since = now, time.monotonic()


def main() -> None:
    """Count the messages, then run the program on both platforms."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--price", type=float, default=0.0, help="euros a message on WhatsApp")
    parser.add_argument("--updates", type=int, default=1000)
    given = parser.parse_args()
    _print_counts(given.conversations, given.price)
    if not given.updates:
        return
    telegram = run(PROGRAMS["ours"], given.updates, "bonjour")
    spent, times = asyncio.run(on_whatsapp(given.updates))
    print(f"\n{given.updates} texts at once")
    print(
        f"telegram  {telegram.cpu_ms:7.2f} ms CPU a text, all answered in {telegram.seconds:.2f} s"
    )
    middle, late = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(
        f"whatsapp  {spent:7.2f} ms CPU a text (three statuses and a receipt with each), all"
        f" answered in {times[-1]:.2f} s, half in {middle:.2f} s, 95 of 100 in {late:.2f} s"
    )


if __name__ == "__main__":
    main()
