"""Enums of attachments (contract http-api.md §3.6)."""

from enum import IntEnum


class DataLocationTypeIn(IntEnum):
    """What senders write in `dataLocationType`; without effect."""

    NewCorrespondenceAttachment = 0
    ExistingCorrespondenceAttachment = 1
    ExistingExternalStorage = 2
