"""Files as senders describe and upload them, valid but for what a test changes."""

import hashlib
from pathlib import Path
from typing import Any

from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from tests.clients import Client

CONTENT = b"The quick brown fox jumps over the lazy dog"
MD5 = "9e107d9d372bb6826bd81d3542a419d6"


def metadata(**members: Any) -> dict[str, Any]:
    """A minimal POST /attachment."""
    return {"resourceId": "fjordby-byggesak", "fileName": "plan.pdf", "sendersReference": "plan-43", **members}


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def initialized(sender: Client, **members: Any) -> str:
    """The id of an attachment that waits for its bytes."""
    response = sender.post_attachment(metadata(**members))
    assert response.status_code == 200, response.content
    attachment_id: str = response.json()
    return attachment_id


def uploaded(sender: Client, content: bytes = CONTENT, **members: Any) -> str:
    """The id of an attachment whose bytes are there."""
    attachment_id = initialized(sender, **members)
    response = sender.upload(attachment_id, content)
    assert response.status_code == 200, response.content
    return attachment_id


def stored(folder: Path) -> list[Path]:
    """Every file that lies in a storage's folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def body(response: Any) -> bytes:
    """The bytes of a download, which is closed at their end."""
    return b"".join(response.streaming_content)


def status_of(attachment_id: str) -> AttachmentStatus:
    """Where an attachment stands."""
    return AttachmentStatus(Attachment.objects.get(pk=attachment_id).status)
