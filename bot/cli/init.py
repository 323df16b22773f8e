"""The command that leads from nothing to a bot that answers."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from bot import logs
from bot.campaign.staff import Role
from bot.cli import rights, staff
from bot.cli.opening import Exit, content_of, fail, until_done
from bot.settings import ENV_FILE, PREFIX, Settings, SettingsTrouble, load, revealed

if TYPE_CHECKING:
    from bot.channels.telegram.setting_up import Introduction, Sender
    from bot.operators.asking import Asking
    from bot.setting_up.proxies import ProxyFile

UNIT = Path("/etc/systemd/system/campaign.service")
HOST = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d{1,5})?")
PATIENCE = 600.0
"""Seconds for which somebody may look for their phone."""
TRIES = 20
"""Times that another program may ask in our place until it is told once more."""


def init(
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Ask nothing: write the BOT_… variables of the environment."),
    ] = False,
    language: Annotated[str, typer.Option(help="en or fr; by default yours (LANG).")] = "",
) -> None:
    """Set the bot up, step by step: the token, you as its owner, the address of its pages.

    Each step that is done stays done: run it again at any time, it goes on from there.

    Example: `BOT_TOKEN=123456:ABC… python run_bot.py init --yes`
    """
    logs.set_up(quiet=True)

    async def work() -> None:
        try:
            await setup.go()
        except (Ended, asyncio.CancelledError):
            print()
            asking.say("init.stopped")
            raise typer.Exit(Exit.OK) from None

    from bot.operators.asking import Asking, Ended
    from bot.operators.speech import Speech

    asking = Asking(Speech(language), quiet=yes)
    setup = _Setup(asking, yes)
    until_done(work())
    try:
        if setup.enrols:
            staff.enrol(setup.enrols, code="", secret="")
            print()
    finally:
        setup.tell_next()


class _Setup:
    """The steps in turn; what is set already is only told."""

    def __init__(self, asking: Asking, yes: bool):
        from bot.doctor.checks import ROOT
        from bot.setting_up.env_lines import SettingsFile

        self._asking = asking
        self._yes = yes
        self._name = ""
        self.enrols = ""
        """Who sets up a second factor now, as in BOT_STAFF."""
        self._root = ROOT
        self._file = SettingsFile(Path(ENV_FILE), ROOT / ".env.example")

    async def go(self) -> None:
        """All of it."""
        rights.as_owner(self._settings())
        self._asking.say("init.hello", file=self._file.file.absolute())
        if self._yes:
            self._take_variables()
        settings = self._settings()
        async with AsyncExitStack() as open_:
            bot = await self._token(settings, open_)
            if bot is not None:
                settings = self._settings()
                await self._show(bot, settings)
                await self._owner(bot, settings)
        self._address()
        self._second_factor()

    # -- the file ---------------------------------------------------------------------------------

    def _settings(self) -> Settings:
        try:
            return load()
        except SettingsTrouble as trouble:
            fail(Exit.CONFIGURATION, f"{trouble}")

    def _put(self, name: str, value: str) -> str:
        """Write a setting; what is wrong with it, and then the file is as it was."""
        try:
            self._file.put(PREFIX + name, value)
        except SettingsTrouble as trouble:
            return str(trouble)
        except OSError as problem:
            fail(
                Exit.CONFIGURATION,
                f"{self._file.file.absolute()} cannot be written ({problem.strerror}): be the"
                " account that it belongs to (sudo -u campaign).",
            )
        return ""

    def _take_variables(self) -> None:
        """What the environment says is written down, for the starts to come."""
        known = {PREFIX + name.upper() for name in Settings.model_fields}
        for variable in sorted(known & set(os.environ)):
            if os.environ[variable] and (
                wrong := self._put(variable.removeprefix(PREFIX), os.environ[variable])
            ):
                fail(Exit.CONFIGURATION, wrong)

    # -- Telegram ---------------------------------------------------------------------------------

    async def _token(self, settings: Settings, open_: AsyncExitStack) -> Introduction | None:
        """The bot at Telegram; None where there shall be none."""
        told = revealed(settings.token) or ""
        if told and (bot := await self._introduced(told, settings, open_)):
            return bot
        if self._yes:
            if told:
                fail(Exit.CONFIGURATION, self._asking.sentence("init.token_refused"))
            return None
        self._asking.say("init.botfather")
        while told := self._asking.ask("init.token", secret=True):
            if wrong := self._put("TOKEN", told):
                self._asking.say("init.wrong", wrong=wrong)
            elif bot := await self._introduced(told, self._settings(), open_):
                return bot
            else:
                self._put("TOKEN", "")
        self._asking.say("init.no_token")
        return None

    async def _introduced(
        self, token: str, settings: Settings, open_: AsyncExitStack
    ) -> Introduction | None:
        from bot.channels.service import ChannelTrouble
        from bot.channels.telegram import setting_up

        try:
            bot = await open_.enter_async_context(setting_up.introduced(token, settings.api_url))
        except setting_up.TokenUnknown:
            self._asking.say("init.token_refused")
            return None
        except (setting_up.Unreachable, ChannelTrouble) as trouble:
            # Nothing is known of the token: it stays for the next time.
            fail(
                Exit.IN_THE_WAY,
                self._asking.sentence("init.unreachable", url=settings.api_url, kind=trouble),
            )
        self._name = bot.name
        self._asking.say("init.known", name=bot.name)
        return bot

    async def _show(self, bot: Introduction, settings: Settings) -> None:
        content = await asyncio.to_thread(content_of, settings, starting=True)
        self._asking.say("init.shown" if await bot.show(content.now) else "init.shown_later")

    async def _owner(self, bot: Introduction, settings: Settings) -> None:
        if any(one.role is Role.OWNER for one in settings.staff):
            self._asking.say("init.owner_there")
            return
        if self._yes:
            self._asking.say("init.no_owner")
            return
        sender = await self._code_sent(bot)
        if sender is None:
            self._asking.say("init.no_owner")
            return
        name = sender.name or "?"
        if not self._asking.agree("init.is_it_you", otherwise=True, name=name):
            self._asking.say("init.no_owner")
            return
        listed = os.environ.get("BOT_STAFF") or self._file.value("BOT_STAFF")
        named = f"{sender.number}={Role.OWNER}" + (f":{sender.name}" if sender.name else "")
        wrong = self._put("STAFF", f"{listed},{named}" if listed else named)
        self._asking.say("init.wrong" if wrong else "init.owner", wrong=wrong, name=name)

    async def _code_sent(self, bot: Introduction) -> Sender | None:
        from bot.channels.telegram import setting_up

        told = setting_up.code()
        link = setting_up.link(bot.name, told)
        _draw(link)
        self._asking.say("init.code", link=link, name=bot.name, code=told)
        tries = 0
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        return await bot.sender_of(told)
                    except setting_up.PostsElsewhere as where:
                        if not self._asking.agree("init.webhook", otherwise=False, url=where):
                            return None
                        await bot.stop_posting()
                    except setting_up.AskedElsewhere:
                        if tries % TRIES == 0:
                            self._asking.say("init.conflict")
                        tries += 1
                        await asyncio.sleep(3)
        except setting_up.TooManyWait:
            self._asking.say("init.too_many_wait")
        except TimeoutError:
            self._asking.say("init.nobody")
        return None

    # -- the pages --------------------------------------------------------------------------------

    def _address(self) -> None:
        from bot.setting_up.proxies import CADDY, NGINX

        settings = self._settings()
        url = settings.public_url
        if not url and not self._yes:
            url = self._host_asked()
        if not url:
            self._asking.say("init.no_address")
            return
        self._asking.say("init.address_there", url=url)
        if self._yes:
            return
        files = {one.name: one for one in (CADDY, NGINX)}
        labels = {CADDY.name: "init.caddy", NGINX.name: "init.nginx"}
        if chosen := self._asking.choose("init.proxy", labels):
            self._proxy(files[chosen], urlsplit(url).hostname or "", settings.port)

    def _host_asked(self) -> str:
        while told := self._asking.ask("init.address").rstrip("/"):
            url = told if "://" in told else f"https://{told}"
            if not HOST.fullmatch(url):
                self._asking.say("init.no_host")
            elif wrong := self._put("PUBLIC_URL", url):
                self._asking.say("init.wrong", wrong=wrong)
            else:
                return url
        return ""

    def _proxy(self, file: ProxyFile, host: str, port: int) -> None:
        from bot.setting_up.proxies import filled

        try:
            print(filled(file, self._root, host, port))
        except OSError as problem:
            self._asking.say("init.wrong", wrong=f"{problem.filename}: {problem.strerror}")
            return
        self._asking.say(f"init.{file.name.lower()}_then", host=host, target=file.target)

    # -- at the end -------------------------------------------------------------------------------

    def _second_factor(self) -> None:
        settings = self._settings()
        owner = next((one for one in settings.staff if one.role is Role.OWNER), None)
        if owner is None or not settings.second_factor or self._yes:
            return
        place = owner.places[0].known_as
        from bot.store.opening import maintenance_of

        url = revealed(settings.database_url)
        if not maintenance_of(url).place(settings.data_dir, url).exists():
            self._asking.say("init.factor_later", member=place)
        elif self._asking.agree("init.factor", otherwise=True):
            self.enrols = place

    def tell_next(self) -> None:
        """What is left to be done outside of this program."""
        self._asking.say("init.restart" if UNIT.exists() else "init.start")
        if self._name:
            self._asking.say("init.say_start", name=self._name)
        self._asking.say("init.doctor")


def _draw(link: str) -> None:
    """The link as a code for the phone's camera, where somebody sees it."""
    if sys.stdout.isatty():
        import segno

        segno.make(link, error="l").terminal(compact=True)


def register(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(init)
