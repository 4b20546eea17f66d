"""`manage.py demo_data`: a believable month, in which every rule of the house holds."""

from collections import Counter, defaultdict
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db.models import Sum
from stdnum.no import orgnr

from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from attachments.storage import storage
from config.audit.models import AuditEntry, Deed
from config.kernel import clock
from correspondence.models import Correspondence, Mailing, Pause, PublishedTally, StatusEvent
from correspondence.statuses import TRANSITIONS, QueueState, Status, seen
from recipients.identifiers import ORGANIZATION_PREFIX, PERSON_PREFIX, parse_recipient
from registry.models import Membership, ServiceOwner

pytestmark = pytest.mark.django_db


def fill(letters: int = 600, **options: Any) -> str:
    out = StringIO()
    call_command("demo_data", letters=letters, stdout=out, **options)
    return out.getvalue()


def histories() -> dict[Any, list[StatusEvent]]:
    found = defaultdict(list)
    for event in StatusEvent.objects.order_by("at", "pk"):
        found[event.correspondence_id].append(event)
    return found


def test_it_makes_as_many_letters_as_asked_for() -> None:
    told = fill(600)

    assert told.startswith("600 letters of ")
    assert Correspondence.objects.count() == 600
    assert sum(Mailing.objects.values_list("recipient_count", flat=True)) == 600


def test_every_history_is_one_that_could_have_been() -> None:
    fill()
    told, now = histories(), clock.now()

    for letter in Correspondence.objects.all():
        statuses = [Status(event.status) for event in told[letter.pk]]
        assert statuses[0] == Status.INITIALIZED
        assert letter.status == max(set(statuses) - {Status.FETCHED})
        assert letter.statuses_seen == seen(statuses)
        for before, after in pairwise(statuses):
            assert before in TRANSITIONS[after] or after == Status.FETCHED, (before, after)
        assert all(event.at <= now for event in told[letter.pk])
        published = [event.at for event in told[letter.pk] if event.status == Status.PUBLISHED]
        assert all(at >= letter.due_at for at in published)


def test_it_shows_what_a_caseworker_has_to_know_of() -> None:
    fill()
    states = Counter(Correspondence.objects.values_list("queue_state", flat=True))
    statuses = set(Correspondence.objects.values_list("status", flat=True))
    aside = Correspondence.objects.filter(queue_state=QueueState.SET_ASIDE)

    assert all(states[state] for state in QueueState.values)
    assert {Status.FAILED, Status.READ, Status.CONFIRMED, Status.PUBLISHED} <= statuses
    assert all(letter.last_error and letter.attempts == 5 for letter in aside)
    assert Pause.objects.in_force().count() == 1
    assert Correspondence.objects.filter(queue_state=QueueState.READY, due_at__gt=clock.now()).exists()
    assert Attachment.objects.filter(status=AttachmentStatus.UPLOAD_PROCESSING).exists()
    assert {entry.deed for entry in AuditEntry.objects.all()} >= {Deed.LOGGED_IN, Deed.REVEALED}


def test_the_first_page_counts_what_history_tells() -> None:
    fill()

    counted = PublishedTally.objects.aggregate(Sum("letters"))["letters__sum"]
    assert counted == StatusEvent.objects.filter(status=Status.PUBLISHED).count() > 0


def test_numbers_are_right_and_nobodys() -> None:
    fill(300)

    for urn in Correspondence.objects.values_list("recipient", flat=True):
        assert parse_recipient(urn) == urn
        if urn.startswith(PERSON_PREFIX):
            assert int(urn.removeprefix(PERSON_PREFIX)[2:4]) > 80  # a month that no real person was born in
        else:
            assert orgnr.is_valid(urn.removeprefix(ORGANIZATION_PREFIX))
    assert all(orgnr.is_valid(owner.organization_number) for owner in ServiceOwner.objects.all())


def test_files_open() -> None:
    fill(300)

    for file in Attachment.objects.all():
        content = b"".join(storage().open(file.storage_key))
        assert content.startswith(b"%PDF-1.4")
        assert len(content) == file.size


def test_there_is_somebody_of_each_role() -> None:
    get_user_model().objects.create_superuser("admin", password="correct horse battery staple")
    fill(100)
    kari = get_user_model().objects.get(username="kari")

    assert kari.check_password("correct horse battery staple")
    assert kari.is_staff
    assert not kari.is_superuser
    assert Membership.objects.filter(user=kari).count() == 1


def test_a_second_run_adds_only_where_it_is_told_to() -> None:
    fill(100)

    with pytest.raises(CommandError, match="--add"):
        fill(100)
    owners = ServiceOwner.objects.count()
    fill(50, seed=2, add=True)

    assert Correspondence.objects.count() == 150
    assert ServiceOwner.objects.count() == owners
    assert Pause.objects.in_force().count() == 1


def test_it_is_refused_in_production(settings: Any) -> None:
    settings.DEVELOPMENT = False

    with pytest.raises(CommandError, match="development only"):
        fill(10)
    assert not ServiceOwner.objects.exists()
