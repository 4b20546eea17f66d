"""What a line of the logs is made of."""

import json
import logging
import logging.config
import sys
import traceback
from typing import Any

import pytest

from config.kernel import logs

LINE_ENDS = ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]


def written(record: dict[str, Any]) -> str:
    """The line that becomes of such a record of Python's logging."""
    formatter = logging.config.DictConfigurator({}).configure_formatter(
        logs.configuration("INFO")["formatters"]["json"]
    )
    return formatter.format(logging.makeLogRecord(record))


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_text_of_a_client_ends_a_line(end: str) -> None:
    """Readers differ in what they take for the end of a line; a path may hold any of it."""
    path = f"/før{end}etter"

    line = written({"msg": "request_answered", "path": path})

    assert len(line.splitlines()) == 1
    assert json.loads(line)["path"] == path
    assert "/før" in line


def test_a_failed_task_tells_its_stack_trace_once() -> None:
    """Celery gives it twice: as what was raised, and in `data`."""
    try:
        raise ValueError("a fault of ours")
    except ValueError:
        raised, told = sys.exc_info(), traceback.format_exc()

    line = written({"msg": "Task raised", "exc_info": raised, "data": {"traceback": told}})

    assert line.count("Traceback") == 1
