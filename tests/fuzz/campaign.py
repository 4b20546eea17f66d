"""One run from start to end: the service, what it holds, every kind of caller, and the look at what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.acceptance.service import Service, running
from tests.fuzz import aftermath
from tests.fuzz.base import Filling, register
from tests.fuzz.callers import DialogIssuer, callers
from tests.fuzz.runner import Finding, Fuzzer, Result

# One web process: its requests then meet the same memory, and the machine has room for others.
SETTINGS = {"WEB_WORKERS": "1", "WORKER_CONCURRENCY": "1", "SWEEP_EVERY_SECONDS": "1"}

# The cases of the phase `coverage` are the same for everybody, and as many as the schemas have limits.
FUZZING, ALL_PHASES = "fuzzing,stateful", "examples,coverage,fuzzing,stateful"


def run(
    folder: Path,
    *,
    cases: int,
    seed: int,
    only: Sequence[str] = (),
    thorough: Sequence[str] = ("sender", "organisation"),
    say: Callable[[str], None] = lambda text: None,
) -> Result:
    """Make at least that many cases for each operation over all kinds of callers, or the share of those in `only`.

    Those in `thorough` also try every limit of every schema. The folder keeps the logs of the service, and what
    schemathesis said.
    """
    dialogs = DialogIssuer(folder)
    with running(Service(folder, **SETTINGS, **dialogs.settings)) as service:
        register(service, folder)
        fuzzer = Fuzzer(service, folder, seed)
        filling, those = Filling(service), callers(service, dialogs, only)
        for caller in those:
            wanted = caller.cases(cases)
            base = filling.fill(wanted)
            say(f"{caller.name}: {wanted} cases for each operation")
            fuzzer.run(caller, base, wanted, ALL_PHASES if caller.name in thorough else FUZZING)
        result = fuzzer.result
        result.findings += aftermath.findings(service)
    result.findings += _too_few(result, sum(caller.cases(cases) for caller in those))
    return result


def _too_few(result: Result, cases: int) -> list[Finding]:
    """A run that did not call what it should have called has shown nothing."""
    return [
        Finding(operation, "all", "too few cases", f"{count} of {cases}")
        for operation, count in result.cases().items()
        if count < cases
    ]
