"""The base of every error that a caller may meet, and how several faults of one rule make one answer."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, ClassVar

# What one answer tells at the most: a body of a megabyte can break rules a million times.
MAX_FAULTS = 100


class DomainError(Exception):
    """A refusal with a number of the contract's catalogue (contract validation.md).

    `path` names the member of the request that it concerns, in the wire's spelling.
    """

    code: ClassVar[int]
    status: ClassVar[int] = 400
    text: ClassVar[str]

    def __init__(self, path: str = "", **facts: Any) -> None:
        self.path = path
        self.detail = self.text.format(**facts)
        self.faults: Sequence[DomainError] = (self,)
        super().__init__(self.detail)

    @classmethod
    def of(cls, faults: Sequence["DomainError"]) -> "DomainError":
        """The one error that answers for all faults of a rule: the first one, which keeps the first hundred."""
        faults[0].faults = tuple(faults[:MAX_FAULTS])
        return faults[0]

    @property
    def told(self) -> str:
        """The text of the answer: everything the rule concerns, at most ten of it spelled out."""
        texts = list(dict.fromkeys(fault.detail for fault in self.faults))
        more = f" (and {len(texts) - 10} more)" if len(texts) > 10 else ""
        return " ".join(texts[:10]) + more


class SchemaError(Exception):
    """A body, path or query that breaks the schema: every fault by its key (contract validation.md §1)."""

    def __init__(self, faults: dict[str, list[str]]) -> None:
        self.faults = dict(islice(faults.items(), MAX_FAULTS))
        self.untold = len(faults) - len(self.faults)
        super().__init__(f"{len(faults)} keys are at fault")

    def with_body_key(self, name: str) -> "SchemaError":
        """The same, with `name` as the key that speaks of the whole body."""
        if BODY_KEY in self.faults and name != BODY_KEY:
            self.faults[name] = self.faults.pop(BODY_KEY)
        return self

    @classmethod
    def unreadable_body(cls, key: str, text: str) -> "SchemaError":
        """The answer to a body of which nothing can be used."""
        return cls({key: [text], BODY_KEY: [BODY_REQUIRED]})


class OutcomeUnknown(Exception):
    """The database was lost at the COMMIT; the message tells the sender what to do. Answered 503."""


class BodyTooLarge(Exception):
    """A body over the limit, in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"The body is larger than {limit} bytes.")


class BodyTooSlow(Exception):
    """A body that was not there in time, in seconds."""

    def __init__(self, limit: float, least: int = 0) -> None:
        """`least`: how many bytes each such time had to bring; 0 stands for the whole body."""
        what = f"brought less than {least} bytes in" if least else "was not there within"
        super().__init__(f"The body {what} {limit:g} seconds.")


class BodyBrokeOff(Exception):
    """A body that ended before its end."""

    def __init__(self) -> None:
        super().__init__("The request body broke off.")


BODY_KEY = "request"
BODY_REQUIRED = "A request body that can be read is required."
