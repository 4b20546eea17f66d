#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from config.kernel.database import DatabaseBusy


def main() -> None:
    """Run the command. What its surroundings are at fault for is said in a sentence; with --traceback in full."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, DatabaseBusy) as error:
        if "--traceback" in sys.argv:
            raise
        text = str(error).strip()
        sys.exit(text + hint(text))


def hint(text: str) -> str:
    """What may be behind it; nothing where the sentence says all."""
    if "connection failed" in text:
        return "\nThe database is away: is make run up, or DATABASE_URL wrong?"
    if "DATABASE_URL is not set." in text:
        return "\nNo variables, or few: is make run up? While it is, its own fill in what is unset."
    return ""


if __name__ == "__main__":
    main()
