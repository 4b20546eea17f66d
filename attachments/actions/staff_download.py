"""Somebody in the back-office looks into a file."""

import socket
from datetime import datetime
from typing import Any

import structlog
from django.contrib.admin.models import CHANGE, LogEntry

from attachments import policies
from attachments.downloads import Download
from attachments.models import Attachment

DOWNLOADED = "Downloaded the bytes."

logger = structlog.get_logger(__name__)


def download_by_staff(
    *, attachment: Attachment, user: Any, connection: socket.socket | None, now: datetime
) -> Download:
    """The bytes, opened; that this user fetched them stands in the attachment's page history and in the log.

    Raises:
        DownloadOfPurged, DownloadOfExpired, AttachmentHasNoBytes, TooManyTransfers, StorageFailed: nothing is noted.
    """
    policies.check_is_not_gone(attachment, None, now)
    policies.check_has_bytes(attachment)
    opened = Download(attachment, None, connection, ("staff", user.pk))
    try:
        LogEntry.objects.log_actions(user.pk, [attachment], CHANGE, change_message=DOWNLOADED, single_object=True)
    except BaseException:
        opened.close()
        raise
    logger.info("attachment_downloaded_by_staff", attachment_id=attachment.pk, user_id=user.pk)
    return opened
