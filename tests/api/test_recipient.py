"""What recipients do with their letters: overview, details, content, read, confirm (contract lifecycle.md §3)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from config.kernel.caller import Caller, IssuerKind
from correspondence import actions
from correspondence.models import Correspondence, Mailing, StatusEvent
from correspondence.statuses import QueueState, Status
from tests.clients import Client, problem
from tests.concurrency import at_once
from tests.conftest import OWNER, token
from tests.files import uploaded
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import history, published, sent, since, work
from tests.tokens import signed

READ, WRITE = "altinn:correspondence.read", "altinn:correspondence.write"


@pytest.fixture
def letter_id(sender: Client) -> str:
    """A letter to the reader that is out."""
    return published(sender)


# --- overview --------------------------------------------------------------------------------------------------------


def test_the_recipient_sees_what_was_written_to_it(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(content__messageTitle="Tittel", content__messageSummary="Kort"))

    answer = reader.overview(letter_id)

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    content = answer.json()["content"]
    assert (content["messageTitle"], content["messageSummary"], content["messageBody"]) == ("Tittel", "Kort", "Hei.")
    assert answer.json()["status"] == "Published"


def test_its_overview_is_written_down_once_in_fifteen_seconds(reader: Client, letter_id: str) -> None:
    for _ in range(3):
        reader.overview(letter_id)
    assert since(letter_id) == [Status.FETCHED]


@pytest.mark.parametrize(("seconds", "count"), [(14.9, 1), (15.1, 2)])
def test_the_fifteen_seconds_count_from_the_last_look(letter_id: str, seconds: float, count: int) -> None:
    organization, first = (
        Caller(IssuerKind.ALTINN, organization=ORGANIZATION[-9:], scopes=frozenset({READ})),
        clock.now(),
    )

    for now in (first, first + timedelta(seconds=seconds)):
        actions.open_overview(caller=organization, correspondence_id=UUID(letter_id), now=now)

    assert since(letter_id) == [Status.FETCHED] * count


def test_each_party_that_fetches_is_written_down(sender: Client, dialog_token: Any) -> None:
    letter_id = published(sender, letter(PERSON))

    Client(signed({"pid": PERSON[-11:], "scope": READ})).overview(letter_id)
    Client(dialog_token({"p": PERSON, "c": ORGANIZATION, "a": "read"})).overview(letter_id)

    fetched = StatusEvent.objects.filter(status=Status.FETCHED).order_by("pk")
    assert list(fetched.values_list("party", flat=True)) == [PERSON, ORGANIZATION]


def test_fetched_never_becomes_the_current_status(reader: Client, letter_id: str) -> None:
    reader.overview(letter_id)

    answer = reader.overview(letter_id).json()
    assert (answer["status"], answer["statusText"]) == ("Published", "Published")
    assert answer["statusChanged"] == answer["published"]


def test_two_overviews_at_once_are_one_fetched(sender: Client, transactional_db: None) -> None:
    letter_id = published(sender)

    answers = at_once(4, lambda: Client(token("314762290", scope=READ)).overview(letter_id).status_code)

    assert answers == [200] * 4
    assert since(letter_id) == [Status.FETCHED]


@pytest.mark.parametrize("what", ["overview", "details", "content"])
def test_a_head_request_leaves_no_trace(reader: Client, letter_id: str, what: str) -> None:
    answer = getattr(reader, what)(letter_id, method="HEAD")

    assert (answer.status_code, answer.content) == (200, b"")
    assert since(letter_id) == []


@pytest.mark.parametrize("what", ["overview", "details"])
def test_a_sender_that_looks_leaves_no_trace(sender: Client, letter_id: str, what: str) -> None:
    assert getattr(sender, what)(letter_id).status_code == 200
    assert since(letter_id) == []


@pytest.mark.parametrize(("scope", "trace"), [(READ, [Status.FETCHED]), (WRITE, []), (f"{READ} {WRITE}", [])])
def test_who_writes_to_itself_looks_as_what_its_scope_says(sender: Client, scope: str, trace: Any) -> None:
    letter_id = published(sender, letter(f"0192:{OWNER}"))

    assert Client(token(scope=scope)).overview(letter_id).status_code == 200
    assert since(letter_id) == trace


# --- details ---------------------------------------------------------------------------------------------------------


def test_details_hold_the_history_with_each_look(reader: Client, letter_id: str) -> None:
    reader.details(letter_id)
    answer = reader.details(letter_id).json()

    assert [entry["status"] for entry in answer["statusHistory"]] == [
        "Initialized",
        "ReadyForPublish",
        "Published",
        "Fetched",
        "Fetched",
    ]
    assert all(set(entry) == {"status", "statusText", "statusChanged"} for entry in answer["statusHistory"])
    assert (answer["notifications"], answer["systemLabel"]) == ([], "Default")
    assert answer["content"]["messageBody"] == "Hei."


def test_the_sender_sees_the_history_of_what_was_purged_but_not_the_purge(
    sender: Client, reader: Client, letter_id: str
) -> None:
    reader.overview(letter_id)
    assert reader.purge(letter_id).status_code == 200

    assert problem(sender.overview(letter_id)) == (404, "CORR-01001")
    answer = sender.details(letter_id).json()
    assert answer["status"] == "PurgedByRecipient"
    assert [entry["status"] for entry in answer["statusHistory"]][-1] == "Fetched"
    assert problem(reader.details(letter_id)) == (404, "CORR-01001")


@pytest.mark.parametrize("what", ["overview", "details"])
def test_a_letter_whose_history_is_just_being_removed_is_not_there(sender: Client, letter_id: str, what: str) -> None:
    """A read that found the letter before it was removed finds no history after."""
    StatusEvent.objects.all().delete()

    assert problem(getattr(sender, what)(letter_id)) == (404, "CORR-01001")


# --- markasread and confirm ------------------------------------------------------------------------------------------


def test_a_letter_must_be_fetched_before_it_is_read_or_confirmed(reader: Client, letter_id: str) -> None:
    assert problem(reader.mark_as_read(letter_id)) == (400, "CORR-01024")
    assert problem(reader.confirm(letter_id)) == (400, "CORR-01025")
    assert since(letter_id) == []


def test_a_letter_is_read_once(sender: Client, reader: Client, letter_id: str) -> None:
    reader.overview(letter_id)

    answer = reader.mark_as_read(letter_id)
    assert (answer.status_code, answer.json()) == (200, letter_id)
    assert problem(reader.mark_as_read(letter_id)) == (400, "CORR-01040")

    assert since(letter_id) == [Status.FETCHED, Status.READ]
    seen = sender.overview(letter_id).json()
    assert (seen["status"], seen["read"]) == ("Read", seen["statusChanged"])


def test_a_letter_is_confirmed_at_once_and_once_whether_it_was_asked_for_or_not(reader: Client, letter_id: str) -> None:
    reader.overview(letter_id)

    answer = reader.confirm(letter_id)
    assert (answer.status_code, answer.json()) == (200, letter_id)
    assert problem(reader.confirm(letter_id)) == (400, "CORR-01041")

    assert since(letter_id) == [Status.FETCHED, Status.CONFIRMED]
    assert reader.overview(letter_id).json()["status"] == "Confirmed"
    assert reader.mark_as_read(letter_id).status_code == 200
    assert reader.overview(letter_id).json()["status"] == "Confirmed"


@pytest.mark.parametrize(("what", "status"), [("mark_as_read", Status.READ), ("confirm", Status.CONFIRMED)])
def test_two_at_once_give_one_event(sender: Client, transactional_db: None, what: str, status: Status) -> None:
    letter_id = published(sender)
    Client(token("314762290", scope=READ)).overview(letter_id)

    answers = at_once(4, lambda: getattr(Client(token("314762290", scope=READ)), what)(letter_id).status_code)

    assert sorted(answers) == [200, 400, 400, 400]
    assert since(letter_id) == [Status.FETCHED, status]


def test_who_did_what_is_written_down(reader: Client, letter_id: str) -> None:
    reader.overview(letter_id)
    reader.mark_as_read(letter_id)

    events = StatusEvent.objects.filter(status__in=[Status.FETCHED, Status.READ])
    assert set(events.values_list("party", flat=True)) == {ORGANIZATION}


def test_a_download_covers_what_follows(sender: Client, reader: Client) -> None:
    attachment_id = uploaded(sender)
    letter_id = published(sender, letter(request__existingAttachments=[attachment_id]))
    reader.overview(letter_id)
    b"".join(reader.fetch(letter_id, attachment_id).streaming_content)

    assert reader.confirm(letter_id).status_code == 200
    assert reader.overview(letter_id).json()["status"] == "AttachmentsDownloaded"


@pytest.mark.parametrize("what", ["overview", "details", "content", "mark_as_read", "confirm", "purge"])
def test_ids_that_are_none_or_unknown(reader: Client, what: str) -> None:
    call = getattr(reader, what)

    assert problem(call(uuid4())) == (404, "CORR-01001")
    answer = call("no-uuid")
    assert problem(answer) == (400, "STD-00000")
    assert set(answer.json()["errors"]) == {"correspondenceId"}
    assert problem(call(uuid4().hex)) == (404, "CORR-01001")


def test_what_a_recipient_asks_costs_the_same_however_many_letters_and_looks_there_are(
    sender: Client, reader: Client
) -> None:
    few = published(sender)
    many = published(sender, letter(ORGANIZATION, *[f"0192:{n}" for n in range(100_000_000, 100_000_099)]))
    for _ in range(5):
        reader.details(many)

    counts: dict[str, list[int]] = {}
    for letter_id in (few, many):
        for what in ("details", "overview", "content", "confirm"):
            with CaptureQueriesContext(connection) as queries:
                assert getattr(reader, what)(letter_id).status_code == 200
            counts.setdefault(what, []).append(len(queries))
    assert all(first >= second for first, second in counts.values()), counts
    assert {what: first for what, (first, _) in counts.items()} == COUNTS


# With savepoints, which the test's own transaction makes of ours (two statements).
COUNTS: dict[str, Any] = {"details": 9, "overview": 8, "content": 7, "confirm": 6}


def test_a_letter_in_the_queue_is_never_out(sender: Client, letter_id: str) -> None:
    """The database's own word for it."""
    with pytest.raises(IntegrityError, match="in_the_queue_is_not_out"), transaction.atomic():
        Correspondence.objects.filter(pk=letter_id).update(queue_state=QueueState.READY)
    with pytest.raises(IntegrityError, match="status_was_seen"), transaction.atomic():
        Correspondence.objects.filter(pk=letter_id).update(statuses_seen=1)


# --- the order of history --------------------------------------------------------------------------------------------


def test_no_event_is_dated_before_one_that_was_written_before_it(sender: Client, reader: Client) -> None:
    """Whoever waits for the letter's lock has read the clock too early, and clocks of machines differ."""
    early = clock.now() - timedelta(hours=1)
    [letter_id] = sent(sender)
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=early)
    work()
    reader.overview(letter_id)
    organization = Caller(IssuerKind.ALTINN, organization=ORGANIZATION[-9:], scopes=frozenset({READ}))
    actions.confirm(caller=organization, correspondence_id=UUID(letter_id), now=early)
    actions.mark_as_read(caller=organization, correspondence_id=UUID(letter_id), now=early)
    actions.open_details(caller=organization, correspondence_id=UUID(letter_id), now=early)
    actions.purge(caller=organization, correspondence_id=UUID(letter_id), now=early)

    written = StatusEvent.objects.filter(correspondence__pk=letter_id).order_by("pk").values_list("at", flat=True)
    assert list(written) == sorted(written)
    assert [Status(status).label for status in history(letter_id)[:-1]] == [
        entry["status"] for entry in sender.details(letter_id).json()["statusHistory"]
    ]
