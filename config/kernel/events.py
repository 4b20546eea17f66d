"""Events, as lines of the log (contract lifecycle.md §9): whoever forwards them finds type and ids there."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction

_TYPE_PREFIX = "no.altinn.correspondence."

logger = structlog.get_logger(__name__)


def tell(name: str, ids: Collection[UUID]) -> None:
    """One line for what happened to all of these, once the surrounding transaction is durable; none for nobody."""
    if ids:
        transaction.on_commit(partial(_log, name, list(ids)), robust=True)


def _log(name: str, ids: list[UUID]) -> None:
    logger.info("event_raised", type=_TYPE_PREFIX + name, resource_instances=ids)
