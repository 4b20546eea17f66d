"""Faults of attachments (contract validation.md §4)."""

from config.kernel.errors import DomainError


class AttachmentNotFound(DomainError):
    """An existing attachment that is not there."""

    code = 1007
    text = "There is no attachment {attachment}."
