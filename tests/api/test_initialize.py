"""POST /correspondence: what is stored, and what is answered."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from correspondence.models import Correspondence, IdempotencyKey, Mailing, StatusEvent
from recipients.models import Party
from tests.clients import Client, problem
from tests.letters import ORGANIZATION, PERSON, letter, organizations
from tests.messages import Messages

EXAMPLES = Path(__file__).parent.parent / "contract" / "examples"
KEY = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"


def example(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EXAMPLES / name).read_text())
    return content


def test_one_correspondence_is_stored_for_each_recipient_and_answered_in_order(sender: Client) -> None:
    answer = sender.post(letter(PERSON, "0192:314762290", "24926112631"))

    assert answer.status_code == 200
    rows = list(Correspondence.objects.order_by("id"))
    assert answer.json() == {
        "correspondences": [
            {"correspondenceId": str(row.id), "status": "Initialized", "recipient": urn, "notifications": None}
            for row, urn in zip(
                rows, [PERSON, ORGANIZATION, "urn:altinn:person:identifier-no:24926112631"], strict=True
            )
        ],
        "attachmentIds": [],
    }
    assert Mailing.objects.get().recipient_count == 3
    assert [(event.correspondence_id, event.get_status_display()) for event in StatusEvent.objects.order_by("pk")] == [
        (row.id, "Initialized") for row in rows
    ]


def test_what_the_sender_wrote_is_kept_once(sender: Client) -> None:
    body = example("initialize-full.json")
    body["existingAttachments"] = []
    Party.objects.create(urn=ORGANIZATION, name="Berg og Dal AS")

    answer = sender.post(body)

    assert answer.status_code == 200, answer.json()
    mailing = Mailing.objects.get()
    assert mailing.resource_id == "fjordby-byggesak"
    assert mailing.language == "nn"
    assert mailing.property_list == {"saksnummer": "2026/43", "fagområde": "byggesak"}
    assert mailing.notification is not None
    assert mailing.notification["notificationChannel"] == "EmailPreferred"
    assert mailing.notification["customRecipients"][0]["organizationNumber"] == "310635820"
    assert mailing.ignore_reservation is True
    assert mailing.requested_publish_time.isoformat() == "2026-01-05T07:00:00+00:00"


@pytest.mark.parametrize("name", ["initialize-minimal.json", "initialize-many-recipients.json"])
def test_the_contracts_examples_are_accepted(sender: Client, name: str) -> None:
    assert sender.post(example(name)).status_code == 200


def test_recipients_are_answered_as_the_contract_normalises_them(sender: Client) -> None:
    answer = sender.post(example("initialize-many-recipients.json")).json()

    expected = example("response-200.json")["correspondences"]
    assert [entry["recipient"] for entry in answer["correspondences"]] == [entry["recipient"] for entry in expected]


def test_a_publish_time_in_the_past_means_now(sender: Client) -> None:
    sender.post(letter(requestedPublishTime="2001-01-01"))

    row = Correspondence.objects.select_related("mailing").get()
    assert row.due_at == row.mailing.created_at
    assert row.mailing.requested_publish_time.isoformat() == "2001-01-01T00:00:00+00:00"


def test_a_publish_time_ahead_is_when_it_is_due(sender: Client) -> None:
    sender.post(letter(requestedPublishTime="2099-01-01T12:00:00+02:00"))

    assert Correspondence.objects.get().due_at.isoformat() == "2099-01-01T10:00:00+00:00"


@pytest.mark.parametrize("count", [1, 500])
def test_a_mailing_costs_the_same_number_of_statements_for_any_number_of_recipients(sender: Client, count: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = sender.post(letter(*organizations(count)))

    assert answer.status_code == 200
    assert Correspondence.objects.count() == count
    statements = [query["sql"].split()[0] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert statements == ["SELECT", "INSERT", "COPY", "COPY"]


def test_one_message_wakes_the_queue_however_many_recipients(sender: Client, messages: Messages) -> None:
    with messages() as sent:
        sender.post(letter(*organizations(500)))

    assert sent == {"queue": 1}


def test_senders_references_of_4096_characters_are_stored(sender: Client) -> None:
    reference = "😀" * 4096

    assert sender.post(letter(sendersReference=reference)).status_code == 200
    assert Mailing.objects.with_reference(reference).count() == 1


def test_a_key_is_used_up_by_success(sender: Client) -> None:
    assert sender.post(letter(request__idempotentKey=KEY)).status_code == 200

    second = sender.post(letter(ORGANIZATION, content__messageTitle="Another", request__idempotentKey=KEY.upper()))

    assert problem(second) == (409, "CORR-01034")
    assert Mailing.objects.count() == 1
    assert IdempotencyKey.objects.get().mailing_id == Mailing.objects.get().id


def test_a_refused_request_does_not_use_its_key_up(sender: Client) -> None:
    refused = sender.post(letter(content__messageTitle="# no", request__idempotentKey=KEY))
    assert problem(refused) == (400, "CORR-01002")

    assert sender.post(letter(request__idempotentKey=KEY)).status_code == 200


def test_a_key_belongs_to_its_owner(sender: Client, other_sender: Client) -> None:
    assert sender.post(letter(request__idempotentKey=KEY)).status_code == 200

    assert other_sender.post(letter(resourceId="dalen-skatt", request__idempotentKey=KEY)).status_code == 200
    assert IdempotencyKey.objects.filter(key=UUID(KEY)).count() == 2


def test_a_platform_token_alone_sends_for_the_owner_with_its_code(sender: Client, platform: Client) -> None:
    assert platform.post(letter()).status_code == 200
    assert Mailing.objects.get().created_by == "urn:altinn:organization:identifier-no:312295202"
