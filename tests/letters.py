"""Requests of initialize, valid but for what a test changes."""

from typing import Any

ORGANIZATION = "urn:altinn:organization:identifier-no:314762290"
PERSON = "urn:altinn:person:identifier-no:01818517641"


def letter(*recipients: str, **members: Any) -> dict[str, Any]:
    """A minimal request. Members of `correspondence` by name; `content__x` and `request__x` go into those."""
    content = {"messageTitle": "Vedtak", "messageBody": "Hei."}
    correspondence: dict[str, Any] = {"resourceId": "fjordby-byggesak", "sendersReference": "sak-1"}
    request: dict[str, Any] = {"recipients": list(recipients) or [ORGANIZATION]}
    for name, value in members.items():
        part, _, inner = name.partition("__")
        target = {"content": content, "request": request}.get(part) if inner else None
        if target is None:
            correspondence[name] = value
        else:
            target[inner] = value
    return {"correspondence": {**correspondence, "content": content}, **request}


def without(request: dict[str, Any], *path: str) -> dict[str, Any]:
    """The request less one member."""
    part = request
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return request


def organizations(count: int) -> list[str]:
    """So many recipients."""
    return [f"0192:{number}" for number in range(100_000_000, 100_000_000 + count)]
