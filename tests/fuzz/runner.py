"""Runs schemathesis for one kind of caller after another, and adds up what the hooks noted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from config.devtools import processes
from config.devtools.run_dir import ROOT
from tests.acceptance.service import SHELL, Service
from tests.fuzz.base import Base
from tests.fuzz.callers import Caller

HERE = Path(__file__).parent
OPTIONS = ["--workers", "1", "--no-shrink", "--continue-on-failure", "--generation-database", "none", "--no-color"]
# Else each case brings made-up platform tokens: a bad one beside a good bearer token is 403, before anything is read.
OPTIONS += ["--generation-with-security-parameters", "false"]
OPTIONS += ["--warnings", "off", "--output-sanitize", "false", "--suppress-health-check", "all"]


@dataclass(frozen=True)
class Finding:
    """Something that the service should not have answered, and how to ask for it again."""

    operation: str
    caller: str
    title: str
    message: str
    curl: str = ""


@dataclass
class Result:
    """All answers by operation and status, and all findings."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def cases(self) -> Counter[str]:
        """How many requests each operation answered."""
        counts: Counter[str] = Counter()
        for (operation, _), count in self.statuses.items():
            counts[operation] += count
        return counts

    def add(self, notes: Path) -> int:
        """Take in what the hooks noted; answers how many findings that were."""
        noted = json.loads(notes.read_text())
        for operation, status, count in noted["statuses"]:
            self.statuses[operation, status] += count
        self.findings += [Finding(**each) for each in noted["findings"]]
        return len(noted["findings"])


class Fuzzer:
    """The tool, aimed at one service."""

    def __init__(self, service: Service, folder: Path, seed: int) -> None:
        self.service, self.folder, self.seed = service, folder, seed
        self.result = Result()

    def run(self, caller: Caller, base: Base, cases: int, phases: str) -> None:
        """That many cases for each operation as this caller. If the tool ends oddly, that is a finding too."""
        pool, notes, output = (self.folder / f"{caller.name}.{end}" for end in ("pool", "notes", "txt"))
        base.write(pool)
        environment = {
            **SHELL,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
            "FUZZ_POOL": str(pool),
            "FUZZ_NOTES": str(notes),
            "FUZZ_CALLER": caller.name,
        }
        with output.open("wb") as log:
            done = subprocess.Popen(
                self.command(caller, cases, phases),
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it only calls prctl
            )
            code = done.wait()
        found = self.result.add(notes) if notes.exists() else 0
        if code != 0 and not found:
            tail = "\n".join(output.read_text(errors="replace").splitlines()[-40:])
            self.result.findings.append(Finding("-", caller.name, f"schemathesis ended with {code}", tail))

    def command(self, caller: Caller, cases: int, phases: str) -> list[str]:
        """Give the command line."""
        schemathesis = ["nice", "-n", "10", str(Path(sys.executable).parent / "schemathesis")]
        where = ["--config-file", str(HERE / "schemathesis.toml"), "run", f"{self.service.api_url}/schema/"]
        how = ["--max-examples", str(cases), "--seed", str(self.seed), "--phases", phases]
        return [*schemathesis, *where, *how, *OPTIONS, *(["--header", caller.header] if caller.header else [])]
