"""What the rules of initialize look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from attachments.models import Attachment
from config.kernel.caller import Caller
from config.kernel.errors import DomainError
from correspondence.drafts import Draft
from recipients.models import Party
from registry.models import Resource


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to initialize: all that the rules look at."""

    draft: Draft
    caller: Caller
    found: Resource | None  # with its owner
    now: datetime
    attachments: Mapping[UUID, Attachment] = field(default_factory=dict)  # the existing ones that are there
    parties: Mapping[str, Party] = field(default_factory=dict)  # what the register knows of the recipients, if asked
    expiries: Mapping[UUID, datetime] | None = None  # when the existing ones expire; None: not asked yet

    @property
    def resource(self) -> Resource:
        """The resource, for the rules behind the one that demands it."""
        assert self.found is not None
        return self.found

    @property
    def existing(self) -> list[tuple[int, Attachment]]:
        """The existing attachments that are there, each with its place in the request."""
        places = enumerate(self.draft.existing_attachments)
        return [(index, self.attachments[key]) for index, key in places if key in self.attachments]


Rule = Callable[[Attempt], Iterator[DomainError]]
