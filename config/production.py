"""What the service refuses to run with in production: every way of starting it reads its settings, and asks this."""

from collections.abc import Iterator, Sequence

# What people try first, and what examples are full of.
DEFAULT_PASSWORDS = ("admin", "administrator", "password", "changeme", "secret", "correspondence", "admin123", "123456")

# Those of Django's own check, security.W009.
_SECRET_KEY_LENGTH = 50
_SECRET_KEY_DISTINCT = 5
_MADE_BY_STARTPROJECT = "django-insecure-"


def faults(
    *, secret_key: str, debug: bool, development_issuer: bool, hosts: Sequence[str], scanner: str, admin_password: str
) -> Iterator[str]:
    """Each in one sentence that begins with the variable. An empty `secret_key` is somebody else's to tell."""
    if secret_key and _is_weak(secret_key):
        length = f"{_SECRET_KEY_LENGTH} characters or more, {_SECRET_KEY_DISTINCT} of them different"
        yield f"SECRET_KEY is too weak: take {length}, made at random, and not one that begins with django-insecure."
    if debug:
        yield "DEBUG shows the inside of the service to everyone: it is for ENVIRONMENT=development only."
    if development_issuer:
        yield "DEVELOPMENT_ISSUER_ENABLED is for ENVIRONMENT=development only."
    yield from _host_faults(hosts)
    if not scanner:
        yield 'MALWARE_SCANNER is not set: choose "clamav", or "none" to publish files unscanned.'
    if admin_password.lower() in DEFAULT_PASSWORDS:
        yield "ADMIN_PASSWORD is a password that everybody tries first; nothing reads it in production: unset it."


def _is_weak(secret_key: str) -> bool:
    too_short = len(secret_key) < _SECRET_KEY_LENGTH or len(set(secret_key)) < _SECRET_KEY_DISTINCT
    return too_short or secret_key.startswith(_MADE_BY_STARTPROJECT)


def _host_faults(hosts: Sequence[str]) -> Iterator[str]:
    if not hosts:
        yield "ALLOWED_HOSTS is not set: name each host that clients use, separated by commas."
    for host in hosts:
        if "*" in host or not host.strip("."):
            yield f'ALLOWED_HOSTS holds "{host}": name each host; .example.no stands for it and all below it.'
