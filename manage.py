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
        hint = "\nThe database is away: is make run up, or DATABASE_URL wrong?" if "connection failed" in text else ""
        sys.exit(text + hint)


if __name__ == "__main__":
    main()
