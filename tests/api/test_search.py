"""GET /correspondence: what was sent and what was received (contract http-api.md §6)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence
from recipients.models import Party
from registry import actions as registry
from registry.models import Resource, ServiceOwner
from registry.statuses import Right
from tests.clients import Client, keys, problem
from tests.conftest import OWNER, token
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import published, sent, work
from tests.tokens import signed

READ, WRITE = "altinn:correspondence.read", "altinn:correspondence.write"
FAR = "2099-01-01T00:00:00Z"
RESOURCE = "fjordby-byggesak"


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"ids"}
    found: list[str] = answer.json()["ids"]
    return found


def received(caller: Client, **parameters: Any) -> list[str]:
    return ids(caller.find(**{"resourceId": RESOURCE, "role": "Recipient", **parameters}))


def sent_by(caller: Client, **parameters: Any) -> list[str]:
    return ids(caller.find(**{"resourceId": RESOURCE, "role": "Sender", **parameters}))


# --- roles -----------------------------------------------------------------------------------------------------------


def test_the_sender_finds_all_that_it_sent_newest_first(sender: Client) -> None:
    times = ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z"]
    middle, newest, oldest = (sent(sender, letter(requestedPublishTime=time))[0] for time in times)
    [later] = sent(sender, letter(requestedPublishTime=FAR))

    assert sent_by(sender) == [later, newest, middle, oldest]


def test_the_recipient_finds_what_is_out(sender: Client, reader: Client) -> None:
    letter_id = published(sender)
    sent(sender, letter(requestedPublishTime=FAR))
    published(sender, letter(PERSON))
    [failed] = sent(sender, letter(requestedPublishTime=FAR))
    fail_unfinished([Correspondence.objects.get(pk=failed).mailing_id], "It was withdrawn", clock.now())

    assert received(reader) == [letter_id]


def test_both_roles_at_once_find_each_letter_once(sender: Client) -> None:
    to_itself = published(sender, letter(f"0192:{OWNER}"))
    [later] = sent(sender, letter(f"0192:{OWNER}", requestedPublishTime=FAR))
    other = published(sender)
    owner = Client(token(scope=f"{READ} {WRITE}"))

    assert ids(owner.find(resourceId=RESOURCE, role="RecipientAndSender")) == [later, other, to_itself]
    assert received(owner) == [to_itself]


def test_both_roles_hold_the_filter_for_both_halves(sender: Client) -> None:
    """The original lets others through."""
    published(sender, letter(f"0192:{OWNER}"))
    [failed] = sent(sender, letter(f"0192:{OWNER}", requestedPublishTime=FAR))
    fail_unfinished([Correspondence.objects.get(pk=failed).mailing_id], "It was withdrawn", clock.now())

    assert ids(sender.find(resourceId=RESOURCE, role=2, status="Failed")) == [failed]


@pytest.mark.parametrize("role", ["sender", "SENDER", "1", 1])
def test_roles_are_read_in_any_casing_and_as_numbers(sender: Client, role: Any) -> None:
    [letter_id] = sent(sender)

    assert ids(sender.call("GET", f"/correspondence?RESOURCEID={RESOURCE}&Role={role}")) == [letter_id]


def test_a_resource_may_be_named_with_its_prefix_and_another_finds_nothing(sender: Client) -> None:
    [letter_id] = sent(sender)

    assert sent_by(sender, resourceId=f"urn:altinn:resource:{RESOURCE}") == [letter_id]
    assert sent_by(sender, resourceId="no-such-resource") == []


# --- status ----------------------------------------------------------------------------------------------------------


def test_a_status_finds_what_ever_had_it(sender: Client, reader: Client) -> None:
    letter_id, untouched = published(sender), published(sender)
    reader.content(letter_id)
    reader.confirm(letter_id)

    for status in ("Published", "2"):
        assert sorted(sent_by(sender, status=status)) == sorted([letter_id, untouched])
    for name in ("read", "Confirmed", 6):
        assert sent_by(sender, status=name) == [letter_id]
        assert received(reader, status=name) == [letter_id]
    assert sorted(sent_by(sender, status="Initialized")) == sorted([letter_id, untouched])


@pytest.mark.parametrize("status", ["Fetched", "Replied", "Archived", "Forwarded"])
def test_fetched_is_kept_apart_and_some_are_never_had(sender: Client, reader: Client, status: str) -> None:
    letter_id = published(sender)
    reader.overview(letter_id)

    assert sent_by(sender, status=status) == received(reader, status=status) == []


@pytest.mark.parametrize("status", ["Initialized", "ReadyForPublish", "Failed"])
def test_recipients_do_not_find_by_what_comes_before_publishing(sender: Client, reader: Client, status: str) -> None:
    published(sender)

    assert received(reader, status=status) == []


def test_what_was_purged_is_still_found(sender: Client, reader: Client) -> None:
    letter_id = published(sender)
    reader.purge(letter_id)

    assert received(reader) == received(reader, status="PurgedByRecipient") == [letter_id]
    assert sent_by(sender) == sent_by(sender, status=7) == [letter_id]


def test_what_its_sender_purged_before_it_was_out_is_found_by_its_recipient_too(sender: Client, reader: Client) -> None:
    """By its id alone, which opens nothing: the latest event is none of the three that hide it (http-api.md §6)."""
    [letter_id] = sent(sender)
    assert received(reader) == []

    sender.purge(letter_id)

    assert received(reader) == received(reader, status="PurgedByAltinn") == [letter_id]
    assert problem(reader.details(letter_id)) == (404, "CORR-01001")


# --- time, reference, key --------------------------------------------------------------------------------------------


def test_times_are_both_exclusive(sender: Client) -> None:
    first, second, third = (
        sent(sender, letter(requestedPublishTime=f"2026-01-0{day}T08:00:00Z"))[0] for day in (1, 2, 3)
    )

    assert sent_by(sender, start="2026-01-01T08:00:00Z") == [third, second]
    assert sent_by(sender, end="2026-01-03T08:00:00Z") == [second, first]
    assert sent_by(sender, start="2026-01-01T08:00:00Z", end="2026-01-03T09:00:00+01:00") == [second]
    assert sent_by(sender, start="2026-01-02", end="2026-01-03") == [second]


def test_a_plus_sign_that_was_not_escaped_is_read(sender: Client) -> None:
    [letter_id] = sent(sender, letter(requestedPublishTime="2026-01-01T08:00:00Z"))
    query = f"resourceId={RESOURCE}&role=Sender&from=2026-01-01T09:59:59+02:00&to=2026-01-01T10:00:01+02:00"

    assert ids(sender.call("GET", f"/correspondence?{query}")) == [letter_id]


def test_from_after_to(sender: Client) -> None:
    answer = sender.find(resourceId=RESOURCE, role="Sender", start="2026-01-02", end="2026-01-01")

    assert problem(answer) == (400, "CORR-01027")
    assert sent_by(sender, start="2026-01-01", end="2026-01-01") == []


def test_a_senders_reference_is_found_exactly(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(sendersReference="sak 7 – " + "x" * 3000))
    published(sender, letter(sendersReference="sak 8"))

    for found in (sent_by, received):
        caller = sender if found is sent_by else reader
        assert found(caller, sendersReference="sak 7 – " + "x" * 3000) == [letter_id]
        assert found(caller, sendersReference="sak") == []


def test_the_letter_that_was_made_with_a_key(sender: Client, reader: Client, other_sender: Client) -> None:
    key = str(uuid4())
    letter_id = published(sender, letter(request__idempotentKey=key))
    published(sender)

    assert sent_by(sender, idempotentKey=key) == sent_by(sender, idempotentKey=key.replace("-", "")) == [letter_id]
    assert received(reader, idempotentKey=key) == [letter_id]
    assert sent_by(sender, idempotentKey=uuid4()) == []
    assert ids(other_sender.find(resourceId=RESOURCE, role="Sender", idempotentKey=key)) == []


def test_a_key_finds_its_letter_whatever_the_other_filters_say(
    sender: Client, reader: Client, owner: ServiceOwner
) -> None:
    """As after CORR-01034, when all that the client knows is the key (contract http-api.md §6)."""
    Resource.objects.create(id="fjordby-skatt", owner=owner)
    key = str(uuid4())
    letter_id = published(sender, letter(request__idempotentKey=key))

    filters: dict[str, Any] = {"status": "Failed", "sendersReference": "x", "start": "2039-01-01"}
    for name, value in filters.items():
        assert sent_by(sender, idempotentKey=key, **{name: value}) == [letter_id]
    found = sender.find(resourceId="fjordby-skatt", role="Sender", idempotentKey=key)
    assert ids(found) == [letter_id]
    assert ids(reader.find(resourceId="fjordby-skatt", role="Recipient", idempotentKey=key)) == [letter_id]


def test_a_key_finds_nothing_of_a_resource_to_which_the_caller_has_no_right(
    sender: Client, reader: Client, owner: ServiceOwner
) -> None:
    Resource.objects.create(id="fjordby-skatt", owner=owner)
    key = str(uuid4())
    published(sender, letter(request__idempotentKey=key))
    terms = {"from_party": f"0192:{OWNER}", "to_party": ORGANIZATION, "right": "write", "resource_id": "fjordby-skatt"}
    registry.delegate(**terms, by="test", now=clock.now())

    delegated = Client(token("314762290"))
    found = delegated.find(resourceId="fjordby-skatt", role="Sender", idempotentKey=key, onBehalfOf=f"0192:{OWNER}")
    assert ids(found) == []
    assert sent_by(sender, idempotentKey=key, role="Recipient") == []


def test_nothing_came_from_the_old_platform(sender: Client) -> None:
    sent(sender)

    assert sent_by(sender, altinn2CorrespondenceId=7) == []


# --- on whose behalf -------------------------------------------------------------------------------------------------


def test_another_party_needs_a_delegation(sender: Client, reader: Client, resource: Resource) -> None:
    letter_id = published(sender, letter("0192:310080632"))
    search = {"resourceId": RESOURCE, "role": "Recipient", "onBehalfOf": "0192:310080632"}

    assert problem(reader.find(**search)) == (401, "CORR-04001")
    registry.delegate(
        from_party="0192:310080632",
        to_party=ORGANIZATION,
        right=Right.READ,
        resource_id=resource.pk,
        by="test",
        now=clock.now(),
    )
    assert ids(reader.find(**search)) == [letter_id]
    by_urn = {**search, "onBehalfOf": "urn:altinn:organization:identifier-no:310080632"}
    assert ids(reader.find(**by_urn)) == [letter_id]
    assert problem(reader.find(**{**search, "role": "Sender"})) == (401, "CORR-04001")
    assert ids(reader.find(**{**search, "role": "RecipientAndSender"})) == [letter_id]


def test_a_person_finds_its_own_letters(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(PERSON))
    person = Client(signed({"pid": PERSON[-11:], "scope": READ}))
    through_a_vendor = Client(signed({"pid": PERSON[-11:], "scope": READ, "consumer": {"ID": "0192:314762290"}}))
    published(sender)

    assert received(person) == received(through_a_vendor) == [letter_id]
    assert received(person, onBehalfOf=PERSON[-11:]) == received(person, onBehalfOf=PERSON) == [letter_id]
    assert received(person, onBehalfOf=" ") == [letter_id]
    assert problem(reader.find(resourceId=RESOURCE, role="Recipient", onBehalfOf=PERSON)) == (401, "CORR-04001")


def test_a_token_with_a_party_id_finds_the_letters_of_that_party(sender: Client) -> None:
    letter_id = published(sender, letter(PERSON))
    caller = Client(signed({"urn:altinn:partyid": 51234, "scope": READ}))

    assert problem(caller.find(resourceId=RESOURCE, role="Recipient")) == (401, "CORR-04001")
    Party.objects.create(urn=PERSON, party_id="51234")
    assert received(caller) == [letter_id]
    assert caller.overview(letter_id).status_code == 200


def test_a_vendors_person_finds_what_the_vendor_sent_and_not_what_it_received(sender: Client) -> None:
    letter_id = published(sender, letter(f"0192:{OWNER}"))
    person = Client(signed({"pid": PERSON[-11:], "scope": f"{READ} {WRITE}", "consumer": {"ID": f"0192:{OWNER}"}}))

    assert sent_by(person) == [letter_id]
    assert received(person) == []
    answer = person.find(resourceId=RESOURCE, role="Recipient", onBehalfOf=f"0192:{OWNER}")
    assert problem(answer) == (401, "CORR-04001")


def test_a_dialog_token_finds_what_its_party_received(sender: Client, dialog_token: Any) -> None:
    letter_id = published(sender)
    dialog = Client(dialog_token({"p": ORGANIZATION, "c": PERSON, "a": "read"}))

    assert received(dialog) == [letter_id]
    assert problem(dialog.find(resourceId=RESOURCE, role="Sender")) == (401, "CORR-04001")


def test_a_platform_token_finds_what_its_owner_sent(platform: Client, sender: Client) -> None:
    [letter_id] = sent(sender)

    assert sent_by(platform) == [letter_id]
    assert problem(platform.find(resourceId=RESOURCE, role="Recipient")) == (401, "CORR-04001")


def test_a_token_that_names_nobody(db: None) -> None:
    answer = Client(signed({"scope": READ})).find(resourceId=RESOURCE, role="Recipient")

    assert problem(answer) == (401, "CORR-04006")


def test_strangers_and_wrong_scopes(stranger: Client, sender: Client) -> None:
    assert problem(stranger.find(resourceId=RESOURCE, role="Sender")) == (401, None)
    assert problem(Client(token(scope="other")).find(resourceId=RESOURCE, role="Sender")) == (403, None)


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"resourceId": None}, "resourceId"),
        ({"resourceId": "a\0b"}, "resourceId"),
        ({"role": None}, "role"),
        ({"role": ""}, "role"),
        ({"role": "Owner"}, "role"),
        ({"role": "3"}, "role"),
        ({"status": "Sent"}, "status"),
        ({"status": "14"}, "status"),
        ({"status": "-1"}, "status"),
        ({"start": "yesterday"}, "from"),
        ({"end": "2026-13-01"}, "to"),
        ({"start": "2026-01-01T25:00:00Z"}, "from"),
        ({"idempotentKey": "no-uuid"}, "idempotentKey"),
        ({"altinn2CorrespondenceId": "x"}, "altinn2CorrespondenceId"),
        ({"onBehalfOf": "314762290"}, "onBehalfOf"),
        ({"onBehalfOf": "01818517642"}, "onBehalfOf"),
        ({"onBehalfOf": "urn:altinn:person:idporten-email:a@b.no"}, "onBehalfOf"),
        ({"sendersReference": "\0"}, "sendersReference"),
        ({"sendersReference": "x" * 4097}, "sendersReference"),
    ],
)
def test_a_bad_parameter_is_named(sender: Client, parameters: dict[str, Any], named: str) -> None:
    answer = sender.find(**{"resourceId": RESOURCE, "role": "Sender", **parameters})

    assert keys(answer) == {named}
    assert "01818517642" not in answer.content.decode()


def test_every_bad_parameter_is_named_at_once(sender: Client) -> None:
    assert keys(sender.find(role="x", status="y", start="z")) == {"resourceId", "role", "status", "from"}


def test_of_a_repeated_parameter_the_first_counts_and_unknown_ones_are_ignored(sender: Client) -> None:
    [letter_id] = sent(sender)

    answer = sender.call("GET", f"/correspondence?role=Sender&role=x&resourceId={RESOURCE}&page=7")
    assert ids(answer) == [letter_id]


# --- cost ------------------------------------------------------------------------------------------------------------


def test_at_most_a_thousand_are_answered_in_so_many_statements_however_many_there_are(sender: Client) -> None:
    [letter_id] = sent(sender)
    owner = Client(token(scope=f"{READ} {WRITE}"))
    with CaptureQueriesContext(connection) as few:
        owner.find(resourceId=RESOURCE, role="RecipientAndSender")
    row = Correspondence.objects.get(pk=letter_id)
    Correspondence.objects.bulk_create(
        Correspondence(
            mailing=row.mailing,
            recipient=f"urn:x:{n}",
            owner_id=row.owner_id,
            resource_id=row.resource_id,
            requested_publish_time=row.requested_publish_time + timedelta(seconds=n),
            due_at=row.due_at,
            next_try_at=row.next_try_at,
        )
        for n in range(1, 1100)
    )
    work()

    with CaptureQueriesContext(connection) as many:
        found = ids(owner.find(resourceId=RESOURCE, role="RecipientAndSender"))
    assert len(found) == len(set(found)) == 1000
    assert letter_id not in found
    assert len(many) == len(few) == 4  # the owner, a level that is demanded, and each half
    assert len(sent_by(sender, status="Published")) == 1000
