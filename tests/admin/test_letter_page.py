"""A letter's page: what a caseworker reads on it, and what she does not get to see."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from attachments.models import Attachment
from config.audit.actions import record
from config.audit.models import Deed
from config.kernel import clock
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence, Mailing, MailingAttachment, StatusEvent
from correspondence.statuses import Status
from recipients.models import Party
from registry.models import Membership, ServiceOwner
from tests.admin.pages import page
from tests.clients import Client
from tests.files import uploaded
from tests.letters import ORGANIZATION, PERSON, letter, organizations
from tests.mail import published, sent, with_file, work

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
LETTERS, MAILINGS = "/admin/correspondence/correspondence/", "/admin/correspondence/mailing/"
NUMBER = "01818517641"


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def caseworker(*permissions: str, of: ServiceOwner | None = None, name: str = "kari") -> DjangoClient:
    """Logged in, with these permissions, a member of this owner if any."""
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if of is not None:
        Membership.objects.create(user=user, owner=of)
    client = DjangoClient()
    client.force_login(user)
    return client


def address(letter_id: object) -> str:
    return f"{LETTERS}{letter_id}/change/"


def mailing_address(letter_id: str) -> str:
    return f"{MAILINGS}{Correspondence.objects.get(pk=letter_id).mailing_id}/change/"


def text_of(html: str) -> str:
    """What is read: without tags, and with single blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def section(html: str, heading: str) -> str:
    """What stands below a heading, up to the next part of the page."""
    return text_of(html.split(f">{heading}</h2>")[1].split("</section>", maxsplit=1)[0])


# What was sent, and to whom


def test_a_letter_is_shown_as_its_recipient_reads_it(people: DjangoClient, sender: Client) -> None:
    Party.objects.create(urn=PERSON, name="KARI NORDMANN")
    [letter_id] = sent(
        sender,
        letter(
            PERSON,
            content__messageTitle="Til {{recipientName}}",
            content__messageSummary="Kort sagt: {{recipientName}} får ja.",
            content__messageBody="Hei {{recipientName}}, **ja**. ![Kart](https://elsewhere.example/kart.png)",
        ),
    )

    html = page(people.get(address(letter_id)))

    assert "<h1>Til Kari Nordmann</h1>" in html
    assert "Kort sagt: Kari Nordmann får ja." in html
    assert "<p>Hei Kari Nordmann, <strong>ja</strong>." in html
    assert '<span class="bo-picture">Kart</span>' in html
    assert "https://elsewhere.example" not in html


def test_a_mailing_is_shown_as_its_sender_wrote_it(people: DjangoClient, sender: Client) -> None:
    Party.objects.create(urn=PERSON, name="KARI NORDMANN")
    [letter_id] = sent(sender, letter(PERSON, content__messageBody="Hei {{recipientName}}"))

    assert "<p>Hei {{recipientName}}</p>" in page(people.get(mailing_address(letter_id)))


def test_content_that_was_erased_says_so(people: DjangoClient, sender: Client) -> None:
    [letter_id] = sent(sender)
    Mailing.objects.update(title="", summary="", body="", content_erased_at=clock.now())

    for path in (address(letter_id), mailing_address(letter_id)):
        html = page(people.get(path))
        assert "The content was erased on" in section(html, "What was sent")
        assert re.search("<h1>(Letter|Mailing) whose content was erased</h1>", html)


def test_an_organisation_is_named_with_its_number(people: DjangoClient, sender: Client) -> None:
    Party.objects.create(urn=ORGANIZATION, name="Dalen Bygg AS")
    [letter_id] = sent(sender)

    html = page(people.get(address(letter_id)))

    assert section(html, "To").split() == ["Dalen", "Bygg", "AS", "Organisation", "314762290"]
    assert "data-reveal" not in html


def test_a_person_is_named_and_the_number_is_masked(people: DjangoClient, sender: Client) -> None:
    Party.objects.create(urn=PERSON, name="Kari Nordmann")
    [letter_id] = sent(sender, letter(PERSON))

    html = page(people.get(address(letter_id)))

    assert section(html, "To").startswith(" Kari Nordmann Person *********** Show the number")
    assert NUMBER not in html


def test_attachments_are_listed_with_what_became_of_them(people: DjangoClient, sender: Client) -> None:
    [first, second] = [uploaded(sender, fileName=name) for name in ("a.pdf", "b.pdf")]
    [letter_id] = sent(sender, letter(request__existingAttachments=[first, second]))
    MailingAttachment.objects.filter(position=0).update(expiration_time=clock.now() - timedelta(days=1))
    MailingAttachment.objects.filter(position=1).update(expiration_time=clock.now() + timedelta(days=1))

    html = page(people.get(address(letter_id)))

    files = section(html, "Attachments")
    assert re.search(r"a\.pdf 43 bytes Published Expired .*: its recipient can no longer open it b\.pdf", files)
    assert re.search(r"b\.pdf 43 bytes Published Expires ", files)
    assert f'href="/admin/attachments/attachment/{first}/change/"' in html


def test_what_a_user_may_not_open_is_no_link(sender: Client, owner: ServiceOwner) -> None:
    letter_id = published(sender, with_file(uploaded(sender)))

    html = page(caseworker("view_correspondence", of=owner).get(address(letter_id)))

    assert "plan.pdf" in html
    assert "/admin/attachments/" not in html
    assert "/admin/correspondence/mailing/" not in html


def test_how_it_was_sent_is_told_in_full_and_masked(people: DjangoClient, sender: Client) -> None:
    key = uuid4()
    body = letter(
        PERSON,
        sendersReference=f"sak {NUMBER}",
        messageSender=f"Fjordby for {NUMBER}",
        propertyList={"saksnummer": "2026/43", NUMBER: NUMBER},
        externalReferences=[{"referenceValue": "arkiv/43", "referenceType": "Generic"}],
        replyOptions=[{"linkURL": f"https://fjordby.example/{NUMBER}", "linkText": "Svar"}],
        isConfidential=False,
        notification={
            "notificationTemplate": "CustomMessage",
            "notificationChannel": "Email",
            "emailSubject": "Nytt brev",
            "emailBody": "Du har fått brev",
            "customRecipient": {"nationalIdentityNumber": NUMBER},
        },
        request__idempotentKey=str(key),
    )
    [letter_id] = sent(sender, body)
    traceparent = Mailing.objects.get().traceparent

    for path in (address(letter_id), mailing_address(letter_id)):
        html = page(people.get(path))
        told = text_of(html.split("How it was sent, in detail")[1])
        for fact in (
            "Message sender Fjordby for ***********",
            "Sent by Fjordby kommune (organisation 312295202)",
            "External references Generic arkiv/43",
            "saksnummer 2026/43",
            "Svar https://fjordby.example/***********",
            "emailSubject Nytt brev",
            "customRecipient.nationalIdentityNumber ***********",
            f"Idempotency key {key}",
            f"Trace {traceparent}",
            "Confidential no",
        ):
            assert fact in told, fact
        assert "sak ***********" in section(html, "From")
        assert NUMBER not in html


# What happened


def test_the_timeline_tells_in_words_what_happened_with_the_newest_at_the_bottom(
    people: DjangoClient, sender: Client, reader: Client
) -> None:
    Party.objects.create(urn=ORGANIZATION, name="Dalen Bygg AS")
    letter_id = published(sender)
    reader.overview(letter_id)

    told = section(page(people.get(address(letter_id))), "What happened")

    lines = [
        "Received from its sender",
        "Fjordby kommune (organisation 312295202)",
        "Made ready to be published",
        "the service",
        "Published: its recipient can read it",
        "Fetched by its recipient",
        "Dalen Bygg AS (organisation 314762290)",
    ]
    assert [line for line in lines if line not in told] == []
    assert [told.index(line) for line in lines] == sorted(told.index(line) for line in lines)


def test_the_timeline_says_why_a_letter_failed(people: DjangoClient, sender: Client) -> None:
    [letter_id] = sent(sender, letter(requestedPublishTime="2099-01-01T00:00:00Z"))
    fail_unfinished([Correspondence.objects.get().mailing_id], f"Trukket av {NUMBER}.", clock.now())

    assert "Failed: it was not published Trukket av ***********." in section(
        page(people.get(address(letter_id))), "What happened"
    )


def test_colleagues_deeds_are_for_those_who_act_or_audit(sender: Client, owner: ServiceOwner) -> None:
    [letter_id] = sent(sender)
    deeds = (Deed.CANCELLED, Correspondence.objects.get()), (Deed.RETRIED, Mailing.objects.get())
    for deed, target in deeds:
        record(deed, by="ola", now=clock.now(), target=target, owner=owner.organization_number, reason=f"{NUMBER} ba")

    for number, (permission, sees) in enumerate(
        [("view_correspondence", False), ("change_correspondence", True), ("view_auditentry", True)]
    ):
        looker = caseworker("view_correspondence", permission, of=owner, name=f"kari{number}")
        told = section(page(looker.get(address(letter_id))), "What happened")
        assert ("Cancelled by hand *********** ba" in told, "Retried by hand the whole mailing" in told) == (sees, sees)


def test_a_long_history_is_shown_from_its_end(people: DjangoClient, sender: Client) -> None:
    letter_id = published(sender)
    fetched = [
        StatusEvent(
            correspondence_id=letter_id, status=Status.FETCHED, text=f"nr. {number}", at=clock.now(), party=PERSON
        )
        for number in range(250)
    ]
    StatusEvent.objects.bulk_create(fetched)

    html = page(people.get(address(letter_id)))

    assert html.count("Fetched by its recipient") == 200
    assert "nr. 249" in html
    assert "nr. 49<" not in html
    assert "earlier ones are left out" in html


# Its mailing and its siblings


def test_a_letter_leads_to_its_siblings_and_says_how_many_are_out(people: DjangoClient, sender: Client) -> None:
    ids = sent(sender, letter(*organizations(30)))
    work()
    Correspondence.objects.filter(pk__in=ids[1:4]).update(status=11, statuses_seen=1 << 11)
    mailing_id = Mailing.objects.get().pk

    html = page(people.get(address(ids[0])))

    told = text_of(html.split("Its mailing")[1])
    assert "27 of 30 letters are published." in told
    assert "27 Published" in told
    assert "3 Failed" in told
    assert f"{LETTERS}?mailing__exact={mailing_id}" in html
    assert f"{MAILINGS}{mailing_id}/change/" in html
    assert [f'href="{address(other)}"' in html for other in ids] == [False, *[True] * 20, *[False] * 9]


def test_a_mailing_leads_to_its_letters(people: DjangoClient, sender: Client) -> None:
    ids = sent(sender, letter(*organizations(30)))

    html = page(people.get(mailing_address(ids[0])))

    assert "0 of 30 letters are published." in section(html, "How far it has come")
    assert "30 Waiting to be queued" in section(html, "How far it has come")
    assert [f'href="{address(other)}"' in html for other in ids] == [*[True] * 20, *[False] * 10]


def test_the_list_shows_the_letters_of_one_mailing(people: DjangoClient, sender: Client) -> None:
    ids, others = sent(sender, letter(*organizations(3))), sent(sender)
    mailing_id = Correspondence.objects.get(pk=ids[0]).mailing_id

    html = page(people.get(LETTERS, {"mailing__exact": str(mailing_id)}))

    assert [address(letter_id) in html for letter_id in (*ids, *others)] == [True, True, True, False]


@pytest.mark.parametrize("lookup", ["mailing__exact=x", "mailing__exact=%00"])
def test_a_mailing_that_is_none_is_no_fault_of_ours(people: DjangoClient, sender: Client, lookup: str) -> None:
    sent(sender)

    assert people.get(f"{LETTERS}?{lookup}", follow=True).status_code in (200, 400)


@pytest.mark.parametrize("lookup", ["mailing__title__startswith=V", "mailing__body__contains=a"])
def test_letters_are_not_looked_through_by_what_is_masked(people: DjangoClient, sender: Client, lookup: str) -> None:
    assert people.get(f"{LETTERS}?{lookup}").status_code == 400


# Whose it is


@pytest.mark.parametrize("what", ["letter", "mailing", "attachment"])
def test_what_belongs_to_another_owner_is_answered_like_what_is_not_there(
    sender: Client, other_resource: Any, what: str
) -> None:
    file_id = uploaded(sender)
    [letter_id] = sent(sender, with_file(file_id))
    looker = caseworker("view_correspondence", "view_mailing", "view_attachment", of=other_resource.owner)
    paths = {
        "letter": (address(letter_id), address(uuid4())),
        "mailing": (mailing_address(letter_id), f"{MAILINGS}{uuid4()}/change/"),
        "attachment": [f"/admin/attachments/attachment/{file}/change/" for file in (file_id, uuid4())],
    }
    theirs, missing = (looker.get(path) for path in paths[what])

    assert theirs.status_code == missing.status_code == 404
    assert "Vedtak" not in theirs.content.decode()


def test_a_member_of_the_owner_sees_it(sender: Client, owner: ServiceOwner) -> None:
    [letter_id] = sent(sender)

    assert caseworker("view_correspondence", of=owner).get(address(letter_id)).status_code == 200


def test_an_attachment_names_only_the_mailings_that_a_user_sees(
    sender: Client, owner: ServiceOwner, other_resource: Any
) -> None:
    file_id = uploaded(sender)
    sent(sender, with_file(file_id))
    Attachment.objects.update(owner=other_resource.owner)  # as where a service has moved to another owner since
    looker = caseworker("view_attachment", "view_mailing", of=other_resource.owner)

    html = page(looker.get(f"/admin/attachments/attachment/{file_id}/change/"))

    assert "No mailing carries it." in html


# What it costs


def test_a_page_costs_the_same_for_any_number_of_siblings_files_and_events(
    people: DjangoClient, sender: Client, reader: Client
) -> None:
    def statements(path: str) -> int:
        people.get(path)  # content types are remembered
        with CaptureQueriesContext(connection) as queries:
            page(people.get(path))
        return len(queries)

    def both(letter_id: str) -> tuple[int, int]:
        return statements(address(letter_id)), statements(mailing_address(letter_id))

    files = [uploaded(sender, fileName=f"{number}.pdf") for number in range(5)]
    few = published(sender, letter(*organizations(2), request__existingAttachments=files[:1]))
    many = published(sender, letter(*organizations(200), request__existingAttachments=files))
    now = clock.now()
    for number in range(10):
        row = Correspondence.objects.get(pk=many)
        StatusEvent.objects.create(
            correspondence=row, status=Status.FETCHED, text=str(number), at=now, party=f"{ORGANIZATION[:-1]}{number}"
        )
        record(Deed.RETRIED, by="ola", now=now, target=row)

    assert both(many) == both(few)
    assert both(many) <= (14, 14)
