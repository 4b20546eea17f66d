"""A form says the same as JSON, in the habits of those who send forms (contract http-api.md §4)."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from config.kernel import forms
from config.kernel.errors import SchemaError
from config.kernel.multipart import Part
from correspondence.serializers.initialize import InitializeRequest

_EXAMPLE = Path(__file__).parents[1] / "contract" / "examples" / "initialize-full.json"
_Values = list[tuple[str, str]]
_UUID = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"


def _minimal() -> _Values:
    return [
        ("Correspondence.ResourceId", "byggesak"),
        ("Correspondence.SendersReference", "sak-1"),
        ("Correspondence.Content.MessageTitle", "Tittel"),
        ("Correspondence.Content.MessageBody", "Tekst"),
        ("Recipients[0]", "urn:altinn:organization:identifier-no:314762290"),
    ]


def _bound(*values: tuple[str, str]) -> dict[str, Any]:
    return forms.bind(InitializeRequest(), list(values))


def _checked(values: _Values) -> Any:
    return InitializeRequest(data=forms.bind(InitializeRequest(), values)).checked(form=True)


def _letter(*values: tuple[str, str]) -> Any:
    """What a minimal form with these members of Correspondence says of it."""
    named = [(f"Correspondence.{name}", value) for name, value in values]
    return _checked([*named, *_minimal()])["correspondence"]


def _faults(values: _Values) -> dict[str, list[str]]:
    with pytest.raises(SchemaError) as refusal:
        _checked(values)
    return refusal.value.faults


def _flat(value: Any, name: str = "") -> _Values:
    """The form of some JSON, as .NET's clients name its values."""
    if isinstance(value, dict):
        dot = "." if name else ""
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{name}{dot}{key[0].upper()}{key[1:]}")]
    if isinstance(value, list):
        return [pair for index, inner in enumerate(value) for pair in _flat(inner, f"{name}[{index}]")]
    return [(name, str(value))]


def _full() -> Any:
    body = json.loads(_EXAMPLE.read_text())
    # Keys of properties keep their casing, which `_flat` does not.
    body["correspondence"]["propertyList"] = {"Saksnummer": "2026/43", "Fagområde": "byggesak"}
    body["correspondence"]["content"]["attachments"] = [
        {"fileName": "a.pdf", "sendersReference": "1", "isEncrypted": True, "expirationInDays": 20},
        {"fileName": "b.pdf", "sendersReference": "2", "dataLocationType": 1, "checksum": "0" * 32},
    ]
    return body


@pytest.mark.parametrize("prefix", ["", "request.", "Request."])
@pytest.mark.parametrize("casing", [str, str.lower, str.upper], ids=["as is", "lower", "upper"])
def test_a_full_form_says_what_the_same_json_says(prefix: str, casing: Any) -> None:
    body = _full()
    values = []
    for name, value in _flat(body):
        path, marker, key = name.partition("PropertyList.")
        values.append((prefix + casing(path + marker) + key, value))

    assert _checked(values) == InitializeRequest(data=body).checked()
    assert InitializeRequest(data=_bound(*values)).draft() == InitializeRequest(data=body).draft()


def test_a_minimal_form_says_what_the_same_json_says() -> None:
    body = {
        "correspondence": {
            "resourceId": "byggesak",
            "sendersReference": "sak-1",
            "content": {"messageTitle": "Tittel", "messageBody": "Tekst"},
        },
        "recipients": ["urn:altinn:organization:identifier-no:314762290"],
    }

    assert _bound(*_minimal()) == body


def test_nothing_is_bound_from_nothing() -> None:
    assert _bound() == {}
    assert _bound(("", "x"), (".", "x"), ("[0]", "x"), ("Unknown.X", "x"), ("request.", "x")) == {}


# What is said of one member, and what is read of it; None: nothing.
LISTS = {
    "indexes": ([("Recipients[0]", "a"), ("Recipients[1]", "b")], ["a", "b"]),
    "indexes in any order": ([("Recipients[1]", "b"), ("Recipients[0]", "a")], ["a", "b"]),
    "repeated": ([("Recipients", "a"), ("recipients", "b")], ["a", "b"]),
    "with empty brackets": ([("Recipients[]", "a"), ("Recipients[]", "b")], ["a", "b"]),
    "a gap": ([("Recipients[0]", "a"), ("Recipients[2]", "c")], ["a"]),
    "no beginning": ([("Recipients[1]", "b")], None),
    "the same index twice": ([("Recipients[0]", "a"), ("Recipients[0]", "b")], ["a"]),
    "an index far away": ([("Recipients[0]", "a"), ("Recipients[999999999]", "b")], ["a"]),
    "an index beyond numbers": ([("Recipients[0]", "a"), (f"Recipients[{'9' * 5000}]", "b")], ["a"]),
    "no index: a leading zero": ([("Recipients[00]", "a")], None),
    "no index: negative": ([("Recipients[-1]", "a")], None),
    "no index: a name": ([("Recipients[x]", "a")], None),
    "no index: other digits": ([("Recipients[٠]", "a")], None),
    "no index: blanks": ([("Recipients[ 0]", "a")], None),
    "a member of a scalar": ([("Recipients[0].Name", "a")], None),
    "a blank among others": ([("Recipients", "a"), ("Recipients", " ")], ["a", None]),
    "blanks only": ([("Recipients", " ")], None),
}


@pytest.mark.parametrize(("values", "expected"), LISTS.values(), ids=LISTS.keys())
def test_lists_of_scalars(values: _Values, expected: list[str] | None) -> None:
    assert _bound(*values).get("recipients") == expected


def test_a_number_that_stands_for_no_index_is_cheap() -> None:
    values = [(f"Recipients[{index * 199_999}]", "a") for index in range(5_000)]

    assert _bound(*values) == {"recipients": ["a"]}


def test_existing_attachments_take_all_forms_of_uuids() -> None:
    values = [("ExistingAttachments", text) for text in (_UUID.upper(), _UUID.replace("-", ""), f" {{{_UUID}}} ")]

    assert _bound(*values) == {"existingAttachments": [_UUID] * 3}


def test_a_uuid_among_recipients_is_not_touched() -> None:
    assert _bound(("Recipients", _UUID.replace("-", ""))) == {"recipients": [_UUID.replace("-", "")]}


@pytest.mark.parametrize("text", [_UUID, _UUID.replace("-", ""), f"{{{_UUID}}}", f" {_UUID.upper()}\r\n"])
def test_a_uuid_in_all_its_forms(text: str) -> None:
    assert _bound(("idempotentKey", text)) == {"idempotentKey": _UUID}


OBJECTS = {
    "indexes": ([("[0].LinkURL", "a"), ("[1].LinkURL", "b")], ["a", "b"]),
    "a gap": ([("[0].LinkURL", "a"), ("[2].LinkURL", "c")], ["a"]),
    "an entry of unknown members only": ([("[0].LinkURL", "a"), ("[1].Name", "x"), ("[2].LinkURL", "c")], ["a"]),
    "unknown members beside known ones": ([("[0].Name", "x"), ("[0].LinkURL", "a")], ["a"]),
    "without an index": ([(".LinkURL", "a"), ("", "b")], []),
    "without a dot": ([("[0]LinkURL", "a")], []),
}


@pytest.mark.parametrize(("values", "expected"), OBJECTS.values(), ids=OBJECTS.keys())
def test_lists_of_objects(values: _Values, expected: list[str]) -> None:
    letter = _letter(*((f"ReplyOptions{name}", value) for name, value in values))

    assert [option["linkURL"] for option in letter["replyOptions"]] == expected


def test_lists_within_lists() -> None:
    letter = _letter(
        ("Notification.CustomNotificationRecipients[0].RecipientToOverride", "x"),
        ("notification.customnotificationrecipients[0].recipients[0].emailaddress", "a@b.no"),
        ("Notification.CustomNotificationRecipients[0].Recipients[1].IsReserved", "True"),
    )
    (entry,) = letter["notification"]["customNotificationRecipients"]

    assert [recipient["emailAddress"] for recipient in entry["recipients"]] == ["a@b.no", None]
    assert [recipient["isReserved"] for recipient in entry["recipients"]] == [None, True]


PROPERTIES = {
    "after a dot": ([(".myKey", "v")], {"myKey": "v"}),
    "in brackets": ([("[myKey]", "v")], {"myKey": "v"}),
    "with dots": ([(".a.b", "1"), ("[c.d]", "2")], {"a.b": "1", "c.d": "2"}),
    "with brackets": ([(".a[b]", "1"), ("[c[d]]", "2")], {"a[b]": "1", "c[d]": "2"}),
    "two casings": ([(".a", "1"), (".A", "2")], {"a": "1", "A": "2"}),
    "as entries": ([("[0].Key", "A"), ("[0].Value", "1"), ("[1].key", "b"), ("[1].VALUE", "2")], {"A": "1", "b": "2"}),
    "entries win": ([(".x", "0"), ("[0].Key", "a"), ("[0].Value", "1"), ("[y]", "2")], {"a": "1"}),
    "entries up to a gap": ([("[0].Key", "a"), ("[0].Value", "1"), ("[2].Key", "c"), ("[2].Value", "3")], {"a": "1"}),
    "an entry without a key is a gap": ([("[0].Key", "a"), ("[0].Value", "1"), ("[1].Value", "2")], {"a": "1"}),
    "an entry with a blank key": (
        [("[0].Key", " "), ("[0].Value", "1"), ("[1].Key", "b"), ("[1].Value", "2")],
        {"b": "2"},
    ),
    "a key named Key": ([(".Key", "v")], {"Key": "v"}),
    "a key named 0": ([("[0]", "v")], {"0": "v"}),
    "one key twice": ([(".a", "1"), ("[a]", "2")], {"a": "1"}),
    "one key of entries twice": (
        [("[0].Key", "a"), ("[0].Value", "1"), ("[1].Key", "a"), ("[1].Value", "2")],
        {"a": "1"},
    ),
    "a blank value": ([(".a", ""), (".b", "  "), (".c", " x ")], {"a": "", "b": "", "c": " x "}),
    "no key": ([("", "v"), (".", "v"), ("[]", "v"), ("[a].b", "v"), ("a", "v")], {}),
}


@pytest.mark.parametrize(("values", "expected"), PROPERTIES.values(), ids=PROPERTIES.keys())
def test_property_list(values: _Values, expected: dict[str, str]) -> None:
    letter = _letter(*((f"propertylist{name}", value) for name, value in values))

    assert letter["propertyList"] == expected


def test_a_property_without_a_value_is_refused() -> None:
    assert set(_faults([*_minimal(), ("Correspondence.PropertyList[0].Key", "a")])) == {"Correspondence.PropertyList"}


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("True", True), (" FALSE ", False), ("", False), (" ", False)]
)
def test_booleans(text: str, expected: bool) -> None:
    assert _letter(("IsConfidential", text))["isConfidential"] is expected


@pytest.mark.parametrize("text", ["Sms", "sms", " SMS ", "1", "01"])
def test_enums_by_name_or_number(text: str) -> None:
    assert _letter(("Notification.NotificationChannel", text))["notification"]["notificationChannel"] == "Sms"


# Those that JSON takes without a name are the first three.
ENUMS = [
    "Correspondence.ExternalReferences[0].ReferenceType",
    "Correspondence.Notification.NotificationTemplate",
    "Correspondence.Content.Attachments[0].DataLocationType",
    "Correspondence.Notification.NotificationChannel",
]


@pytest.mark.parametrize("name", ENUMS)
@pytest.mark.parametrize("text", ["77", "-1", "x", "1.0", "9" * 5_000])
def test_an_enum_must_have_a_name(name: str, text: str) -> None:
    siblings = [
        ("Correspondence.ExternalReferences[0].ReferenceValue", "x"),
        ("Correspondence.Content.Attachments[0].FileName", "a.pdf"),
        ("Correspondence.Content.Attachments[0].SendersReference", "1"),
        ("Correspondence.ExternalReferences[0].ReferenceType", "0"),
    ]

    assert set(_faults([*_minimal(), (name, text), *siblings])) == {name}


def test_numbers_are_read_from_texts() -> None:
    content = _letter(
        ("Content.Attachments[0].FileName", "a"),
        ("Content.Attachments[0].SendersReference", "1"),
        ("Content.Attachments[0].ExpirationInDays", " 20 "),
    )["content"]

    assert content["attachments"][0]["expirationInDays"] == 20


MOMENTS = {
    "ISO 8601": ("2031-05-29T15:31:28+02:00", "2031-05-29T13:31:28+00:00"),
    "without an offset": ("2031-05-29T13:31:28", "2031-05-29T13:31:28+00:00"),
    "a date": ("2031-05-29", "2031-05-29T00:00:00+00:00"),
    "7 decimals": ("2031-05-29T13:31:28.1234567Z", "2031-05-29T13:31:28.123456+00:00"),
    ".NET, invariant": ("05/29/2031 13:31:28 +00:00", "2031-05-29T13:31:28+00:00"),
    ".NET, another offset": ("05/29/2031 13:31:28 -03:30", "2031-05-29T17:01:28+00:00"),
    ".NET, month first": ("01/02/2031 00:00:00 +00:00", "2031-01-02T00:00:00+00:00"),
    ".NET, without an offset": ("05/29/2031 13:31:28", "2031-05-29T13:31:28+00:00"),
    ".NET, decimals": ("05/29/2031 13:31:28.5 +00:00", "2031-05-29T13:31:28.5+00:00"),
    ".NET, a date": ("05/29/2031", "2031-05-29T00:00:00+00:00"),
    ".NET, universal": ("2031-05-29 13:31:28Z", "2031-05-29T13:31:28+00:00"),
    "a blank for the T": ("2031-05-29 13:31:28 +00:00", "2031-05-29T13:31:28+00:00"),
    "blanks around": (" 2031-05-29 ", "2031-05-29T00:00:00+00:00"),
}


@pytest.mark.parametrize(("text", "expected"), MOMENTS.values(), ids=MOMENTS.keys())
def test_moments(text: str, expected: str) -> None:
    assert _bound(("Correspondence.DueDateTime", text)) == {"correspondence": {"dueDateTime": expected}}


OTHER_MOMENTS = {
    "day first": "29/05/2031 13:31:28",
    "a T behind slashes": "05/29/2031T13:31:28",
    "one digit": "5/29/2031",
    "two digits of a year": "05/29/31",
    "twelve hours": "05/29/2031 01:31:28 PM",
    "no such hour": "05/29/2031 25:00:00",
    "no such offset": "05/29/2031 13:31:28 +15:00",
    "8 decimals": "05/29/2031 13:31:28.12345678",
    "before the year 1": "01/01/0001 00:00:00 +01:00",
    "words": "soon",
}


@pytest.mark.parametrize("text", OTHER_MOMENTS.values(), ids=OTHER_MOMENTS.keys())
def test_other_moments_are_refused(text: str) -> None:
    assert set(_faults([*_minimal(), ("Correspondence.DueDateTime", text)])) == {"Correspondence.DueDateTime"}


@pytest.mark.parametrize("text", ["05/29/2031 13:31:28 +00:00", "2031-05-29 13:31:28 +00:00", "05/29/2031"])
def test_json_reads_moments_as_strictly_as_before(text: str) -> None:
    body = json.loads(_EXAMPLE.read_text())
    body["correspondence"]["dueDateTime"] = text
    with pytest.raises(SchemaError) as refusal:
        InitializeRequest(data=body).checked()

    assert set(refusal.value.faults) == {"$.correspondence.dueDateTime", "request"}


def test_a_text_is_kept_with_its_blanks() -> None:
    assert _letter(("MessageSender", " a "))["messageSender"] == " a "


def test_blank_optional_values_are_as_if_absent() -> None:
    blank = _letter(("MessageSender", ""), ("DueDateTime", " "), ("Content.Language", ""), ("IgnoreReservation", ""))

    assert blank == _letter()


def test_of_one_name_twice_the_first_value_wins() -> None:
    """ASP.NET's check boxes send true and false under one name."""
    assert _letter(("IsConfidential", "true"), ("isConfidential", "false"))["isConfidential"] is True


def test_an_object_is_there_once_one_of_its_members_is_named() -> None:
    assert _letter(("Notification.Unknown", "x"), ("Notification", "x"))["notification"] is None
    assert _letter(("Notification.CustomRecipient.Unknown", "x"))["notification"] is None
    assert _letter(("Notification.EmailSubject", ""))["notification"]["notificationChannel"] == "Email"


def test_the_prefix_is_for_all_names_or_for_none() -> None:
    values = [("Correspondence.ResourceId", "a"), ("REQUEST.correspondence.SendersReference", "b")]

    assert _bound(*values) == {"correspondence": {"sendersReference": "b"}}
    assert _bound(*values, ("request.x", "")) == {"correspondence": {"sendersReference": "b"}}
    assert _bound(("request", "x"), values[0]) == {"correspondence": {"resourceId": "a"}}


def test_what_the_sender_says_of_itself_is_ignored() -> None:
    assert _letter(("Sender", "0192:123")) == _letter()


def test_faults_of_all_kinds_are_told_at_once_by_the_names_of_a_form() -> None:
    faults = _faults(
        [
            ("correspondence.sendersReference", " "),
            ("Correspondence.Content.MessageTitle", "x" * 256),
            ("Correspondence.DueDateTime", "soon"),
            ("Correspondence.IsConfidential", "maybe"),
            ("Correspondence.ReplyOptions[0].LinkText", "x"),
            ("Correspondence.Content.Attachments[0].FileName", ""),
            ("Correspondence.Content.Attachments[0].SendersReference", "1"),
            ("ExistingAttachments", "x"),
            ("IdempotentKey", "00000000000000000000000000000000"),
        ]
    )

    assert set(faults) == {
        "Correspondence.ResourceId",
        "Correspondence.SendersReference",
        "Correspondence.Content.MessageTitle",
        "Correspondence.Content.MessageBody",
        "Correspondence.DueDateTime",
        "Correspondence.IsConfidential",
        "Correspondence.ReplyOptions[0].LinkURL",
        "Correspondence.Content.Attachments[0].FileName",
        "ExistingAttachments[0]",
        "IdempotentKey",
        "Recipients",
    }
    assert faults["Correspondence.ResourceId"] == ["ResourceId must have a value."]
    assert faults["Correspondence.SendersReference"] == ["SendersReference must have a value."]
    assert faults["Recipients"] == ["Recipients must have a value."]


def test_faults_of_an_empty_form() -> None:
    assert _faults([]) == {
        "Correspondence": ["Correspondence must have a value."],
        "Recipients": ["Recipients must have a value."],
    }


def test_a_list_over_its_limit_is_one_fault() -> None:
    values = [(f"Correspondence.ReplyOptions[{index}].LinkText", "x") for index in range(1_001)]

    assert set(_faults([*_minimal(), *values])) == {"Correspondence.ReplyOptions"}


@pytest.mark.parametrize(
    "template",
    [
        "Correspondence.ReplyOptions[{}].LinkURL",
        "Correspondence.PropertyList.{}",
        "Correspondence.PropertyList[{}].Key",
        "Recipients[{}]",
        "Recipients",
        "{}." * 10,
        "[{}]" * 10,
    ],
)
def test_five_thousand_values_are_bound_in_no_time(template: str) -> None:
    values = [(template.replace("{}", str(index)), "x") for index in reversed(range(5_000))]
    began = time.process_time()
    _bound(*values)

    assert time.process_time() - began < 1


def _part(name: str, content_type: str, file_name: str | None = None) -> Part:
    return Part(name=name, file_name=file_name, content_type=content_type, _source=None)


@pytest.mark.parametrize(("name", "key"), [("correspondence", "Correspondence"), ("request", "Request")])
def test_json_in_a_form_is_refused_with_advice(name: str, key: str) -> None:
    fault = forms.json_part_fault(_part(name, "application/json"))

    assert fault is not None
    ((told, (text,)),) = fault.faults.items()
    assert told == key
    assert text.startswith(f"{key} came as JSON: write each member")


def test_a_blob_of_json_is_refused_as_well() -> None:
    """Browsers give it a file name; parts that are files of the letter never come here."""
    assert forms.json_part_fault(_part("correspondence", "application/json", "blob")) is not None


def test_other_texts_are_no_such_fault() -> None:
    assert forms.json_part_fault(_part("recipients", "text/plain")) is None
