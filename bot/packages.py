"""What to say where the program was started without what it is made of. Needs no package itself."""

from __future__ import annotations

INSTALL = "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e ."


def missing(trouble: ModuleNotFoundError) -> str:
    """The next step where a package is not installed; "" where a module of ours is missing."""
    name = (trouble.name or "").partition(".")[0]
    if name in ("", "bot"):
        return ""
    return (
        f'The package "{name}" is not installed for this Python. Install all of them with\n'
        f"    {INSTALL}\n"
        "and start with .venv/bin/python run_bot.py."
    )
