"""Structured logs: one JSON object a line, with the request and actor ids, and nothing that looks like an SSN.

Rule: a run of nine digits, hyphenated or not, is masked before a line leaves the process, whatever wrote it.
"""

import re
from typing import Any

import structlog

# Nine digits that stand alone, with or without the usual hyphens or spaces; request numbers and quarters are shorter.
SSN_SHAPE = re.compile(r"(?<![\dA-Fa-f])\d{3}[- ]?\d{2}[- ]?\d{4}(?![\dA-Fa-f])")
MASK = "[masked]"


def mask_ssn_shapes(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: every text in the event, nested ones too, loses what looks like an SSN."""
    return {key: masked(value) for key, value in event.items()}


def masked(value: Any) -> Any:
    """`value` with SSN-shaped runs replaced; containers are walked, other objects are masked by their text."""
    if isinstance(value, dict):
        return {masked(key): masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(masked(item) for item in value)
    if isinstance(value, bool | float) or value is None:
        return value
    text = str(value)
    hidden = SSN_SHAPE.sub(MASK, text)
    return value if hidden == text else hidden


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def logging_settings(process: str) -> dict[str, Any]:
    """The dictConfig for `process`; configures structlog and the standard library's loggers alike, to standard error."""
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    return {
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
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "celery": {"level": "INFO"},
            "fontTools": {"level": "WARNING"},
        },
    }
