"""Message key + language + values → text in a channel's markup.

What a text of content/messages may contain:

- light markup: ``**bold**``, ``*italic*``, ```code```, ``[label](https://…)``; a backslash before
  a sign takes its meaning away; line breaks stay as they are written;
- Jinja2: ``{{ name }}``, ``{% if … %}``, ``{% for … in … %}``, sandboxed; a line that holds nothing
  but ``{% … %}`` leaves no empty line behind;
- the values of its message, and always ``org``: the organisation (``{{ org }}`` is its name;
  ``org.address`` and ``org.privacy_contact`` print one line each; ``org.website``, ``org.email``
  and ``org.register_number`` are empty where content gives none);
- filters: ``number``, ``money`` (euros), ``percent``, ``day`` (a date or "2021-10", in words);
  function: ``plural(n, one="…", other="…")`` (also ``zero="…"`` for exactly none).
"""

from bot.wording.formats import locale_of
from bot.wording.markup import link_targets, looks_dynamic
from bot.wording.reading import FILTERS, read_template, template_names
from bot.wording.rendering import MissingText, Wording, WordingError

__all__ = [
    "FILTERS",
    "MissingText",
    "Wording",
    "WordingError",
    "link_targets",
    "locale_of",
    "looks_dynamic",
    "read_template",
    "template_names",
]
