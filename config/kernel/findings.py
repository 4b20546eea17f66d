"""What an examination of the service finds, and how long it may take."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread
from time import monotonic

import structlog
from django.db import DatabaseError, InterfaceError, connections

MOST_COUNTED = 1_000  # rows that a check counts; beyond, more would tell nobody more

logger = structlog.get_logger(__name__)


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # somebody should look at it
    FAILED = "failed"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing, and what to do about it."""

    check: str
    state: State
    said: str
    cure: str = ""


Check = Callable[[], Iterable[Finding]]


def ok(check: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(check, State.OK, said)


def warning(check: str, said: str, cure: str) -> Finding:
    """Somebody should look at it."""
    return Finding(check, State.WARNING, said, cure)


def failed(check: str, said: str, cure: str) -> Finding:
    """Something does not work."""
    return Finding(check, State.FAILED, said, cure)


def many(count: int) -> str:
    """So many rows, in words that own up to where the counting ended."""
    return f"{count:,}" if count < MOST_COUNTED else f"{MOST_COUNTED:,} or more"


def examine(checks: Mapping[str, Check], seconds: float) -> list[Finding]:
    """What all of them find, in their order. They run side by side, and none is waited for longer than `seconds`.

    What a silent server has not answered by then is told as a failure; the thread that waits for it ends with the
    process.
    """
    runs = [_Run(name, check) for name, check in checks.items()]
    deadline = monotonic() + seconds
    return [finding for run in runs for finding in run.findings(deadline, seconds)]


class _Run:
    """One check in a thread of its own."""

    def __init__(self, name: str, check: Check) -> None:
        self._name, self._check = name, check
        self._found: list[Finding] = []
        self._thread = Thread(target=self._run, name=f"check {name}", daemon=True)
        self._thread.start()

    def findings(self, deadline: float, seconds: float) -> list[Finding]:
        self._thread.join(max(deadline - monotonic(), 0.0))
        found = list(self._found)
        if self._thread.is_alive():
            said = f"No answer within {seconds:g} s."
            found.append(failed(self._name, said, "See whether it runs, and whether this machine reaches it."))
        return found

    def _run(self) -> None:
        try:
            for finding in self._check():
                self._found.append(finding)
        except (DatabaseError, InterfaceError) as error:
            cure = "See whether it runs, DATABASE_URL, and whether all migrations are applied."
            self._found.append(failed(self._name, f"The database does not answer: {_line(error)}", cure))
        except Exception as error:
            logger.exception("check_failed", check=self._name)
            cure = "This is a fault of the check; the log has more."
            self._found.append(failed(self._name, f"{type(error).__name__}: {_line(error)}", cure))
        finally:
            connections.close_all()  # this thread's


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
