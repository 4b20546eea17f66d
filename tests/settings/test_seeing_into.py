"""What keeps metrics and traces from being had stops the start with a sentence."""

import socket

import pytest

from tests.starting import run_program, start


@pytest.mark.parametrize("missing", ["opentelemetry", "opentelemetry.instrumentation"])
def test_an_address_for_traces_without_the_packages_is_refused(missing: str) -> None:
    before = f"""
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "{missing}" else find(name, package)
"""
    answer = start({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, before=before)

    assert "OTEL_EXPORTER_OTLP_ENDPOINT needs the packages of the extra otel" in answer


def test_a_port_for_metrics_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_program(f"from config.kernel import exporter; exporter.serve_readings('127.0.0.1', {port}, [])", {})

    assert done.returncode == 1
    assert f"METRICS_PORT: 127.0.0.1:{port} cannot be listened on: Address already in use." in done.stderr
