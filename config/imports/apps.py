"""Imports of files in the back-office."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """What is common to the imports of all registers."""

    name = "config.imports"
    label = "imports"
