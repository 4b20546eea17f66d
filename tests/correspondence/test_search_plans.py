"""The plans of search: each combination stands on indexes that hold little else than what is looked for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from config.kernel.caller import Caller, IssuerKind
from correspondence.search import Role, Search, search
from correspondence.statuses import Status
from tests.bench import million
from tests.bench.plans import Plan, noting, plan_of

# By status; None: whatever the status. Those that are left out find nothing, and ask nothing.
SENT = {
    None: "correspondence_sent",
    Status.INITIALIZED: "correspondence_sent",
    Status.READY_FOR_PUBLISH: "correspondence_sent",
    Status.PUBLISHED: "sent_seen_2",
    Status.READ: "sent_seen_4",
    Status.CONFIRMED: "sent_seen_6",
    Status.PURGED_BY_RECIPIENT: "sent_seen_7",
    Status.PURGED_BY_ALTINN: "sent_seen_8",
    Status.RESERVED: "sent_seen_10",
    Status.FAILED: "sent_seen_11",
    Status.ATTACHMENTS_DOWNLOADED: "sent_seen_12",
}
RECEIVED = {
    None: "correspondence_received",
    Status.PUBLISHED: "correspondence_received",
    Status.READ: "received_seen_4",
    Status.CONFIRMED: "received_seen_6",
    Status.PURGED_BY_RECIPIENT: "received_seen_7",
    Status.PURGED_BY_ALTINN: "received_seen_8",
    Status.RESERVED: "received_seen_10",
    Status.ATTACHMENTS_DOWNLOADED: "received_seen_12",
}
INDEX_OF = {Role.Sender: SENT, Role.Recipient: RECEIVED}
BOTH = Role.RecipientAndSender

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[datetime]:
    """A party that sends 12,000 letters, half of them to itself, among 8,000 that others send."""
    with django_db_blocker.unblock(), million.filled(20_000) as now:
        yield now


def plans(role: Role, party: int = million.BIG, **wanted: Any) -> list[Plan]:
    """Those of one search for what this party sent with the big one's resource, or received."""
    caller = Caller(kind=IssuerKind.ALTINN, organization=million.number_of(party))
    with noting("correspondence_correspondence") as queries:
        search(caller=caller, wanted=Search(million.resource_of(million.BIG), role, **wanted))
    return [plan_of(query) for query in queries]


def indexes(role: Role, **wanted: Any) -> list[list[str]]:
    return [plan.indexes for plan in plans(role, **wanted)]


@pytest.mark.parametrize("role", INDEX_OF)
def test_each_status_stands_on_its_index(role: Role, filled: datetime) -> None:
    for times in ({}, {"start": filled}, {"end": filled}):
        for status in (None, *Status):
            index = INDEX_OF[role].get(status)
            assert indexes(role, status=status, **times) == ([[index]] if index else []), (status, times)


def test_both_roles_stand_on_two_indexes() -> None:
    for status in (None, *Status):
        halves = [[index[status]] for index in (SENT, RECEIVED) if status in index]
        assert indexes(BOTH, status=status) == halves, status


def test_no_more_is_looked_at_than_there_is_of_a_rare_status() -> None:
    for status, (few, _) in million.FEW.items():
        assert all(few <= plan.rows_looked_at <= 2 * few for plan in plans(BOTH, status=status))  # in index and table


def test_a_party_with_nothing_is_told_so_without_a_look_at_any_letter() -> None:
    for status in (None, *Status):
        assert not any(plan.rows_looked_at for plan in plans(BOTH, million.NOBODY, status=status)), status


@pytest.mark.parametrize("role", Role)
def test_a_rare_reference_and_a_key_stand_on_their_indexes(role: Role) -> None:
    for found in indexes(role, senders_reference=million.RARE):
        assert found == ["mailing_senders_reference", "correspondence_once_for_each_recipient"]
    for found in indexes(role, idempotency_key=million.KEY):
        assert {"idempotency_key_used_once", "correspondence_once_for_each_recipient"} <= set(found)


@pytest.mark.parametrize("role", Role)
def test_a_common_reference_does_not_hide_that_a_status_is_rare(role: Role) -> None:
    """The planner knows by statistics of each status (migration 0005), or it would look at all with the reference."""
    for status in million.FEW:
        looked = plans(role, status=status, senders_reference=million.COMMON)
        assert looked or role == Role.Recipient
        assert all(plan.rows_looked_at < 50 for plan in looked), status
