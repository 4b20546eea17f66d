"""From which address a request comes, as far as anybody can be believed."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of the client; None where there is none (a socket in the file system).

    With PROXIES_IN_FRONT proxies, each of which appends whom it was called by to X-Forwarded-For, it is as many entries
    from the end; what stands further to the front is the client's own word. A header that is too short, or holds
    something else, did not come through them: then it is the address that connected.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    hops = settings.PROXIES_IN_FRONT
    told = _address(entries[-hops]) if 0 < hops <= len(entries) else None
    return told or _address(peer)


def _address(text: str) -> str | None:
    """An address without its port, if it has one (`192.0.2.1:4711`, `[2001:db8::1]:4711`)."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])  # a zone (`fe80::1%eth0`) is this machine's own word
    except ValueError:
        return None
    # What a socket for both kinds of address makes of one of version 4 (`::ffff:192.0.2.1`).
    return str(getattr(found, "ipv4_mapped", None) or found)
