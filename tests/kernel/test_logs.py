"""What a line of the logs is made of."""

import json
import logging
import logging.config

import pytest

from config.kernel import logs

LINE_ENDS = ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_text_of_a_client_ends_a_line(end: str) -> None:
    """Readers differ in what they take for the end of a line; a path may hold any of it."""
    formatter = logging.config.DictConfigurator({}).configure_formatter(
        logs.configuration("INFO")["formatters"]["json"]
    )
    path = f"/før{end}etter"

    line = formatter.format(logging.makeLogRecord({"msg": "request_answered", "path": path}))

    assert len(line.splitlines()) == 1
    assert json.loads(line)["path"] == path
    assert "/før" in line
