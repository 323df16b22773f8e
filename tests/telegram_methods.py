"""The methods of the Bot API that the test server knows, with Telegram's answers and refusals."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from tests.telegram_chats import BOT, Chat, Chats, File, Shown
from tests.telegram_html import Parsed
from tests.telegram_posting import Posting, checked
from tests.telegram_rules import Flood, Refusal, Row, bad, commands, keyboard, units, words
from tests.watched import Watched


class Methods(Chats, Watched):
    """Parameters in, results out; ``Refusal`` is what Telegram refuses."""

    def __init__(self, *, checks: bool, record: bool, flood: Flood | None) -> None:
        Chats.__init__(self, record=record)
        Watched.__init__(self)
        self.checks = checks
        self.flood = flood
        self.confirmed: list[int] = []
        self.doubts: list[str] = []
        self.menus: dict[tuple[str, str], list[Mapping[str, str]]] = {}
        self.about: dict[tuple[str, str], str] = {}
        self.webhook = ""
        self.posting: Posting | None = None
        self.replaced: list[Posting] = []
        """Former webhooks, whose posts have to end."""
        self.first_poll = self.last_answer = 0.0
        self._poller: asyncio.Future[None] | None = None
        self._polls = 0

    async def _get_updates(self, params: Mapping[str, Any]) -> bytes:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if not self.first_poll:
            self.first_poll = time.time()
        self._polls += 1
        self._wake()
        if params.get("allowed_updates"):
            self.allowed = tuple(decoded(params["allowed_updates"]))
        offset = int(params.get("offset") or 0)
        if offset < 0:
            while len(self._waiting) > -offset:
                self.confirmed.append(self._waiting.popleft()[0])
        elif offset:
            while self._waiting and self._waiting[0][0] < offset:
                self.confirmed.append(self._waiting.popleft()[0])
        limit = max(1, min(100, int(params.get("limit") or 100)))
        end = asyncio.get_running_loop().time() + float(params.get("timeout") or 0)
        if not self._waiting and float(params.get("timeout") or 0) > 0:
            await self._long_poll(end)
        first = itertools.islice(self._waiting, limit)
        return b'{"ok":true,"result":[' + b",".join(raw for _, raw in first) + b"]}"

    async def _long_poll(self, end: float) -> None:
        loop = asyncio.get_running_loop()
        this = self._polls
        self._changed.set()
        poller = self._poller = loop.create_future()
        timer = loop.call_at(end, lambda: poller.done() or poller.set_result(None))
        try:
            await poller
        finally:
            timer.cancel()
        if self._polls != this:
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )

    def _push(self, number: int, raw: bytes) -> None:
        self._waiting.append((number, raw))
        self._wake()
        self.go_on_posting()

    def end_poll(self) -> None:
        """The long poll under way has waited long enough: it ends now, with what there is."""
        self._wake()

    def _wake(self) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    def _send_message(self, params: dict[str, Any]) -> dict[str, Any]:
        chat = self._recipient(params)
        return self._keep(chat, params, self._words(params, "text", 4096, "message"))

    def _send_document(self, params: dict[str, Any]) -> dict[str, Any]:
        return self._send_file(params, "document", 50_000_000)

    def _send_photo(self, params: dict[str, Any]) -> dict[str, Any]:
        return self._send_file(params, "photo", 10_000_000)

    def _send_file(self, params: dict[str, Any], kind: str, limit: int) -> dict[str, Any]:
        chat = self._recipient(params)
        file = params.get(kind)
        if isinstance(file, str):
            file = self.files.get(file)
            if file is None:
                raise bad("wrong file identifier/HTTP URL specified")
            if file.kind != kind:
                raise bad(f"can't use file of another type as {kind.capitalize()}")
        if not isinstance(file, File):
            raise bad(f"there is no {kind} in the request")
        file.kind = kind
        if len(file.content) > limit:
            raise Refusal(413, "Request Entity Too Large")
        if not file.content:
            raise bad("file must be non-empty")
        if kind == "photo" and not file.content.startswith((b"\x89PNG", b"\xff\xd8\xff")):
            raise bad("IMAGE_PROCESS_FAILED")
        return self._keep(
            chat, params, self._words(params, "caption", 1024, "message caption"), file
        )

    def _edit_text(self, params: dict[str, Any]) -> dict[str, Any]:
        shown = self._editable(params)
        if shown.file is not None:
            raise bad("there is no text in the message to edit")
        html = str(params.get("text") or "")
        parsed = self._words(params, "text", 4096, "message")
        buttons = self._buttons(params)
        return self._changed_to(shown, parsed.text, html, buttons)

    def _edit_caption(self, params: dict[str, Any]) -> dict[str, Any]:
        shown = self._editable(params)
        if shown.file is None:
            raise bad("there is no caption in the message to edit")
        html = str(params.get("caption") or "")
        parsed = self._words(params, "caption", 1024, "message caption")
        return self._changed_to(shown, parsed.text, html, self._buttons(params))

    def _edit_markup(self, params: dict[str, Any]) -> dict[str, Any]:
        shown = self._editable(params)
        return self._changed_to(shown, shown.text, shown.html, self._buttons(params))

    def _changed_to(
        self, shown: Shown, text: str, html: str, buttons: tuple[Row, ...]
    ) -> dict[str, Any]:
        if (html, buttons) == (shown.html, shown.buttons):
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        shown.text, shown.html, shown.buttons, shown.edited = text, html, buttons, True
        self._count(shown)
        return self._as_json(shown)

    def _editable(self, params: dict[str, Any]) -> Shown:
        chat = self._recipient(params)
        shown = chat.messages.get(int(params.get("message_id") or 0))
        if shown is None and not self.record:
            shown = Shown(int(params.get("message_id") or 0), chat.id, "")
        if shown is None:
            raise bad("message to edit not found")
        if not shown.mine:
            raise bad("message can't be edited")
        return shown

    def _delete_message(self, params: dict[str, Any]) -> bool:
        chat = self._chat_of(params)
        if chat.messages.pop(int(params.get("message_id") or 0), None) is None:
            raise bad("message to delete not found")
        return True

    def _copy_message(self, params: dict[str, Any]) -> dict[str, Any]:
        chat = self._recipient(params)
        source = self._chats.get(int(params.get("from_chat_id") or 0))
        shown = source.messages.get(int(params.get("message_id") or 0)) if source else None
        if shown is None:
            raise bad("message to copy not found")
        buttons = self._buttons(params) or shown.buttons
        copied = Shown(next(self._ids), chat.id, shown.text, shown.html, buttons, file=shown.file)
        chat.messages[copied.id] = copied
        self._count(copied)
        return {"message_id": copied.id}

    def _chat_action(self, params: dict[str, Any]) -> bool:
        self._chat_of(params)
        if not params.get("action"):
            raise bad("wrong parameter action in request")
        return True

    def _answer_callback(self, params: dict[str, Any]) -> bool:
        query = str(params.get("callback_query_id", ""))
        if self.queries.get(query) is not False:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(str(params.get("text", ""))) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.queries[query] = True
        return True

    def _answer_inline(self, params: dict[str, Any]) -> bool:
        results = decoded(params.get("results", "[]"))
        if not isinstance(results, list) or len(results) > 50:
            raise bad("RESULTS_TOO_MUCH")
        marks = [str(result.get("id", "")) for result in results]
        if len(set(marks)) < len(marks) or not all(0 < len(one.encode()) <= 64 for one in marks):
            raise bad("RESULT_ID_INVALID")
        for result in results:
            _article(result, self.doubts)
        return True

    def _set_commands(self, params: dict[str, Any]) -> bool:
        self.menus[_place(params)] = commands(params.get("commands"))
        return True

    def _get_commands(self, params: dict[str, Any]) -> list[Mapping[str, str]]:
        return self.menus.get(_place(params), [])

    def _set_about(self, params: dict[str, Any], field: str) -> bool:
        code = str(params.get("language_code", ""))
        if code and not re.fullmatch(r"[a-z]{2}", code):
            raise bad("LANG_CODE_INVALID")
        text = str(params.get(field, ""))
        if units(text) > PROFILE[field]:
            raise bad(f"{field} is too long")
        self.about[field, code] = text
        return True

    def _get_about(self, params: dict[str, Any], field: str) -> dict[str, str]:
        """What somebody of that language is shown."""
        code = str(params.get("language_code", ""))
        general = self.about.get((field, ""), "")
        return {field: self.about.get((field, code), "") or general}

    def _delete_webhook(self, params: dict[str, Any]) -> bool:
        if str(params.get("drop_pending_updates", "")).lower() == "true":
            self.doubts.append("pending updates thrown away")
            self._waiting.clear()
        self._replace_posting("", None)
        return True

    def _set_webhook(self, params: dict[str, Any]) -> bool:
        url, secret, connections = checked(params)
        if str(params.get("drop_pending_updates", "")).lower() == "true":
            self.doubts.append("pending updates thrown away")
            self._waiting.clear()
        if params.get("allowed_updates"):
            self.allowed = tuple(decoded(params["allowed_updates"]))
        posting = Posting(url, secret, connections, self._posted, self._changed.set)
        self._replace_posting(url, posting if url else None)
        self.go_on_posting()
        return True

    def _replace_posting(self, url: str, posting: Posting | None) -> None:
        if self.posting is not None:
            self.replaced.append(self.posting)
            asyncio.get_running_loop().create_task(self.posting.end())
        self.webhook, self.posting = url, posting

    def go_on_posting(self) -> None:
        """Post what waits, where a webhook is set."""
        if self.posting is not None:
            self.posting.go_on(self._waiting)

    def _posted(self, number: int) -> None:
        waiting = [one for one in self._waiting if one[0] != number]
        self._waiting.clear()
        self._waiting.extend(waiting)
        self.confirmed.append(number)
        self._changed.set()
        self.go_on_posting()

    def _webhook_info(self, params: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self._waiting),
        }
        if self.posting is not None and self.posting.complaint is not None:
            told["last_error_date"], told["last_error_message"] = self.posting.complaint
        return told

    def _chat_of(self, params: Mapping[str, Any]) -> Chat:
        try:
            known = self._chats.get(int(params.get("chat_id") or 0))
        except ValueError:
            known = None
        if known is None:
            raise bad("chat not found" if params.get("chat_id") else "chat_id is empty")
        return known

    def _recipient(self, params: Mapping[str, Any]) -> Chat:
        chat = self._chat_of(params)
        if chat.gone:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if self.flood is not None:
            self.flood.take(chat.id)
        return chat

    def _words(self, params: Mapping[str, Any], name: str, limit: int, what: str) -> Parsed:
        text = str(params.get(name) or "")
        if not self.checks:
            return Parsed(text)
        parsed = words(text, str(params.get("parse_mode") or ""), limit, what)
        self.doubts += parsed.doubts
        return parsed

    def _buttons(self, params: Mapping[str, Any]) -> tuple[Row, ...]:
        markup = params.get("reply_markup")
        return keyboard(markup, self.doubts) if markup and self.checks else ()

    def _keep(
        self, chat: Chat, params: Mapping[str, Any], parsed: Parsed, file: File | None = None
    ) -> dict[str, Any]:
        shown = Shown(
            next(self._ids),
            chat.id,
            parsed.text,
            str(params.get("text") or params.get("caption") or ""),
            self._buttons(params),
            file=file,
            date=int(time.time()),
        )
        if self.record:
            chat.messages[shown.id] = shown
        if file is not None:
            self.files[f"file{shown.id}"] = file
        self._count(shown)
        return self._as_json(shown, parsed.entities)

    def _count(self, shown: Shown) -> None:
        self.answered[shown.chat] += 1
        self.newest[shown.chat] = shown
        self.last_answer = time.time()


PROFILE = {"name": 64, "description": 512, "short_description": 120}
"""https://core.telegram.org/bots/api (setMyName, setMyDescription, setMyShortDescription)"""
METHODS: dict[str, Callable[[Methods, dict[str, Any]], Any]] = {
    "getme": lambda server, params: BOT,
    "sendmessage": Methods._send_message,
    "editmessagetext": Methods._edit_text,
    "editmessagecaption": Methods._edit_caption,
    "editmessagereplymarkup": Methods._edit_markup,
    "deletemessage": Methods._delete_message,
    "senddocument": Methods._send_document,
    "sendphoto": Methods._send_photo,
    "sendchataction": Methods._chat_action,
    "copymessage": Methods._copy_message,
    "answercallbackquery": Methods._answer_callback,
    "answerinlinequery": Methods._answer_inline,
    "setmycommands": Methods._set_commands,
    "getmycommands": Methods._get_commands,
    "setmyname": partial(Methods._set_about, field="name"),
    "setmydescription": partial(Methods._set_about, field="description"),
    "setmyshortdescription": partial(Methods._set_about, field="short_description"),
    "getmyname": partial(Methods._get_about, field="name"),
    "getmydescription": partial(Methods._get_about, field="description"),
    "getmyshortdescription": partial(Methods._get_about, field="short_description"),
    "deletewebhook": Methods._delete_webhook,
    "setwebhook": Methods._set_webhook,
    "getwebhookinfo": Methods._webhook_info,
}


def _article(result: Mapping[str, Any], doubts: list[str]) -> None:
    """https://core.telegram.org/bots/api#inlinequeryresultarticle"""
    if result.get("type") != "article" or not str(result.get("title") or "").strip():
        raise bad("RESULT_TITLE_EMPTY")
    said = result["input_message_content"]
    words(said.get("message_text", ""), said.get("parse_mode", ""), 4096, "message")
    preview = said.get("link_preview_options", {}).get("url", "https://")
    for address in (result.get("thumbnail_url", "https://"), preview):
        if not str(address).startswith(("http://", "https://")):
            raise bad("WEBDOCUMENT_URL_INVALID")
    keyboard(result.get("reply_markup"), doubts)


def decoded(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def _place(params: Mapping[str, Any]) -> tuple[str, str]:
    scope = decoded(params.get("scope") or {"type": "default"})
    return scope["type"], str(params.get("language_code") or "")
