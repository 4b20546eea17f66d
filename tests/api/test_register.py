"""What the register of parties does to letters: unknown, reserved, without the role, called by name."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from markdown_it import MarkdownIt

from correspondence.models import Correspondence, StatusEvent
from correspondence.statuses import Status
from recipients.models import Party
from registry.models import Resource
from tests.clients import Client, problem
from tests.letters import ORGANIZATION, PERSON, letter, organizations
from tests.mail import history, published, sent, work
from tests.tokens import signed

FAR = "2099-01-01T00:00:00Z"
OTHER_PERSON = "urn:altinn:person:identifier-no:24926112631"
READ = "altinn:correspondence.read"


def party(urn: str, **facts: Any) -> Party:
    return Party.objects.create(urn=urn, **facts)


def texts(letter_id: str) -> str:
    return StatusEvent.objects.get(correspondence__pk=letter_id, status=Status.FAILED).text


# --- known -----------------------------------------------------------------------------------------------------------


def test_nobody_must_be_known_unless_a_setting_says_so(sender: Client, settings: Any) -> None:
    assert sender.post(letter(ORGANIZATION, PERSON)).status_code == 200

    settings.RECIPIENTS_MUST_BE_KNOWN = True
    party(PERSON)
    answer = sender.post(letter(PERSON, "0192:310080632", ORGANIZATION))
    assert problem(answer) == (404, "CORR-01029")
    assert [fault["path"] for fault in answer.json()["faults"]] == ["recipients[1]", "recipients[2]"]
    assert sender.post(letter(PERSON)).status_code == 200


def test_a_recipient_who_left_the_register_meanwhile_is_not_written_to(sender: Client, settings: Any) -> None:
    settings.RECIPIENTS_MUST_BE_KNOWN = True
    known = party(ORGANIZATION)
    [letter_id] = sent(sender)
    known.delete()
    work()

    assert history(letter_id)[-1] == Status.FAILED
    assert texts(letter_id) == "The recipient is not in the register"


# --- reserved --------------------------------------------------------------------------------------------------------


def test_a_reserved_person_alone_is_refused(sender: Client) -> None:
    party(PERSON, is_reserved=True)

    answer = sender.post(letter(PERSON))
    assert problem(answer) == (422, "CORR-01030")
    assert PERSON[-11:] not in answer.content.decode()
    assert not Correspondence.objects.exists()


def test_reserved_persons_among_several_are_marked_and_fail_when_the_others_go_out(sender: Client) -> None:
    party(PERSON, is_reserved=True)
    party(OTHER_PERSON)

    answer = sender.post(letter(PERSON, OTHER_PERSON, ORGANIZATION)).json()["correspondences"]
    assert [entry["status"] for entry in answer] == ["Reserved", "Initialized", "Initialized"]
    reserved, other, organization = (entry["correspondenceId"] for entry in answer)
    assert history(reserved) == [Status.INITIALIZED, Status.RESERVED]
    work()

    assert history(reserved) == [Status.INITIALIZED, Status.RESERVED, Status.FAILED]
    assert texts(reserved) == "The recipient has reserved against digital post"
    assert {history(row)[-1] for row in (other, organization)} == {Status.PUBLISHED}
    assert sender.overview(reserved).json()["status"] == "Failed"


def test_a_reservation_that_was_lifted_meanwhile_does_not_count(sender: Client) -> None:
    row = party(PERSON, is_reserved=True)
    reserved, _ = sent(sender, letter(PERSON, ORGANIZATION))
    Party.objects.filter(pk=row.pk).update(is_reserved=False)
    work()

    out = [Status.READY_FOR_PUBLISH, Status.PUBLISHED]
    assert history(reserved) == [Status.INITIALIZED, Status.RESERVED, *out]
    answer = Client(signed({"pid": PERSON[-11:], "scope": READ})).overview(reserved)
    assert (answer.status_code, answer.json()["status"]) == (200, "Reserved")


def test_a_reservation_made_meanwhile_counts_unless_it_is_ignored(sender: Client) -> None:
    heeded = sent(sender, letter(PERSON))[0]
    ignored = sent(sender, letter(PERSON, ignoreReservation=True))[0]
    party(PERSON, is_reserved=True)
    work()

    assert (history(heeded)[-1], history(ignored)[-1]) == (Status.FAILED, Status.PUBLISHED)


def test_a_reservation_is_ignored_where_the_sender_may(sender: Client) -> None:
    party(PERSON, is_reserved=True)

    [letter_id] = sent(sender, letter(PERSON, ignoreReservation=True))
    assert history(letter_id) == [Status.INITIALIZED]


def test_an_organisation_that_is_marked_among_several_stays_what_it_is(sender: Client) -> None:
    """The register is asked about it for another reason."""
    party(ORGANIZATION, is_reserved=True, name="Berg AS")
    party(PERSON, name="Kari")

    answer = sender.post(letter(ORGANIZATION, PERSON, content__messageBody="Hei {{recipientName}}."))
    assert [entry["status"] for entry in answer.json()["correspondences"]] == ["Initialized", "Initialized"]


def test_a_letter_that_waits_as_reserved_is_found_by_what_it_was(sender: Client) -> None:
    """Search goes by what a letter has ever been (contract http-api.md §6)."""
    party(PERSON, is_reserved=True)
    reserved, other = sent(sender, letter(PERSON, ORGANIZATION, requestedPublishTime=FAR))
    search = {"resourceId": "fjordby-byggesak", "role": "Sender"}

    assert set(sender.find(**search, status="Initialized").json()["ids"]) == {reserved, other}
    assert sender.find(**search, status="Reserved").json()["ids"] == [reserved]
    work()
    assert sender.find(**search, status="ReadyForPublish").json()["ids"] == [other]


def test_organisations_do_not_reserve(sender: Client) -> None:
    party(ORGANIZATION, is_reserved=True)

    published(sender)


def test_a_reserved_letter_is_not_read_before_it_is_out(sender: Client) -> None:
    party(PERSON, is_reserved=True)
    reserved, _ = sent(sender, letter(PERSON, ORGANIZATION, requestedPublishTime=FAR))
    person = Client(signed({"pid": PERSON[-11:], "scope": READ}))

    assert problem(person.overview(reserved)) == (404, "CORR-01001")
    found = person.find(resourceId="fjordby-byggesak", role="Recipient", status="Reserved")
    assert found.json() == {"ids": []}


# --- the role that confidential post demands -------------------------------------------------------------------------


def test_confidential_post_goes_to_organisations_with_the_role_where_that_is_demanded(
    sender: Client, resource: Resource
) -> None:
    Resource.objects.update(is_confidential=True)
    party(ORGANIZATION)
    secret = letter(ORGANIZATION, PERSON, isConfidential=True)
    assert sender.post(secret).status_code == 200

    Resource.objects.update(recipients_need_role=True)
    answer = sender.post(secret)
    assert problem(answer) == (400, "CORR-01044")
    assert [fault["path"] for fault in answer.json()["faults"]] == ["recipients[0]"]
    Party.objects.update(has_confidential_role=True)
    letter_id = sent(sender, secret)[0]
    Party.objects.update(has_confidential_role=False)
    work()
    assert texts(letter_id) == "The recipient lacks the role that confidential correspondence demands"


def test_an_organisation_that_the_register_does_not_know_has_no_role(sender: Client, resource: Resource) -> None:
    Resource.objects.update(is_confidential=True, recipients_need_role=True)

    assert problem(sender.post(letter(ORGANIZATION, isConfidential=True))) == (400, "CORR-01044")
    assert not Correspondence.objects.exists()


def test_the_role_is_asked_of_confidential_post_only(sender: Client, resource: Resource) -> None:
    Resource.objects.update(recipients_need_role=True)
    party(ORGANIZATION)

    published(sender)


# --- the order of rules ----------------------------------------------------------------------------------------------


def test_who_is_unknown_is_told_before_who_lacks_the_role(sender: Client, resource: Resource, settings: Any) -> None:
    """Rows 12 and 13."""
    Resource.objects.update(is_confidential=True, recipients_need_role=True)
    settings.RECIPIENTS_MUST_BE_KNOWN = True
    party(ORGANIZATION)

    secret = letter(ORGANIZATION, "0192:310080632", isConfidential=True)
    assert problem(sender.post(secret)) == (404, "CORR-01029")


def test_a_reservation_is_told_after_a_missing_due_date_and_before_one_that_has_passed(sender: Client) -> None:
    """Rows 14, 15 and 16."""
    party(PERSON, is_reserved=True)

    assert problem(sender.post(letter(PERSON, isConfirmationNeeded=True))) == (400, "CORR-01016")
    assert problem(sender.post(letter(PERSON, dueDateTime="2020-01-01T00:00:00Z"))) == (422, "CORR-01030")


# --- by name ---------------------------------------------------------------------------------------------------------


def test_recipients_are_called_by_their_registered_names(sender: Client, reader: Client) -> None:
    party(ORGANIZATION, name="BERG OG DAL AS")
    party(PERSON, name="KARI NORDMANN")
    body = letter(
        ORGANIZATION,
        PERSON,
        content__messageTitle="Til {{recipientName}}",
        content__messageSummary="{{recipientName}}: les",
        content__messageBody="Hei {{recipientName}}, {{recipientname}}.",
    )
    first, second = sent(sender, body)
    work()

    content = reader.overview(first).json()["content"]
    assert content["messageTitle"] == "Til Berg Og Dal As"
    assert content["messageSummary"] == "Berg Og Dal As: les"
    assert content["messageBody"] == "Hei Berg Og Dal As, {{recipientname}}."
    assert "Hei Berg Og Dal As" in reader.content(first).content.decode()
    assert reader.details(first).json()["content"]["messageTitle"] == "Til Berg Og Dal As"
    person = Client(signed({"pid": PERSON[-11:], "scope": READ}))
    assert person.overview(second).json()["content"]["messageTitle"] == "Til Kari Nordmann"


@pytest.mark.parametrize("part", ["messageTitle", "messageSummary", "messageBody"])
def test_one_mention_is_enough_to_be_called_by_name(sender: Client, reader: Client, part: str) -> None:
    assert problem(sender.post(letter(**{f"content__{part}": "Til {{recipientName}}"}))) == (404, "CORR-01029")

    party(ORGANIZATION, name="BERG AS")
    letter_id = published(sender, letter(**{f"content__{part}": "Til {{recipientName}}"}))
    assert reader.overview(letter_id).json()["content"][part] == "Til Berg As"


def test_a_name_is_not_read_as_markdown(sender: Client, reader: Client) -> None:
    party(ORGANIZATION, name="[GRATIS](https://a.example) <B>*X*\n# Y")
    letter_id = published(sender, letter(content__messageBody="Til {{recipientName}}"))

    shown = reader.content(letter_id).content.decode()
    assert MarkdownIt().render(shown) == "<p>Til [Gratis](Https://A.Example) &lt;B&gt;*X* # Y</p>\n"


def test_a_name_may_grow_when_its_case_changes(sender: Client, reader: Client) -> None:
    party(ORGANIZATION, name="ΰ " * 127)

    letter_id = published(sender, letter(content__messageBody="{{recipientName}}"))
    assert len(reader.overview(letter_id).json()["content"]["messageBody"]) > 255


def test_who_can_not_be_called_by_name_is_told(sender: Client) -> None:
    party(ORGANIZATION, name="Berg og Dal AS")
    party(PERSON, name=" ")
    body = letter(ORGANIZATION, PERSON, OTHER_PERSON, content__messageBody="Hei {{recipientName}}.")

    answer = sender.post(body)
    assert problem(answer) == (404, "CORR-01029")
    assert [fault["path"] for fault in answer.json()["faults"]] == ["recipients[1]", "recipients[2]"]


def test_the_register_is_asked_once_however_many_recipients(sender: Client) -> None:
    def statements(count: int) -> int:
        body = letter(PERSON, *organizations(count), content__messageBody="Hei {{recipientName}}.")
        for urn in (PERSON, *[f"urn:altinn:organization:identifier-no:{n[-9:]}" for n in organizations(count)]):
            Party.objects.get_or_create(urn=urn, defaults={"name": "Navn"})
        with CaptureQueriesContext(connection) as queries:
            assert sender.post(body).status_code == 200
        return len(queries)

    assert statements(1) == statements(400)


@pytest.mark.parametrize("body", [letter(ORGANIZATION), letter(PERSON, ignoreReservation=True)])
def test_it_is_not_asked_where_nothing_depends_on_it(sender: Client, body: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert sender.post(body).status_code == 200

    assert not any("recipients_party" in query["sql"] for query in queries)
