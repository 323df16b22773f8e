"""WhatsApp's Cloud API on loopback: real HTTP, its limits, and faults that can be switched on.

In a test::

    async with WhatsAppServer() as server:      # give the bot server.root as BOT_GRAPH_URL
        server.posts_to(url)                    # the bot's webhook
        server.text(77, "Bonjour")              # person 77 writes
        shown = await server.answer(77)         # the bot's next message
        server.press(77, "Agir")                # a reply button or a row of a list
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests import whatsapp_rules as rules
from tests.watched import Watched
from tests.whatsapp_posts import (
    ACCOUNT_ID,
    NUMBER_ID,
    SECRET,
    VERIFY,
    Person,
    Post,
    Posting,
    entry,
    person,
    said,
    value,
    wamid,
    written,
)
from tests.whatsapp_rules import Rates, Refusal

TOKEN = "EAATESTlooploopback0123456789abcdefghij"
VERSION = "v25.0"
DAY = 86_400.0


@dataclass(slots=True)
class Shown:
    """A message on somebody's phone. ``choices``: what can be pressed, label → what it carries;
    ``links``: label → address."""

    id: str
    kind: str
    sent: Mapping[str, Any]
    mark: str = ""

    @property
    def text(self) -> str:
        """What is read."""
        held = self.sent[self.kind]
        if self.kind == "text":
            return str(held["body"])
        if self.kind == "interactive":
            return str(held["body"]["text"])
        return str(held.get("caption", ""))

    @property
    def _action(self) -> Mapping[str, Any]:
        held: Mapping[str, Any] = self.sent.get("interactive", {}).get("action", {})
        return held

    @property
    def choices(self) -> dict[str, str]:
        action = self._action
        shown = {one["reply"]["title"]: one["reply"]["id"] for one in action.get("buttons", ())}
        rows = (row for section in action.get("sections", ()) for row in section["rows"])
        return shown | {row["title"]: row["id"] for row in rows}

    @property
    def links(self) -> dict[str, str]:
        held = self._action.get("parameters", {})
        return {held["display_text"]: held["url"]} if held else {}


@dataclass(slots=True)
class Fault:
    """Something going wrong with sends, ``times`` times (None: until healed).

    ``kind``: "slow" waits ``seconds`` before acting; "fail" answers an error of that ``code`` and
    HTTP ``status``; "drop before" and "drop after" cut the connection, before or after acting;
    "late" takes the message and posts a failed status with ``code``.
    """

    kind: str
    times: int | None = 1
    seconds: float = 0.0
    status: int = 400
    code: int = 131000
    whom: str = ""


@dataclass(slots=True)
class Media:
    """An uploaded file."""

    kind: str
    name: str
    content: bytes = field(repr=False)


class WhatsAppServer(Watched):
    """The server, and everything a test wants to do or know.

    ``rates``: None lets everything pass; ``delivered``: whether phones are on, so that statuses
    follow; ``moved`` seconds have passed on its clock.
    """

    def __init__(
        self, *, rates: Rates | None = None, token: str = TOKEN, delivered: bool = True
    ) -> None:
        super().__init__()
        self.token = token
        self.rates = rates
        self.delivered = delivered
        self.moved = 0.0
        self.shown: dict[str, list[Shown]] = defaultdict(list)
        self.got: Counter[str] = Counter()
        """Messages by person, also those that are not kept in ``shown``."""
        self.read: list[str] = []
        self.typing: list[str] = []
        self.media: dict[str, Media] = {}
        self.templates: list[dict[str, Any]] = []
        self.refusals: list[Refusal] = []
        self.calls: Counter[str] = Counter()
        self.people: dict[str, Person] = {}
        self.marks: Counter[str] = Counter()
        self.subscribed = True
        self.profile: dict[str, Any] = {"messaging_product": "whatsapp", "about": "Un bot"}
        self.quality = "GREEN"
        self.posting: Posting | None = None
        self._wrote: dict[str, float] = {}
        self._faults: list[Fault] = []
        self._runner: web.ServerRunner | None = None
        self._port = 0

    # -- life ---------------------------------------------------------------------------------

    async def __aenter__(self) -> WhatsAppServer:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def root(self) -> str:
        """What BOT_GRAPH_URL is to be."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a bot that talks here."""
        return {
            "BOT_WHATSAPP_NUMBER_ID": NUMBER_ID,
            "BOT_WHATSAPP_ACCOUNT_ID": ACCOUNT_ID,
            "BOT_WHATSAPP_TOKEN": self.token,
            "BOT_WHATSAPP_APP_SECRET": SECRET,
            "BOT_WHATSAPP_VERIFY_TOKEN": VERIFY,
            "BOT_GRAPH_URL": self.root,
        }

    async def open(self) -> None:
        """Listen; after ``close`` on the same port again."""
        self._runner = web.ServerRunner(
            web.Server(self._handle, access_log=None, keepalive_timeout=75), shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        if self.posting is not None:
            self.posting.go_on()

    async def close(self) -> None:
        """Cut every connection, post nothing more."""
        if self.posting is not None:
            await self.posting.end()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def posts_to(self, url: str) -> Posting:
        """From now on what happens is posted there."""
        self.posting = Posting(url, changed=self._changed.set)
        return self.posting

    # -- what people do -------------------------------------------------------------------------

    def person(self, who: int | Person) -> Person:
        """That person, who is known here from now on."""
        found = person(who) if isinstance(who, int) else who
        for name in filter(None, (found.user_id, found.number)):
            self.people[name] = found
        return found

    def wrote(self, who: int | Person) -> None:
        """They wrote just now, and may be written to freely."""
        self._wrote[self.person(who).user_id] = self._now()

    def send(self, who: int | Person, kind: str, held: object, **more: Any) -> Post:
        """A message of that type, of that person."""
        whose = self.person(who)
        self.wrote(whose)
        return self.post(value(messages=[said(whose, kind, held, **more)], people=[whose]))

    def text(self, who: int | Person, body: str, **more: Any) -> Post:
        """Somebody writes."""
        return self.send(who, "text", {"body": body}, **more)

    def press(self, who: int | Person, what: str) -> Post:
        """Somebody presses a button or chooses from a list: by its label, or what it carries."""
        whose = self.person(who)
        for one in reversed(self.shown[whose.user_id]):
            choices = one.choices
            for label, carried in choices.items():
                if what in (label, carried):
                    listed = one.sent["interactive"]["type"] == "list"
                    kind = "list_reply" if listed else "button_reply"
                    return self.send(
                        who,
                        "interactive",
                        {"type": kind, kind: {"id": carried, "title": label}},
                        context={"from": "33123456789", "id": one.id},
                    )
        seen = [list(one.choices) for one in self.shown[whose.user_id][-3:]]
        raise AssertionError(f"no choice {what!r} among {seen}")

    def forge(self, who: int | Person, data: str) -> Post:
        """A reply that no button of ours carries."""
        reply = {"id": data, "title": "x"}
        return self.send(who, "interactive", {"type": "button_reply", "button_reply": reply})

    def post(self, held: Mapping[str, Any], field_: str = "messages") -> Post:
        """Whatever stands in a change."""
        assert self.posting is not None, "nobody has said where to post to"
        return self.posting.post(written(entry(field_, held)))

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.moved += seconds

    # -- what tests want to know ----------------------------------------------------------------

    async def answer(self, who: int | Person, after: int = 0, seconds: float = 30.0) -> Shown:
        """The newest message, once this person got more than ``after`` of them."""
        whose = self.person(who)
        await self.until(
            lambda: self.got[whose.user_id] > after, seconds, f"more than {after} messages"
        )
        return self.shown[whose.user_id][-1]

    def seen(self, who: int | Person) -> list[Shown]:
        """All that this person got."""
        return self.shown[self.person(who).user_id]

    # -- faults ---------------------------------------------------------------------------------

    def fault(self, kind: str, **more: Any) -> None:
        """From now on something goes wrong; see ``Fault``."""
        self._faults.append(Fault(kind, **more))

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()

    def _fault(self, whom: str) -> Fault | None:
        for fault in self._faults:
            if fault.whom in ("", whom):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    # -- HTTP -----------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.removeprefix(f"/{VERSION}/")
        self.calls[f"{request.method} {path}"] += 1
        try:
            if path == request.path:
                raise Refusal(400, 2635, "You are calling a deprecated version")
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                raise Refusal(401, 190, "Invalid OAuth access token")
            answer = await self._answered(request, path)
        except Refusal as refusal:
            self.refusals.append(refusal)
            return web.Response(
                status=refusal.status, body=refusal.body(), content_type="application/json"
            )
        finally:
            self._changed.set()
        if answer is None:
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=500)
        return web.Response(body=orjson.dumps(answer), content_type="application/json")

    async def _answered(self, request: web.BaseRequest, path: str) -> dict[str, Any] | None:
        match request.method, *path.split("/"):
            case "POST", number, "messages" if number == NUMBER_ID:
                return await self._messages(await _json(request))
            case "POST", number, "media" if number == NUMBER_ID:
                return await self._upload(request)
            case "GET", number, "whatsapp_business_profile" if number == NUMBER_ID:
                return {"data": [self.profile]}
            case "GET", number if number == NUMBER_ID:
                told = {"display_phone_number": "+33 1 23 45 67 89", "quality_rating": self.quality}
                return {"id": NUMBER_ID, "verified_name": "Campagne", **told}
            case "GET", account, "subscribed_apps" if account == ACCOUNT_ID:
                app = {"whatsapp_business_api_data": {"id": "1", "name": "Campagne"}}
                return {"data": [app] if self.subscribed else []}
            case "POST", account, "subscribed_apps" if account == ACCOUNT_ID:
                self.subscribed = True
                return {"success": True}
            case "GET", account, "message_templates" if account == ACCOUNT_ID:
                return {"data": self.templates, "paging": {}}
            case "POST", account, "message_templates" if account == ACCOUNT_ID:
                return self._new_template(await _json(request))
        raise Refusal(400, 100, "Unsupported request", f"{request.method} {path}")

    async def _messages(self, sent: object) -> dict[str, Any] | None:
        if isinstance(sent, dict) and sent.get("status") == "read":
            return self._marked_read(sent)
        kinds = {mark: one.kind for mark, one in self.media.items()}
        whom, kind = rules.message(sent, kinds)
        assert isinstance(sent, dict)
        fault = self._fault(whom) if self._faults else None
        if fault is not None:
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "fail":
                raise Refusal(fault.status, fault.code, "as asked for")
            elif fault.kind == "drop before":
                return None
        if self.rates is not None:
            self.rates.pass_or_refuse(whom)
        if kind == "template":
            self._approved(sent["template"])
        late = fault.code if fault is not None and fault.kind == "late" else 0
        answer = self._taken(whom, kind, sent, late)
        return None if fault is not None and fault.kind == "drop after" else answer

    def _taken(self, whom: str, kind: str, sent: dict[str, Any], late: int) -> dict[str, Any]:
        whose = self.people.get(whom)
        name = whose.user_id if whose else whom
        number = wamid(whose or whom)
        mark = str(sent.get("biz_opaque_callback_data", ""))
        if not late and whose is None:
            late = 131026
        if not late and kind != "template" and self._now() - self._wrote.get(name, -DAY) >= DAY:
            late = 131047
        if late:
            self._status(number, whose, mark, "failed", late)
        else:
            self.shown[name].append(Shown(number, kind, sent, mark))
            self.got[name] += 1
            self.marks[mark] += 1
            for status in ("sent", "delivered") if self.delivered else ("sent",):
                self._status(number, whose, mark, status)
        contact = {"input": whom} | ({"user_id": whom} if "recipient" in sent else {"wa_id": whom})
        told = {"message_status": "accepted"} if kind == "template" else {}
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": number, **told}],
        }

    def _status(
        self, number: str, whose: Person | None, mark: str, status: str, code: int = 0
    ) -> None:
        if self.posting is None:
            return
        held: dict[str, Any] = {
            "id": number,
            "status": status,
            "timestamp": str(int(time.time())),
            **({"biz_opaque_callback_data": mark} if mark else {}),
        }
        if whose is not None:
            held |= {"recipient_user_id": whose.user_id}
            held |= {"recipient_id": whose.number} if whose.number else {}
        if status in ("sent", "delivered"):
            held["pricing"] = {
                "billable": True,
                "pricing_model": "PMP",
                "type": "regular",
                "category": "service",
            }
        if code:
            held["errors"] = [{"code": code, "title": "as asked for", "message": "as asked for"}]
        # Contacts do not come with a failed status.
        people = [whose] if whose is not None and not code else []
        self.post(value(statuses=[held], people=people))

    def _marked_read(self, sent: dict[str, Any]) -> dict[str, Any]:
        known = ("messaging_product", "status", "message_id", "typing_indicator")
        held = rules.only(sent, "message", *known)
        self.read.append(rules.text_in(held, "message_id", 512))
        if "typing_indicator" in held:
            if rules.only(held["typing_indicator"], "typing", "type").get("type") != "text":
                raise rules.bad("typing_indicator")
            self.typing.append(held["message_id"])
        return {"success": True}

    async def _upload(self, request: web.BaseRequest) -> dict[str, Any]:
        held: dict[str, Any] = dict(await request.post())
        file = held.get("file")
        if held.get("messaging_product") != "whatsapp" or not isinstance(file, web.FileField):
            raise rules.missing("messaging_product and file are required")
        content = file.file.read()
        kind = str(held.get("type") or file.content_type)
        rules.upload(kind, len(content))
        mark = str(1_000_000 + len(self.media))
        self.media[mark] = Media(kind, file.filename, content)
        return {"id": mark}

    # -- templates ------------------------------------------------------------------------------

    def _new_template(self, sent: object) -> dict[str, Any]:
        held = dict(rules.new_template(sent))
        named = (held["name"], held["language"])
        if any((one["name"], one["language"]) == named for one in self.templates):
            raise Refusal(400, 100, "Invalid parameter", "Content in this language already exists")
        made = {**held, "id": str(2_000_000 + len(self.templates)), "status": "PENDING"}
        self.templates.append(made)
        return {"id": made["id"], "status": "PENDING", "category": made["category"]}

    def review(self, name: str, event: str = "APPROVED", reason: str | None = "NONE") -> None:
        """Meta decides about a template, in all its languages, and tells so."""
        for one in self.templates:
            if one["name"] == name:
                one["status"] = event
                self.post(
                    {
                        "event": event,
                        "message_template_id": int(one["id"]),
                        "message_template_name": name,
                        "message_template_language": one["language"],
                        "reason": reason,
                    },
                    "message_template_status_update",
                )

    def _approved(self, asked: Mapping[str, Any]) -> None:
        found = next(
            (
                one
                for one in self.templates
                if (one["name"], one["language"]) == (asked["name"], asked["language"]["code"])
            ),
            None,
        )
        if found is None or found["status"] == "PENDING":
            raise Refusal(404, 132001, "Template name does not exist in the translation")
        if found["status"] in ("PAUSED", "DISABLED"):
            code = 132015 if found["status"] == "PAUSED" else 132016
            raise Refusal(400, code, f"Template is {found['status']}")
        wanted = len(list(_variables(found)))
        given = [
            value_
            for part in asked.get("components", ())
            if part.get("type") == "body"
            for value_ in part["parameters"]
        ]
        if len(given) != wanted:
            details = f"body: number of localizable_params ({len(given)}) does not match {wanted}"
            raise Refusal(400, 132000, "Number of parameters does not match", details)

    def _now(self) -> float:
        return time.time() + self.moved


def _variables(template: Mapping[str, Any]) -> Iterator[str]:
    for part in template["components"]:
        if part["type"] == "BODY":
            yield from rules._PLACEHOLDER.findall(part["text"])


async def _json(request: web.BaseRequest) -> object:
    try:
        return orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise Refusal(400, 100, "Invalid JSON") from None
