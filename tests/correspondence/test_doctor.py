"""`manage.py doctor`: what is wrong, and what to do about it."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, Mailing
from correspondence.statuses import QueueState
from tests.clients import Client
from tests.commands import run
from tests.correspondence.pausing import pause
from tests.letters import letter
from tests.mail import sent, work

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
        self.findings = {finding["check"]: finding for finding in data["findings"]}

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

    for mailing in Mailing.objects.all():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
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
