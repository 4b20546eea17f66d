"""What is done with letters by hand: by the rules of their life, under locks, in a fixed number of statements."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attachments.models import Attachment
from config.audit.models import AuditEntry
from config.kernel import clock
from correspondence import actions
from correspondence.actions.advance import mark_failed
from correspondence.actions.remove_history import remove_histories
from correspondence.models import Correspondence, Mailing, SentAgain
from correspondence.policies.forecast import forecast
from correspondence.statuses import Act, QueueState, Refusal, Status
from recipients.models import Party
from registry.models import Resource, ServiceOwner
from tests.admin.acting import failed, queued, scheduled, set_aside
from tests.clients import Client
from tests.concurrency import at_once
from tests.files import uploaded
from tests.letters import PERSON, letter, organizations
from tests.mail import has_content, history, mailing_of, published, sent, with_file, work

HOUR = timedelta(hours=1)
DOINGS: dict[Act, Any] = {
    Act.RETRY: actions.retry_set_aside,
    Act.SEND_AGAIN: actions.send_again,
    Act.PUBLISH_NOW: actions.publish_now,
    Act.CANCEL: actions.cancel,
}


def do(act: Act, ids: list[str], reason: str = "Feil logo") -> actions.Acted:
    acted: actions.Acted = DOINGS[act](ids=[UUID(each) for each in ids], by="kari", now=clock.now(), reason=reason)
    return acted


def refusals(act: Act, ids: list[str]) -> list[Refusal | None]:
    """Why not, of each letter; and the forecast says the same before."""
    foreseen = forecast([UUID(each) for each in ids], act, clock.now())
    acted = do(act, ids)
    assert sum(group.count for group in foreseen.groups) == len(acted.refused)
    assert foreseen.able == len(acted.done)
    return [acted.refused[UUID(each)].why if UUID(each) in acted.refused else None for each in ids]


def deleted(sender: Client, ids: list[str]) -> list[str]:
    assert sender.purge(ids[0]).status_code == 200
    return ids


NOWHERE = "01990000-0000-7000-8000-000000000000"
R = Refusal


def test_what_can_be_done_with_a_letter_depends_on_where_it_stands(sender: Client) -> None:
    table: dict[str, tuple[Any, list[Refusal | None]]] = {
        # retry, send again, publish now, cancel
        "not queued yet": (lambda: sent(sender), [R.NOT_SET_ASIDE, R.NOT_FAILED, R.IS_DUE, None]),
        "due": (lambda: queued(sender), [R.NOT_SET_ASIDE, R.NOT_FAILED, R.IS_DUE, None]),
        "for later": (lambda: scheduled(sender), [R.NOT_SET_ASIDE, R.NOT_FAILED, None, None]),
        "set aside": (lambda: set_aside(sender), [None, R.NOT_FAILED, R.SET_ASIDE, None]),
        "published": (lambda: [published(sender)], [R.IS_OUT, R.NOT_FAILED, R.IS_OUT, R.IS_OUT]),
        "failed": (lambda: failed(sender), [R.HAS_FAILED, None, R.HAS_FAILED, R.HAS_FAILED]),
        "deleted": (lambda: deleted(sender, scheduled(sender)), [R.DELETED, R.NOT_FAILED, R.DELETED, R.DELETED]),
        "failed, and deleted": (lambda: deleted(sender, failed(sender)), [R.DELETED] * 4),
        "not kept": (lambda: [NOWHERE], [R.GONE] * 4),
    }

    found = {}
    for name, (make, _) in table.items():
        found[name] = [refusals(act, make())[0] for act in (Act.RETRY, Act.SEND_AGAIN, Act.PUBLISH_NOW, Act.CANCEL)]

    assert found == {name: wanted for name, (_, wanted) in table.items()}


def test_what_is_refused_is_neither_changed_nor_noted(sender: Client) -> None:
    ids = [published(sender), *failed(sender)]
    before = list(Correspondence.objects.order_by("pk").values())

    for act in (Act.RETRY, Act.PUBLISH_NOW, Act.CANCEL):
        assert do(act, ids).done == []

    assert list(Correspondence.objects.order_by("pk").values()) == before
    assert not AuditEntry.objects.exists()


def test_a_letter_to_somebody_who_has_reserved_is_not_published_now_to_fail(sender: Client) -> None:
    Party.objects.create(urn=PERSON, name="Kari", is_reserved=True)
    person, organization = scheduled(sender, PERSON, "0192:314762290")

    assert refusals(Act.PUBLISH_NOW, [person, organization]) == [Refusal.RESERVED, None]


def test_publishing_now_waits_for_a_pause_to_end(sender: Client, resource: Resource) -> None:
    [id] = scheduled(sender)
    held = actions.pause(resource_id=resource.pk, reason="Feil logo", by="kari", now=clock.now())
    do(Act.PUBLISH_NOW, [id])
    work()
    assert Status.PUBLISHED not in history(id)

    actions.resume(pause_id=held.pk, by="kari", now=clock.now())
    work()

    assert Status.PUBLISHED in history(id)


@pytest.mark.parametrize("act", [Act.RETRY, Act.PUBLISH_NOW, Act.CANCEL, Act.SEND_AGAIN])
def test_it_costs_the_same_number_of_statements_for_any_number_of_letters(sender: Client, act: Act) -> None:
    def statements(bodies: list[dict[str, Any]]) -> int:
        ids = [each for body in bodies for each in _ready_for(act, sender, body)]
        with CaptureQueriesContext(connection) as queries:
            assert len(do(act, ids).done) == len(ids)
        return len(queries)

    def body(count: int) -> dict[str, Any]:
        return with_file(uploaded(sender), request__recipients=organizations(count))

    few = statements([body(1)])

    assert statements([body(30), body(1), body(2), body(3)]) == few
    assert few <= 25


def _ready_for(act: Act, sender: Client, body: dict[str, Any]) -> list[str]:
    if act == Act.PUBLISH_NOW:
        body["correspondence"]["requestedPublishTime"] = (clock.now() + HOUR).isoformat()
    made = {Act.RETRY: set_aside, Act.SEND_AGAIN: failed}.get(act, queued)
    return made(sender, body)


# --- send again


def test_files_go_along_in_their_order(sender: Client) -> None:
    files = [uploaded(sender), uploaded(sender)]
    [id] = failed(sender, letter(request__existingAttachments=files))

    do(Act.SEND_AGAIN, [id])
    work()

    new = SentAgain.objects.get().new
    links = Attachment.objects.filter(pk__in=new.mailing.attachments.values("attachment"))
    assert [str(link.attachment_id) for link in new.mailing.attachments.order_by("position")] == files
    assert links.count() == 2
    assert history(new.pk)[-1] == Status.PUBLISHED


def _without_file(sender: Client, **change: Any) -> list[str]:
    file = uploaded(sender)
    ids = failed(sender, with_file(file))
    Attachment.objects.filter(pk=file).update(**change)
    return ids


def _late(sender: Client) -> list[str]:
    ids = failed(sender, letter(dueDateTime=(clock.now() + HOUR).isoformat()))
    Mailing.objects.update(due_date_time=clock.now() - HOUR)
    return ids


def _erased(sender: Client) -> list[str]:
    ids = failed(sender)
    Mailing.objects.update(content_erased_at=clock.now())
    return ids


def _of_another_owner(sender: Client) -> list[str]:
    ids = failed(sender)
    other = ServiceOwner.objects.create(organization_number="991825827", name="Bydel")
    Resource.objects.update(owner=other)
    return ids


def _reserved(sender: Client) -> list[str]:
    ids = failed(sender, letter(PERSON))
    Party.objects.create(urn=PERSON, name="Kari", is_reserved=True)
    return ids


def _nameless(sender: Client) -> list[str]:
    party = Party.objects.create(urn=PERSON, name="Kari")
    ids = failed(sender, letter(PERSON, content__messageBody="Hei {{recipientName}}"))
    party.delete()
    return ids


def _without_role(sender: Client) -> list[str]:
    Resource.objects.update(is_confidential=True)
    ids = failed(sender, letter(isConfidential=True))
    Resource.objects.update(recipients_need_role=True)
    return ids


WHY_NOT: dict[str, tuple[Any, Refusal, str]] = {
    "a file was purged": (lambda sender: _without_file(sender, status=3), Refusal.FILE, "is Purged, not Published"),
    "a file has expired": (lambda sender: _without_file(sender, status=5), Refusal.FILE, "is Expired, not Published"),
    "the content was erased": (_erased, Refusal.ERASED, ""),
    "its due date has passed": (_late, Refusal.RULES, "passed"),
    "the resource has another owner by now": (_of_another_owner, Refusal.RULES, ""),
    "the recipient has reserved": (_reserved, Refusal.RESERVED, ""),
    "the recipient's name is not known any more": (_nameless, Refusal.NAMELESS, ""),
    "the recipient lacks the role": (_without_role, Refusal.LACKS_ROLE, ""),
}


@pytest.mark.parametrize("name", WHY_NOT)
def test_a_letter_is_not_sent_again_where(sender: Client, name: str) -> None:
    make, why, detail = WHY_NOT[name]
    ids = make(sender)

    acted = do(Act.SEND_AGAIN, ids)

    assert [each.why for each in acted.refused.values()] == [why]
    assert detail in acted.refused[UUID(ids[0])].detail
    assert Mailing.objects.count() == 1
    assert not AuditEntry.objects.exists()
    assert not SentAgain.objects.exists()


def test_a_recipient_who_must_be_known_and_is_not_is_refused_alone(sender: Client, settings: Any) -> None:
    first, second = failed(sender, letter(*organizations(2)))
    settings.RECIPIENTS_MUST_BE_KNOWN = True
    Party.objects.create(urn=Correspondence.objects.get(pk=second).recipient, name="Bydel")

    assert refusals(Act.SEND_AGAIN, [first, second]) == [Refusal.UNKNOWN, None]
    assert SentAgain.objects.get().new.recipient == Correspondence.objects.get(pk=second).recipient


def test_a_letter_that_was_cancelled_before_its_time_waits_for_it_when_sent_again(sender: Client) -> None:
    [id] = scheduled(sender)
    do(Act.CANCEL, [id])

    do(Act.SEND_AGAIN, [id])
    work()

    new = SentAgain.objects.get().new
    assert new.due_at == mailing_of(id).requested_publish_time
    assert history(new.pk) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH]


def test_what_was_sent_again_and_failed_is_sent_again_from_the_new_one(sender: Client) -> None:
    [id] = failed(sender)
    do(Act.SEND_AGAIN, [id])
    new = SentAgain.objects.get().new
    work_queue()
    mark_failed([new.pk], "Again", clock.now())

    assert refusals(Act.SEND_AGAIN, [id, str(new.pk)]) == [Refusal.SENT_AGAIN, None]
    assert SentAgain.objects.count() == 2


def work_queue() -> None:
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())


@pytest.mark.usefixtures("short_histories")
def test_what_was_sent_again_is_cleared_away_with_its_history(sender: Client) -> None:
    [id] = failed(sender)
    do(Act.SEND_AGAIN, [id])
    mailing = mailing_of(id)
    later = clock.now() + timedelta(days=40)
    actions.clear_mailing(mailing_id=mailing.pk, now=later)
    assert not has_content(id)

    assert remove_histories(mailing_ids=[mailing.pk], now=later + timedelta(days=40)) == 1

    assert not SentAgain.objects.exists()
    assert Correspondence.objects.count() == 1


# --- at the same moment


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Several at once, each with a connection of its own."""

    def test_of_several_who_send_a_letter_again_one_does(self, sender: Client) -> None:
        [id] = failed(sender)

        answers = at_once(4, lambda: len(do(Act.SEND_AGAIN, [id]).done))

        assert sorted(answers) == [0, 0, 0, 1]
        assert Correspondence.objects.count() == 2

    @pytest.mark.parametrize("attempt", range(3))
    def test_a_letter_is_published_or_cancelled_and_never_both(self, sender: Client, attempt: int) -> None:
        ids = queued(sender, letter(*organizations(20)))
        tasks = [lambda: len(do(Act.CANCEL, ids).done), lambda: actions.publish_due(clock=clock.now)]

        def one_of_them() -> int:
            return tasks.pop()()

        answers = at_once(2, one_of_them)

        assert sum(answers) == 20
        for each in ids:
            assert len({Status.PUBLISHED, Status.FAILED} & set(history(each))) == 1

    def test_of_several_who_retry_one_is_noted(self, sender: Client) -> None:
        ids = set_aside(sender, letter(*organizations(10)))

        answers = at_once(3, lambda: len(do(Act.RETRY, ids).done))

        assert sorted(answers) == [0, 0, 10]
        assert AuditEntry.objects.count() == 10
        assert set(Correspondence.objects.values_list("queue_state", flat=True)) == {QueueState.READY}
