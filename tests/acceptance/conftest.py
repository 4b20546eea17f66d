"""Services for the whole session: one that no test harms, and others that are there to be harmed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.ledger import Ledger
from tests.acceptance.rig import Rig, rigged
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import Service, running
from tests.acceptance.uploader import RECIPIENT, Uploader


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


# One process, few slots and little patience, for clients that dawdle or send too much.
STRICT = {
    "WEB_WORKERS": "1",
    "UPLOADS_AT_ONCE": "2",
    "DOWNLOADS_AT_ONCE": "2",
    "MAX_UPLOAD_BYTES": "8000000",
    "TRANSFER_WINDOW_SECONDS": "2",
    "UPLOAD_LEASE_SECONDS": "3",
    "SWEEP_EVERY_SECONDS": "1",
}


@pytest.fixture(scope="session")
def uploader(service: Service) -> Uploader:
    return Uploader(service.api_url, service.token)


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(Service(tmp_path_factory.mktemp("strict"), **STRICT)) as up:
        yield up


@pytest.fixture(scope="session")
def strict_uploader(strict: Service) -> Uploader:
    return Uploader(strict.api_url, strict.token)


@pytest.fixture
def strict_ledger(strict: Service) -> Iterator[Ledger]:
    ledger = Ledger(strict.settings["DATABASE_URL"])
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def recipient(service: Service) -> Uploader:
    """Fjordby kommune, as one that receives."""
    token = service.manage("token", "--org", RECIPIENT, "--scope", "altinn:correspondence.read")
    return Uploader(service.api_url, token)
