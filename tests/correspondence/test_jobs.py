"""Jobs: what is asked for of many letters is done in batches, once, whatever happens to who does it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from config.audit.models import AuditEntry
from config.kernel import clock
from correspondence import actions
from correspondence.actions import jobs
from correspondence.models import BulkJob, BulkRefusal, Correspondence
from correspondence.statuses import Act, JobState, QueueState, Refusal
from tests.admin.acting import queued, set_aside
from tests.clients import Client
from tests.concurrency import at_once
from tests.letters import letter, organizations
from tests.messages import Messages

SECOND = timedelta(seconds=1)


def planned(ids: list[str], act: Act = Act.RETRY) -> BulkJob:
    owners = set(Correspondence.objects.filter(pk__in=ids).values_list("owner", flat=True))
    keys = [UUID(each) for each in ids]
    return actions.plan(job_id=uuid7(), act=act, ids=keys, owners=owners, by="kari", now=clock.now())


def begun(ids: list[str], act: Act = Act.RETRY) -> BulkJob:
    job = planned(ids, act)
    assert actions.begin(job_id=job.pk, reason="Feil logo", clock=clock.now)
    job.refresh_from_db()
    return job


@pytest.fixture
def many(sender: Client) -> list[str]:
    """More letters than are done while somebody waits, set aside."""
    return set_aside(sender, letter(*organizations(jobs.AT_ONCE + 50)))


def test_few_letters_are_done_at_once(sender: Client) -> None:
    job = begun(set_aside(sender, letter(*organizations(3))))

    assert (job.state, job.done, job.refused, job.next_look_at) == (JobState.ENDED, 3, 0, None)


def test_many_are_left_to_a_worker_who_does_them_in_batches(many: list[str]) -> None:
    job = begun(many)
    assert (job.state, job.position) == (JobState.UNDER_WAY, 0)

    actions.work_off(job_id=job.pk, clock=clock.now)

    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.ENDED, 250, 250)
    assert not Correspondence.objects.set_aside().exists()
    assert AuditEntry.objects.filter(deed="retried", reason="Feil logo").count() == 250


def test_a_worker_who_is_killed_leaves_whole_batches_and_the_sweep_finds_the_rest(many: list[str]) -> None:
    job = begun(many)
    assert jobs._turn(job.pk, clock.now(), jobs.BATCH)  # and then nothing more of it
    job.refresh_from_db()
    assert (job.position, Correspondence.objects.set_aside().count()) == (200, 50)

    assert jobs.wake_jobs(now=clock.now()) == 0
    assert jobs.wake_jobs(now=clock.now() + 20 * SECOND) == 1
    assert jobs.wake_jobs(now=clock.now() + 20 * SECOND) == 0  # woken just now
    actions.work_off(job_id=job.pk, clock=clock.now)

    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.ENDED, 250)
    assert AuditEntry.objects.count() == 250


def test_a_batch_that_is_cut_off_is_undone_as_a_whole(many: list[str]) -> None:
    job = begun(many)
    with transaction.atomic():
        jobs._turn(job.pk, clock.now(), jobs.BATCH)
        transaction.set_rollback(True)

    job.refresh_from_db()
    assert (job.position, AuditEntry.objects.count(), Correspondence.objects.set_aside().count()) == (0, 0, 250)


def test_yes_is_said_once(sender: Client) -> None:
    job = begun(set_aside(sender))

    assert not actions.begin(job_id=job.pk, reason="Again", clock=clock.now)

    job.refresh_from_db()
    assert job.reason == "Feil logo"
    assert AuditEntry.objects.count() == 1


def test_a_letter_that_cannot_be_changed_holds_up_no_other(sender: Client) -> None:
    ids = queued(sender, letter(*organizations(5)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.correspondence_id = '{ids[2]}' THEN RAISE EXCEPTION 'this letter cannot be changed'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON correspondence_statusevent FOR EACH ROW EXECUTE FUNCTION refuse();
            """
        )

    job = begun(ids, Act.CANCEL)

    assert (job.state, job.done, job.refused) == (JobState.ENDED, 4, 1)
    assert BulkRefusal.objects.values_list("letter", "why").get() == (UUID(ids[2]), Refusal.ERROR)
    assert Correspondence.objects.get(pk=ids[2]).queue_state == QueueState.READY


def test_jobs_that_nobody_confirmed_go_after_a_day_and_others_after_three_months(sender: Client) -> None:
    old_plan, new_plan = planned(set_aside(sender)), planned(set_aside(sender))
    old_job, new_job, running = (begun(set_aside(sender)) for _ in range(3))
    now = clock.now()
    BulkJob.objects.filter(pk=old_plan.pk).update(made_at=now - timedelta(days=2))
    BulkJob.objects.filter(pk=old_job.pk).update(ended_at=now - timedelta(days=91))
    BulkJob.objects.filter(pk=running.pk).update(
        made_at=now - timedelta(days=400), state=JobState.UNDER_WAY, ended_at=None
    )

    actions.apply_retention(now=now)

    assert set(BulkJob.objects.values_list("pk", flat=True)) == {new_plan.pk, new_job.pk, running.pk}


@pytest.mark.parametrize(
    "change",
    [
        {"position": 5},
        {"done": 1},
        {"state": JobState.ENDED},
        {"state": JobState.UNDER_WAY},
        {"act": "burn"},
        {"by": ""},
        {"total": 0},
    ],
)
def test_the_database_refuses_a_job_that_cannot_be(sender: Client, change: dict[str, Any]) -> None:
    job = planned(set_aside(sender))

    with pytest.raises(IntegrityError), transaction.atomic():
        BulkJob.objects.filter(pk=job.pk).update(**change)


@pytest.mark.django_db(transaction=True)
class TestWorkers:
    """Several of them, and what they are told."""

    def test_a_message_holds_the_jobs_id_and_goes_to_maintenance(self, many: list[str], messages: Messages) -> None:
        with messages() as woken:
            begun(many)

        assert woken == {"maintenance": 1}

    def test_the_sweep_wakes_a_worker_for_a_job_that_was_left(self, many: list[str], messages: Messages) -> None:
        job = begun(many)
        BulkJob.objects.filter(pk=job.pk).update(next_look_at=clock.now() - SECOND)

        with messages() as woken:
            actions.sweep(now=clock.now())

        assert woken["maintenance"] == 1

    def test_several_workers_at_one_job_do_each_letter_once(self, many: list[str]) -> None:
        job = begun(many)

        at_once(3, lambda: actions.work_off(job_id=job.pk, clock=clock.now))

        job.refresh_from_db()
        assert (job.state, job.done) == (JobState.ENDED, 250)
        assert AuditEntry.objects.count() == 250

    def test_of_several_who_say_yes_one_is_heard(self, sender: Client) -> None:
        job = planned(set_aside(sender, letter(*organizations(5))))

        answers = at_once(4, lambda: actions.begin(job_id=job.pk, reason="x", clock=clock.now))

        assert sorted(answers) == [False, False, False, True]
        assert AuditEntry.objects.count() == 5
