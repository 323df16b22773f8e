"""The chats of the test server, and what supporters do in them: each act makes an update."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.telegram_rules import Row

BOT = {
    "id": 123456,
    "is_bot": True,
    "first_name": "Campagne",
    "username": "campagne_test_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": True,
}
_MEDIA: dict[str, dict[str, Any]] = {
    "photo": {
        "photo": [
            {"file_id": "thumbnail", "file_unique_id": "t", "width": 90, "height": 60},
            {"file_id": "p", "file_unique_id": "p", "width": 1280, "height": 853},
        ],
    },
    "sticker": {
        "sticker": {
            "file_id": "s",
            "file_unique_id": "s",
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
        },
    },
    "voice": {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}},
    "document": {"document": {"file_id": "d", "file_unique_id": "d"}},
    "animation": {
        "animation": {
            "file_id": "a",
            "file_unique_id": "a",
            "width": 9,
            "height": 9,
            "duration": 1,
        },
        "document": {"file_id": "a", "file_unique_id": "a"},
    },
    "location": {"location": {"longitude": 2.3, "latitude": 48.8}},
    "contact": {"contact": {"phone_number": "0", "first_name": "B"}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
}


@dataclass(slots=True)
class File:
    """A document or picture as it arrived."""

    name: str
    media_type: str
    content: bytes
    kind: str = "document"


_SENDABLE = {
    "photo": {
        "p": File("photo", "image/jpeg", b"\xff\xd8\xff picture", "photo"),
        "thumbnail": File("photo", "image/jpeg", b"\xff\xd8\xff", "photo"),
    },
    "document": {"d": File("report.pdf", "application/pdf", b"%PDF-1.7")},
}


@dataclass(slots=True)
class Shown:
    """A message as its chat shows it now. ``text`` has no markup, ``html`` is what was sent."""

    id: int
    chat: int
    text: str
    html: str = ""
    buttons: tuple[Row, ...] = ()
    mine: bool = True
    edited: bool = False
    file: File | None = None
    date: int = 0

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons, row by row."""
        return [str(button["text"]) for row in self.buttons for button in row]

    def button(self, wanted: str) -> dict[str, object] | None:
        """The button with this label or, failing that, this data."""
        every = [button for row in self.buttons for button in row]
        for key in ("text", "callback_data"):
            for button in every:
                if button.get(key) == wanted:
                    return button
        return None


@dataclass(slots=True)
class Chat:
    id: int
    kind: str = "private"
    language: str = "fr"
    blocked: bool = False
    gone: bool = False
    messages: dict[int, Shown] = field(default_factory=dict)


class Chats:
    """Who talks with the bot, what they see, and the updates that wait for it."""

    def __init__(self, *, record: bool = True) -> None:
        self.record = record
        self.answered: Counter[int] = Counter()
        self.newest: dict[int, Shown] = {}
        """By chat, the message that the bot has sent or changed last."""
        self.queries: dict[str, bool] = {}
        self.allowed: tuple[str, ...] = ()
        self.next_update_id = 1000
        self.files: dict[str, File] = {}
        """What can be sent again by its name."""
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._chats: dict[int, Chat] = {}
        self._ids = itertools.count(1)
        self._query_ids = itertools.count(7_000_000_000)

    def _push(self, number: int, raw: bytes) -> None:
        self._waiting.append((number, raw))

    def start(self, chat: int, payload: str = "", language: str = "fr") -> dict[str, Any]:
        """/start, by a link with this payload. Lets a bot in that was blocked."""
        if chat in self._chats and self._chats[chat].blocked:
            self.unblock(chat)
        return self.text(chat, f"/start {payload}".strip(), language)

    def text(self, chat: int, text: str, language: str = "fr") -> dict[str, Any]:
        """A message or command."""
        return self._message(chat, language, {"text": text, **_command_entities(text)}, text)

    def show(self, chat: int, kind: str, language: str = "fr", **more: Any) -> dict[str, Any]:
        """Something that is no text: "photo", "sticker", "voice", "document", …"""
        self.files.update(_SENDABLE.get(kind, {}))
        return self._message(chat, language, {**_MEDIA[kind], **more})

    def photo(self, chat: int, caption: str = "", language: str = "fr") -> dict[str, Any]:
        """A picture."""
        return self.show(chat, "photo", language, **({"caption": caption} if caption else {}))

    def edit(self, chat: int, message: int, text: str) -> dict[str, Any]:
        """The supporter corrects an earlier message."""
        content = self._content(self._chat(chat), message)
        content |= {"text": text, "edit_date": int(time.time())}
        return self.raw_update({"edited_message": content})

    def press(self, chat: int, wanted: str, message: Shown | int | None = None) -> dict[str, Any]:
        """Press the button with this label or data, on the latest message that has it or on the
        given one. AssertionError where no visible message has it."""
        kept = self._chat(chat).messages
        named = message.id if isinstance(message, Shown) else message
        candidates = [kept[named]] if named is not None else list(reversed(kept.values()))
        for shown in candidates:
            button = shown.button(wanted)
            if button is not None:
                return self.forge(chat, str(button["callback_data"]), shown.id)
        visible = [label for shown in self.chat(chat) for label in shown.labels]
        raise AssertionError(f"no button {wanted!r} to be seen, only {visible}")

    def forge(self, chat: int, data: str, message: int | None = None) -> dict[str, Any]:
        """A callback with any data, on any message (None: one that is too old to be shown)."""
        known = self._chat(chat)
        query = str(next(self._query_ids))
        self.queries[query] = False
        shown = known.messages.get(message) if message is not None else None
        if shown is not None:
            on = self._as_json(shown)
        else:
            on = {"message_id": message or 1, "chat": _chat_json(known), "date": 0}
        callback = {
            "id": query,
            "from": _person(chat, known.language),
            "message": on,
            "chat_instance": "1",
            "data": data,
        }
        return self.raw_update({"callback_query": callback})

    def block(self, chat: int) -> dict[str, Any]:
        """The supporter stops the bot: sends are refused from now on."""
        self._chat(chat).blocked = True
        return self._membership(chat, "member", "kicked")

    def unblock(self, chat: int) -> dict[str, Any]:
        """The supporter lets the bot in again."""
        self._chat(chat).blocked = False
        return self._membership(chat, "kicked", "member")

    def vanish(self, chat: int) -> None:
        """The account is deleted."""
        self._chat(chat).gone = True

    def group_command(self, group: int, text: str, sender: int = 77) -> dict[str, Any]:
        """A message in a group (a negative id), as a rule a command."""
        self._chat(group).kind = "supergroup"
        return self._message(
            group, "fr", {"text": text, **_command_entities(text)}, text, sender=sender
        )

    def raw_update(self, update: Mapping[str, Any] | bytes, number: int = 0) -> dict[str, Any]:
        """Any update, malformed ones too. Without an ``update_id`` it gets the next one; bytes
        go out as they are (they need a number of their own, told apart where it cannot be read)."""
        if isinstance(update, bytes):
            number = number or json.loads(update)["update_id"]
            self._push(number, update)
            return {"update_id": number}
        full = dict(update)
        if "update_id" not in full:
            full = {"update_id": self.next_update_id, **full}
            self.next_update_id += 1
        kind = next((name for name in full if name != "update_id"), "")
        if not self.allowed or not kind or kind in self.allowed:
            self._push(full["update_id"], orjson.dumps(full))
        return full

    def repeat(self, update: Mapping[str, Any]) -> None:
        """Deliver the very same update once more."""
        self._push(update["update_id"], orjson.dumps(update))

    def withhold(self, update: Mapping[str, Any]) -> None:
        """Take back what no poll has seen yet; ``repeat`` delivers it later."""
        self._waiting = deque(item for item in self._waiting if item[0] != update["update_id"])

    def load(self, count: int, text: str = "Bonjour", first: int = 100_000) -> None:
        """One text from each of ``count`` different supporters, all at once."""
        for chat in range(first, first + count):
            self.text(chat, text)

    def meet(self, first: int, count: int) -> None:
        """Chats that the bot may write to, since they wrote to it long ago."""
        for chat in range(first, first + count):
            self._chat(chat)

    def chat(self, chat: int) -> list[Shown]:
        """The bot's messages that this chat shows now, oldest first."""
        known = self._chats.get(chat)
        return [shown for shown in known.messages.values() if shown.mine] if known else []

    def last(self, chat: int) -> Shown:
        """The newest of them."""
        shown = self.chat(chat)
        assert shown, "nothing to be seen in this chat"
        return shown[-1]

    def _chat(self, chat: int) -> Chat:
        known = self._chats.get(chat)
        if known is None:
            known = self._chats[chat] = Chat(chat)
        return known

    def _message(
        self,
        chat: int,
        language: str,
        content: dict[str, Any],
        text: str = "",
        sender: int | None = None,
    ) -> dict[str, Any]:
        known = self._chat(chat)
        known.language = language
        shown = Shown(next(self._ids), chat, text, mine=False)
        if self.record:
            known.messages[shown.id] = shown
        message = self._content(known, shown.id)
        message["from"] = _person(sender or chat, language)
        return self.raw_update({"message": message | content})

    def _content(self, chat: Chat, message: int) -> dict[str, Any]:
        return {
            "message_id": message,
            "from": _person(chat.id, chat.language),
            "chat": _chat_json(chat),
            "date": int(time.time()),
        }

    def _membership(self, chat: int, old: str, new: str) -> dict[str, Any]:
        known = self._chat(chat)

        def status(name: str) -> dict[str, Any]:
            return {"user": BOT, "status": name} | ({"until_date": 0} if name == "kicked" else {})

        member = {
            "chat": _chat_json(known),
            "from": _person(chat, known.language),
            "date": int(time.time()),
            "old_chat_member": status(old),
            "new_chat_member": status(new),
        }
        return self.raw_update({"my_chat_member": member})

    def _as_json(self, shown: Shown, entities: Iterable[object] = ()) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": shown.id,
            "from": BOT,
            "chat": _chat_json(self._chat(shown.chat)),
            "date": shown.date or 1,
        }
        if shown.file is not None:
            name = {"file_id": f"file{shown.id}", "file_unique_id": f"file{shown.id}"}
            if shown.file.kind == "photo":
                message["photo"] = [{**name, "width": 1280, "height": 853}]
            else:
                message["document"] = {
                    **name,
                    "file_name": shown.file.name,
                    "mime_type": shown.file.media_type,
                    "file_size": len(shown.file.content),
                }
        message["caption" if shown.file is not None else "text"] = shown.text
        if entities:
            message["caption_entities" if shown.file is not None else "entities"] = entities
        if shown.buttons:
            message["reply_markup"] = {"inline_keyboard": shown.buttons}
        return message


def _person(number: int, language: str) -> dict[str, Any]:
    person = {"id": abs(number), "is_bot": False, "first_name": f"Alice {abs(number)}"}
    return person | ({"language_code": language} if language else {})


def _chat_json(chat: Chat) -> dict[str, Any]:
    if chat.kind == "private":
        return {"id": chat.id, "type": "private", "first_name": f"Alice {chat.id}"}
    return {"id": chat.id, "type": chat.kind, "title": "Groupe"}


def _command_entities(text: str) -> dict[str, Any]:
    command = re.match(r"/[A-Za-z0-9_]+(@\w+)?", text)
    if command is None:
        return {}
    return {"entities": [{"type": "bot_command", "offset": 0, "length": command.end()}]}
