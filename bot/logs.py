"""One event a line, for whoever runs the bot; never an address, a text or a token.

What happens again and again is told some times a minute and then counted, so that nobody fills the
disk by asking for nonsense.
"""

from __future__ import annotations

import atexit
import logging
import sys
import time
from collections.abc import Callable

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

log = structlog.get_logger()

# Libraries that put whole URLs (and so the token) or request bodies into their lines.
TALKATIVE = ("httpx", "httpcore", "telegram", "aiohttp", "asyncio", "alembic")

LINES = 20
"""Lines of one event in a minute; further ones are counted, and told in one line."""
MINUTE = 60.0


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
            _often,
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
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(logging.WARNING))


class Often:
    """A processor of structlog that lets so many lines of an event pass in a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """``clock`` gives seconds."""
        self._clock = clock
        self._minutes: dict[str, _Minute] = {}

    def __call__(self, logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
        """The line, or DropEvent where there were enough of its event."""
        if "repeated" in line:
            return line
        self.tell()
        event, now = str(line["event"]), self._clock()
        minute = self._minutes.get(event)
        if minute is None:
            minute = self._minutes[event] = _Minute(now)
        minute.lines += 1
        if minute.lines > LINES:
            minute.level = str(line["level"])
            raise structlog.DropEvent
        return line

    def tell(self, *, all_of_them: bool = False) -> None:
        """Say how often was left out what, of minutes that are over."""
        end = self._clock() - MINUTE
        over = [one for one, of in self._minutes.items() if all_of_them or of.begun <= end]
        for event in over:
            minute = self._minutes.pop(event)
            if minute.lines > LINES:
                say = getattr(structlog.get_logger(), minute.level)
                say(event, repeated=minute.lines - LINES)


class _Minute:
    """What of one event was logged since it began."""

    __slots__ = ("begun", "level", "lines")

    def __init__(self, begun: float):
        self.begun = begun
        self.lines = 0
        self.level = "info"


_often = Often()
atexit.register(_often.tell, all_of_them=True)


class _Libraries(logging.Handler):
    """What libraries say: which of them, where and how grave, without their words, which may quote
    what somebody sent. As it is, each of these lines would be a traceback of thirty."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        kind = record.exc_info[0] if record.exc_info else None
        told = {"where": f"{record.name}:{record.funcName}"}
        if kind is not None:
            told["kind"] = kind.__name__
        if record.levelno >= logging.ERROR:
            log.error("library_troubled", **told)
        else:
            log.warning("library_warned", **told)


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
