"""The base of every error that a caller may meet, and how several faults of one rule make one answer."""

from collections.abc import Sequence
from typing import Any, ClassVar


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
        """The one error that answers for all faults of a rule: the first one's code, everything it concerns.

        At most ten are spelled out in the text; `faults` keeps them all.
        """
        answer = faults[0]
        answer.faults = tuple(faults)
        texts = list(dict.fromkeys(fault.detail for fault in faults))
        more = f" (and {len(texts) - 10} more)" if len(texts) > 10 else ""
        answer.detail = " ".join(texts[:10]) + more
        return answer


class SchemaError(Exception):
    """A body, path or query that breaks the schema: every fault by its key (contract validation.md §1)."""

    def __init__(self, faults: dict[str, list[str]]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} keys are at fault")

    @classmethod
    def unreadable_body(cls, key: str, text: str) -> "SchemaError":
        """The answer to a body of which nothing can be used."""
        return cls({key: [text], BODY_KEY: [BODY_REQUIRED]})


class BodyTooLarge(Exception):
    """A body over the limit, in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"The body is larger than {limit} bytes.")


BODY_KEY = "request"
BODY_REQUIRED = "A request body that can be read is required."
