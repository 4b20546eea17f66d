"""Uploads past HTTP: bodies that Django's test client cannot send."""

from uuid import UUID

from attachments import actions
from attachments.models import Attachment
from config.kernel import clock
from config.kernel.caller import Caller, IssuerKind
from tests.conftest import OWNER

OWNERS_CALLER = Caller(kind=IssuerKind.ALTINN, organization=OWNER)


class Body:
    """A body that comes in as a test wants it."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self._parts = iter(parts)

    def read(self, size: int) -> bytes:
        part = next(self._parts, b"")
        if isinstance(part, Exception):
            raise part
        return part


def upload(attachment_id: str, *parts: bytes | Exception) -> Attachment:
    """The action itself."""
    return actions.upload(
        caller=OWNERS_CALLER, attachment_id=UUID(attachment_id), body=Body(*parts), announced=None, clock=clock.now
    )
