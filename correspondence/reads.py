"""What callers may look at, found and checked."""

from uuid import UUID

from config.kernel.caller import Caller
from correspondence.errors import CorrespondenceNotFound
from correspondence.models import Correspondence
from correspondence.policies.access import check_is_sender


def for_sender(*, caller: Caller, correspondence_id: UUID) -> Correspondence:
    """The correspondence with its mailing, for one who may act for its sender.

    Raises:
        CorrespondenceNotFound: there is none; told before access is looked at (contract access.md §4).
        NoAccess: it is another owner's.
    """
    correspondence = Correspondence.objects.with_mailing().filter(pk=correspondence_id).first()
    if correspondence is None:
        raise CorrespondenceNotFound
    check_is_sender(caller, correspondence)
    return correspondence
