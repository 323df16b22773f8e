"""Conversations as anybody can read them: each file of tests/stories is one, word for word.

A line that begins with ``> `` is the supporter, all else is the bot; the first line says how the
chat is started. To write the files anew after a change of texts:

    REWRITE_STORIES=1 python -m pytest tests/test_stories.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.program import KEYS, run

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))
DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_the_conversation_goes_as_it_is_written(story: Path, tmp_path: Path) -> None:
    text = story.read_text(encoding="utf-8")
    head, _, told = text.partition("\n")
    turns = [line[2:] for line in told.split("\n") if line.startswith("> ")]
    started, *said = turns
    arguments = head.removeprefix("# chat ").split()
    assert started.startswith("/start")

    result = run("chat", *arguments, data=tmp_path, said="\n".join(said) + "\n", BOT_KEYS=KEYS)

    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    shown = result.stdout.replace(str(tmp_path), "DATA")
    if os.environ.get("REWRITE_STORIES"):
        story.write_text(head + "\n" + shown, encoding="utf-8")
    else:
        assert shown == told


def test_there_is_a_story_of_each_case_in_each_language() -> None:
    written = {story.stem for story in STORIES}
    assert {"mamat.fr", "mamat.en", "akber.fr", "akber.en"} <= written
