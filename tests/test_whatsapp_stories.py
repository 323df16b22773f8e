"""Conversations on WhatsApp as anybody can read them: what somebody does, and each message.

A line that begins with ``> `` is the supporter ([in brackets] what they press), all else is the
bot; [in brackets] stand buttons, behind a dot the rows of a list, behind an arrow a link. To write
them anew after a change of texts:

    REWRITE_STORIES=1 python -m pytest tests/test_whatsapp_stories.py
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import opened
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.http import Graph
from bot.channels.whatsapp.messages import WORDS
from bot.channels.whatsapp.webhook import Webhook
from bot.settings import Settings
from tests.program import KEYS
from tests.shipped import content
from tests.whatsapp_posts import NUMBER_ID, SECRET, VERIFY, Person, entry, said, value, written
from tests.whatsapp_server import TOKEN, Shown, WhatsAppServer

STORIES = sorted((Path(__file__).parent / "stories" / "whatsapp").glob("*.txt"))
PEOPLE = {"fr": Person("FR.100", "33600000100"), "en": Person("GB.100", "447000000100")}
CHANCE = re.compile(r"#[a-z2-7]{26}\b")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def drawn(shown: Shown) -> str:
    """A message as it stands on the phone."""
    lines = [shown.text] if shown.text else []
    held = shown.sent.get("interactive", {})
    if "header" in held:
        lines.insert(0, f"({held['header']['type']})")
    if shown.kind in ("image", "document"):
        lines.insert(0, f"({shown.kind})")
    if held.get("type") == "list":
        lines += ["", *(f"  • {label}" for label in shown.choices)]
    elif shown.choices:
        lines += ["", "  " + " ".join(f"[{label}]" for label in shown.choices)]
    lines += [f"  → {label}: {CHANCE.sub('#…', url)}" for label, url in shown.links.items()]
    return "\n".join(lines)


def message(whose: Person, act: str, seen: Sequence[Shown]) -> dict[str, object]:
    """What they do, as it is posted."""
    pressed = re.fullmatch(r"\[(.*)\]", act)
    if pressed:
        for shown in reversed(seen):
            if pressed[1] in shown.choices:
                reply = {"id": shown.choices[pressed[1]], "title": pressed[1]}
                return said(whose, "interactive", {"type": "button_reply", "button_reply": reply})
        raise AssertionError(f"nothing says {act}: {[list(one.choices) for one in seen[-2:]]}")
    if act in ("une photo", "a photo"):
        return said(whose, "image", {"id": "1", "mime_type": "image/jpeg"})
    return said(whose, "text", {"body": act})


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
async def test_the_conversation_goes_as_it_is_written(story: Path, data: Path) -> None:
    text = story.read_text(encoding="utf-8")
    language = text.partition("\n")[0].removeprefix("# ")
    acts = [line[2:] for line in text.split("\n") if line.startswith("> ")]
    whose = PEOPLE[language]
    settings = Settings(
        _env_file=None, data_dir=data, public_url="https://campagne.example.org", keys=KEYS
    )
    shown_content = content()
    told = [f"# {language}"]
    async with WhatsAppServer() as server:
        wording = shown_content.now.wording

        def words(of: str) -> dict[str, str]:
            return {name: wording.texts(of, key.split(".")[0])[key.split(".")[1]]
                    for name, key in WORDS.items()}  # fmt: skip

        graph = Graph(server.root, TOKEN)
        async with (
            WhatsAppChannel(graph, NUMBER_ID, words=words) as channel,
            opened(settings, shown_content, {channel.name: channel}, lambda: NOON) as app,
        ):
            door = Webhook(channel, NUMBER_ID, secret=SECRET, verify=VERIFY)
            door.open(app.engine.take, app.sender.settled, lambda template: None)
            for act in acts:
                before = len(server.seen(whose))
                server.wrote(whose)
                posted = entry(
                    "messages",
                    value(messages=[message(whose, act, server.seen(whose))], people=[whose]),
                )
                await door.take(written(posted))
                assert await app.sender.finish(30)
                told.append(f"\n> {act}")
                told += [f"\n{drawn(one)}" for one in server.seen(whose)[before:]]
            await asyncio.sleep(0)
        assert server.refusals == []
    now = "\n".join(told) + "\n"
    if os.environ.get("REWRITE_STORIES"):
        story.write_text(now, encoding="utf-8")
    else:
        assert now == text


def test_there_is_a_story_of_each_case_in_french_and_english() -> None:
    assert {"mamat.fr", "mamat.en", "akber.fr", "akber.en"} <= {one.stem for one in STORIES}
