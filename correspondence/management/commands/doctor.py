"""Say what is wrong with the service and what it stands on, and what to do about it."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from attachments import checkup as files
from config.kernel import surroundings
from config.kernel.findings import Finding, State, examine
from config.kernel.masking import mask_person_numbers, masked
from correspondence import checkup as letters

SECONDS = 10.0
CHECKS = {
    "database": surroundings.database,
    "broker": surroundings.broker,
    "storage": files.stored,
    "scanner": files.scanner,
    "letters": letters.letters,
    "files": files.files,
    "settings": surroundings.configuration,
}
EXIT_CODES = {State.OK: 0, State.WARNING: 1, State.FAILED: 2}


class Command(BaseCommand):
    """`manage.py doctor`"""

    help = (
        "Examine database, broker, workers, storage, scanner, queue and settings, and say for each what to do. Ends "
        "within seconds whatever is silent. Exit code: 0 all in order, 1 warnings, 2 something does not work."
    )
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine(CHECKS, SECONDS)
        worst = max((finding.state for finding in found), key=EXIT_CODES.__getitem__)
        if options["json"]:
            data = {"state": worst, "findings": [asdict(finding) for finding in found]}
            self.stdout.write(json.dumps(masked(data), ensure_ascii=False))
        else:
            self._say(found)
        sys.exit(EXIT_CODES[worst])

    def _say(self, found: Sequence[Finding]) -> None:
        width = max(len(finding.check) for finding in found)
        for finding in found:
            state = finding.state if finding.state is State.OK else finding.state.upper()
            said = " ".join(finding.said.split())  # errors of the database have several lines
            self.stdout.write(mask_person_numbers(f"{state:8} {finding.check:{width}}  {said}"))
            if finding.cure:
                self.stdout.write(f"{'':8} {'':{width}}  -> {finding.cure}")
