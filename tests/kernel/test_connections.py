"""Web and workers say at their start where the database has too few connections for them."""

from typing import Any

import pytest

from config.kernel import connections


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Any:
    def read() -> list[Any]:
        return [record.msg for record in caplog.records if record.name == "config.kernel.connections"]

    return read


@pytest.mark.django_db
def test_more_than_the_database_has_left_is_told_with_figures(told: Any) -> None:
    connections._warn("worker", 100_000)

    [line] = told()
    assert (line["event"], line["level"], line["process"]) == ("too_few_connections", "warning", "worker")
    assert 0 < line["in_use"] < line["most"] < line["needed"] == 100_000


@pytest.mark.django_db
def test_as_many_as_there_are_is_told_by_nobody(told: Any) -> None:
    connections._warn("web", 1)

    assert told() == []


def test_a_database_that_cannot_be_asked_keeps_nobody_from_starting(settings: Any, told: Any) -> None:
    settings.DATABASE_URL = "postgresql://postgres@127.0.0.1:1/none"

    connections._warn("web", 1)

    [line] = told()
    assert line["event"] == "connections_not_counted"


@pytest.mark.parametrize(("pool", "needed"), [(0, 3 * connections.WEB_POOL_SIZE), (5, 15)])
def test_the_web_needs_a_pool_for_each_process(settings: Any, pool: int, needed: int) -> None:
    settings.WEB_WORKERS, settings.DATABASE_POOL_SIZE = 3, pool

    assert connections.needed_by_web() == needed
