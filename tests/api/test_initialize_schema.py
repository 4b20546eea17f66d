"""POST /correspondence: bodies that break the schema (contract validation.md §1-§3). Nothing is stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from correspondence.models import Mailing
from tests.clients import Client, keys, problem
from tests.letters import ORGANIZATION, letter, organizations, without

LETTER = "$.correspondence"
CONTENT = "$.correspondence.content"


@pytest.fixture(autouse=True)
def nothing_is_stored(db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "accepted" not in request.node.name:
        assert not Mailing.objects.exists()


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "a number for a string": (letter(sendersReference=5), f"{LETTER}.sendersReference"),
    "a list for a string": (letter(content__messageTitle=["x"]), f"{CONTENT}.messageTitle"),
    "an object for a string": (letter(messageSender={"a": 1}), f"{LETTER}.messageSender"),
    "yes for a boolean": (letter(isConfirmationNeeded="yes"), f"{LETTER}.isConfirmationNeeded"),
    "true in a string for a boolean": (letter(isConfidential="true"), f"{LETTER}.isConfidential"),
    "one for a boolean": (letter(allowForwarding=1), f"{LETTER}.allowForwarding"),
    "null for a boolean": (letter(allowForwarding=None), f"{LETTER}.allowForwarding"),
    "words for a date": (letter(dueDateTime="tomorrow"), f"{LETTER}.dueDateTime"),
    "a number for a date": (letter(dueDateTime=20400101), f"{LETTER}.dueDateTime"),
    "the 30th of February": (letter(requestedPublishTime="2040-02-30"), f"{LETTER}.requestedPublishTime"),
    "a date before year 1 in UTC": (letter(dueDateTime="0001-01-01T00:00:00+01:00"), f"{LETTER}.dueDateTime"),
    "digits of another script in a date": (letter(dueDateTime="२०४०-01-01"), f"{LETTER}.dueDateTime"),
    "a string for an object": (letter(content__x=1) | {"correspondence": "x"}, LETTER),
    "a list for the content": (
        {**letter(), "correspondence": {**letter()["correspondence"], "content": []}},
        CONTENT,
    ),
    "a string for the recipients": ({**letter(), "recipients": ORGANIZATION}, "$.recipients"),
    "a number among the recipients": (
        {**letter(), "recipients": [ORGANIZATION, 1818517641]},
        "$.recipients[1]",
    ),
    "a word for the key": (letter(request__idempotentKey="abc"), "$.idempotentKey"),
    "a key of 32 digits": (letter(request__idempotentKey="6f1f0f0e8a444d0b9a570d6f2f6f8c21"), "$.idempotentKey"),
    "a word among existing attachments": (
        letter(request__existingAttachments=["x"]),
        "$.existingAttachments[0]",
    ),
    "null among existing attachments": (
        letter(request__existingAttachments=[None]),
        "$.existingAttachments[0]",
    ),
    "a number as a property": (letter(propertyList={"a": 1}), f"{LETTER}.propertyList.a"),
    "a list of properties": (letter(propertyList=["a"]), f"{LETTER}.propertyList"),
    "an unknown reference type": (
        letter(externalReferences=[{"referenceValue": "x", "referenceType": "Other"}]),
        f"{LETTER}.externalReferences[0].referenceType",
    ),
    "a fraction as an enum": (
        letter(externalReferences=[{"referenceValue": "x", "referenceType": 1.5}]),
        f"{LETTER}.externalReferences[0].referenceType",
    ),
    "a boolean as an enum": (
        letter(notification={"notificationChannel": True}),
        f"{LETTER}.notification.notificationChannel",
    ),
    "an object for a list": (letter(replyOptions={}), f"{LETTER}.replyOptions"),
    "a string among reply options": (letter(replyOptions=["https://a.no"]), f"{LETTER}.replyOptions[0]"),
    "a number for a notification text": (letter(notification={"smsBody": 1}), f"{LETTER}.notification.smsBody"),
    "nested garbage": (letter(messageSender=[[[{"a": [[]]}]]]), f"{LETTER}.messageSender"),
    "NUL in a text": (letter(content__messageTitle="a\x00b"), f"{CONTENT}.messageTitle"),
    "NUL in an unknown member": (letter(unknown={"x": ["\x00"]}), f"{LETTER}.unknown.x[0]"),
    "NUL in a property key": (letter(propertyList={"a\x00": "b"}), f"{LETTER}.propertyList"),
    "a lone surrogate in a text": (letter(sendersReference="\ud83d"), f"{LETTER}.sendersReference"),
    "a lone surrogate in a property key": (letter(propertyList={"\udc00": "b"}), f"{LETTER}.propertyList"),
}


@pytest.mark.parametrize(("body", "key"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_value_is_named_by_its_json_path(sender: Client, body: dict[str, Any], key: str) -> None:
    assert keys(sender.post(body)) == {key, "request"}


ABSENT: dict[str, tuple[tuple[str, ...], str]] = {
    "correspondence": (("correspondence",), "$"),
    "recipients": (("recipients",), "$"),
    "resourceId": (("correspondence", "resourceId"), LETTER),
    "sendersReference": (("correspondence", "sendersReference"), LETTER),
    "content": (("correspondence", "content"), LETTER),
    "messageTitle": (("correspondence", "content", "messageTitle"), CONTENT),
    "messageBody": (("correspondence", "content", "messageBody"), CONTENT),
}


@pytest.mark.parametrize(("path", "key"), ABSENT.values(), ids=ABSENT)
def test_an_absent_member_is_named_by_what_should_hold_it(sender: Client, path: tuple[str, ...], key: str) -> None:
    response = sender.post(without(letter(), *path))

    assert keys(response) == {key, "request"}
    assert path[-1] in response.json()["errors"][key][0]


def test_absent_members_of_entries_are_named_by_their_entry(sender: Client) -> None:
    body = letter(replyOptions=[{"linkText": "x"}], externalReferences=[{"referenceValue": "x"}])

    assert keys(sender.post(body)) == {
        f"{LETTER}.replyOptions[0]",
        f"{LETTER}.externalReferences[0]",
        "request",
    }


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a blank reference": (letter(sendersReference=" "), "Correspondence.SendersReference"),
    "a null reference": (letter(sendersReference=None), "Correspondence.SendersReference"),
    "a reference of 4097 characters": (letter(sendersReference="x" * 4097), "Correspondence.SendersReference"),
    "a title of 256 characters": (letter(content__messageTitle="x" * 256), "Correspondence.Content.MessageTitle"),
    "a summary of 256 characters": (letter(content__messageSummary="x" * 256), "Correspondence.Content.MessageSummary"),
    "a body of 30001 characters": (letter(content__messageBody="x" * 30_001), "Correspondence.Content.MessageBody"),
    "a sender's name of 256 characters": (letter(messageSender="x" * 256), "Correspondence.MessageSender"),
    "a resource with another colon": (letter(resourceId="a:b"), "Correspondence.ResourceId"),
    "a resource that is only the prefix": (letter(resourceId="urn:altinn:resource:"), "Correspondence.ResourceId"),
    "a language of three letters": (letter(content__language="nob"), "Correspondence.Content.Language"),
    "the language iv": (letter(content__language="iv"), "Correspondence.Content.Language"),
    "null for correspondence": ({**letter(), "correspondence": None}, "Correspondence"),
    "null for content": (
        {**letter(), "correspondence": {**letter()["correspondence"], "content": None}},
        "Correspondence.Content",
    ),
    "null for recipients": ({**letter(), "recipients": None}, "Recipients"),
    "null for existing attachments": (letter(request__existingAttachments=None), "ExistingAttachments"),
    "null for new attachments": (letter(content__attachments=None), "Correspondence.Content.Attachments"),
    "null for properties": (letter(propertyList=None), "Correspondence.PropertyList"),
    "null among recipients": ({**letter(), "recipients": [ORGANIZATION, None]}, "Recipients"),
    "no recipients": ({**letter(), "recipients": []}, "Recipients"),
    "501 recipients": (letter(*organizations(501)), "Recipients"),
    "a recipient of 513 characters": (
        letter("urn:altinn:person:legacy-selfidentified:" + "x" * 473),
        "Recipients",
    ),
    "the zero key": (letter(request__idempotentKey="00000000-0000-0000-0000-000000000000"), "IdempotentKey"),
    "11 properties": (letter(propertyList={str(n): "x" for n in range(11)}), "Correspondence.PropertyList"),
    "a property key of 51 characters": (letter(propertyList={"k" * 51: "x"}), "Correspondence.PropertyList"),
    "a property value of 301 characters": (letter(propertyList={"k": "x" * 301}), "Correspondence.PropertyList"),
    "a null property": (letter(propertyList={"k": None}), "Correspondence.PropertyList"),
    "11 references": (
        letter(externalReferences=[{"referenceValue": "x", "referenceType": 0}] * 11),
        "Correspondence.ExternalReferences",
    ),
    "a transmission id": (
        letter(externalReferences=[{"referenceValue": "x", "referenceType": 5}]),
        "Correspondence.ExternalReferences",
    ),
    "an unknown transmission type": (
        letter(externalReferences=[{"referenceValue": "Other", "referenceType": "DialogportenTransmissionType"}]),
        "Correspondence.ExternalReferences",
    ),
    "a blank reference value": (
        letter(externalReferences=[{"referenceValue": "", "referenceType": 0}]),
        "Correspondence.ExternalReferences[0].ReferenceValue",
    ),
    "a blank reply link": (letter(replyOptions=[{"linkURL": " "}]), "Correspondence.ReplyOptions[0].LinkURL"),
    "a null among reply options": (letter(replyOptions=[None]), "Correspondence.ReplyOptions[0]"),
    "an undefined channel": (
        letter(notification={"notificationChannel": 9}),
        "Correspondence.Notification.NotificationChannel",
    ),
    "an e-mail subject of 513 characters": (
        letter(notification={"emailSubject": "x" * 513}),
        "Correspondence.Notification.EmailSubject",
    ),
    "an SMS of 2145 characters": (
        letter(notification={"smsBody": "x" * 2145}),
        "Correspondence.Notification.SmsBody",
    ),
    "an upper-case checksum": (
        letter(content__attachments=[{"fileName": "a.pdf", "sendersReference": "x", "checksum": "A" * 32}]),
        "Correspondence.Content.Attachments[0].Checksum",
    ),
}


@pytest.mark.parametrize(("body", "key"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_named_in_pascal_case(sender: Client, body: dict[str, Any], key: str) -> None:
    assert keys(sender.post(body)) == {key}


def test_an_empty_required_text_yields_two_texts(sender: Client) -> None:
    errors = sender.post(letter(content__messageTitle="")).json()["errors"]

    assert errors == {
        "Correspondence.Content.MessageTitle": [
            "MessageTitle must have a value.",
            "MessageTitle must be 1 to 255 characters.",
        ]
    }


def test_all_broken_rules_are_told_at_once(sender: Client) -> None:
    body = letter("314762290", sendersReference=" ", content__messageTitle="", content__language="nob")

    assert keys(sender.post(body)) == {
        "Recipients",
        "Correspondence.SendersReference",
        "Correspondence.Content.MessageTitle",
        "Correspondence.Content.Language",
    }


def test_unreadable_values_come_before_broken_rules_and_all_at_once(sender: Client) -> None:
    body = letter("314762290", sendersReference=7, isConfidential=None, content__messageTitle="")

    assert keys(sender.post(body)) == {f"{LETTER}.sendersReference", f"{LETTER}.isConfidential", "request"}


@pytest.mark.parametrize(
    "body",
    [
        letter("01818517642"),
        letter(resourceId="01818517642"),
        letter(propertyList={"01818517642": 1}),
        letter(content__language="01818517642"),
        letter(**{"01818517642": "\x00"}),
    ],
)
def test_no_person_number_is_repeated_in_a_refusal(sender: Client, body: dict[str, Any]) -> None:
    response = sender.post(body)

    assert response.status_code == 400
    assert b"01818517642" not in response.content


ACCEPTED: dict[str, dict[str, Any]] = {
    "names in other casings": {
        "CORRESPONDENCE": {
            "ResourceID": "urn:altinn:resource:fjordby-byggesak",
            "sendersreference": "x",
            "Content": {"MESSAGETITLE": "Hei", "messagebody": "x"},
        },
        "Recipients": [ORGANIZATION],
    },
    "unknown and retired members": letter(
        sender=12, visibleFrom="x", isReservable=1, allowSystemDeleteAfter=None, content__nonsense=[]
    ),
    "null for optional members": letter(
        messageSender=None,
        dueDateTime=None,
        requestedPublishTime=None,
        externalReferences=None,
        replyOptions=None,
        notification=None,
        ignoreReservation=None,
        content__language=None,
        content__messageSummary=None,
        request__idempotentKey=None,
    ),
    "texts at their limits": letter(
        sendersReference="x" * 4096,
        messageSender="x" * 255,
        content__messageTitle="x" * 255,
        content__messageSummary="x" * 255,
        content__messageBody="x" * 30_000,
        propertyList={"k" * 50: "v" * 300},
    ),
    "enums as numbers, in strings and in any casing": letter(
        externalReferences=[
            {"referenceValue": "x", "referenceType": 0},
            {"referenceValue": "x", "referenceType": "2"},
            {"referenceValue": "x", "referenceType": "altinnappinstance"},
            {"referenceValue": "x", "referenceType": 99},
        ],
        notification={"notificationTemplate": 2, "notificationChannel": "sMs", "smsBody": "x"},
    ),
    "language in upper case": letter(content__language="NN"),
    "a blank language": letter(content__language=" "),
    "HTML and unbalanced markup in the body": letter(content__messageBody="<b>x</b> `` <script>"),
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(sender: Client, body: dict[str, Any]) -> None:
    answer = sender.post(body)

    assert answer.status_code == 200, answer.content


def test_the_last_of_two_spellings_wins_accepted(sender: Client) -> None:
    raw = json.dumps(letter())[:-1] + ', "RECIPIENTS": ["0192:310635820"]}'

    answer = sender.post(raw.encode())

    assert answer.json()["correspondences"][0]["recipient"].endswith("310635820")


def test_a_repeated_name_stands_where_it_was_said_last_accepted(sender: Client) -> None:
    raw = '{"recipients": ["x"], "RECIPIENTS": ["y"], ' + json.dumps(letter())[1:]

    assert sender.post(raw.encode()).status_code == 200


RAW: dict[str, tuple[bytes, set[str]]] = {
    "nothing": (b"", {"", "request"}),
    "blanks": (b" \n", {"", "request"}),
    "null": (b"null", {"", "request"}),
    "a list": (b"[]", {"$", "request"}),
    "a string": (b'"x"', {"$", "request"}),
    "broken off": (b'{"recipients": [', {"$", "request"}),
    "a trailing comma": (b'{"recipients": [],}', {"$", "request"}),
    "a comment": (b"{} // x", {"$", "request"}),
    "NaN": (b'{"a": NaN}', {"$", "request"}),
    "a raw NUL": (b'{"a": "\x00"}', {"$", "request"}),
    "not UTF-8": (b'{"a": "\xff"}', {"$", "request"}),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', {"$", "request"}),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), {"$", "request"}),
    "an integer of 10000 digits": (b'{"a": ' + b"9" * 10_000 + b"}", {"$", "request"}),
    "100000 lists in each other": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", {"$", "request"}),
    "100000 objects in each other": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, {"$", "request"}),
}


@pytest.mark.parametrize(("body", "expected"), RAW.values(), ids=RAW)
def test_a_body_of_which_nothing_can_be_used(sender: Client, body: bytes, expected: set[str]) -> None:
    assert keys(sender.post(body)) == expected


def test_a_byte_order_mark_is_accepted(sender: Client) -> None:
    assert sender.post(b"\xef\xbb\xbf" + json.dumps(letter()).encode()).status_code == 200


def test_a_pair_of_surrogates_is_a_character_accepted(sender: Client) -> None:
    assert sender.post(json.dumps(letter(sendersReference="😀")).encode()).status_code == 200
    assert Mailing.objects.get().senders_reference == "😀"


def test_a_body_over_the_limit_is_413(sender: Client, settings: Any) -> None:
    settings.MAX_JSON_BODY_BYTES = 1000

    assert problem(sender.post(letter(content__messageBody="x" * 1000))) == (413, None)
