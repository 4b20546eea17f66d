"""Commands while the service is up. All that they are told is the run folder."""

from __future__ import annotations

import pytest

from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import Service
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

OWNER = "310635820"


def test_a_resource_registered_from_a_second_terminal_takes_letters_at_once(service: Service) -> None:
    service.manage("register_resource", "harbour-dues", "--owner", OWNER, "--title", "Harbour dues")
    harbour = Sender(service.api_url, service.manage("token", "--org", OWNER), resource="harbour-dues")

    (letter,) = harbour.send(harbour.letter(new_reference()))

    overview = until(lambda: seen if (seen := harbour.overview(letter))["status"] == "Published" else None)
    assert overview["resourceId"] == "harbour-dues"
    assert overview["sender"] == f"urn:altinn:organization:identifier-no:{OWNER}"


def test_a_token_that_has_run_out_sends_nothing(service: Service) -> None:
    late = Sender(service.api_url, service.manage("token", "--org", "991825827", "--expires-in", "-1"))

    assert late.post(late.letter(new_reference())).status_code == 401
