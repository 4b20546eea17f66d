"""POST /correspondence: the business rules, their codes and their order (contract validation.md §4)."""

from collections.abc import Iterator
from typing import Any

import pytest

from correspondence.models import Mailing
from registry.models import Resource
from tests.clients import Client, problem
from tests.conftest import token
from tests.letters import ORGANIZATION, PERSON, letter

KEY = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"
DIALOG = {"referenceValue": "0b6ff5c1-5f5c-4c3a-9c5e-3a4a1f0e7d11", "referenceType": "DialogportenDialogId"}
TRANSMISSION = {"referenceValue": "Alert", "referenceType": "DialogportenTransmissionType"}
LINK = [{"linkURL": "https://fjordby.example/svar"}]
FUTURE = "2099-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def nothing_is_stored(db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "accepted" not in request.node.name:
        assert not Mailing.objects.exists()


REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "a key and two recipients": (
        letter(ORGANIZATION, PERSON, request__idempotentKey=KEY),
        400,
        "CORR-01047",
        "idempotentKey",
    ),
    "an unknown resource": (letter(resourceId="nowhere"), 400, "CORR-01036", "correspondence.resourceId"),
    "another owner's resource": (letter(resourceId="dalen-skatt"), 401, "CORR-04001", "correspondence.resourceId"),
    "a confidential letter": (letter(isConfidential=True), 400, "CORR-01061", "correspondence.isConfidential"),
    "a recipient listed twice": (
        letter("0192:314762290", PERSON, ORGANIZATION),
        400,
        "CORR-01006",
        "recipients[2]",
    ),
    "a confirmation without due date": (
        letter(isConfirmationNeeded=True),
        400,
        "CORR-01016",
        "correspondence.dueDateTime",
    ),
    "a due date that has passed": (letter(dueDateTime="2020-01-01"), 400, "CORR-01008", "correspondence.dueDateTime"),
    "a due date before publishing": (
        letter(dueDateTime=FUTURE, requestedPublishTime="2099-01-02"),
        400,
        "CORR-01009",
        "correspondence.dueDateTime",
    ),
    "a title of markup": (
        letter(content__messageTitle="<h1>x</h1>"),
        400,
        "CORR-01002",
        "correspondence.content.messageTitle",
    ),
    "an unsupported language": (letter(content__language="no"), 400, "CORR-01023", "correspondence.content.language"),
    "a sender's name of markup": (letter(messageSender="[a](b)"), 400, "CORR-01039", "correspondence.messageSender"),
    "two transmission types": (
        letter(externalReferences=[TRANSMISSION, TRANSMISSION]),
        400,
        "CORR-01052",
        "correspondence.externalReferences",
    ),
    "a transmission type without dialog": (
        letter(externalReferences=[TRANSMISSION]),
        400,
        "CORR-01053",
        "correspondence.externalReferences",
    ),
    "a dialog id that is no UUID": (
        letter(externalReferences=[{**DIALOG, "referenceValue": "x"}]),
        400,
        "CORR-01048",
        "correspondence.externalReferences[0].referenceValue",
    ),
    "a dialog and two recipients": (
        letter(ORGANIZATION, PERSON, externalReferences=[DIALOG]),
        400,
        "CORR-01045",
        "recipients",
    ),
    "a dialog and reply options": (
        letter(externalReferences=[DIALOG], replyOptions=LINK),
        400,
        "CORR-01051",
        "correspondence.replyOptions",
    ),
    "a dialog and a confirmation": (
        letter(externalReferences=[DIALOG], isConfirmationNeeded=True, dueDateTime=FUTURE),
        400,
        "CORR-01051",
        "correspondence.isConfirmationNeeded",
    ),
    "an existing attachment that nobody uploaded": (
        letter(request__existingAttachments=[KEY]),
        400,
        "CORR-01007",
        "existingAttachments[0]",
    ),
    "metadata of files in a JSON request": (
        letter(content__attachments=[{"fileName": "a.pdf", "sendersReference": "x"}]),
        400,
        "CORR-01005",
        "correspondence.content.attachments",
    ),
    "a template that there is not": (
        letter(notification={"notificationTemplate": 3}),
        400,
        "CORR-03023",
        "correspondence.notification.notificationTemplate",
    ),
}


@pytest.mark.parametrize(("body", "status", "code", "path"), REFUSED.values(), ids=REFUSED)
def test_a_rule_answers_its_code_and_names_the_member(
    sender: Client, other_resource: Resource, body: dict[str, Any], status: int, code: str, path: str
) -> None:
    response = sender.post(body)

    assert problem(response) == (status, code)
    answer = response.json()
    assert answer["errorCode"] == int(code[5:])
    assert answer["detail"]
    assert path in [fault["path"] for fault in answer["faults"]]


@pytest.mark.parametrize(
    "url",
    [
        "http://fjordby.example/svar",
        "fjordby.example/svar",
        "https:///svar",
        "https://fjordby.example/a b",
        "https://fjordby.example/%zz",
        "https://fjordby.example:port/",
        "javascript:alert(1)",
        "https://[::1/",
        "https://fjordby.example/" + "x" * 232,
    ],
)
def test_a_reply_link_that_is_no_https_uri_is_refused(sender: Client, url: str) -> None:
    response = sender.post(letter(replyOptions=[*LINK, {"linkURL": url}]))

    assert problem(response) == (400, "CORR-01035")
    assert response.json()["faults"][0]["path"] == "correspondence.replyOptions[1].linkURL"


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://fjordby.example",
        "https://fjordby.example:8443/a/b?c=d&e=%20#f",
        "https://blåbærgrød.example/æøå",
        "https://[2001:db8::1]/",
        "https://fjordby.example/" + "x" * 231,
    ],
)
def test_a_reply_link_is_accepted(sender: Client, url: str) -> None:
    assert sender.post(letter(replyOptions=[{"linkURL": url}])).status_code == 200


@pytest.fixture
def app(owner: Any) -> Resource:
    return Resource.objects.create(id="app", owner=owner, type="AltinnApp")


def test_a_resource_of_another_type_can_not_carry_correspondence(sender: Client, app: Resource) -> None:
    assert problem(sender.post(letter(resourceId="app"))) == (400, "CORR-04010")


def test_an_app_with_a_dialog_is_accepted(sender: Client, app: Resource) -> None:
    body = letter(resourceId="app", externalReferences=[DIALOG], isConfidential=True)

    assert sender.post(body).status_code == 200


def test_a_confidential_resource_demands_confidential_letters(sender: Client, resource: Resource) -> None:
    Resource.objects.update(is_confidential=True)

    assert problem(sender.post(letter())) == (400, "CORR-01060")


def test_a_confidential_letter_to_a_confidential_resource_is_accepted(sender: Client, resource: Resource) -> None:
    Resource.objects.update(is_confidential=True)

    assert sender.post(letter(isConfidential=True)).status_code == 200


def test_forwarding_and_a_demanded_level_exclude_each_other(sender: Client, resource: Resource) -> None:
    Resource.objects.update(minimum_authentication_level=3)

    assert problem(sender.post(letter(allowForwarding=True))) == (400, "CORR-01068")


def test_a_caller_without_identity_is_unknown(resource: Resource) -> None:
    nobody = Client(token("", scope="altinn:correspondence.write"))

    assert problem(nobody.post(letter())) == (401, "CORR-04006")


def test_every_repeated_recipient_is_named(sender: Client) -> None:
    response = sender.post(letter(PERSON, "01818517641", ORGANIZATION, "0192:314762290"))

    assert response.json()["faults"] == [
        {"path": "recipients[1]", "detail": "recipients[1] is the same recipient as recipients[0]."},
        {"path": "recipients[3]", "detail": "recipients[3] is the same recipient as recipients[2]."},
    ]
    assert b"01818517641" not in response.content


def test_a_transmission_is_accepted(sender: Client) -> None:
    assert sender.post(letter(externalReferences=[DIALOG, {**TRANSMISSION, "referenceValue": "5"}])).status_code == 200


def test_the_key_is_judged_before_the_resource(sender: Client) -> None:
    body = letter(ORGANIZATION, PERSON, resourceId="nowhere", request__idempotentKey=KEY)

    assert problem(sender.post(body)) == (400, "CORR-01047")


def test_rules_are_asked_in_the_contracts_order(sender: Client) -> None:
    """Each body breaks the rule and every later one of this chain; mending it brings the next."""
    body = letter(
        PERSON,
        PERSON,
        isConfirmationNeeded=True,
        allowForwarding=True,
        messageSender="# x",
        content__messageTitle="# x",
        content__language="xx",
        replyOptions=[{"linkURL": "x"}],
        externalReferences=[TRANSMISSION, TRANSMISSION, {**DIALOG, "referenceValue": "x"}],
        request__existingAttachments=[KEY],
    )
    mend: list[tuple[str, Any]] = [
        ("CORR-01006", lambda: body.update(recipients=[PERSON, ORGANIZATION])),
        ("CORR-01016", lambda: body["correspondence"].update(dueDateTime="2020-01-01")),
        ("CORR-01008", lambda: body["correspondence"].update(dueDateTime=FUTURE)),
        ("CORR-01002", lambda: body["correspondence"]["content"].update(messageTitle="x")),
        ("CORR-01023", lambda: body["correspondence"]["content"].update(language="nb")),
        ("CORR-01039", lambda: body["correspondence"].update(messageSender="x")),
        ("CORR-01052", lambda: body["correspondence"]["externalReferences"].pop(0)),
        ("CORR-01048", lambda: body["correspondence"]["externalReferences"][1].update(DIALOG)),
        ("CORR-01045", lambda: body.update(recipients=[PERSON])),
        ("CORR-01051", lambda: body["correspondence"].update(isConfirmationNeeded=False, externalReferences=[])),
        ("CORR-01007", lambda: body.update(existingAttachments=[])),
        ("CORR-01035", lambda: None),
    ]
    for code, repair in mend:
        assert problem(sender.post(body))[1] == code
        repair()
