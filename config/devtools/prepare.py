"""Makes database, static files and demo data ready, then prints a token: four commands for the price of one start."""

import hashlib
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from config.devtools.welcome import SENDER


def main() -> None:
    """Leave everything as the web server needs it. Only the token goes to standard output."""
    django.setup()
    call_command("migrate", interactive=False, stdout=sys.stderr)
    collect_static()
    call_command("load_demo", stdout=sys.stderr)
    call_command("token", org=SENDER)


def collect_static() -> None:
    """Collect and compress the static files, unless those collected last time came from the very same ones."""
    note = Path(f"{settings.STATIC_ROOT}.sources")
    sources = static_sources()
    if Path(settings.STATIC_ROOT).exists() and note.exists() and note.read_text() == sources:
        return
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, stdout=sys.stderr)
    note.write_text(sources)


def static_sources() -> str:
    """Give a digest that changes with any static file of any app, without reading them."""
    found = [Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])]
    facts = sorted(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in found)
    return hashlib.sha256("\n".join([*facts, str(settings.STORAGES)]).encode()).hexdigest()


if __name__ == "__main__":
    main()
