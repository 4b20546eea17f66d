"""The plans of the reads of attachments: each stands on its index, however many there are."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from attachments.models import Attachment
from config.kernel import clock
from correspondence.models import Correspondence, Mailing, MailingAttachment, StatusEvent
from correspondence.statuses import Status
from tests.clients import Client
from tests.files import uploaded
from tests.letters import letter

FILL = """
    INSERT INTO attachments_attachment
    SELECT made.*
    FROM attachments_attachment a, generate_series(1, 20000) n,
    LATERAL jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'storage_key', 'key-' || n)) AS made;
    ANALYZE attachments_attachment;
    INSERT INTO correspondence_mailing
    SELECT made.*
    FROM correspondence_mailing m, generate_series(1, 20000) n,
    LATERAL jsonb_populate_record(m, jsonb_build_object('id', md5(n::text)::uuid, 'next_look_at', NULL)) AS made;
    ANALYZE correspondence_mailing, correspondence_correspondence;
    INSERT INTO correspondence_mailingattachment (mailing_id, attachment_id, position, expiration_time)
    SELECT m.id, a.id, 0, now()
    FROM (SELECT id, row_number() OVER () AS n FROM correspondence_mailing WHERE next_look_at IS NULL) m
    JOIN (SELECT id, row_number() OVER () AS n FROM attachments_attachment) a USING (n);
    INSERT INTO correspondence_correspondence
    SELECT made.*
    FROM correspondence_correspondence c, correspondence_mailing m,
    LATERAL jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'mailing_id', m.id)) AS made
    WHERE m.next_look_at IS NULL;
    INSERT INTO correspondence_statusevent (correspondence_id, status, text, at, party)
    SELECT id, 2, '', due_at, '' FROM correspondence_correspondence;
    ANALYZE;
"""


@pytest.fixture
def used(sender: Client) -> Attachment:
    """One attachment of one letter among 20,000 of each."""
    attachment_id = uploaded(sender)
    assert sender.post(letter(request__existingAttachments=[attachment_id])).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(FILL)
    return Attachment.objects.get(pk=attachment_id)


def links(attachment: Attachment) -> "QuerySet[MailingAttachment]":
    return MailingAttachment.objects.filter(attachment=attachment)


LINK = "correspondence_mailingattachment_attachment_id"
READS: dict[str, tuple[Any, str]] = {
    "what somebody has to look at": (lambda row: Attachment.objects.looked_at(clock.now())[:200], "attachment_look"),
    "links that expire": (lambda row: MailingAttachment.objects.expiring(clock.now())[:500], "mailing_attachment_look"),
    "where it is used": (links, LINK),
    "the letters that carry it": (
        lambda row: Correspondence.objects.filter(mailing__attachments__attachment=row).values("pk"),
        LINK,
    ),
    "whether one was published": (
        lambda row: StatusEvent.objects.filter(
            correspondence__mailing__attachments__attachment=row, status=Status.PUBLISHED
        )[:1],
        LINK,
    ),
    "the mailings that wait for it": (
        lambda row: Mailing.objects.unqueued().filter(attachments__attachment=row).values("pk"),
        "mailing_",
    ),
    "a mailing's files": (
        lambda row: MailingAttachment.objects.filter(mailing=links(row)[0].mailing_id).in_order(),
        "mailing_attachments_are_in_order",
    ),
    "bytes that rows name": (lambda row: Attachment.objects.filter(pk__in=[row.pk]), "attachments_attachment_pkey"),
}


def test_each_read_stands_on_its_index(used: Attachment, subtests: pytest.Subtests) -> None:
    for what, (read, index) in READS.items():
        with subtests.test(what):
            plan = read(used).explain()

            assert index in plan
            assert "Seq Scan" not in plan
