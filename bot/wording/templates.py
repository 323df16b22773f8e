"""The sandbox in which texts are filled, and what it offers them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from types import CodeType

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup as Safe
from markupsafe import escape

from bot.campaign.content import Organisation
from bot.campaign.messages import Markup
from bot.wording.formats import Formats

_WEB_ADDRESS = re.compile(r"(?:https?|tg)://\S+", re.IGNORECASE)


class Several(tuple[str, ...]):
    """Several texts: to loop over, or printed as they are, one a line."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(self)

    def __html__(self) -> str:
        return Safe("\n").join(escape(piece) for piece in self)


@dataclass(frozen=True, slots=True)
class Org:
    """The organisation as texts see it under ``org``; what content leaves out is empty."""

    name: str
    address: Several
    website: str
    email: str
    register_number: str
    privacy_contact: Several

    @classmethod
    def of(cls, organisation: Organisation) -> Org:
        """What texts may tell about the organisation."""
        return cls(
            name=organisation.name,
            address=Several(organisation.address),
            website=organisation.website,
            email=organisation.email or "",
            register_number=organisation.register_number or "",
            privacy_contact=Several(organisation.privacy_contact),
        )

    def __str__(self) -> str:
        return self.name


def web_address(value: object) -> str:
    """A value as the target of a link; anything but http, https and tg leads nowhere."""
    address = str(value)
    return address if _WEB_ADDRESS.fullmatch(address) else ""


NOBODY = Org("", Several(), "", "", "", Several())


def environment(language: str, markup: Markup, org: Org) -> ImmutableSandboxedEnvironment:
    """The sandbox for one language and one kind of markup."""
    made = ImmutableSandboxedEnvironment(
        autoescape=markup != "plain", undefined=StrictUndefined, auto_reload=False
    )
    formats = Formats(language)
    made.filters.update(
        number=formats.number,
        money=formats.money,
        percent=formats.percent,
        day=formats.day,
        moment=formats.moment,
        language=formats.language,
        plural=formats.plural,
        web_address=web_address,
    )
    made.globals.update(plural=formats.plural, org=org)
    return made


@lru_cache(maxsize=4096)
def compiled(source: str, language: str, markup: Markup) -> CodeType:
    """The code of a template: kept over a reload, which changes few of them.

    By language too: Jinja works out at once what needs no value, as ``{{ 66|percent }}``.
    """
    return _compiler(language, markup).compile(source)


@cache
def _compiler(language: str, markup: Markup) -> ImmutableSandboxedEnvironment:
    return environment(language, markup, NOBODY)
