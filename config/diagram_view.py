"""The state diagram of correspondences, as it is served."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

from config.kernel.problems import read_only
from correspondence import diagram

# It is opened by itself, and styled by what it holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@read_only
@cache_control(public=True, max_age=3600)
@conditional_page
def status_diagram(request: HttpRequest) -> HttpResponse:
    """SVG, made from the table of transitions of the code that runs."""
    return HttpResponse(diagram.svg(), content_type="image/svg+xml", headers={"Content-Security-Policy": _POLICY})
