"""No page shows a person's number, wherever somebody wrote one; but for the form in which a party is edited."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client as DjangoClient

from attachments.models import Attachment, AttachmentStatusEvent
from config.audit.models import AuditEntry, Deed
from config.kernel import clock
from correspondence.models import BulkJob, Correspondence, Mailing, Pause, StatusEvent
from recipients.models import Party
from registry.models import Delegation
from tests.admin.walk import address, make_rows, routes
from tests.clients import Client
from tests.letters import PERSON

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
NUMBER = PERSON.rpartition(":")[2]
WRITTEN: dict[type[Model], dict[str, Any]] = {
    Party: {"name": f"Kari {NUMBER}", "email": f"{NUMBER}@example.com"},
    Mailing: {
        **dict.fromkeys(("title", "summary", "body", "senders_reference", "message_sender"), f"om {NUMBER}"),
        "property_list": {NUMBER: NUMBER},
        "created_by": PERSON,
    },
    Correspondence: {"last_error": f"Key (recipient)=({PERSON}) already exists."},
    StatusEvent: {"text": NUMBER, "party": PERSON},
    Attachment: {
        **dict.fromkeys(("display_name", "status_text", "last_error", "senders_reference"), NUMBER),
        "file_name": f"{NUMBER}.pdf",
        "created_by": PERSON,
    },
    AttachmentStatusEvent: {"text": NUMBER, "party": PERSON},
    BulkJob: {"reason": NUMBER, "by": NUMBER},
    Pause: {"reason": NUMBER, "paused_by": NUMBER},
    Delegation: {"created_by": NUMBER},
}


@pytest.fixture
def looker(client: DjangoClient, sender: Client) -> DjangoClient:
    """May look at everything; what there is, holds the number wherever it can. So does what was done."""
    make_rows(sender)
    for model, columns in WRITTEN.items():
        model._default_manager.update(**columns)
    # As if somebody had noted it without the door that masks.
    AuditEntry.objects.create(at=clock.now(), deed=Deed.REVEALED, by=NUMBER, reason=NUMBER, details={NUMBER: [NUMBER]})
    user = get_user_model().objects.create_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def test_no_page_shows_a_persons_number(looker: DjangoClient) -> None:
    pages = {route: looker.get(address(route)) for route in routes() if not route.endswith("/download/")}

    assert [route for route, page in pages.items() if NUMBER in page.content.decode()] == []
    assert sum(page.status_code == 200 for page in pages.values()) > 30


def test_nor_does_the_record_of_what_was_done(looker: DjangoClient, admin_client: DjangoClient) -> None:
    for path, model in {"recipients/party": Party, "registry/delegation": Delegation}.items():
        form = {"action": "delete_selected", "_selected_action": [model._default_manager.get().pk]}
        asked = admin_client.post(f"/admin/{path}/", form)
        done = admin_client.post(f"/admin/{path}/", {**form, "post": "yes"}, follow=True)

        assert NUMBER not in asked.content.decode() + done.content.decode()
    assert LogEntry.objects.count() == 2
    assert NUMBER not in str(list(LogEntry.objects.values_list("object_repr", "change_message")))
