"""Whoever reads the back-office reads it in his language and in local time; all else stays English, and UTC.

The language is the one that the user has chosen on a page (a cookie), or else the first one of his browser's that we
speak. Commands, workers, logs and the wire know nothing of it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as _set_language


class BackOfficeLanguageMiddleware:
    """Runs requests to the back-office in the reader's language and time zone.

    Stands before whatever may answer with words.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        language = language_of(request)
        with _spoken(language):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            # Its pieces are made when we have returned long since.
            pieces: Any = response.streaming_content
            response.streaming_content = _each_spoken(language, iter(pieces))
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def language_of(request: HttpRequest) -> str:
    """One of LANGUAGES; English where the browser asks for none of them."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        return chosen
    for asked, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            # Many browsers still say "no", which is what was bokmål before there were names for both.
            return get_supported_language_variant("nb" if asked.partition("-")[0] == "no" else asked)
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)


# By POST only, as whatever is remembered. It leads back to where the form stood, and nowhere else.
set_language = require_POST(_set_language)


@contextmanager
def _spoken(language: str) -> Iterator[None]:
    with translation.override(language), timezone.override(settings.BACK_OFFICE_TIME_ZONE):
        yield


def _each_spoken(language: str, pieces: Iterator[Any]) -> Iterator[Any]:
    try:
        while True:
            with _spoken(language):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
