"""What is read of the files' table at each scrape (docs/monitoring.md)."""

from datetime import datetime

from attachments.models import Attachment
from config.kernel.readings import Reading, Values


def _waiting(now: datetime) -> Values:
    # The sweep looks at each of them: its partial index has them.
    return {"": Attachment.objects.scanning().filter(next_look_at__isnull=False).count()}


READINGS = (
    Reading(
        "correspondence_attachments_waiting_for_scan", "Files that the malware scanner has not judged yet.", _waiting
    ),
)
