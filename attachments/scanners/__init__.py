"""Malware scanners, behind one small port."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from attachments.scanners.clamav import ClamAV
from attachments.scanners.port import Scanner

_CHOICES = '"clamav", or "none" to publish files unscanned'


def scanner() -> Scanner | None:
    """The scanner that MALWARE_SCANNER names; None where files are published at once.

    Raises:
        ImproperlyConfigured: it names none that there is, or nothing at all: outside development there is no default.
    """
    match settings.MALWARE_SCANNER:
        case "none":
            return None
        case "clamav":
            return ClamAV(settings.CLAMAV_ADDRESS, settings.CLAMAV_TIMEOUT_SECONDS)
        case "":
            raise ImproperlyConfigured(f"MALWARE_SCANNER is not set: choose {_CHOICES}.")
        case unknown:
            raise ImproperlyConfigured(f'MALWARE_SCANNER is "{unknown}": choose {_CHOICES}.')
