"""Every change of a correspondence's state, one public function a use case."""

from correspondence.actions.attachments import attachment_settled
from correspondence.actions.download import download
from correspondence.actions.initialize import Accepted, initialize
from correspondence.actions.publish import publish_due
from correspondence.actions.queue import queue_mailing
from correspondence.actions.retry import retry_set_aside
from correspondence.actions.sweep import sweep

__all__ = [
    "Accepted",
    "attachment_settled",
    "download",
    "initialize",
    "publish_due",
    "queue_mailing",
    "retry_set_aside",
    "sweep",
]
