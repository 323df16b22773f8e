"""The .env file before anybody relies on it: what in it cannot be read, by its line.

python-dotenv leaves a line out that it cannot read, with a warning at most: with a quote that was
not closed the token would be missing, and the bot would run without Telegram.
"""

from __future__ import annotations

from pathlib import Path

from dotenv.parser import Binding, parse_stream

from bot.disk import remedy

ENCODING = "utf-8-sig"
"""UTF-8, also with the mark that some editors of Windows put in front of it."""


def problems(file: Path) -> list[str]:
    """Everything that is wrong with it, a sentence each; no value is shown."""
    try:
        with file.open(encoding=ENCODING) as opened:
            bindings = list(parse_stream(opened))
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        return [f"{file}: this is not text in UTF-8; save it as UTF-8."]
    except OSError as problem:
        return [f"{file}: cannot be read ({problem.strerror}): {remedy(problem)}, or remove it."]
    return [f"{file}, line {_line(one)}: {wrong}" for one in bindings if (wrong := _wrong(one))]


def _wrong(binding: Binding) -> str:
    text = binding.original.string.strip()
    if not text or text.startswith("#"):
        return ""
    _, is_set, value = text.partition("=")
    if not is_set:
        return "there is no = in it: write NAME=value, or put # in front of it."
    if "\n" in value or (binding.error and value.lstrip()[:1] in ("'", '"')):
        return "a quote is opened and not closed (or something stands behind the closing one)."
    return "this cannot be read: write NAME=value." if binding.error else ""


def _line(binding: Binding) -> int:
    """Where it begins; empty lines before it belong to it for python-dotenv."""
    told = binding.original
    return told.line + told.string[: len(told.string) - len(told.string.lstrip())].count("\n")
