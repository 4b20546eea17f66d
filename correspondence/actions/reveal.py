"""Somebody in the back-office looks at whom a letter is for."""

from datetime import datetime

import structlog
from django.db import transaction

from config.audit import actions as audit
from config.audit.models import Deed
from correspondence.models import Correspondence

logger = structlog.get_logger(__name__)


@transaction.atomic
def reveal_recipient(*, letter: Correspondence, by: str, now: datetime) -> str:
    """The recipient in clear; that this user has seen it stands in the audit log, or nobody sees it."""
    audit.record(Deed.REVEALED, by=by, now=now, target=letter, owner=letter.owner.organization_number)
    logger.info("recipient_revealed", correspondence_id=letter.pk, by=by)
    return letter.recipient
