"""What a browser may do with our answers (Content-Security-Policy). The only module that knows django-csp."""

from collections.abc import Callable

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Of every answer that says nothing else: it is data, and nothing in it is to be loaded, run or framed.
DATA = {"default-src": [NONE], "frame-ancestors": [NONE]}
# Of pages for people. Styles may stand in the page: Swagger UI and Django's admin write them there.
PAGES = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}

page: Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]] = csp(PAGES)


class ContentPolicyMiddleware(CSPMiddleware):
    """Gives every answer a policy; those of the back-office, its error pages included, the one of pages."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None and request.path_info.startswith("/admin/"):
            parts.config = {**PAGES}
        return parts
