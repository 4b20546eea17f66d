"""`manage.py doctor`: what is wrong, and what to do about it."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.core.management import call_command
from django.db import connection

from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import clock, surroundings
from correspondence import actions
from correspondence.models import Correspondence, Mailing
from correspondence.statuses import QueueState
from tests.clients import Client
from tests.commands import run
from tests.correspondence.pausing import pause
from tests.files import uploaded
from tests.letters import letter, organizations
from tests.mail import sent, with_file, work

# The checks look with connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)


IN_ORDER = (
    "database",
    "migrations",
    "long transactions",
    "connections",
    "broker",
    "messages",
    "storage",
    "scanner",
    "beat",
    "mailings",
    "due letters",
    "set aside",
    "pauses",
    "files",
    "settings",
)


class Doctor:
    """One call of the command."""

    def __init__(self) -> None:
        output = StringIO()
        with pytest.raises(SystemExit) as end:
            call_command("doctor", "--json", stdout=output)
        self.exit_code = end.value.code
        data: dict[str, Any] = json.loads(output.getvalue())
        self.state = data["state"]
        self.every = data["findings"]
        self.findings = {finding["check"]: finding for finding in self.every}

    def says(self, check: str) -> tuple[str, str]:
        return self.findings[check]["state"], self.findings[check]["said"]


def long_ago() -> Any:
    return clock.now() - timedelta(minutes=11)


def test_without_a_worker_it_fails_and_says_how_to_start_one() -> None:
    doctor = Doctor()

    assert (doctor.exit_code, doctor.state) == (2, "failed")
    assert doctor.says("workers") == ("failed", "No worker answers.")
    assert "--queues queue,publish,sweep,maintenance,scan" in doctor.findings["workers"]["cure"]


def test_what_is_in_order_is_told_too(attachments_folder: Path) -> None:
    actions.sweep(now=clock.now())

    doctor = Doctor()

    for check in IN_ORDER:
        assert doctor.says(check)[0] == "ok", doctor.says(check)
    assert [path for path in attachments_folder.rglob("*") if path.is_file()] == []


def test_a_beat_that_has_stopped_is_told() -> None:
    assert Doctor().says("beat") == ("failed", "No sweep has ever run.")

    actions.sweep(now=long_ago())

    state, said = Doctor().says("beat")
    assert state == "failed"
    assert said.startswith("The last sweep ran 66")


def test_letters_that_are_stuck_are_told_by_kind_and_id(sender: Client) -> None:
    [waiting] = sent(sender)
    Mailing.objects.update(created_at=long_ago())
    assert str(Mailing.objects.get().pk) in Doctor().says("mailings")[1]
    assert Doctor().says("mailings")[0] == "failed"
    assert "`task_failed`" in Doctor().findings["mailings"]["cure"]

    work_up_to_queued()
    Correspondence.objects.update(due_at=long_ago(), next_try_at=long_ago())
    state, said = Doctor().says("due letters")
    assert (state, waiting in said) == ("failed", True)

    Correspondence.objects.update(queue_state=QueueState.SET_ASIDE, last_error="Ukjent 01818517641")
    doctor = Doctor()
    assert doctor.says("set aside") == (
        "warning",
        f"1 letters were given up on after repeated errors, {waiting}: Ukjent ***********",
    )
    assert "queue retry --all" in doctor.findings["set aside"]["cure"]


def test_a_pause_is_a_warning_and_its_letters_are_none(sender: Client) -> None:
    pause("--owner", "fjordby", reason="Feil logo")
    sent(sender, letter())
    work()
    Correspondence.objects.update(due_at=long_ago(), next_try_at=long_ago())

    doctor = Doctor()

    assert doctor.says("due letters")[0] == "ok"
    assert doctor.says("pauses")[0] == "warning"
    assert "Feil logo" in doctor.says("pauses")[1]
    assert doctor.findings["pauses"]["cure"].endswith(": python manage.py queue resume --owner 312295202")


def test_an_error_of_several_lines_is_told_on_one(sender: Client) -> None:
    """The database's own errors have a second line."""
    sent(sender)
    Correspondence.objects.update(queue_state=QueueState.SET_ASIDE, last_error="DataError: x\nCONTEXT:  y")
    output = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=output)

    [line] = [line for line in output.getvalue().splitlines() if "set aside" in line]
    assert line.endswith(": DataError: x CONTEXT: y")
    assert run("queue", "retry", "--all", "--dry-run").endswith("  DataError: x CONTEXT: y")


def test_a_storage_that_refuses_is_told(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.ATTACHMENTS_DIR = tmp_path / "file"

    assert Doctor().says("storage")[0] == "failed"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


def test_a_scanner_and_a_broker_that_say_nothing_are_told(settings: Any, silent_port: int) -> None:
    settings.MALWARE_SCANNER, settings.CLAMAV_ADDRESS = "clamav", f"127.0.0.1:{silent_port}"
    settings.REDIS_URL = f"redis://127.0.0.1:{silent_port}/0"

    doctor = Doctor()

    assert doctor.says("scanner")[0] == "failed"
    assert doctor.says("broker")[0] == "failed"
    assert doctor.says("database")[0] == "ok"


def test_letters_that_are_a_little_late_or_tried_again_are_warnings(sender: Client) -> None:
    [late, failing] = sent(sender, letter(*organizations(2)))
    work_up_to_queued()
    soon = clock.now() - timedelta(minutes=2)
    Correspondence.objects.update(due_at=soon, next_try_at=soon)
    again = {"attempts": 1, "last_error": "Sprengt", "next_try_at": clock.now() + timedelta(hours=1)}
    Correspondence.objects.filter(pk=failing).update(**again)

    doctor = Doctor()

    assert doctor.says("due letters")[0] == "warning"
    assert late in doctor.says("due letters")[1]
    assert doctor.says("letters with errors") == (
        "warning",
        f"1 letters are tried again after an error, {failing}: Sprengt",
    )


def work_up_to_queued() -> None:
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())


def test_files_that_nobody_looks_at_are_told_and_so_are_the_letters_that_wait_for_them(
    sender: Client,
) -> None:
    attachment_id = uploaded(sender)
    sent(sender, with_file(attachment_id))
    Mailing.objects.update(created_at=clock.now() - timedelta(minutes=16))
    unscanned = {"status": AttachmentStatus.UPLOAD_PROCESSING, "last_error": "ClamAV is away"}
    Attachment.objects.update(next_look_at=long_ago(), **unscanned)

    doctor = Doctor()

    assert doctor.says("mailings")[0] == "ok"
    assert doctor.says("mailings with files")[0] == "warning"
    assert str(Mailing.objects.get().pk) in doctor.says("mailings with files")[1]
    assert doctor.says("files")[0] == "failed"
    assert attachment_id in doctor.says("files")[1]
    assert doctor.says("file errors") == (
        "warning",
        f"1 files are tried again after an error, attachment {attachment_id}: ClamAV is away",
    )


def test_a_clock_of_this_machine_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    right = clock.now
    monkeypatch.setattr(clock, "now", lambda: right() + timedelta(minutes=1))

    doctor = Doctor()

    assert {doctor.says(f"clock of the {part}")[0] for part in ("database", "broker")} == {"failed"}


def test_too_few_connections_and_a_transaction_that_does_not_end_are_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEB_WORKERS = 1_000
    monkeypatch.setattr(surroundings, "_LONG_TRANSACTION", 0)
    where = connection.settings_dict
    with psycopg.connect(settings.DATABASE_URL, dbname=where["NAME"], application_name="forgotten") as somebody:
        somebody.execute("SELECT 1")

        doctor = Doctor()

    assert doctor.says("connections")[0] == "warning"
    # Among others, it may be, that the same check tells of.
    [forgotten] = [each for each in doctor.every if "(forgotten, idle in transaction)" in each["said"]]
    assert (forgotten["check"], forgotten["state"]) == ("long transactions", "warning")


def test_a_broker_that_drops_messages_and_a_queue_that_grows_are_told(settings: Any) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        before: Any = broker.config_get("maxmemory*")
        broker.config_set("maxmemory", "1gb")
        broker.config_set("maxmemory-policy", "allkeys-lru")
        broker.delete("maintenance")  # what tests before this one left there
        broker.lpush("maintenance", *["x"] * 1_001)
        try:
            doctor = Doctor()
        finally:
            broker.delete("maintenance")
            for name in ("maxmemory", "maxmemory-policy"):
                broker.config_set(name, before[name])

    assert doctor.says("memory of the broker")[0] == "warning"
    assert doctor.says("messages")[0] == "warning"
    assert "maintenance 1001" in doctor.says("messages")[1]
