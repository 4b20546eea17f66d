"""Two services for the whole session: one that no test harms, and one that is there to be harmed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.ledger import Ledger
from tests.acceptance.rig import Rig, rigged
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import Service, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """As a newcomer has it: embedded servers, no variable set."""
    with running(Service(tmp_path_factory.mktemp("service"))) as up:
        yield up


@pytest.fixture(scope="session")
def sender(service: Service) -> Sender:
    return Sender(service.api_url, service.token)


@pytest.fixture
def ledger(service: Service) -> Iterator[Ledger]:
    ledger = Ledger(service.settings["DATABASE_URL"])
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """For tests that break something; each leaves it mended."""
    with rigged(tmp_path_factory.mktemp("rig")) as up:
        yield up


@pytest.fixture(scope="session")
def rig_sender(rig: Rig) -> Sender:
    sender = Sender(rig.service.api_url, rig.service.token)
    for _ in range(10):  # the first request to each web process loads modules; it is not what is measured
        sender.send(sender.letter(new_reference()))
    return sender


@pytest.fixture
def rig_ledger(rig: Rig) -> Iterator[Ledger]:
    ledger = Ledger(rig.postgres.url)
    yield ledger
    ledger.close()
