"""Every change of an attachment's state, one public function a use case."""

from attachments.actions.clean import remove_bytes, remove_orphans, sweep
from attachments.actions.create import create_with_bytes
from attachments.actions.expire import expire_overdue
from attachments.actions.forget import forget
from attachments.actions.initialize import initialize
from attachments.actions.purge import purge
from attachments.actions.purge_unused import purge_unused
from attachments.actions.scan import scan
from attachments.actions.settle import settle
from attachments.actions.staff_download import download_by_staff
from attachments.actions.store import store_file
from attachments.actions.upload import upload

__all__ = [
    "create_with_bytes",
    "download_by_staff",
    "expire_overdue",
    "forget",
    "initialize",
    "purge",
    "purge_unused",
    "remove_bytes",
    "remove_orphans",
    "scan",
    "settle",
    "store_file",
    "sweep",
    "upload",
]
