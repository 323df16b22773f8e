"""One event a line, for whoever runs the bot; never an address, a text or a token."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import ExcInfo

# Libraries that put whole URLs (and so the token) or request bodies into their lines.
TALKATIVE = ("httpx", "httpcore", "telegram", "aiohttp", "asyncio", "alembic")


def set_up(*, quiet: bool = False) -> None:
    """Log to standard error: readable on a terminal, JSON lines elsewhere.

    ``quiet`` keeps everything below a warning away (the terminal chat).
    """
    level = logging.WARNING if quiet else logging.INFO
    on_terminal = sys.stderr.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_place_only),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _place_only(exc_info: ExcInfo) -> str:
    """The kind of an exception and where it was raised; its text may hold what somebody typed."""
    kind, _, trace = exc_info
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return str(kind.__name__)
    code = trace.tb_frame.f_code
    return f"{kind.__name__} in {code.co_qualname} line {trace.tb_lineno}"


def place(problem: BaseException) -> str:
    """The kind of a failure and the last line of ours that it passed (else the last line)."""
    where, trace = "", problem.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("bot.") or not where.startswith("bot."):
            where = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(problem).__name__} at {where}"
