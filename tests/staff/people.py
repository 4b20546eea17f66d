"""People of the back-office, who log in as people do."""

import re
import time
from base64 import b32decode
from html import unescape
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django_otp.oath import TOTP

PASSWORD = "correct horse battery staple"
LOGIN, SECOND, SET_UP, CODES = (
    "/admin/login/",
    "/admin/second-factor/",
    "/admin/second-factor/set-up/",
    "/admin/second-factor/recovery-codes/",
)


def person(name: str = "kari", **facts: Any) -> Any:
    """A superuser, unless the facts say otherwise."""
    return get_user_model().objects.create_user(
        name, password=PASSWORD, **{"is_staff": True, "is_superuser": True, **facts}
    )


def log_in(client: Client, name: str = "kari", password: str = PASSWORD, **headers: Any) -> Any:
    return client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"}, **headers)


def code(key: str, step: int = 0) -> str:
    """What an app with this key (as it is typed in) shows `step` half minutes from now."""
    totp = TOTP(b32decode(key))
    totp.time = time.time() + 30 * step
    return f"{totp.token():06d}"


def offered(page: Any) -> tuple[str, str]:
    """The key that a page offers: as it is typed in, and as the form sends it back."""
    text = page.content.decode()
    typed = re.search(r"<code>([A-Z2-7 ]+)</code>", text)
    signed = re.search(r'name="key" value="([^"]+)"', text)
    assert typed
    assert signed
    return typed[1].replace(" ", ""), unescape(signed[1])


def set_up(client: Client) -> tuple[str, list[str]]:
    """Sets up the second factor of who is logged in; gives its key and the recovery codes."""
    key, signed = offered(client.get(SET_UP))
    shown = client.post(SET_UP, {"key": signed, "code": code(key)})
    assert shown.status_code == 200
    return key, recovery_codes(shown)


def recovery_codes(page: Any) -> list[str]:
    return re.findall(r"<code>([a-z2-7]{4}-[a-z2-7]{4})</code>", page.content.decode())


def is_inside(client: Client) -> bool:
    return client.get("/admin/").status_code == 200
