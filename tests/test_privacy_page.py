"""Privacy on the web: the page of words, and one's own data from the chat page."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx

from tests.chat_page import opened_page


async def test_the_page_says_what_the_chat_says_in_each_language(tmp_path: Path) -> None:
    async with (
        opened_page(tmp_path / "data") as page,
        httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client,
    ):
        for language, said in (("fr", "Combien de temps"), ("en", "For how long")):
            answer = await client.get("privacy", params={"lang": language})
            assert answer.status_code == 200
            assert said in answer.text
            assert "75940 Paris Cedex 19" in answer.text
            assert f'lang="{language}"' in answer.text
            assert "**" not in answer.text
            assert "set-cookie" not in answer.headers


async def test_a_visitor_takes_their_data_along_and_is_forgotten(tmp_path: Path) -> None:
    async with opened_page(tmp_path / "data") as page, page.visitor() as visitor:
        await visitor.looks()
        await visitor.does("start", data="mamat-sign")
        await visitor.presses("✍️ Je signe")
        shown = await visitor.does("command", text="/mydata")
        assert shown["message"]["attachment"] == "mydata"
        answer = await visitor.client.post(f"chat/documents/{shown['n']}", headers=visitor.headers)
        text, document = answer.json()
        assert (text["name"], document["name"]) == ("mes-donnees.txt", "mes-donnees.json")
        held = json.loads(base64.b64decode(document["content"]))["held"]
        (signature,) = held["signature"]
        assert (signature["signer"], signature["state"]) == ("browser", "pending"), "without work"
        read = base64.b64decode(text["content"]).decode()
        assert "donnée par : un navigateur" in read.replace("\u00a0", " ")
        assert "dit quelque chose de vos opinions politiques" in read, "what was agreed to"
        assert held["conversation"]
