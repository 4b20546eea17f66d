"""The database breaks off at the COMMIT of a mailing: its sender is told what is true."""

import uuid

import pytest

from correspondence.models import Correspondence, Mailing, StatusEvent
from tests.clients import Client, problem
from tests.letters import letter, organizations
from tests.messages import Messages
from tests.tapped import broken_at_commit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mailing_that_was_stored_is_answered_200_though_the_database_broke_off(sender: Client) -> None:
    with broken_at_commit(hears_it=True) as tap:
        answer = sender.post(letter(*organizations(5)))

    assert tap.has_broken
    assert answer.status_code == 200, answer.content
    ids = [entry["correspondenceId"] for entry in answer.json()["correspondences"]]
    assert ids == [str(pk) for pk in Correspondence.objects.order_by("pk").values_list("pk", flat=True)]
    assert StatusEvent.objects.count() == 5


def test_its_worker_is_woken_all_the_same(sender: Client, messages: Messages) -> None:
    with messages() as woken, broken_at_commit(hears_it=True):
        sender.post(letter())

    assert woken == {"queue": 1}


def test_a_mailing_whose_commit_never_arrived_is_refused_and_not_there(sender: Client) -> None:
    with broken_at_commit(hears_it=False) as tap:
        answer = sender.post(letter(*organizations(5)))

    assert tap.has_broken
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "outcome" not in answer.json()
    assert not Mailing.objects.exists()


def test_where_the_database_stays_away_the_sender_hears_that_nobody_knows(sender: Client) -> None:
    keyed = letter(request__idempotentKey=str(uuid.uuid4()))
    with broken_at_commit(hears_it=True, comes_back=False):
        answer = sender.post(keyed)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["outcome"] == "unknown"
    assert "idempotentKey" in answer.json()["detail"]
    # It was stored; who follows the advice learns so.
    assert problem(sender.post(keyed)) == (409, "CORR-01034")
    assert Mailing.objects.count() == 1
