"""Logs: one JSON object a line on standard error, no person number in clear."""

import logging
import logging.config
from collections.abc import MutableMapping
from typing import Any

import structlog

from config.kernel.masking import masked

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str) -> None:
    """Send everything that is logged, ours and the libraries', through one formatter and the mask."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(configuration(level))


def configuration(level: str) -> dict[str, Any]:
    """The same for `logging.config.dictConfig`, as the web server's master process wants it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.ExtraAdder(), _without_what_others_add],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    _mask,
                    _line,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own lines about 4xx and 5xx repeat ours and hold query strings.
        # Celery's lines about each message say less than our own about each letter.
        "loggers": {
            "django.request": {"level": "CRITICAL"},
            "django.server": {"level": "WARNING"},
            "django.security": {"level": "CRITICAL"},
            "django.security.csrf": {"level": "WARNING"},  # what is wrong with a form we do not say ourselves
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            # django-axes tells the same as our own about people who log in.
            "axes": {"level": "ERROR"},
            # Of a worker's processes that died: Celery gives it a handler of its own unless it has one.
            "multiprocessing": {"handlers": ["stderr"], "propagate": False},
            # Lines about broken forms and broken requests repeat what was sent.
            "python_multipart.multipart": {"level": "ERROR"},
            "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }


_to_json = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
# Ends of lines to many a reader, which JSON writes as they are.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def _line(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
    """One line, whatever clients put into their paths."""
    return str(_to_json(logger, name, event)).translate(_LINE_ENDS)


def _without_what_others_add(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django puts the request beside what it says of it (`django.security.*`), and the request is told by its query.

    Celery adds as `data` the error and the stack trace that its line has already, half of some 12,000 characters.
    """
    for added in ("request", "data"):
        event.pop(added, None)
    return event


def _mask(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: masked(value) for key, value in event.items()}
