"""Files of imports come in as they stream, onto the disk and not into memory, and only from who is logged in."""

import tempfile
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from config.kernel.errors import BodyBrokeOff, BodyTooLarge, BodyTooSlow
from config.kernel.middleware import brings_a_file, read_form
from config.kernel.problems import BODY_STATUSES
from config.kernel.streamed_body import announced_length, streamed
from config.kernel.transfers import TooManyTransfers, uploads
from config.staff.refusals import refused

MOST_BYTES = 32 * 1024 * 1024
MOST_MEGABYTES = MOST_BYTES // 1024 // 1024
_CHUNK = 65_536
_IN_MEMORY = 256 * 1024


class ImportBodyMiddleware:
    """Stands behind what says who somebody is, and before whatever looks into the form, as the CSRF check does.

    Who is not logged in gets no further than with any other form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not brings_a_file(request):
            return self.get_response(request)
        if not getattr(request.user, "is_staff", False):
            return read_form(request) or self.get_response(request)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            return _refusal(request, file) or self.get_response(request)


def _refusal(request: HttpRequest, file: Any) -> HttpResponse | None:
    """Why the body is not in the file; None where it is."""
    try:
        with uploads.taken(request.user.pk):
            _read(request, file)
    except (BodyTooLarge, BodyTooSlow, BodyBrokeOff) as error:
        return refused(request, _("The file was not read"), _told(error), BODY_STATUSES[type(error)])
    except TooManyTransfers as error:
        return refused(request, _("The file was not read"), str(error.detail), error.status_code)
    return None


def _read(request: Any, file: Any) -> None:
    """What Django parses the form from: the file, which holds all of the body.

    Raises:
        BodyTooLarge, BodyTooSlow, BodyBrokeOff: as they say.
    """
    if (announced_length(request) or 0) > MOST_BYTES:
        raise BodyTooLarge(MOST_BYTES)
    with streamed(request) as body:
        while chunk := body.read(_CHUNK):
            file.write(chunk)
            if file.tell() > MOST_BYTES:
                raise BodyTooLarge(MOST_BYTES)
    request.META["CONTENT_LENGTH"] = str(file.tell())
    file.seek(0)
    request._stream, request._read_started = file, False


def _told(error: Exception) -> str:
    if isinstance(error, BodyTooLarge):
        return _("It is larger than %(megabytes)s MB. Divide it; or have an operator import it by command.") % {
            "megabytes": MOST_MEGABYTES
        }
    return _("It came too slowly, or broke off. Try again.")
