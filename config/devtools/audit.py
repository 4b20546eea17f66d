"""`make audit`: asks a database of advisories about every package of the image. It needs a network.

Ends with 0 only if every locked package was looked up and nothing is known about any; with 1 if something is known;
with 2 if the question could not be answered, which says nothing about the packages. Arguments go to pip-audit.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from config.devtools.run_dir import ROOT

LOCK = ROOT / "requirements-image.txt"
# The lock is taken as it stands: nothing is resolved or installed, and each package must have its hash.
COMMAND = ["--requirement", str(LOCK), "--require-hashes", "--disable-pip", "--strict", "--progress-spinner", "off"]
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+) *(;?)", re.MULTILINE)


@dataclass
class Report:
    """What an audit came to, by package; `missing` holds what nobody was asked about."""

    known: dict[str, list[str]] = field(default_factory=dict)
    clean: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


def read(answer: str, lock: str) -> Report:
    """Hold what pip-audit wrote (JSON; nothing, if it gave up) against a lock."""
    report = Report()
    for entry in json.loads(answer)["dependencies"] if answer.strip() else []:
        name = entry["name"].lower()
        if vulnerabilities := entry.get("vulns"):
            report.known[f"{name} {entry['version']}"] = [
                f"{each['id']}, mended in {', '.join(each['fix_versions']) or 'no version yet'}"
                for each in vulnerabilities
            ]
        if "vulns" in entry:
            report.clean.add(name)
    # Those with a condition may be for other machines.
    needed = {match[1].lower() for match in _LOCKED.finditer(lock) if not match[3]}
    report.missing = needed - report.clean
    return report


def main() -> None:
    """End with the exit code that the head of this file tells."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "report.json"
        tool = [str(Path(sys.executable).parent / "pip-audit"), *COMMAND, "--format", "json", "--output", str(output)]
        done = subprocess.run([*tool, *sys.argv[1:]], cwd=ROOT, capture_output=True, text=True)
        report = read(output.read_text() if output.exists() else "", LOCK.read_text())
    for package, vulnerabilities in report.known.items():
        print(package, *vulnerabilities, sep="\n  ")
    if report.missing or (done.returncode and not report.known):
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        print(
            f"NOT AUDITED: nothing was learnt about {len(report.missing)} packages of {LOCK.name}. The database of "
            f"advisories may be out of reach from here. pip-audit says: {reason[:300]}",
            file=sys.stderr,
        )
        sys.exit(2)
    if report.known:
        sys.exit(f"Something is known about {len(report.known)} packages of {LOCK.name}.")
    print(f"Nothing is known about any of the {len(report.clean)} packages of {LOCK.name}.")


if __name__ == "__main__":
    main()
