"""The JSON Schema of content/cases.yaml, from which editors complete and explain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bot.campaign.content import Structure

FILE = "cases.schema.json"

Schema = dict[str, Any]


@cache
def schema() -> Schema:
    """The schema as it is now."""
    made = Structure.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def text() -> str:
    """What the file holds."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def write(directory: Path) -> Path:
    """Write the schema beside cases.yaml."""
    file = directory / FILE
    file.write_text(text(), encoding="utf-8")
    return file


def fields_at(address: Sequence[str | int], value: object) -> list[str]:
    """The names that may stand in the part at this address; ``value`` is the whole file's."""
    part: Schema = schema()
    for step in address:
        part = _resolved(part, value)
        if isinstance(step, int):
            part = part.get("items", {})
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            part = part.get("properties", {}).get(step) or _additional(part)
            value = value.get(step) if isinstance(value, dict) else None
    return list(_resolved(part, value).get("properties", {}))


def _additional(part: Schema) -> Schema:
    patterns: Schema = part.get("patternProperties", {})
    below: Any = part.get("additionalProperties") or next(iter(patterns.values()), {})
    return below if isinstance(below, dict) else {}


def _resolved(part: Schema, value: object) -> Schema:
    """The part behind references, optional parts and kinds."""
    while True:
        if "$ref" in part:
            part = schema()["$defs"][part["$ref"].rsplit("/", 1)[1]]
        elif "discriminator" in part:
            by = part["discriminator"]
            kind = value.get(by["propertyName"]) if isinstance(value, dict) else None
            target = by["mapping"].get(kind)
            if target is None:
                return {}
            part = {"$ref": target}
        elif "anyOf" in part:
            part = next((one for one in part["anyOf"] if one.get("type") != "null"), {})
        else:
            return part
