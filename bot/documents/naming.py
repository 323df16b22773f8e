"""Names of files that leave the house: plain ASCII, and nothing that tells of a person."""

from __future__ import annotations

import re
import unicodedata


def file_name(*parts: str, ending: str) -> str:
    """``file_name("Lettre", "mamat", ending="pdf")`` → ``lettre-mamat.pdf``.

    For words of the content and ids of cases, never for what a supporter typed.
    """
    ascii_only = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode()
    return f"{'-'.join(re.findall(r'[a-z0-9]+', ascii_only.lower())) or 'document'}.{ending}"
