"""When Python looks for garbage: all that is done about its collector, and what that is good for.

Whoever reads this file and doubts a figure: take the call out, and run ``benchmarks.starts`` and
``benchmarks.answered_updates``.
"""

from __future__ import annotations

import atexit
import gc


def hold_off() -> None:
    """Before the imports of a start: what it loads stays to the end.

    Looking through it again and again while it grows, and once more at the exit, took a third of a
    start (0.25 of 0.8 s of CPU).
    """
    gc.disable()
    atexit.register(gc.freeze)


def look_again() -> None:
    """Work begins, and makes garbage; what was loaded for it is not looked through."""
    gc.freeze()
    gc.enable()


def spare() -> None:
    """The bot stands ready: what was made so far stays until the end.

    Looking through it at every full collection would take 0.1 s, in which nobody is answered, and a
    third of the CPU of an answer. The little garbage among it (2,000 objects) is not worth a full
    collection before the start.
    """
    gc.freeze()
