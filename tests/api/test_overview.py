"""GET /correspondence/{id} for the sender (contract http-api.md §5.2)."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, Mailing
from tests.clients import Client, problem
from tests.letters import ORGANIZATION, letter

EXAMPLES = Path(__file__).parent.parent / "contract" / "examples"


def send(sender: Client, body: dict[str, Any] | None = None) -> str:
    answer = sender.post(body or letter())
    assert answer.status_code == 200, answer.content
    first: str = answer.json()["correspondences"][0]["correspondenceId"]
    return first


def publish() -> None:
    for mailing in Mailing.objects.all():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
    actions.publish_due(clock=clock.now)


def test_it_holds_what_was_sent_and_how_it_stands(sender: Client) -> None:
    body = json.loads((EXAMPLES / "initialize-full.json").read_text())
    body["existingAttachments"] = []
    expected = json.loads((EXAMPLES / "correspondence-overview.json").read_text())

    answer = sender.overview(send(sender, body)).json()

    assert set(answer) == set(expected)
    assert answer["status"] == answer["statusText"] == "Initialized"
    assert answer["created"] == answer["statusChanged"]
    assert answer["published"] is None
    assert set(answer["content"]) == set(expected["content"])
    assert answer["content"]["messageBody"] == body["correspondence"]["content"]["messageBody"]
    as_sent = [
        "resourceId",
        "sender",
        "sendersReference",
        "messageSender",
        "requestedPublishTime",
        "dueDateTime",
        "externalReferences",
        "propertyList",
        "replyOptions",
        "notification",
        "ignoreReservation",
        "isConfirmationNeeded",
        "isConfidential",
        "allowForwarding",
        "recipient",
        "altinn2CorrespondenceId",
    ]
    assert {name: answer[name] for name in as_sent} == {name: expected[name] for name in as_sent}


def test_defaults_are_written_out(sender: Client) -> None:
    answer = sender.overview(send(sender)).json()

    assert answer["messageSender"] == ""
    assert answer["ignoreReservation"] is False
    assert answer["dueDateTime"] is None
    assert answer["requestedPublishTime"] == answer["created"]
    assert answer["content"]["language"] == "nb"
    assert answer["content"]["messageSummary"] == ""


def test_the_sender_no_longer_sees_the_content_once_it_is_published(sender: Client) -> None:
    correspondence_id = send(sender)
    publish()

    answer = sender.overview(correspondence_id).json()

    assert answer["status"] == "Published"
    assert answer["published"] == answer["statusChanged"]
    assert answer["content"] == {
        "language": "no",
        "messageTitle": "",
        "messageSummary": "",
        "messageBody": "",
        "attachments": [],
    }


def test_more_than_three_reply_options_stand_at_the_end_of_the_body(sender: Client) -> None:
    options = [{"linkURL": f"https://a.example/{n}", "linkText": f"Svar {n}"} for n in range(3)]
    few = sender.overview(send(sender, letter(replyOptions=options))).json()
    many = sender.overview(send(sender, letter(replyOptions=[*options, {"linkURL": "https://a.example/3"}]))).json()

    assert few["content"]["messageBody"] == "Hei."
    assert many["content"]["messageBody"] == (
        "Hei.\n\nSvarvalg:\nSvar 0: https://a.example/0\nSvar 1: https://a.example/1\n"
        "Svar 2: https://a.example/2\nhttps://a.example/3: https://a.example/3"
    )


def test_an_enum_without_a_name_is_written_back_as_a_number(sender: Client) -> None:
    body = letter(externalReferences=[{"referenceValue": "x", "referenceType": 99}])

    assert sender.overview(send(sender, body)).json()["externalReferences"] == [
        {"referenceValue": "x", "referenceType": 99}
    ]


def test_an_unknown_id_is_told_before_access_is_looked_at(sender: Client, reader: Client) -> None:
    assert problem(sender.overview(uuid4())) == (404, "CORR-01001")
    assert problem(reader.overview(uuid4())) == (404, "CORR-01001")


def test_who_may_see_it(
    sender: Client, other_sender: Client, reader: Client, stranger: Client, platform: Client
) -> None:
    correspondence_id = send(sender, letter(ORGANIZATION))

    assert sender.overview(correspondence_id).status_code == 200
    assert platform.overview(correspondence_id).status_code == 200
    assert problem(other_sender.overview(correspondence_id)) == (401, "CORR-04001")
    assert problem(reader.overview(correspondence_id)) == (401, "CORR-04001")
    assert problem(stranger.overview(correspondence_id)) == (401, None)


def test_it_costs_three_statements(sender: Client) -> None:
    correspondence_id = send(sender)

    with CaptureQueriesContext(connection) as queries:
        sender.overview(correspondence_id)

    assert len(queries) == 3


def test_the_status_is_the_highest_number_of_the_history(sender: Client) -> None:
    correspondence_id = send(sender)
    publish()

    row = Correspondence.objects.get(pk=correspondence_id)
    assert row.status == max(event.status for event in row.events.all())
