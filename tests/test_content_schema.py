"""The schema for editors is up to date, and its patterns are explained in words."""

from __future__ import annotations

import re

from bot.campaign.content import Structure
from bot.content_files import schema
from bot.content_files.explaining import LOOKS_LIKE
from bot.content_files.problems import did_you_mean


def test_every_pattern_of_the_schema_is_explained_in_words() -> None:
    patterns = set(re.findall(r'"pattern": "(.*?)(?<!\\)"', schema.text()))
    assert {pattern.replace("\\\\", "\\") for pattern in patterns} <= set(LOOKS_LIKE)


def test_the_schema_refuses_unknown_names_and_knows_every_field() -> None:
    made = schema.schema()
    assert made["additionalProperties"] is False
    fields = {field.alias or name for name, field in Structure.model_fields.items()}
    assert set(made["properties"]) == fields
    file = {"cases": {"x": {"actions": [{"kind": "post"}]}}}
    fields = schema.fields_at(("cases", "x", "actions", 0), file)
    assert fields == ["kind", "id", "minutes", "hashtags"]


def test_a_far_off_name_lists_what_is_known() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == 'known are "a", "b"'
    assert did_you_mean("zzz", []) == ""
