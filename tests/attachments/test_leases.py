"""Leases of work that takes long."""

import secrets
from typing import Any

import pytest
from django.db import OperationalError

from attachments.actions.leases import renewed
from config.kernel import trace
from tests.acceptance.waiting import until


def away() -> int:
    raise OperationalError("the server is gone")


def test_a_lease_that_is_not_renewed_is_told_with_the_trace_of_the_work(caplog: pytest.LogCaptureFixture) -> None:
    trace_id = secrets.token_hex(16)

    with trace.within(f"00-{trace_id}-{secrets.token_hex(8)}-01"), renewed(away, seconds=0.03):
        until(lambda: caplog.records)

    line: Any = caplog.records[0].msg
    assert (line["event"], line["trace_id"]) == ("lease_not_renewed", trace_id)
