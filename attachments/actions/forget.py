"""The last that is known of attachments that are gone."""

from collections.abc import Collection
from uuid import UUID

import structlog
from django.db import transaction

from attachments.models import Attachment
from attachments.statuses import GONE

logger = structlog.get_logger(__name__)


@transaction.atomic
def forget(*, attachment_ids: Collection[UUID]) -> int:
    """Those of the attachments that are gone, bytes and all, are removed with their history. Answers how many.

    Raises:
        ProtectedError: a letter carries one of them.
    """
    gone = Attachment.objects.filter(pk__in=attachment_ids, status__in=GONE, storage_key="")
    ids = list(gone.locked().order_by("pk").values_list("pk", flat=True))
    if ids:
        Attachment.objects.filter(pk__in=ids).delete()
        logger.info("attachments_forgotten", attachment_ids=ids, count=len(ids))
    return len(ids)
