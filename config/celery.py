"""The Celery application. Messages are wake-ups; the queue itself is in PostgreSQL (docs/architecture.md)."""

import os

from celery import Celery

from config.kernel import tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("correspondence")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
tasks.connect()
