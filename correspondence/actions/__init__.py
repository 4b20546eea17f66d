"""Every change of a correspondence's state, one public function a use case."""

from correspondence.actions.acts import Acted
from correspondence.actions.attachments import attachment_settled
from correspondence.actions.cancel import cancel
from correspondence.actions.clear import clear_mailing
from correspondence.actions.download import download
from correspondence.actions.due_dates import check_due_dates
from correspondence.actions.fetch import Opened, open_content, open_details, open_overview
from correspondence.actions.initialize import Accepted, initialize
from correspondence.actions.jobs import begin, plan, work_off
from correspondence.actions.pauses import pause, resume
from correspondence.actions.person import Erased, erase_person
from correspondence.actions.publish import publish_due
from correspondence.actions.publish_now import publish_now
from correspondence.actions.purge import purge
from correspondence.actions.queue import queue_mailing
from correspondence.actions.requeue import Requeued, requeue
from correspondence.actions.respond import confirm, mark_as_read
from correspondence.actions.retention import apply_retention
from correspondence.actions.retry import retry_all_set_aside, retry_set_aside
from correspondence.actions.reveal import reveal_recipient
from correspondence.actions.send_again import send_again
from correspondence.actions.sweep import sweep

__all__ = [
    "Accepted",
    "Acted",
    "Erased",
    "Opened",
    "Requeued",
    "apply_retention",
    "attachment_settled",
    "begin",
    "cancel",
    "check_due_dates",
    "clear_mailing",
    "confirm",
    "download",
    "erase_person",
    "initialize",
    "mark_as_read",
    "open_content",
    "open_details",
    "open_overview",
    "pause",
    "plan",
    "publish_due",
    "publish_now",
    "purge",
    "queue_mailing",
    "requeue",
    "resume",
    "retry_all_set_aside",
    "retry_set_aside",
    "reveal_recipient",
    "send_again",
    "sweep",
    "work_off",
]
