"""A Celery worker's life and its tasks', as log lines, metrics and traces see them; and word of its end."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import structlog
from billiard.process import current_process
from celery import signals

from config.kernel import clock, connections, exporter, shutdown, trace, tracing
from config.kernel.metrics import TASK_LAST_SUCCESS, TASK_SECONDS, TASKS
from config.kernel.queue import TookTooLong

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Run:
    started: float
    context: ExitStack


_running: dict[str, _Run] = {}


def connect() -> None:
    """From here on Celery tells of them; twice is once."""
    signals.worker_ready.connect(_ready, weak=False)
    signals.worker_shutting_down.connect(_shutting_down, weak=False)
    signals.worker_process_init.connect(_process_begins, weak=False)
    signals.worker_process_shutdown.connect(_process_ends, weak=False)
    signals.task_prerun.connect(_begins, weak=False)
    signals.task_postrun.connect(_ends, weak=False)
    signals.task_success.connect(_succeeded, weak=False)
    signals.task_failure.connect(_failed, weak=False)
    signals.task_retry.connect(_is_tried_again, weak=False)


def _ready(sender: Any, **_: Any) -> None:
    connections.warn_soon("worker", sender.controller.concurrency)


def _shutting_down(**_: Any) -> None:
    # In a handler of a signal of the system: no log, whose lock may be held just now.
    shutdown.begin()


def _process_begins(**_: Any) -> None:
    if slot := _slot():
        exporter.take_slot(slot)
    tracing.start("correspondence-worker")


def _process_ends(**_: Any) -> None:
    tracing.stop()
    if slot := _slot():
        exporter.slot_ended(slot)


def _slot() -> str:
    """The process's place in the pool, which its successor takes; empty in a worker without a pool."""
    return str(getattr(current_process(), "index", ""))


def _begins(task_id: str, task: Any, **_: Any) -> None:
    """Its lines carry the trace of whoever woke it, or one of its own."""
    context = ExitStack()
    context.enter_context(trace.bound(trace.child_of(str(getattr(task.request, "traceparent", "") or ""))))
    context.enter_context(structlog.contextvars.bound_contextvars(task=task.name, task_id=task_id))
    _running[task_id] = _Run(time.perf_counter(), context)


def _ends(task_id: str, task: Any, **_: Any) -> None:
    if run := _running.pop(task_id, None):
        TASK_SECONDS.labels(task.name).observe(time.perf_counter() - run.started)
        run.context.close()


def _succeeded(sender: Any, **_: Any) -> None:
    TASKS.labels(sender.name, "succeeded").inc()
    TASK_LAST_SUCCESS.labels(sender.name).set(clock.now().timestamp())


def _failed(sender: Any, exception: BaseException, args: Any, **_: Any) -> None:
    """Also told by the worker's main process, of a task whose process was killed. Celery's own line names no rows."""
    TASKS.labels(sender.name, "failed").inc()
    logger.error(
        "task_took_too_long" if isinstance(exception, TookTooLong) else "task_failed",
        task=sender.name,
        ids=list(args or ()),
        error=f"{type(exception).__name__}: {exception}",
    )


def _is_tried_again(sender: Any, **_: Any) -> None:
    TASKS.labels(sender.name, "retried").inc()
