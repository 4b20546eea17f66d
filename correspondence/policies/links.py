"""Links that a recipient may be sent to (contract validation.md §4, row 41)."""

import re
from urllib.parse import urlsplit

MAX_LENGTH = 255
# RFC 3986's characters, and letters beyond ASCII as RFC 3987 allows them; every % begins an escape.
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=\u00a0-\uffff\U00010000-\U0010ffff]|%[0-9A-Fa-f]{2})+")
_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[^\s\[\]@:/?#]+")


def is_https_link(url: str) -> bool:
    """Whether it is a well-formed absolute https URI (scheme in any casing) of at most 255 characters."""
    if len(url) > MAX_LENGTH or _CHARACTERS.fullmatch(url) is None:
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, brackets that do not match
        return False
    authority = parts.netloc.rpartition("@")[2]
    named = authority[: -len(f":{port}")] if port is not None else authority
    return parts.scheme == "https" and bool(host) and _HOST.fullmatch(named.rstrip(":")) is not None
