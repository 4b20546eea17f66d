"""GET /correspondence/{id} for the sender (contract http-api.md §5.2)."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from correspondence.models import Correspondence
from recipients.models import Party
from tests.clients import Client, problem
from tests.files import uploaded
from tests.letters import ORGANIZATION, letter
from tests.mail import sent, work

EXAMPLES = Path(__file__).parent.parent / "contract" / "examples"


def send(sender: Client, body: dict[str, Any] | None = None) -> str:
    return sent(sender, body)[0]


def test_it_holds_what_was_sent_and_how_it_stands(sender: Client) -> None:
    Party.objects.create(urn=ORGANIZATION, name="BERG OG DAL AS")
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


def test_the_recipient_and_the_sender_see_just_what_the_contracts_examples_show(sender: Client, reader: Client) -> None:
    """Every member of the examples, with its value; what differs with each run is compared by its type."""
    Party.objects.create(urn=ORGANIZATION, name="BERG OG DAL AS")
    body = json.loads((EXAMPLES / "initialize-full.json").read_text())
    described = json.loads((EXAMPLES / "attachment-initialize.json").read_text())
    body["existingAttachments"] = [uploaded(sender, **described)]
    letter_id = send(sender, body)
    work()

    seen = reader.overview(letter_id).json()
    reader.mark_as_read(letter_id)
    b"".join(reader.fetch(letter_id, body["existingAttachments"][0]).streaming_content)
    told = sender.details(letter_id).json()

    overview, details = (json.loads((EXAMPLES / f"correspondence-{name}.json").read_text()) for name in NAMES)
    overview["notifications"] = details["notifications"] = []  # nothing sends them here
    assert shape(seen) == shape(overview)
    assert shape(told) == shape(details)
    assert [entry["status"] for entry in told["statusHistory"]] == [
        entry["status"] for entry in details["statusHistory"]
    ]


NAMES = ("overview", "details")
_VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+\+00:00")
_SAID_OTHERWISE = {"statusText"}  # its wording is ours


def shape(answer: Any, name: str = "") -> Any:
    """The answer with ids and times that each run makes anew as what they are."""
    if isinstance(answer, dict):
        return {key: shape(value, key) for key, value in answer.items()}
    if isinstance(answer, list):
        return [shape(value, name) for value in answer]
    if name in _SAID_OTHERWISE:
        return "text"
    fixed = name in {"requestedPublishTime", "dueDateTime", "referenceValue"}
    return "id or time" if isinstance(answer, str) and not fixed and _VARIES.fullmatch(answer) else answer


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
    work()

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
    correspondence_id = send(sender, letter("0192:310080632"))

    assert sender.overview(correspondence_id).status_code == 200
    assert platform.overview(correspondence_id).status_code == 200
    assert problem(other_sender.overview(correspondence_id)) == (401, "CORR-04001")
    assert problem(reader.overview(correspondence_id)) == (401, "CORR-04001")
    assert problem(stranger.overview(correspondence_id)) == (401, None)


def test_it_costs_four_statements(sender: Client) -> None:
    correspondence_id = send(sender)

    with CaptureQueriesContext(connection) as queries:
        sender.overview(correspondence_id)

    assert len(queries) == 4  # the letter, a right to read that was given, its history, its files


def test_the_status_is_the_highest_number_of_the_history(sender: Client) -> None:
    correspondence_id = send(sender)
    work()

    row = Correspondence.objects.get(pk=correspondence_id)
    assert row.status == max(event.status for event in row.events.all())
