"""The WSGI application."""

import os

import django
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

# What the first request of each process would load otherwise, some 0.2 s: its views, and the broker's driver.
import kombu.transport.redis  # noqa: E402, F401
from django.conf import settings  # noqa: E402

import config.urls  # noqa: E402, F401
from config.kernel import tracing  # noqa: E402
from config.kernel.wsgi import StreamingWSGIHandler  # noqa: E402 - apps must be loaded first

if settings.MALWARE_SCANNER == "none":
    structlog.get_logger(__name__).warning("no_malware_scanner", effect="uploads are published unscanned")
if settings.SECURE_SSL_REDIRECT and not settings.BEHIND_TLS_PROXY:
    told = "behind a proxy that ends TLS every request is redirected for ever: set BEHIND_TLS_PROXY"
    structlog.get_logger(__name__).warning("plain_http_is_redirected", effect=told)

tracing.start("correspondence-web")  # before the handler takes the middleware from the settings
application = StreamingWSGIHandler()
