"""The WSGI application."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.kernel.wsgi import StreamingWSGIHandler  # noqa: E402 - apps must be loaded first

application = StreamingWSGIHandler()
