"""All settings in one frozen object, read once from BOT_… variables and a .env file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import env_file
from bot.campaign.staff import Appointed, Place, Role
from bot.keys import files

PREFIX = "BOT_"
ENV_FILE = ".env"
LONGEST_STAFF_NAME = 40
SHORTEST_TOKEN = 16
PLAIN_NUMBERS = "telegram"
"""The channel that an address means which is a number alone."""
TELEGRAM = "https://api.telegram.org"
GRAPH = "https://graph.facebook.com"
WEBHOOK_PORTS = (443, 80, 88, 8443)
_CHANNEL = re.compile(r"[a-z][a-z_]{0,19}")
_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,160}")
_GROUP = re.compile(r"[a-z][a-z0-9]{0,19}")
_PUBLIC_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_HOST = re.compile(r"(https?://)?(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?")


class SettingsTrouble(Exception):
    """Settings are wrong: the text has a line for each, and shows no secret."""


class Settings(BaseSettings):
    """Every setting with its default. A variable ``BOT_DATA_DIR`` sets ``data_dir``, and so on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding=env_file.ENCODING,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        frozen=True,
        extra="ignore",
    )

    token: SecretStr | None = None
    """The Telegram token from @BotFather; without it the chat opens here, on this machine."""
    api_url: str = TELEGRAM
    """Root of the Bot API server; requests go to {api_url}/bot{token}/{method}."""
    data_dir: Path = Path("data")
    """Where the database, its keys and the lock are."""
    database_url: SecretStr | None = None
    """An SQLAlchemy URL; by default an SQLite file in the data directory."""
    keys: SecretStr | None = None
    """The keys, instead of the files in data_dir/keys: base64 of 32 bytes, parted by commas."""
    backup_key: str = ""
    """The public key (age1…) that backups are encrypted to; without it they are not."""
    handover_key: str = ""
    """The public key (age1…) that listed names are closed to; without it the bot can read them."""
    content: Path = Path("content")
    """The directory with cases.yaml and messages/."""
    staff: Annotated[tuple[Appointed, ...], NoDecode] = ()
    """Who is what: 111=owner,222+web:KEY=editor (owner, editor, sender, analyst). A number is one
    on Telegram, everything else channel:address; several of one person are joined by +."""
    second_factor: bool = True
    """Whether staff give a code for what reaches everybody or takes something from people: on, or
    off (for trials). `run_bot.py staff enrol` sets one up."""
    rate: float = Field(30.0, gt=0, le=100_000)
    """Messages a second over all chats; Telegram allows about 30."""
    paid_rate: float = Field(0.0, ge=0, le=1000)
    """Messages a second of a paid broadcast (up to 1000, 0.1 Star each); 0: none is paid for."""
    canary_minutes: float = Field(10.0, ge=0, le=1440)
    """How long the first recipients of a broadcast are watched before the rest follow."""
    test_groups: Annotated[Mapping[str, tuple[Place, ...]], NoDecode] = {}
    """Who gets a broadcast's test, by the group's name: office=111+222,press=333."""
    host: str = "127.0.0.1"
    """Where the web part listens; anything but this machine only when you say so."""
    port: int = Field(8080, ge=0, le=65535)
    """The port of the web part; 0 takes any free one."""
    public_url: str = ""
    """How supporters reach the web part (https://…); without it links to it are left out."""
    webhook: bool = False
    """Whether Telegram posts updates to BOT_PUBLIC_URL/telegram, instead of being asked for them;
    on or off."""

    metrics_token: SecretStr | None = None
    """Whoever shows it reads /metrics and the details of /readyz from elsewhere, too."""
    ping_url: SecretStr | None = None
    """Called every minute while all is well: a dead man's switch (healthchecks.io and others)."""
    alarm_url: SecretStr | None = None
    """Gets a JSON when something is wrong, and when it is over."""
    alarm_waiting: float = Field(5.0, ge=0, le=1440)
    """Minutes that an answer waits before owners are told; 0: they are not."""
    alarm_silence: float = Field(5.0, ge=0, le=1440)
    """Minutes that a platform is silent before owners are told."""
    alarm_disk: float = Field(10.0, ge=0, le=90)
    """Percent of the disk that have to be free."""
    alarm_backup: float = Field(26.0, ge=0, le=1000)
    """Hours that the last backup may be old."""
    alarm_certificate: float = Field(14.0, ge=0, le=90)
    """Days that the certificate of BOT_PUBLIC_URL has to be good for."""

    whatsapp_number_id: str = Field("", pattern=r"^\d*$")
    """The id of the business number on WhatsApp (digits; not the number itself)."""
    whatsapp_account_id: str = Field("", pattern=r"^\d*$")
    """The id of the WhatsApp Business account that it belongs to."""
    whatsapp_token: SecretStr | None = None
    """The token of a system user of that account."""
    whatsapp_app_secret: SecretStr | None = None
    """The secret of the app, by which Meta signs what it posts to BOT_PUBLIC_URL/whatsapp."""
    whatsapp_verify_token: SecretStr | None = None
    """A word of your own that is entered in Meta's pages together with that address."""
    graph_url: str = GRAPH
    """Root of Meta's Graph API; the version is the program's."""
    embed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Sites that may show the chat page in a frame: example.org,*.example.net (https)."""

    @field_validator("embed_hosts", mode="before")
    @classmethod
    def _embed_hosts_are_origins(cls, hosts: object) -> object:
        if not isinstance(hosts, str):
            return hosts
        origins = []
        for host in filter(None, (part.strip().rstrip("/") for part in hosts.split(","))):
            if not _HOST.fullmatch(host):
                raise ValueError(
                    "write hosts like www.example.org,*.example.net: no path, http:// only where"
                    " a site has no https"
                )
            origins.append(host if "://" in host else f"https://{host}")
        return tuple(origins)

    @field_validator("token")
    @classmethod
    def _token_has_its_form(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            number, _, rest = token.get_secret_value().partition(":")
            if not number.isdecimal() or len(rest) < 3 or not rest.isprintable() or " " in rest:
                raise ValueError("this is not a token: @BotFather gives one like 123456:ABC-DEF…")
        return token

    @field_validator("keys")
    @classmethod
    def _keys_have_their_form(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            try:
                files.given(keys.get_secret_value())
            except files.KeyUnreadable as problem:
                raise ValueError(str(problem)) from None
        return keys

    @field_validator("backup_key", "handover_key")
    @classmethod
    def _key_is_public(cls, key: str) -> str:
        if key and not _is_public_key(key):
            raise ValueError(
                "this is no public key of age: it looks like age1… (age-keygen shows it). The"
                " private key stays on another machine"
            )
        return key

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token_cannot_be_guessed(cls, token: SecretStr | None) -> SecretStr | None:
        told = token.get_secret_value() if token else ""
        if token is not None and (len(told) < SHORTEST_TOKEN or not told.isascii() or " " in told):
            raise ValueError(
                f"it needs {SHORTEST_TOKEN} characters or more and no space: openssl rand -hex 16"
            )
        return token

    @field_validator("ping_url", "alarm_url")
    @classmethod
    def _called_url_has_its_form(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            cls._url_has_its_form(url.get_secret_value())
        return url

    @field_validator("api_url", "public_url", "graph_url")
    @classmethod
    def _url_has_its_form(cls, url: str) -> str:
        if not url:
            return ""
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("an address must look like https://example.org")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _telegram_can_link_to_the_web_part(self) -> Self:
        host = urlsplit(self.public_url).hostname or ""
        if self.token is not None and host and "." not in host:
            raise ValueError(
                "BOT_PUBLIC_URL: Telegram takes no link to a host without a dot: give the address"
                " that supporters can reach, or leave it empty"
            )
        return self

    @model_validator(mode="after")
    def _telegram_can_post_to_the_web_part(self) -> Self:
        if not self.webhook or self.token is None:
            return self
        parts = urlsplit(self.public_url)
        # https://core.telegram.org/bots/api#setwebhook; a server of one's own takes others as well.
        posts = parts.scheme == "https" and (parts.port or 443) in WEBHOOK_PORTS
        if not parts.hostname or (self.api_url == TELEGRAM and not posts):
            raise ValueError(
                "BOT_WEBHOOK: Telegram posts to an https address with a certificate, at port 443,"
                " 80, 88 or 8443: set BOT_PUBLIC_URL to it, or BOT_WEBHOOK=off, which needs none"
            )
        return self

    @field_validator("test_groups", mode="before")
    @classmethod
    def _test_groups_are_lists(cls, groups: object) -> object:
        if not isinstance(groups, str):
            return groups
        read: dict[str, tuple[Place, ...]] = {}
        for name, listed in _pairs(groups):
            places = _places(listed)
            if not _GROUP.fullmatch(name) or not places:
                raise ValueError("write it like office=111+222,press=333 (small letters, digits)")
            read[name] = places
        return read

    @field_validator("staff", mode="before")
    @classmethod
    def _staff_is_a_list(cls, staff: object) -> object:
        if not isinstance(staff, str):
            return staff
        members: list[Appointed] = []
        taken: set[Place] = set()
        for whose, told in _pairs(staff):
            role, _, name = (part.strip() for part in told.partition(":"))
            places = _places(whose)
            if not places or role not in set(Role) or len(name) > LONGEST_STAFF_NAME:
                raise ValueError(
                    "write it like 111=owner,222=editor or, with a first name, 111=owner:Anna"
                    f" (roles: {', '.join(Role)}); several addresses are joined by +, another"
                    " channel's is channel:address; no comma at the end is needed"
                )
            if not taken.isdisjoint(places):
                raise ValueError("one address stands there twice: each belongs to one person")
            taken.update(places)
            members.append(Appointed(Role(role), places, name))
        return tuple(members)


def _is_public_key(key: str) -> bool:
    """Whether age takes it: a letter mistyped is noticed at the start, not when it is used."""
    import pyrage

    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        return False
    return bool(_PUBLIC_KEY.fullmatch(key))


def _places(text: str) -> tuple[Place, ...]:
    """Addresses joined by "+"; none where one of them is none."""
    places = []
    for written in (part.strip() for part in text.split("+")):
        if written.isdecimal():
            written = f"{PLAIN_NUMBERS}:{written}"
        channel, _, address = written.partition(":")
        if not _CHANNEL.fullmatch(channel) or not _ADDRESS.fullmatch(address):
            return ()
        if channel == PLAIN_NUMBERS:
            # As a number it has always been known in the records of staff.
            written = str(int(address)) if address.isdecimal() else ""
            address = written
        if not written:
            return ()
        places.append(Place(channel, address, written))
    return tuple(places)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The two sides of each "a=b" in a list parted by commas."""
    for entry in filter(None, (part.strip() for part in text.split(","))):
        left, _, right = (side.strip() for side in entry.partition("="))
        yield left, right


def revealed(secret: SecretStr | None) -> str | None:
    """What the secret is; None where there is none."""
    return secret.get_secret_value() if secret else None


def load(**given: object) -> Settings:
    """The settings, or every problem at once. Raises SettingsTrouble."""
    if unreadable := env_file.problems(Path(ENV_FILE)):
        raise SettingsTrouble("\n".join(unreadable))
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as wrong:
        lines = [
            "".join(f"{PREFIX}{str(name).upper()}: " for name in problem["loc"][:1])
            + problem["msg"].removeprefix("Value error, ")
            for problem in wrong.errors(include_input=False, include_url=False)
        ]
    else:
        lines = []
    lines += [f"{name}: there is no such setting{_nearest(name)}" for name in _unknown()]
    if lines:
        raise SettingsTrouble("\n".join(lines)) from None
    return settings


def data_dir_named() -> Path:
    """The data directory, whatever is wrong with other settings."""
    name = f"{PREFIX}DATA_DIR"
    written = dotenv_values(ENV_FILE, encoding=env_file.ENCODING).get(name)
    default: Path = Settings.model_fields["data_dir"].default
    return Path(os.environ.get(name) or written or default)


def _unknown() -> list[str]:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = {
        *os.environ,
        *(name.upper() for name in dotenv_values(ENV_FILE, encoding=env_file.ENCODING)),
    }
    return sorted(name for name in named if name.startswith(PREFIX) and name not in known)


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # only needed for the report

    known = [PREFIX + field.upper() for field in Settings.model_fields]
    near = get_close_matches(name, known, 1)
    return f" (did you mean {near[0]}?)" if near else ""
