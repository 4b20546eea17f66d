"""Workers are woken for what is due."""

from datetime import datetime
from math import ceil

from django.conf import settings

from config.kernel import queue
from correspondence.policies.pauses import may_go_out

MOST_PUBLISHERS = 10


def wake_publishers(*, now: datetime) -> int:
    """As many as there are chunks of letters that may go out, within bounds. Answers how many."""
    most = settings.PUBLISH_CHUNK * MOST_PUBLISHERS
    chunks = ceil(may_go_out(now, most)[:most].values("pk").count() / settings.PUBLISH_CHUNK)
    wanted = min(chunks, queue.room(queue.PUBLISH)) if chunks else 0
    for _ in range(wanted):
        queue.after_commit("correspondence.publish_due")
    return wanted
