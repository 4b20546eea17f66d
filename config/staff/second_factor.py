"""The second factor: an authenticator app (TOTP), and recovery codes. The only module that knows django-otp."""

import secrets
from base64 import b32encode, b64encode
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import django_otp
import qrcode
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.dateformat import format as in_words
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

RECOVERY_CODES = 10
_OFFER_SECONDS = 1800  # to fetch the telephone and scan
_SALT = "staff.second_factor"
_APP, _CODES = "authenticator app", "recovery codes"


class WrongCode(ValidationError):
    """The code is none, was used, or is of another moment."""

    def __init__(self) -> None:
        super().__init__(_("That code is wrong, or was used before. Wait for the next one that the app shows."))


class TooManyWrongCodes(ValidationError):
    """Codes are not looked at for a while, each failure doubling the pause; `until` says how long."""

    def __init__(self, until: datetime) -> None:
        told = _("Too many wrong codes. None is looked at before %(time)s.")
        super().__init__(told, params={"time": in_words(localtime(until), "H:i:s")})


class OfferIsOver(ValidationError):
    """The key on the page was not ours to this user, is too old, or is in use already."""

    def __init__(self) -> None:
        super().__init__(_("This key can no longer be used. Scan the new one."))


def is_offered() -> bool:
    """Whether the service knows of second factors at all."""
    return bool(settings.ADMIN_SECOND_FACTOR != "off")


def is_set_up(user: Any) -> bool:
    """Whether the user has confirmed an app."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_passed(request: HttpRequest) -> bool:
    """Whether this session has shown a second factor that still counts."""
    return getattr(request.user, "otp_device", None) is not None


def suffices(request: HttpRequest) -> bool:
    """Whether nothing more than the password, or nothing more than was shown already, is asked of this session."""
    if is_passed(request) or not is_offered():
        return True
    return settings.ADMIN_SECOND_FACTOR == "optional" and not is_set_up(request.user)


class Offer:
    """A new key for an app, shown and not kept: what the page sends back is signed for this user."""

    def __init__(self, user: Any, host: str, key: str | None = None) -> None:
        self.key = key or secrets.token_hex(20)
        self.text = b32encode(bytes.fromhex(self.key)).decode()
        self.signed = signing.dumps({"user": user.pk, "key": self.key}, salt=_SALT)
        issuer = f"Correspondence {host}".replace(":", " ")
        label = quote(f"{issuer}:{user.get_username()}")
        self.url = f"otpauth://totp/{label}?{urlencode({'secret': self.text, 'issuer': issuer}, quote_via=quote)}"

    @property
    def grouped(self) -> str:
        """The key to type, in groups of four."""
        return " ".join(self.text[at : at + 4] for at in range(0, len(self.text), 4))

    @property
    def picture(self) -> str:
        """The address of a QR code: SVG, in itself."""
        svg: bytes = qrcode.make(self.url, image_factory=SvgPathImage).to_string()
        return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"


def accepted_key(user: Any, signed: str) -> str:
    """The key of an offer that came back.

    Raises:
        OfferIsOver: it is not an offer to this user, or not from the last half hour, or his app has it already.
    """
    try:
        offer = signing.loads(signed, salt=_SALT, max_age=_OFFER_SECONDS)
    except signing.BadSignature as error:
        raise OfferIsOver from error
    key: str = offer["key"]
    if offer["user"] != user.pk or TOTPDevice.objects.filter(user=user, key=key).exists():
        raise OfferIsOver
    return key


@transaction.atomic
def set_up(*, request: HttpRequest, key: str, code: str) -> list[str]:
    """Put an app with this key in the place of what the user had; answers his recovery codes. This session has passed.

    Raises:
        WrongCode: the app does not show this code; nothing has changed.
        OfferIsOver: there is another app by now, whose code this session has not shown.
    """
    user: Any = request.user
    get_user_model().objects.select_for_update().get(pk=user.pk)  # one at a time
    if is_set_up(user) and not is_passed(request):
        raise OfferIsOver
    TOTPDevice.objects.filter(user=user).delete()
    device = TOTPDevice.objects.create(user=user, key=key, name=_APP)
    if not device.verify_token(_plain(code)):
        raise WrongCode
    _pass(request, device)
    return renew_recovery_codes(user)


def verify(*, request: HttpRequest, code: str) -> None:
    """Take a code of the app, or a recovery code, which is gone afterwards. This session has passed.

    Raises:
        WrongCode: as it says; counted.
        TooManyWrongCodes: the code was not even looked at.
    """
    plain = _plain(code)
    kind = TOTPDevice if len(plain) == 6 else StaticDevice
    with transaction.atomic():  # the count of failures must stay
        device = kind.objects.select_for_update().filter(user=request.user, confirmed=True).first()
        if device is None:
            raise WrongCode
        allowed, why = device.verify_is_allowed()
        if not allowed:
            raise TooManyWrongCodes(why["locked_until"])
        right = device.verify_token(plain)
    if not right:
        raise WrongCode
    _pass(request, device)


@transaction.atomic
def renew_recovery_codes(user: Any) -> list[str]:
    """New recovery codes, ten; those before them are void. This is the only time that they can be shown."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name=_CODES)
    codes = [b32encode(secrets.token_bytes(5)).decode().lower() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def recovery_codes_left(user: Any) -> int:
    """How many recovery codes the user has not used."""
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def forget(user: Any) -> None:
    """Take app and recovery codes away."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _pass(request: HttpRequest, device: Any) -> None:
    """A new session key, so that one from before is worth no more than before."""
    request.session.cycle_key()
    django_otp.login(request, device)


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
