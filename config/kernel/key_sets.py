"""How an issuer's key set is fetched: from the configured address and no other, and bounded."""

import json
import time
from http.client import HTTPException
from typing import Any
from urllib.request import HTTPRedirectHandler, build_opener

_MOST_BYTES = 1024 * 1024
_READ_CHUNK = 16_384


class _NoRedirect(HTTPRedirectHandler):
    """Who can turn the address elsewhere is not who was trusted; a redirect is the error that urllib makes of it."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def fetch(url: str, seconds: float) -> dict[str, Any]:
    """The JSON object at the address.

    Each step on the way may take `seconds`, and so may the body; a head that drips in may take longer.

    Raises:
        OSError: it cannot be reached, answers an error or a redirect, or is too slow.
        ValueError: what it answers is too large, or no JSON object.
    """
    if not url.lower().startswith(("https://", "http://")):
        raise ValueError("the address is neither https nor http")
    deadline = time.monotonic() + seconds
    body = b""
    try:
        with build_opener(_NoRedirect).open(url, timeout=seconds) as response:
            while chunk := response.read1(_READ_CHUNK):
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ValueError(f"the key set is larger than {_MOST_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise TimeoutError("the key set did not come in time")
        found = json.loads(body)
    except HTTPException as error:  # not of the OSError family: a status line that is none, a body that broke off
        raise OSError(f"{type(error).__name__}: {error}") from error
    except RecursionError as error:
        raise ValueError("the key set is nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("the key set is no JSON object")
    return found
