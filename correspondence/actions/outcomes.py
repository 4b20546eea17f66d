"""What became of letters whose turn it was, told once it is durable: counted, and written in the log."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db import transaction

from config.kernel import trace
from correspondence.metrics import LAG, PUBLISHED
from correspondence.querysets import CorrespondenceQuerySet

logger = structlog.get_logger(__name__)


class Claimed(NamedTuple):
    """A letter whose turn it is."""

    pk: UUID
    mailing_id: UUID
    status: int
    due_at: datetime
    traceparent: str  # its mailing's


def claimed(locked: CorrespondenceQuerySet) -> list[Claimed]:
    """These letters, with what is told of them, in one query."""
    fields = ("pk", "mailing_id", "status", "due_at", "mailing__traceparent")
    return [Claimed(*row) for row in locked.values_list(*fields)]


def tell_published(letters: Sequence[Claimed], now: datetime) -> None:
    """These are out."""
    _tell("published", letters)
    transaction.on_commit(partial(_observe_lag, letters, now), robust=True)


def tell_failed(letters: Sequence[Claimed], reason: str) -> None:
    """These have failed for good."""
    _tell("failed", letters, reason=reason)


def tell_put_off(letters: Sequence[Claimed]) -> None:
    """These wait for a moment: somebody is changing a file of theirs."""
    _tell("put_off", letters)


def _tell(outcome: str, letters: Sequence[Claimed], **facts: str) -> None:
    if letters:
        transaction.on_commit(partial(_log, outcome, letters, facts), robust=True)


def _observe_lag(letters: Iterable[Claimed], now: datetime) -> None:
    for letter in letters:
        LAG.observe((now - letter.due_at).total_seconds())


def _log(outcome: str, letters: Iterable[Claimed], facts: dict[str, str]) -> None:
    """A line for each mailing, in the trace of the request that brought it: a task has letters of many."""
    of_mailings = defaultdict(list)
    for letter in letters:
        PUBLISHED.labels(outcome).inc()
        of_mailings[letter.mailing_id, letter.traceparent].append(letter.pk)
    write = logger.warning if outcome == "failed" else logger.info
    for (mailing_id, traceparent), ids in of_mailings.items():
        with trace.within(traceparent):
            write(f"correspondences_{outcome}", mailing_id=mailing_id, correspondence_ids=ids, **facts)
