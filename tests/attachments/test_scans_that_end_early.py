"""A scan that cannot go on gives its file back: its worker is to end, or it has taken too long."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from struct import pack_into
from time import monotonic
from typing import Any
from uuid import UUID

import pytest

from attachments import actions
from attachments.models import Attachment
from config.kernel import clock, shutdown
from config.kernel import queue as kernel_queue
from tests.attachments.test_with_letters import awaiting_scan
from tests.clients import Client
from tests.messages import Messages
from tests.overrunning import RunOutOfTime

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def silent_scanner(settings: Any) -> Iterator[None]:
    """Takes the file and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as server:
        settings.CLAMAV_ADDRESS = f"127.0.0.1:{server.getsockname()[1]}"
        yield


@pytest.fixture
def worker_is_to_end() -> Iterator[None]:
    """For longer than a scan goes on after that."""
    pack_into("d", shutdown._begun_at, 0, monotonic() - 11)
    yield
    shutdown.forget()


def scan(attachment_id: UUID) -> bool:
    return actions.scan(attachment_id=attachment_id, clock=clock.now)


@pytest.mark.usefixtures("silent_scanner", "worker_is_to_end")
def test_a_worker_that_is_to_end_hands_the_file_over_to_another(
    sender: Client, settings: Any, messages: Messages
) -> None:
    attachment_id = awaiting_scan(sender, settings)

    with messages() as woken:
        assert scan(attachment_id) is False

    row = Attachment.objects.get()
    assert woken == {"scan": 1}
    assert (row.scan_leased_until, row.last_error) == (None, "")
    assert row.next_look_at is not None
    assert row.next_look_at <= clock.now()


@pytest.mark.usefixtures("silent_scanner")
@pytest.mark.timeout(60, method="thread")
def test_a_scan_that_took_too_long_is_noted_on_the_file_and_tried_again(
    sender: Client, settings: Any, run_out_of_time: RunOutOfTime
) -> None:
    attachment_id = awaiting_scan(sender, settings)

    run_out_of_time(0.5)
    with pytest.raises(kernel_queue.TookTooLong):
        scan(attachment_id)

    row = Attachment.objects.get()
    assert (row.scan_leased_until, row.last_error.partition(":")[0]) == (None, "SoftTimeLimitExceeded")
    assert row.next_look_at is not None
    assert row.next_look_at < clock.now() + timedelta(seconds=settings.SCAN_RETRY_SECONDS + 1)
