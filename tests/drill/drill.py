"""One drill: each fault once, then faults at random until enough letters are out, then the comparison."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import LiteralString

from tests.acceptance.waiting import Stopwatch, until
from tests.drill import audit, faults
from tests.drill.audit import Finding
from tests.drill.faults import Fault
from tests.drill.field import Field
from tests.drill.sending import Sending
from tests.drill.stream import Stream
from tests.drill.table import table

LONGEST_RECOVERY_SECONDS = 30.0
_GIVE_UP_SECONDS = 180.0
# What beat starts each hour for bytes that are over a day old, some of which a killed web server leaves behind.
_A_DAY_LATER = """
from datetime import timedelta
from attachments import actions
from config.kernel import clock
actions.remove_orphans(now=clock.now() + timedelta(days=2), days=3)
"""

# Each with the seconds that it lasts.
EVERY_FAULT: Mapping[Fault, float] = {
    faults.web_process_killed: 6,
    faults.web_server_killed: 1,
    faults.worker_process_killed: 8,
    faults.worker_killed: 1,
    faults.broker_stopped: 5,
    faults.broker_killed: 5,
    faults.broker_frozen: 5,
    faults.broker_flushed: 5,
    faults.database_restarted: 4,
    faults.database_killed: 6,
    faults.database_frozen: 5,
    faults.beat_stopped: 60,
    faults.two_beats: 15,
    faults.disk_full: 8,
    faults.pool_exhausted: 6,
    faults.no_connection_left: 6,
}


@dataclass
class Report:
    """What a drill has found."""

    stream: Stream
    recoveries: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    findings: list[Finding] = field(default_factory=list)
    logs_with_tracebacks: list[str] = field(default_factory=list)

    @property
    def table(self) -> str:
        return table(self.stream, self.findings, self.recoveries)

    @property
    def faults(self) -> list[str]:
        """Sentences about all that is not as it must be; none after a good drill."""
        said = [f"{each.kind}: {each.what} ({each.phase})" for each in self.findings]
        said += [f"{log} holds a traceback" for log in self.logs_with_tracebacks]
        slow = {name: max(each) for name, each in self.recoveries.items() if max(each) > LONGEST_RECOVERY_SECONDS}
        return [*said, *(f"{name}: recovery took {seconds:.1f} s" for name, seconds in slow.items())]


class Drill:
    """The stream, the faults and the clock of one drill."""

    def __init__(self, field: Field, *, seed: int, say: Callable[[str], None], quiet: float = 2.0) -> None:
        """`quiet`: seconds between faults."""
        self._field, self._say, self._pause = field, say, quiet
        self._chance = random.Random(seed)
        self.report = Report(field.stream)

    def run(self, schedule: Mapping[Fault, float], *, letters: int) -> Report:
        """Each fault of the schedule once, then any of them until so many letters were accepted."""
        with self.report.stream.flowing():
            self._quiet()
            for fault, seconds in schedule.items():
                self._break(fault, seconds)
            while self.report.stream.letters < letters:
                fault = self._chance.choice(list(schedule))
                self._break(fault, min(schedule[fault], 8) * self._chance.uniform(0.3, 1.0))
        self._settle()
        return self.report

    def _quiet(self) -> None:
        self.report.stream.phase = "quiet"
        time.sleep(self._pause)

    def _break(self, fault: Fault, seconds: float) -> None:
        name = fault.__name__.replace("_", " ")
        self.report.stream.phase = name
        fault(self._field, seconds)
        took = self._recovery()
        self.report.recoveries[name].append(took)
        self._say(f"{name}: recovered after {took:.1f} s; {self.report.stream.letters} letters accepted so far")
        self._quiet()

    def _recovery(self) -> float:
        """Seconds until a new letter is accepted and out, and with it all that was due when the fault ended."""
        ended, watch = datetime.now(UTC), Stopwatch()  # noqa: TID251 - ours, not the service's
        canary = until(self._accepted, _GIVE_UP_SECONDS)
        until(lambda: self._field.books.overdue(ended) == 0 and self._is_out(canary.reference), _GIVE_UP_SECONDS)
        return watch.seconds

    def _accepted(self) -> Sending | None:
        """One letter more, if it was accepted; it is compared in the end like any other."""
        sending = self.report.stream.send_one()
        if sending.is_accepted:
            return sending
        time.sleep(0.1)
        return None

    def _is_out(self, reference: str) -> bool:
        sql: LiteralString = """
            SELECT bool_and(c.queue_state = 'done')
            FROM correspondence_correspondence c JOIN correspondence_mailing m ON c.mailing_id = m.id
            WHERE m.senders_reference = %s"""
        return bool(self._field.books.rows(sql, reference)[0][0])  # of none it is null

    def _settle(self) -> None:
        """Everything has its time, bytes that nobody names are removed, and then it is compared."""
        self._say("the stream has ended; waiting for the last letters")
        until(lambda: self._field.books.unfinished() == 0, _GIVE_UP_SECONDS)
        self._field.service.manage("shell", "--command", _A_DAY_LATER)
        self.report.findings = list(self.compare())
        self.report.logs_with_tracebacks = audit.log_faults(self._field.service.logs())

    def compare(self) -> Iterator[Finding]:
        """What was promised to whoever sent or read, against what there is."""
        yield from audit.findings(self.report.stream.sendings, self._field)
        for phase, answer in self.report.stream.reads:
            if answer.fault:
                yield Finding(phase, "wrong", answer.fault)
