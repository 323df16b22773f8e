"""Where the fonts of the documents are."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

# Only these folders: the packs hold further fonts which would cost start-up time and never be used.
# Libertinus Serif and its like come with typst itself.
FONT_FOLDERS = (
    ("justmytype_intl_cjk", "fonts/ofl/notosanssc"),
    ("justmytype_intl_rtl", "fonts/ofl"),
)


def font_folders() -> list[Path]:
    """The folders, for typst."""
    return [Path(str(files(package).joinpath(folder))) for package, folder in FONT_FOLDERS]


def font_files() -> list[Path]:
    """The files in them."""
    return sorted(file for folder in font_folders() for file in folder.rglob("*.[to]tf"))
