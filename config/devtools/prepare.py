"""Makes database, static files and demo data ready, then prints a token: four commands, one start."""

import sys

import django
from django.core.management import call_command

DEMO_SENDER = "991825827"


def main() -> None:
    """Leave everything as the web server needs it. Only the token goes to standard output."""
    django.setup()
    call_command("migrate", interactive=False, stdout=sys.stderr)
    call_command("collectstatic", interactive=False, stdout=sys.stderr)
    call_command("load_demo", stdout=sys.stderr)
    call_command("token", org=DEMO_SENDER)


if __name__ == "__main__":
    main()
