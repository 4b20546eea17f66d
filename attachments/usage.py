"""What attachments must know of the letters that carry them: a question that the app above answers (design §2)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Usage(Protocol):
    """Where attachments are used."""

    def correspondence_ids(self, attachment_id: UUID) -> Sequence[UUID]:
        """Every correspondence that carries the attachment."""
        ...

    def is_linked(self, attachment_id: UUID) -> bool:
        """Whether any correspondence carries it, of whatever status."""
        ...

    def was_published(self, attachment_id: UUID) -> bool:
        """Whether one that carries it was ever published."""
        ...

    def unused_among(self, attachment_ids: Collection[UUID]) -> set[UUID]:
        """Those that were linked, and are used by no letter any more that somebody could open."""
        ...

    def last_expiries(self, attachment_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
        """When the last link in use to each of them expires; those that have none or never expire are left out."""
        ...


_registered: list[Usage] = []


def register(usage: Usage) -> None:
    """Answered by this one from now on; called once, when the app above is ready."""
    _registered[:] = [usage]


def usage() -> Usage:
    """Who knows where attachments are used."""
    return _registered[0]
