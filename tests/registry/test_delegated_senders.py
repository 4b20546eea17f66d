"""An organisation that an owner lets send: what it may by HTTP, and what it may not (contract access.md §5)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attachments.models import Attachment
from config.kernel import clock, development_issuer
from correspondence.models import Correspondence, Mailing
from registry.models import Resource
from registry.statuses import Right
from tests.clients import Client, problem
from tests.conftest import HOUR, OTHER_OWNER, OWNER, token
from tests.files import CONTENT, body, initialized, metadata, uploaded
from tests.forms import CONTENT_TYPE, described, file, form, letter_parts
from tests.letters import letter
from tests.mail import sent
from tests.registry.delegations import AGENCY, given, withdrawn
from tests.tokens import WRITE, signed

REFUSED = (401, "CORR-04001")
FORM = form(*letter_parts(), *described("plan.pdf"), file())
OWNER_URN = f"urn:altinn:organization:identifier-no:{OWNER}"


@pytest.fixture
def agency() -> Client:
    """An organisation that owns nothing."""
    return Client(token(AGENCY[-9:]))


def test_it_sends_in_the_owners_name_and_history_says_who_did(resource: Resource, agency: Client) -> None:
    assert problem(agency.post(letter())) == REFUSED
    assert not Mailing.objects.exists()

    given(Right.WRITE, to=AGENCY, on=resource)

    assert agency.post(letter()).status_code == 200
    mailing = Mailing.objects.get()
    assert (mailing.owner, mailing.created_by) == (resource.owner, AGENCY)


def test_it_sees_what_it_sent(resource: Resource, agency: Client) -> None:
    given(Right.WRITE, to=AGENCY, on=resource)
    correspondence_id = sent(agency)[0]

    overview, details = agency.overview(correspondence_id), agency.details(correspondence_id)

    assert (overview.status_code, details.status_code) == (200, 200)
    assert overview.json()["sender"] == details.json()["sender"] == OWNER_URN


def test_it_sees_what_the_owner_sent_and_the_owner_what_it_sent(
    resource: Resource, sender: Client, agency: Client
) -> None:
    by_the_owner = sent(sender)[0]
    assert problem(agency.overview(by_the_owner)) == REFUSED

    given(Right.WRITE, to=AGENCY)

    assert agency.overview(by_the_owner).status_code == 200
    assert sender.overview(sent(agency)[0]).status_code == 200


def test_it_uploads_sees_fetches_and_deletes_attachments(resource: Resource, agency: Client) -> None:
    given(Right.WRITE, to=AGENCY, on=resource)

    attachment_id = uploaded(agency)

    assert agency.attachment(attachment_id).json()["status"] == "Published"
    assert agency.attachment(attachment_id, "details").status_code == 200
    assert body(agency.attachment(attachment_id, "download")) == CONTENT
    assert agency.delete_attachment(attachment_id).status_code == 204
    attachment = Attachment.objects.get()
    assert (attachment.owner, attachment.created_by) == (resource.owner, AGENCY)
    assert set(attachment.events.values_list("party", flat=True)) - {""} == {AGENCY}


def test_it_sends_attachments_of_its_own_and_of_the_owner(resource: Resource, sender: Client, agency: Client) -> None:
    given(Right.WRITE, to=AGENCY, on=resource)
    files = [uploaded(agency), uploaded(sender)]

    assert agency.post(letter(request__existingAttachments=files)).status_code == 200
    assert sender.post(letter(request__existingAttachments=files)).status_code == 200


def test_it_sends_forms_with_files(resource: Resource, agency: Client) -> None:
    assert problem(agency.post_form(FORM, CONTENT_TYPE)) == REFUSED

    given(Right.WRITE, to=AGENCY, on=resource)

    assert agency.post_form(FORM, CONTENT_TYPE).status_code == 200
    assert Attachment.objects.get().created_by == AGENCY


def everything(client: Client, correspondence_id: str, published: str, waiting: str) -> list[Any]:
    """All that a sender may do, tried."""
    return [
        client.post(letter()),
        client.post_form(FORM, CONTENT_TYPE),
        client.overview(correspondence_id),
        client.details(correspondence_id),
        client.post_attachment(metadata()),
        client.upload(waiting, CONTENT),
        client.attachment(published),
        client.attachment(published, "details"),
        client.attachment(published, "download"),
        client.delete_attachment(published),
    ]


def otherwise(right: Right, **terms: Any) -> Callable[[Resource, Resource], object]:
    return lambda resource, other_resource: given(right, **{"to": AGENCY, **terms})


@pytest.mark.parametrize(
    "given_otherwise",
    [
        pytest.param(lambda _, other: given(Right.WRITE, to=AGENCY, on=other), id="for another resource"),
        pytest.param(otherwise(Right.WRITE, by=OTHER_OWNER), id="by another owner"),
        pytest.param(otherwise(Right.READ), id="to read"),
        pytest.param(otherwise(Right.WRITE, to="0192:314762290"), id="to somebody else"),
    ],
)
def test_another_right_does_not_help(
    resource: Resource,
    other_resource: Resource,
    sender: Client,
    agency: Client,
    given_otherwise: Callable[[Resource, Resource], object],
) -> None:
    existing = sent(sender)[0], uploaded(sender), initialized(sender)

    given_otherwise(resource, other_resource)

    assert [problem(answer) for answer in everything(agency, *existing)] == [REFUSED] * 10
    assert (Mailing.objects.count(), Attachment.objects.count()) == (1, 2)


def test_what_is_withdrawn_is_refused_at_once(resource: Resource, agency: Client) -> None:
    given(Right.WRITE, to=AGENCY, on=resource)
    existing = sent(agency)[0], uploaded(agency), initialized(agency)

    assert withdrawn(Right.WRITE, to=AGENCY, on=resource)

    assert [problem(answer) for answer in everything(agency, *existing)] == [REFUSED] * 10
    assert (Mailing.objects.count(), Attachment.objects.count()) == (1, 2)


def test_an_owner_that_was_given_the_right_sends_by_its_platform_token(
    resource: Resource, other_resource: Resource
) -> None:
    platform_token = development_issuer.platform_token("dalen", now=clock.now(), lifetime=HOUR)
    platform = Client(PlatformAccessToken=platform_token)
    assert problem(platform.post(letter())) == REFUSED

    given(Right.WRITE, to=OTHER_OWNER, on=resource)

    assert platform.overview(sent(platform)[0]).status_code == 200
    assert uploaded(platform)
    assert Correspondence.objects.get().mailing.owner == resource.owner


def test_a_persons_token_with_the_organisation_in_it_sends(resource: Resource) -> None:
    claims = {"pid": "01818517641", "scope": WRITE, "consumer": {"ID": f"0192:{AGENCY[-9:]}"}}
    clerk = Client(signed(claims))
    assert problem(clerk.post(letter())) == REFUSED

    given(Right.WRITE, to=AGENCY, on=resource)

    assert clerk.post(letter()).status_code == 200
    assert Mailing.objects.get().created_by == "urn:altinn:person:identifier-no:01818517641"


def test_a_right_costs_one_query_more_than_ownership(resource: Resource, sender: Client, agency: Client) -> None:
    given(Right.WRITE, to=AGENCY, on=resource)
    uploaded(sender)

    def statements(client: Client) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.post(letter()).status_code == 200
        return len(queries)

    assert statements(agency) == statements(sender) + 1
