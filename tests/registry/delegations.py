"""Rights that tests give away."""

from typing import Any

from config.kernel import clock
from registry import actions
from registry.models import Delegation, Resource
from registry.statuses import Right
from tests.conftest import OWNER

AGENCY = "urn:altinn:organization:identifier-no:991825827"


def given(right: Right, *, to: str, by: str = f"0192:{OWNER}", on: Resource | None = None) -> Delegation:
    """A right on this resource, or on every one; the owner's to give unless somebody else is named."""
    return actions.delegate(**terms(right, to=to, by=by, on=on), by="a test", now=clock.now())[0]


def withdrawn(right: Right, *, to: str, by: str = f"0192:{OWNER}", on: Resource | None = None) -> bool:
    return actions.withdraw(**terms(right, to=to, by=by, on=on), by="a test", now=clock.now())


def terms(right: Right, *, to: str, by: str, on: Resource | None) -> dict[str, Any]:
    return {"from_party": by, "to_party": to, "right": right, "resource_id": on.pk if on else None}
