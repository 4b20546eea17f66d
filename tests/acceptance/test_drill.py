"""A short fault drill (`make drill` is the long one), and whether a drill would notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import LiteralString

import pytest
import requests

from tests.acceptance.waiting import show
from tests.drill import faults
from tests.drill.drill import Drill
from tests.drill.faults import Fault
from tests.drill.field import Field, laid_out
from tests.drill.sending import answer_of
from tests.drill.stream import Load

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SEED = 4711
SCHEDULE: Mapping[Fault, float] = {
    faults.web_process_killed: 2,
    faults.worker_process_killed: 2,
    faults.broker_killed: 1,
    faults.broker_flushed: 1,
    faults.database_killed: 3,
    faults.disk_full: 2,
    faults.pool_exhausted: 3,
}


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    folder = tmp_path_factory.mktemp("drill")
    with laid_out(folder, durable=False, load=Load(60, SEED, latest=5)) as field:
        yield field


@pytest.fixture(scope="module")
def drill(field: Field) -> Drill:
    has_disk = field.service.has_disk
    schedule = {fault: seconds for fault, seconds in SCHEDULE.items() if has_disk or fault != faults.disk_full}
    drill = Drill(field, seed=SEED, say=show, quiet=0.3)
    drill.run(schedule, letters=0)
    return drill


def test_nothing_is_lost_doubled_or_wrong_while_parts_break(drill: Drill) -> None:
    show(drill.report.table)

    assert drill.report.faults == []
    assert drill.report.stream.letters > 300
    assert len(drill.report.recoveries) >= len(SCHEDULE) - 1


def test_some_requests_were_hit(drill: Drill) -> None:
    statuses = Counter(answer.status for sending in drill.report.stream.sendings for answer in sending.answers)

    assert statuses[503] > 0
    assert statuses[200] > statuses[503]


LETTER: LiteralString = "(SELECT id FROM correspondence_correspondence ORDER BY id LIMIT 1)"
FIRST: LiteralString = "(SELECT senders_reference FROM correspondence_mailing ORDER BY id LIMIT 1)"
FILE: LiteralString = "(SELECT attachment_id FROM correspondence_mailingattachment ORDER BY id LIMIT 1)"
SECOND: LiteralString = "(SELECT id FROM correspondence_mailing ORDER BY id OFFSET 1 LIMIT 1)"
TAMPERED: dict[str, tuple[LiteralString, str]] = {
    "a letter that never went out": (
        f"DELETE FROM correspondence_statusevent WHERE status = 2 AND correspondence_id = {LETTER}",
        "lost",
    ),
    "a letter that went out too early": (
        f"UPDATE correspondence_statusevent SET at = at - interval '1 day' WHERE correspondence_id = {LETTER}",
        "wrong",
    ),
    "a status that the history does not hold": (
        f"UPDATE correspondence_correspondence SET status = 4, statuses_seen = 23 WHERE id = {LETTER}",
        "wrong",
    ),
    "a step that its history lacks": (
        f"""
        DELETE FROM correspondence_statusevent WHERE status = 1 AND correspondence_id = {LETTER};
        UPDATE correspondence_correspondence SET statuses_seen = statuses_seen & ~2 WHERE id = {LETTER}""",
        "wrong",
    ),
    "a letter without its file": (
        f"DELETE FROM correspondence_mailingattachment WHERE attachment_id = {FILE}",
        "lost",
    ),
    "a file that was taken in, and is not there": (
        f"UPDATE attachments_attachment SET status = 4 WHERE id = {FILE}",
        "lost",
    ),
    "a mailing that nobody has sent": (
        f"UPDATE correspondence_mailing SET senders_reference = 'nobody' WHERE senders_reference = {FIRST}",
        "wrong",
    ),
    "a mailing that is there twice": (
        f"UPDATE correspondence_mailing SET senders_reference = {FIRST} WHERE id = {SECOND}",
        "doubled",
    ),
}


@pytest.mark.parametrize(("change", "kind"), TAMPERED.values(), ids=TAMPERED)
def test_a_drill_notices(drill: Drill, field: Field, change: LiteralString, kind: str) -> None:
    with field.books.tampered_with(change):
        assert kind in {finding.kind for finding in drill.compare()}


def test_a_drill_notices_bytes_that_are_gone(drill: Drill, field: Field) -> None:
    some = next(path for path in field.service.disk.rglob("*") if path.is_file())
    content = some.read_bytes()
    some.unlink()
    try:
        assert [finding.kind for finding in drill.compare()] == ["lost"]
    finally:
        some.write_bytes(content)


def test_a_drill_notices_bytes_that_were_cut_short(drill: Drill, field: Field) -> None:
    sizes = {size for sending in drill.report.stream.sendings for size in sending.attachments.values()}
    some = next(path for path in field.service.disk.rglob("*") if path.is_file() and path.stat().st_size in sizes)
    content = some.read_bytes()
    some.write_bytes(content[:-1])
    try:
        assert [finding.kind for finding in drill.compare()] == ["lost"]
    finally:
        some.write_bytes(content)


def test_a_drill_notices_an_answer_of_200_that_was_never_true(drill: Drill) -> None:
    keyed = next(sending for sending in drill.report.stream.sendings if sending.key and sending.ids)
    keyed.ids.append("00000000-0000-7000-8000-000000000000")
    try:
        assert [finding.kind for finding in drill.compare()] == ["lost"]
    finally:
        keyed.ids.pop()


@pytest.mark.parametrize("status", [400, 404, 409, 429, 500])
def test_a_drill_notices_a_refusal_that_nobody_deserves(status: int) -> None:
    refusal = requests.Response()
    refusal.status_code, refusal._content = status, b'{"errorCode": 1}'

    assert answer_of(refusal, 0.1).fault


def test_a_drill_notices_bytes_that_belong_to_nobody(drill: Drill, field: Field) -> None:
    stray = field.service.disk / "stray"
    stray.write_bytes(b"x")
    try:
        assert [finding.kind for finding in drill.compare()] == ["wrong"]
    finally:
        stray.unlink()
