"""Structured logs: one JSON object a line, with the request and actor ids, and nothing that looks like an SSN.

Rule: nine digits or more in a row, and nine digits written as an SSN is, are masked before a line leaves the process,
whoever wrote it. Whole hashes, UUIDs, ULIDs and decimal fractions are kept; a plain count of nine digits is lost.
"""

import logging
import logging.config
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog

MASK = "[masked]"
# Hyphens and dashes of every kind, blanks, and what people type instead of them.
_GAP = r"[\s\-‐-―−._]{1,2}"  # noqa: RUF001
_KEPT = r"""
    (?<![0-9A-Za-z]) (?=[0-9]*[A-Za-z])                              # a token of its own, with at least one letter
    (?: [0-9a-fA-F]{32,128}                                          # a hash
      | [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}
      | [0-9A-HJKMNP-TV-Z]{26}                                       # a ULID
    ) (?![0-9A-Za-z])
    | (?<![\d.]) \d{1,8} \. (?!\d{9}(?!\d)) \d+ (?!\d|\.\d)         # a decimal number
"""
_HIDDEN = rf"""
    \d{{9,}}
    | \d{{3}} {_GAP} \d{{2}} {_GAP} \d{{4}}
    | (?<!\d) \d{{3}} (?:{_GAP})? \d{{2}} (?:{_GAP})? \d{{4}} (?!\d)
"""
# The address of an invitation is the right to set a password.
SECRET_ADDRESS = re.compile(r"(/accounts/invitation/)[^\s\"'?<>]+")
SSN_SHAPE = re.compile(f"(?P<kept>{_KEPT})|(?P<hidden>{_HIDDEN})", re.VERBOSE)


def mask_ssn_shapes(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: every text in the event, nested ones too, loses what looks like an SSN."""
    return {masked_text(str(key)): masked(value) for key, value in event.items()}


def masked(value: Any) -> Any:
    """`value` as JSON can hold it, SSN-shaped runs replaced: containers are walked, all else is taken by its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {masked_text(str(key)): masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item) for item in value]
    text = str(value)
    hidden = masked_text(text)
    return value if isinstance(value, int | float) and hidden == text else hidden


def masked_text(text: str) -> str:
    """`text` with SSN-shaped runs, and the secret part of an invitation's address, replaced."""
    return SSN_SHAPE.sub(lambda match: match["kept"] or MASK, SECRET_ADDRESS.sub(rf"\1{MASK}", text))


class MaskingHandler(logging.StreamHandler[Any]):
    """To standard error. A line that cannot be formatted is named by its place in the code, never by its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """The standard library would print the raw arguments."""
        kind = getattr(sys.exc_info()[0], "__name__", "unknown")
        self.stream.write(
            f'{{"event": "log line lost", "where": "{record.module}:{record.lineno}", "why": "{kind}"}}\n'
        )


def print_masked(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """sys.excepthook: the traceback of an exception nobody caught, masked."""
    sys.stderr.write(masked_text("".join(traceback.format_exception(kind, error, trace))))


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure(process: str) -> dict[str, Any]:
    """From here on everything `process` logs, whichever library it comes from, goes through the mask.

    Returns the standard library's part, for whoever has to set it up again (Celery).
    """
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.config.dictConfig(_LOGGING)
    sys.excepthook = print_masked
    threading.excepthook = lambda args: print_masked(args.exc_type, args.exc_value, args.exc_traceback)
    return _LOGGING


_THROUGH_ROOT: dict[str, Any] = {"handlers": [], "propagate": True}
# Celery adds a handler of its own, without a mask, to these two where they have none.
_WITH_HANDLER: dict[str, Any] = {"handlers": ["stderr"], "propagate": False}
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": SHARED_PROCESSORS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                mask_ssn_shapes,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"stderr": {"()": MaskingHandler, "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "celery": {"level": "INFO"},
        "celery.task": _WITH_HANDLER,
        "multiprocessing": _WITH_HANDLER,
        "fontTools": {"level": "WARNING"},
        "gunicorn.error": _THROUGH_ROOT,
        "gunicorn.access": _THROUGH_ROOT,
    },
}
