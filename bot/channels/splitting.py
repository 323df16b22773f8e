"""What a platform sends, split into single updates by its bytes, so that one of them that cannot be
read takes no other with it. Pure: bytes in, values out, and no bytes make it raise.

Read as a whole first, which costs next to nothing. Only where that fails are the updates found one
by one; what stands between them needs no reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any, Final

import orjson

DEEPEST: Final = 32
"""How deep what cannot be read is still looked into for whose it is and what number it has."""

MOST: Final = 1_000
"""Updates that are taken from one answer, ten times what Telegram gives; others come again."""

LONGEST: Final = 400_000
"""Tokens that are looked at, four times what fills an answer of Telegram's; the rest is cut off.
Four megabytes of bare brackets would take five seconds, in which nobody is answered."""

# A string is one token, whatever stands in it; a lone quote begins one that never ends.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(_STRING + rb'|["\[\]{},]', re.DOTALL)
_TOKEN_OR_LONG_NUMBER = re.compile(_STRING + rb'|["\[\]{},]|-?\d{20}[\d.eE+-]*', re.DOTALL)
_LIST_BEHIND = re.compile(rb"\s*:\s*\[")
_CLOSING = {ord("["): b"]", ord("{"): b"}"}
_QUOTE, _COMMA = ord('"'), ord(",")
_CLOSERS = b"]}"


class Illegible(ValueError):
    """Bytes that are no JSON that can be read; the text says why and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One update as it came.

    ``update`` is what it says; where there is a ``reason`` why it cannot be read, as much of it as
    can (None: nothing). ``cut``: its end is missing.
    """

    update: Any
    reason: str = ""
    cut: bool = False
    find_raw: Callable[[], bytes] = field(default=lambda: b"", repr=False, compare=False)

    @property
    def raw(self) -> bytes:
        """Its bytes. Personal."""
        return self.find_raw()

    @classmethod
    def of(cls, raw: bytes, *, cut: bool = False) -> Piece:
        """From the bytes of one update, which may have lost their end."""
        try:
            return cls(value(raw), find_raw=lambda: raw)
        except Illegible as problem:
            reason = "cut off" if cut else str(problem)
            return cls(_legible(raw), reason, cut, lambda: raw)

    @classmethod
    def known(cls, update: Any) -> Piece:
        """From an update that was read already."""
        return cls(update, find_raw=lambda: _written(update))


def value(raw: bytes) -> Any:
    """What JSON says. Half characters, which JSON allows and UTF-8 does not, and bytes that are no
    UTF-8 become U+FFFD. Raises ``Illegible``."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return _mended(json.loads(raw.decode("utf-8", "replace")))
    except RecursionError:
        reason = "nested too deep"
    except json.JSONDecodeError:
        reason = "no valid JSON"
    except ValueError:
        reason = "a number of too many digits"
    raise Illegible(reason)


def pieces(payload: bytes, key: str = "") -> list[Piece] | None:
    """The updates in the list under that key of an object; without a key all is one update.

    None where there is no such list. Of a payload that was cut off the last piece may be ``cut``.
    """
    if not key:
        return [Piece.of(payload, cut=not payload.rstrip().endswith(b"}"))]
    try:
        whole = orjson.loads(payload)
    except orjson.JSONDecodeError:
        start = _start(payload, key.encode())
        if start is None:
            return None
        return [Piece.of(raw, cut=cut) for raw, cut in islice(_elements(payload, start), MOST)]
    found = whole.get(key) if isinstance(whole, dict) else None
    if not isinstance(found, list):
        return None
    found = found[:MOST]

    @cache
    def bytes_of_each() -> list[bytes]:
        start = _start(payload, key.encode())
        each = [] if start is None else [raw for raw, _ in islice(_elements(payload, start), MOST)]
        # A key that is there twice, or written in escapes: then they are written anew.
        return each if len(each) == len(found) else list(map(_written, found))

    return [
        Piece(update, find_raw=lambda place=place: bytes_of_each()[place])  # type: ignore[misc]
        for place, update in enumerate(found)
    ]


def _start(payload: bytes, key: bytes) -> int | None:
    """The place behind the bracket that opens the list under the key."""
    depth = 0
    for token in islice(_TOKEN.finditer(payload), LONGEST):
        first = payload[token.start()]
        if first in _CLOSING:
            depth += 1
        elif first in _CLOSERS:
            depth -= 1
        elif first == _QUOTE and token.end() - token.start() == 1:
            return None
        elif first == _QUOTE and depth == 1 and token[0] == b'"%s"' % key:
            behind = _LIST_BEHIND.match(payload, token.end())
            if behind is not None:
                return behind.end()
    return None


def _elements(payload: bytes, start: int) -> Iterator[tuple[bytes, bool]]:
    """The bytes of each element of the list that is open there, and whether its end is missing."""
    depth, begin = 0, start
    for seen, token in enumerate(_TOKEN.finditer(payload, start)):
        first = payload[token.start()]
        if seen == LONGEST:
            yield payload[begin:].strip(), True
            return
        if first == _QUOTE:
            if token.end() - token.start() == 1:
                yield payload[begin:].strip(), True
                return
        elif first in _CLOSING:
            depth += 1
        elif first == _COMMA:
            if depth == 0:
                yield payload[begin : token.start()].strip(), False
                begin = token.end()
        elif depth == 0:
            last = payload[begin : token.start()].strip()
            if last:
                yield last, False
            return
        else:
            depth -= 1
    rest = payload[begin:].strip()
    if rest:
        yield rest, depth > 0 or rest[-1] not in _CLOSERS


def _legible(raw: bytes) -> Any:
    """As much as can be read: without what is nested too deep, numbers too long for any machine,
    and what stands behind a cut."""
    kept: list[bytes] = []
    open_ = bytearray()
    begin = 0
    # Where the last member ended: what was kept until then, and what would have to be closed.
    ended: tuple[int, int, int, bytes] | None = None
    for token in islice(_TOKEN_OR_LONG_NUMBER.finditer(raw), LONGEST):
        place, first = token.start(), raw[token.start()]
        if first == _QUOTE:
            if token.end() - place == 1:
                break
        elif first in _CLOSING:
            open_ += _CLOSING[first]
            if len(open_) == DEEPEST + 1:
                kept += (raw[begin:place], b"null")
        elif first in _CLOSERS:
            if not open_:
                break
            open_.pop()
            if len(open_) == DEEPEST:
                begin = token.end()
            if not open_:
                return _read_or_none(b"".join((*kept, raw[begin : token.end()])))
        elif len(open_) > DEEPEST:
            continue
        elif first == _COMMA:
            ended = len(kept), begin, place, bytes(reversed(open_))
        else:
            kept += (raw[begin:place], b"null")
            begin = token.end()
    if ended is None:
        return None
    parts, begin, place, closing = ended
    return _read_or_none(b"".join((*kept[:parts], raw[begin:place], closing)))


def _read_or_none(raw: bytes) -> Any:
    try:
        return value(raw)
    except Illegible:
        return None


def _written(update: Any) -> bytes:
    try:
        return orjson.dumps(update, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return b""


def _mended(read: Any) -> Any:
    if isinstance(read, str):
        return read.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(read, list):
        return [_mended(item) for item in read]
    if isinstance(read, dict):
        return {_mended(name): _mended(item) for name, item in read.items()}
    return read
