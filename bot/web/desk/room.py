"""What every page of the staff shares: who visits it, with which right, and how it is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.content import Campaign
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.messages import Markup, Value, Words, words
from bot.campaign.second_factor import ASKING, asks
from bot.campaign.staff import Member, Right
from bot.desk import signing_in
from bot.desk.access import DeskAccess
from bot.store.desk_passes import KeptPass
from bot.web.context import TooLarge, WebContext, body, direction
from bot.web.rates import Rate
from bot.wording import Wording

SESSION, BROWSER, LANGUAGE = "desk", "desk-browser", "desk-language"
LONGEST_FORM = 64_000
"""Bytes: a text of some pages in each of several languages."""
MOST_FIELDS = 200
TRIES = Rate(0.2, 12)
# A form of a page without any referrer would come with "Origin: null", and be refused.
HEADERS = {"Referrer-Policy": "same-origin"}


@dataclass(frozen=True, slots=True)
class DeskRoom:
    """``bot_names``: the bot's public names by channel."""

    context: WebContext
    access: DeskAccess
    bot_names: Mapping[str, str]

    def cookie(self, name: str) -> str:
        """Its name in the browser: one that no page of a neighbouring host can set."""
        return f"__Host-{name}" if self._is_secure else name

    @property
    def _is_secure(self) -> bool:
        return self.context.settings.public_url.startswith("https://")

    def keep(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        """Have the browser carry it, to these pages and to no script."""
        response.set_cookie(
            self.cookie(name),
            value,
            max_age=seconds,
            path="/",
            secure=self._is_secure,
            httponly=True,
            # Not "strict": whoever comes from a link in a chat in another tab is signed in still.
            samesite="lax",
        )

    def carried(self, request: Request, name: str) -> str:
        """What the browser carries under that name."""
        return request.cookies.get(self.cookie(name), "")


@dataclass(frozen=True)
class Visit:
    """A request to a page of the staff. ``member`` and ``session`` are None on the pages that lead
    in; ``form`` is empty where nothing was posted."""

    room: DeskRoom
    request: Request
    who: tuple[Member, KeptPass] | None = None
    form: FormData = field(default_factory=FormData)

    @property
    def member(self) -> Member:
        """Who visits. Raises LookupError on the pages that lead in."""
        if self.who is None:
            raise LookupError("nobody is signed in")
        return self.who[0]

    @property
    def session(self) -> KeptPass:
        """Their session. Raises LookupError as above."""
        if self.who is None:
            raise LookupError("nobody is signed in")
        return self.who[1]

    @property
    def access(self) -> DeskAccess:
        """The desk that they work at."""
        return self.room.access

    async def act(self, *commands: StaffCommand) -> object:
        """Do all of them, or none; what came of the last. Raises NotAllowed."""
        return await self.access.act(self.member, self.session.name, *commands)

    async def prove_and_do(self, command: StaffCommand) -> object:
        """The same, with the code that was typed where one is asked for. Raises NotAllowed."""
        where = self.session.name
        if (
            asks(command)
            and not self.access.is_proven(self.member, where)
            and not await self.access.prove(self.member, where, self.posted("code"))
        ):
            raise NotAllowed("code")
        return await self.act(command)

    def needs_code(self, command: type[StaffCommand]) -> bool:
        """Whether a form for that has to ask for a code."""
        return command in ASKING and not self.access.is_proven(self.member, self.session.name)

    @cached_property
    def campaign(self) -> Campaign:
        """The content, with what staff have set laid over it."""
        return self.access.campaign()

    @property
    def wording(self) -> Wording:
        """The texts of this moment."""
        return self.room.context.content.now.wording

    @cached_property
    def language(self) -> str:
        """As chosen here, else the browser's."""
        languages = self.campaign.languages
        asked = self.request.query_params.get("lang", "")
        kept = self.room.carried(self.request, LANGUAGE)
        spoken = next((one for one in (asked, kept) if one in languages), "")
        return spoken or self.room.context.language(self.request)

    def text(self, key: str, **values: Value) -> str:
        """A text of ``desk.yaml``."""
        return self.wording.text(words(f"desk.{key}", **values), self.language, "plain")

    def spoken(self, told: Words, markup: Markup = "plain") -> str:
        """Any words, in the member's language."""
        return self.wording.text(told, self.language, markup)

    def name(self, mark: str) -> str:
        """How a member is called, of whom a record has the mark."""
        known = self.access.staff.spoken.get(mark)
        return self.spoken(known) if known else mark

    @property
    def root(self) -> str:
        """The way from this page to the root of the pages, wherever they are served."""
        return "../" * (self.request.url.path.count("/") - 1)

    def posted(self, name: str) -> str:
        """A field of the form; "" where it has none such."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page in the member's language. Templates see ``d`` (all fixed texts of ``desk.yaml``),
        ``text`` (one with values), ``member``, ``may``, ``proof``, ``root``, and the values."""
        campaign, member = self.campaign, self.who and self.who[0]
        proof = signing_in.proof_of(self.access.keys, self.session) if self.who else ""
        response = self.room.context.page(
            self.request,
            f"desk/{template}",
            language=self.language,
            d=self.wording.texts(self.language, "desk"),
            text=self.text,
            member=member,
            member_name=self.name(member.mark) if member else "",
            may={right.value: bool(member and member.may(right)) for right in Right},
            proof=proof,
            root=self.root,
            here=self.request.url.path.lstrip("/"),
            direction=direction(self.language),
            spoken_languages=campaign.languages,
            names=self.name,
            **values,
        )
        response.status_code = status
        return self._dressed(response)

    def to(self, path: str) -> Response:
        """On to another page, by a request of its own: a reload does nothing twice."""
        return self._dressed(RedirectResponse(f"{self.root}{path}", 303))

    def said(self, key: str, status: int = 200, **values: Value) -> Response:
        """A page with one sentence, and the way back."""
        return self.page("said.html", status=status, sentence=self.text(key, **values))

    def _dressed(self, response: Response) -> Response:
        response.headers.update(HEADERS)
        if self.request.query_params.get("lang", "") == self.language:
            self.room.keep(response, LANGUAGE, self.language, 31_536_000)
        return response


Answer = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page, or what a form is posted to: for who has one of the ``rights``; with none, for who is
    not signed in."""

    method: str
    path: str
    rights: tuple[Right, ...]
    answer: Answer


def guarded(room: DeskRoom, page: DeskPage) -> Callable[[Request], Awaitable[Response]]:
    """The page, for whom it is; nobody else learns more than where to sign in."""

    async def endpoint(request: Request) -> Response:
        visit = Visit(room, request)
        secret = room.carried(request, SESSION)
        who = await room.access.session(secret) if secret else None
        if page.rights and who is None:
            if page.method == "GET":
                return visit.to("staff/sign-in")
            return visit.said("signed_out", 403)
        try:
            form = await _form(request) if page.method == "POST" else FormData()
        except TooLarge:
            return visit.said("too_large", 413)
        visit = Visit(room, request, who, form)
        if who is None or not page.rights:
            return await page.answer(visit)
        if not any(who[0].may(right) for right in page.rights):
            return visit.said("no_right", 403)
        if page.method == "POST" and not _is_proven(visit):
            return visit.said("stale_form", 403)
        try:
            return await page.answer(visit)
        except NotAllowed as refusal:
            return visit.page("said.html", status=409, sentence=refusal_of(visit, refusal.reason))

    return endpoint


def refusal_of(visit: Visit, reason: str) -> str:
    """Why something is not done, in the words of the chat."""
    return visit.spoken(words(f"staff.note.no_{reason}", until=""))


def _is_proven(visit: Visit) -> bool:
    proof = signing_in.proof_of(visit.access.keys, visit.session)
    return signing_in.same(visit.posted("proof"), proof)


async def _form(request: Request) -> FormData:
    """What a form of ours posts. Raises TooLarge."""
    sent = (await body(request, LONGEST_FORM)).decode("utf-8", "replace")
    try:
        fields = parse_qs(sent, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return FormData()
    return FormData([(name, value) for name, values in fields.items() for value in values])
