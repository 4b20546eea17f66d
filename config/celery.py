"""The Celery application. Messages are wake-ups; the queue itself is in PostgreSQL (docs/architecture.md)."""

import os
import sys
from pathlib import PurePath

from celery import Celery

from config.kernel import tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Celery reads the settings before it sends its first signal, and everything of ours imports this module: only the
# command line tells whether this is a worker.
if "celery" in PurePath(sys.argv[0]).parts and "worker" in sys.argv:
    os.environ.setdefault("PROCESS_KIND", "worker")

app = Celery("correspondence")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
tasks.connect()
