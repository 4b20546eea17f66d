"""Spans for OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT says whereto. Needs the extra `otel` (docs/monitoring.md).

To be started in the process that works, after the fork: what sends spans is a thread.
"""

import os
from typing import TYPE_CHECKING

from django.conf import settings

from config.kernel import trace

if TYPE_CHECKING:
    from config.kernel.spans import Spans

# Read by OpenTelemetry as it is imported.
_PROBES_AND_FILES = "/health,/static"

_started: list["Spans"] = []


def start(service: str) -> None:
    """Spans of this process are sent from here on, if they are to be sent at all. Twice is once."""
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT and not _started:
        os.environ.setdefault("OTEL_PYTHON_DJANGO_EXCLUDED_URLS", _PROBES_AND_FILES)
        from config.kernel.spans import Spans  # noqa: PLC0415 - what it imports is there only where it is chosen

        spans = Spans(service)
        _started.append(spans)
        trace.follow(spans)


def stop() -> None:
    """What has been traced is sent before the process ends."""
    while _started:
        _started.pop().stop()
