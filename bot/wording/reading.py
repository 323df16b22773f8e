"""What a text of the content asks for, read without filling it in: for the check."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from jinja2 import TemplateSyntaxError, meta, nodes

from bot.wording.templates import NOBODY, environment

KEPT = 8192
"""Texts of which it is remembered what was found in them: a reload changes few."""

_READER = environment("en", "plain", NOBODY)

FILTERS = tuple(_READER.filters)
"""The names of all filters that texts may use."""

_KNOWN: dict[type[nodes.Node], tuple[str, Container[str]]] = {
    nodes.Filter: ("filter", _READER.filters),
    nodes.Test: ("test", _READER.tests),
}


@lru_cache(maxsize=KEPT)
def read_template(source: str) -> None:
    """Whether Jinja can read the text, for the check. Raises TemplateSyntaxError."""
    for used in _parsed(source).find_all((nodes.Filter, nodes.Test)):
        kind, known = _KNOWN[type(used)]
        name: str = getattr(used, "name")  # noqa: B009 - both kinds have one, their base has not
        if name not in known:
            raise TemplateSyntaxError(f'there is no {kind} "{name}"', used.lineno)


@lru_cache(maxsize=KEPT)
def template_names(source: str) -> frozenset[str]:
    """The names of the values that a text asks for, without those that it always has."""
    return frozenset(meta.find_undeclared_variables(_parsed(source)) - set(_READER.globals))


@lru_cache(maxsize=1)
def _parsed(source: str) -> nodes.Template:
    # One only: who asks for the names has just asked whether the text can be read. Parsed texts
    # are large; what was found in them is what a reload, which changes few, finds again.
    return _READER.parse(source)
