"""One check per kind of problem: each looks at the whole content and reports all that it finds."""

from collections.abc import Callable, Iterable

from bot.content_files.checks import (
    buttons,
    dates,
    languages,
    letters,
    links,
    markup,
    names,
    pages,
    petitions,
    pictures,
    posts,
    profile,
    quotes,
    references,
    screens,
    templates,
    translations,
    typed,
)
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem

Check = Callable[[Checked], Iterable[Problem]]

QUICK: tuple[Check, ...] = (references.check, dates.check, pictures.check)
"""Those that take no time, and those that depend on the day or on what can be read."""

CHECKS: tuple[Check, ...] = (
    references.check,
    dates.check,
    pictures.check,
    petitions.check,
    names.check,
    languages.check,
    translations.check,
    quotes.check,
    templates.check,
    links.check,
    markup.check,
    letters.check,
    posts.check,
    typed.check,
    pages.check,
    profile.check,
    screens.check,
    buttons.check,
)
