"""Somebody in the back-office looks into a file."""

import socket
from datetime import datetime
from typing import Any

import structlog

from attachments import policies
from attachments.downloads import Download
from attachments.models import Attachment
from config.audit.actions import record
from config.audit.models import Deed

logger = structlog.get_logger(__name__)


def download_by_staff(
    *, attachment: Attachment, user: Any, connection: socket.socket | None, now: datetime
) -> Download:
    """The bytes, opened; that this user fetched them stands in the audit log and in the log.

    Raises:
        DownloadOfPurged, DownloadOfExpired, AttachmentHasNoBytes, TooManyTransfers, StorageFailed: nothing is noted.
    """
    policies.check_is_not_gone(attachment, None, now)
    policies.check_has_bytes(attachment)
    opened = Download(attachment, None, connection, ("staff", user.pk))
    try:
        number = attachment.owner.organization_number
        record(Deed.DOWNLOADED, by=user.get_username(), now=now, target=attachment, owner=number)
    except BaseException:
        opened.close()
        raise
    logger.info("attachment_downloaded_by_staff", attachment_id=attachment.pk, user_id=user.pk)
    return opened
