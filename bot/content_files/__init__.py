"""content/ → a campaign with its wording, or every problem with file, line, column and remedy.

``load(directory)`` reads and checks; ``Content`` holds what is in use and takes up changes.
"""

from bot.content_files.loading import ContentError, Loaded, load, load_valid
from bot.content_files.problems import Place, Problem
from bot.content_files.watching import Content

__all__ = ["Content", "ContentError", "Loaded", "Place", "Problem", "load", "load_valid"]
