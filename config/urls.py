"""Every path of the service."""

from collections.abc import Callable

from django.contrib import admin
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import include, path, reverse
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from config.diagram_view import status_diagram
from config.kernel import health, problems
from config.kernel.content_policy import page
from config.schema_view import SchemaView
from config.staff import refusals

handler400 = problems.bad_request
handler403 = refusals.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
got_request_exception.connect(problems.log_uncaught, dispatch_uid="log_uncaught")


admin.site.site_header = admin.site.site_title = "Correspondence"


@problems.read_only
def home(request: HttpRequest) -> HttpResponseRedirect:
    """People who open the bare address want the documentation."""
    return HttpResponseRedirect(reverse("docs"))


def _health(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    return never_cache(problems.read_only(view))


urlpatterns = [
    path("", home),
    path("correspondence/api/v1/schema", SchemaView.as_view(), name="schema"),
    # Its own answer to OPTIONS is an error.
    path(
        "correspondence/api/v1/docs",
        problems.read_only(page(SpectacularSwaggerSplitView.as_view(url_name="schema"))),
        name="docs",
    ),
    path("correspondence/api/v1/docs/statuses.svg", status_diagram),
    path("correspondence/api/v1/", include("attachments.urls")),
    path("correspondence/api/v1/", include("correspondence.urls")),
    path("health/live", _health(health.live)),
    path("health/ready", _health(health.ready)),
    path("health", _health(health.contract_health)),
    path("healthz", _health(health.contract_health)),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
]
