"""What has become of a mailing whose COMMIT got no answer: its sender is told what is true."""

import time

import structlog
from django.db import IntegrityError, connection, transaction

from config.kernel.database import PASSING
from config.kernel.errors import OutcomeUnknown
from correspondence.models import Mailing

# Since the transaction began. One question may take DATABASE_ANSWER_SECONDS more, and clients are to have an answer
# within 10 s.
_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.2
_UNKNOWN = (
    "The database was lost at the very end, and nobody can say yet whether this was stored. With an idempotentKey send "
    "it again; without one look for it first, or it may go out twice."
)

logger = structlog.get_logger(__name__)


def is_stored(mailing: Mailing, begun: float) -> bool:
    """Whether the transaction that wrote the mailing was committed; asked for some seconds until somebody answers.

    `begun` is when it began, by `time.monotonic`.

    Raises:
        OutcomeUnknown: nobody did.
    """
    last_error = "the COMMIT itself took too long"
    while time.monotonic() < begun + _PATIENCE_SECONDS:
        connection.close()
        try:
            stored = _is_there(mailing)
        except PASSING as error:
            last_error = str(error)
            time.sleep(_PAUSE_SECONDS)
        else:
            logger.warning("outcome_known", mailing_id=mailing.pk, stored=stored)
            return stored
    logger.error("outcome_unknown", mailing_id=mailing.pk, error=last_error)
    raise OutcomeUnknown(_UNKNOWN)


def _is_there(mailing: Mailing) -> bool:
    """Writes the row again, and takes that back: this waits for a server process that is still at its COMMIT."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
            mailing.save(force_insert=True)
            transaction.set_rollback(True)
    except IntegrityError:
        return True
    return False
