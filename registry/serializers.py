"""How resources are named on the wire (contract http-api.md §3.2)."""

import re
from collections.abc import Iterator

from config.kernel.wire import Text

RESOURCE_PREFIX = "urn:altinn:resource:"
_RESOURCE = re.compile(rf"(?:{RESOURCE_PREFIX})?[^:]+", re.DOTALL)


def without_prefix(resource_id: str) -> str:
    """The id as it is stored and answered."""
    return resource_id.removeprefix(RESOURCE_PREFIX)


class ResourceId(Text):
    """1 to 255 characters in all, with or without the prefix, and no colon behind it."""

    def _broken_rules(self, text: str) -> Iterator[str]:
        yield from super()._broken_rules(text)
        if text.strip() and _RESOURCE.fullmatch(text) is None:
            yield f"must be an id without a colon, with or without the prefix {RESOURCE_PREFIX}"
