"""What Celery's processes do beside the tasks: say what failed, and hand over when they are to end."""

from typing import Any

import structlog
from celery import signals
from celery.exceptions import SoftTimeLimitExceeded

from config.kernel import connections, shutdown

logger = structlog.get_logger(__name__)


def connect() -> None:
    """From now on Celery's signals reach the receivers below."""
    signals.worker_shutting_down.connect(_shutting_down, dispatch_uid="shutdown")
    signals.worker_ready.connect(_ready, dispatch_uid="ready")
    signals.task_failure.connect(_failed, dispatch_uid="failed")


def _ready(sender: Any, **kwargs: Any) -> None:
    connections.warn_soon("worker", sender.controller.concurrency)


def _shutting_down(**kwargs: Any) -> None:
    # In a handler of a signal of the system: no log, whose lock may be held just now.
    shutdown.begin()


def _failed(sender: Any, exception: BaseException, args: Any, **kwargs: Any) -> None:
    """Celery's own line says neither for which rows it was."""
    overran = isinstance(exception, SoftTimeLimitExceeded)
    logger.error(
        "task_took_too_long" if overran else "task_failed",
        task=getattr(sender, "name", str(sender)),
        ids=list(args or ()),
        error=f"{type(exception).__name__}: {exception}",
    )
