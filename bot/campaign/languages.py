"""The languages of the texts: whole or in part, and offered to people or not yet."""

from __future__ import annotations

from typing import Any

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from bot.campaign.parts import Day, Label, LanguageCode, Part

WRITTEN_HERE = frozenset({"fr", "en"})
"""Offered without a name behind them: the languages that the texts are written in first."""

STAFF_TEXTS = frozenset({"alarms", "desk", "handover", "lots", "pending", "staff"})
"""Message files that staff read: any language but one may do without them."""


class Reviewed(Part):
    """Who has read all of it, of those whose own language it is, and when."""

    by: Label
    on: Day


class Language(Part):
    """A language of the texts; its code alone says the same where there is no more to say.

    `partial`: it may lack texts, which are then said in another language (see `language_instead`),
    with a line that says so. But for French and English it is offered to people only once it is
    `reviewed`; until then staff see it in the preview and in the terminal.
    """

    code: LanguageCode
    partial: bool = False
    reviewed: Reviewed | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_its_code(cls, given: Any) -> Any:
        return {"code": given} if isinstance(given, str) else given

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """For editors: the code alone will do."""
        whole = handler.resolve_ref_schema(handler(core))
        described: dict[str, Any] = {
            name: whole.pop(name) for name in ("title", "description") if name in whole
        }
        return described | {"anyOf": [whole, {"type": "string", "pattern": r"^[a-z]{2,3}$"}]}

    @property
    def is_offered(self) -> bool:
        """Whether people can choose it."""
        return self.code in WRITTEN_HERE or self.reviewed is not None


def may_lack(language: Language, key: str) -> bool:
    """Whether the language may do without the text of that key."""
    return language.partial or key.partition(".")[0] in STAFF_TEXTS
