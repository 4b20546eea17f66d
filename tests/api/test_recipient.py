"""What recipients do with their letters: overview, details, content, read, confirm (contract lifecycle.md §3)."""

import re
from datetime import timedelta
from threading import Event
from time import sleep
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from markdown_it import MarkdownIt

from attachments.models import Attachment
from config.kernel import clock, development_issuer
from config.kernel.caller import Caller, IssuerKind
from config.kernel.transfers import renderings
from correspondence import actions
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence, Mailing, StatusEvent
from correspondence.statuses import QueueState, Status
from registry.actions import delegate
from registry.models import Resource
from tests.clients import Client, problem
from tests.concurrency import at_once
from tests.conftest import HOUR, OWNER, token
from tests.files import uploaded
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import history, published, sent, since, work
from tests.tokens import signed

FAR = "2099-01-01T00:00:00Z"
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


def test_what_is_due_goes_out_when_its_recipient_asks(sender: Client, reader: Client) -> None:
    [letter_id] = sent(sender)  # no worker has been there

    answer = reader.overview(letter_id)

    assert (answer.status_code, answer.json()["status"]) == (200, "Published")
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PUBLISHED, Status.FETCHED]
    work()
    assert history(letter_id).count(Status.PUBLISHED) == 1


def test_whoever_asks_at_the_same_moment_for_what_is_due_gets_it(sender: Client, transactional_db: None) -> None:
    for _ in range(10):
        [letter_id] = sent(sender)  # no worker has been there
        calls = ["overview", "content", "overview", "details"]

        def ask(letter_id: str = letter_id, calls: list[str] = calls) -> int:
            return int(getattr(Client(token("314762290", scope=READ)), calls.pop())(letter_id).status_code)

        assert at_once(4, ask) == [200] * 4
        assert history(letter_id)[:3] == [Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PUBLISHED]
    assert set(Correspondence.objects.values_list("attempts", flat=True)) == {0}


def test_a_letter_that_was_put_off_while_somebody_held_its_file_goes_out_when_asked_for(
    sender: Client, reader: Client
) -> None:
    [letter_id] = sent(sender)
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())
    Correspondence.objects.update(next_try_at=clock.now() + timedelta(minutes=1))

    assert reader.overview(letter_id).status_code == 200


def test_who_asks_for_what_is_due_waits_for_whoever_holds_its_file(sender: Client, transactional_db: None) -> None:
    attachment_id = uploaded(sender)
    [letter_id] = sent(sender, letter(request__existingAttachments=[attachment_id]))
    is_held = Event()

    def hold() -> int:
        with transaction.atomic():
            Attachment.objects.select_for_update().get(pk=attachment_id)
            is_held.set()
            sleep(0.3)
        return 0

    def ask() -> int:
        is_held.wait()
        return int(Client(token("314762290", scope=READ)).overview(letter_id).status_code)

    calls = [hold, ask]

    def either() -> int:
        return calls.pop()()

    assert sorted(at_once(2, either)) == [0, 200]
    assert Correspondence.objects.get().attempts == 0


def test_what_was_put_off_after_an_error_is_not_tried_at_each_look(sender: Client, reader: Client) -> None:
    [letter_id] = sent(sender)
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())
    Correspondence.objects.update(attempts=1, next_try_at=clock.now() + timedelta(minutes=1))

    assert problem(reader.overview(letter_id)) == (404, "CORR-01001")
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH]


@pytest.mark.parametrize("what", ["overview", "details", "content"])
def test_a_letter_for_later_is_not_there_for_its_recipient(sender: Client, reader: Client, what: str) -> None:
    [letter_id] = sent(sender, letter(requestedPublishTime=FAR))
    work()

    assert problem(getattr(reader, what)(letter_id)) == (404, "CORR-01001")
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH]


def test_a_scope_to_send_does_not_open_what_is_not_out_yet(sender: Client) -> None:
    """As the original has it, a recipient with the scope write sees letters before their time."""
    [letter_id] = sent(sender, letter(requestedPublishTime=FAR))
    both = Client(token("314762290", scope=f"{READ} {WRITE}"))

    assert problem(both.overview(letter_id)) == (404, "CORR-01001")
    Correspondence.objects.update(due_at=clock.now(), next_try_at=clock.now())
    work()
    assert both.overview(letter_id).status_code == 200
    assert since(letter_id) == [Status.FETCHED]


def test_a_letter_that_failed_is_not_there_for_its_recipient(sender: Client, reader: Client) -> None:
    [failed] = sent(sender, letter(requestedPublishTime=FAR))
    fail_unfinished([Correspondence.objects.get(pk=failed).mailing_id], "It was withdrawn", clock.now())

    assert problem(reader.overview(failed)) == (404, "CORR-01001")
    assert problem(reader.mark_as_read(failed)) == (404, "CORR-01001")
    assert problem(reader.confirm(failed)) == (404, "CORR-01001")
    assert problem(reader.purge(failed)) == (404, "CORR-01001")


def test_more_than_three_reply_options_are_in_the_overview_and_content_not_in_details(
    sender: Client, reader: Client
) -> None:
    options = [{"linkURL": f"https://a.example/{n}", "linkText": f"Svar {n}"} for n in range(4)]
    letter_id = published(sender, letter(replyOptions=options))

    assert "Svarvalg:" in reader.overview(letter_id).json()["content"]["messageBody"]
    assert "https://a.example/3" in reader.content(letter_id).content.decode()
    assert reader.details(letter_id).json()["content"]["messageBody"] == "Hei."


HOSTILE_OPTIONS = [
    {"linkURL": "https://a.example/[x](javascript:alert(1))", "linkText": "[y](https://b.example) *z*"}
] * 4


def test_reply_options_are_not_read_as_markdown(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(replyOptions=HOSTILE_OPTIONS))

    shown = reader.content(letter_id).content.decode()
    address = HOSTILE_OPTIONS[0]["linkURL"]
    assert shown.splitlines()[-1].endswith(f": <{address}>")
    rendered = MarkdownIt().render(shown)
    assert re.findall('href="(.*?)"', rendered) == [re.sub(r"[\[\]]", lambda found: quote(found[0]), address)] * 4
    assert rendered.count("[y](https://b.example) *z*") == 4


def test_reply_options_of_any_length_are_answered_as_they_are(sender: Client, reader: Client) -> None:
    """Only the body has a bounded length, and is worth rendering."""
    text = "[" * 200_000
    options = [{"linkURL": f"https://a.example/{n}", "linkText": text} for n in range(4)]
    letter_id = published(sender, letter(replyOptions=options))

    shown = reader.content(letter_id).content.decode()
    assert shown.splitlines()[-1] == "\\[" * 200_000 + ": https://a.example/3"


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


# --- content ---------------------------------------------------------------------------------------------------------


def test_content_is_markdown_and_counts_as_read_once(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(content__messageBody="# Vedtak\n\nDu har **rett**.<script>x()</script>"))

    answer = reader.content(letter_id, Accept="text/plain")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content.decode().strip() == "# Vedtak\n\nDu har **rett**."
    reader.content(letter_id)

    assert since(letter_id) == [Status.FETCHED, Status.READ]
    assert problem(reader.mark_as_read(letter_id)) == (400, "CORR-01040")


def test_content_is_not_answered_as_json(reader: Client, letter_id: str) -> None:
    assert problem(reader.content(letter_id, Accept="application/json"))[0] == 406
    assert since(letter_id) == []


def test_content_is_for_recipients_only(sender: Client, letter_id: str) -> None:
    assert problem(sender.content(letter_id)) == (403, None)
    owner = Client(token(scope=f"{READ} {WRITE}"))
    assert problem(owner.content(letter_id)) == (401, "CORR-04001")


def test_long_bodies_are_rendered_a_few_at_a_time_and_short_ones_always(
    sender: Client, reader: Client, settings: Any
) -> None:
    """Whoever asks for many long ones at once must not take every thread."""
    long = published(sender, letter(content__messageBody="x" * 4_001))
    short = published(sender, letter(content__messageBody="x" * 4_000))
    with renderings.taken("somebody"), renderings.taken("somebody"), renderings.taken("a"), renderings.taken("b"):
        refused = reader.content(long)
        assert problem(refused) == (503, None)
        assert refused["Retry-After"]
        assert since(long) == []
        assert reader.content(short).status_code == 200

    assert reader.content(long).status_code == 200


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


# --- the level that a resource demands -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "seen"), [("4", True), (4, True), ("3", False), (None, False), ("x", False), ("-4", False)]
)
def test_a_resource_may_demand_a_level_of_authentication_of_recipients(sender: Client, level: Any, seen: bool) -> None:
    Resource.objects.update(minimum_authentication_level=4)
    letter_id = published(sender, letter(PERSON))
    claims = {"pid": PERSON[-11:], "scope": READ, "urn:altinn:authlevel": level}

    answer = Client(signed(claims)).overview(letter_id)

    assert (answer.status_code == 200) is seen
    if not seen:
        assert problem(answer) == (401, "CORR-04001")
        assert "demands authentication level 4" in answer.json()["detail"]
    assert sender.overview(letter_id).status_code == 200


@pytest.mark.parametrize(("level", "status"), [(0, 200), (4, 200), (3, 401)])
def test_a_dialog_tokens_level_nought_is_enough(sender: Client, dialog_token: Any, level: int, status: int) -> None:
    Resource.objects.update(minimum_authentication_level=4)
    letter_id = published(sender)

    dialog = Client(dialog_token({"p": ORGANIZATION, "a": "read", "l": level}))
    assert dialog.overview(letter_id).status_code == status


# --- whom a token names ----------------------------------------------------------------------------------------------


def beside_a_platform_token(claims: dict[str, Any]) -> Client:
    platform_token = development_issuer.platform_token("fjordby", now=clock.now(), lifetime=HOUR)
    return Client(signed(claims), PlatformAccessToken=platform_token)


@pytest.mark.parametrize("scope", ["", "altinn:portal/enduser", "altinn:something"])
def test_a_platform_token_makes_nobody_a_recipient(sender: Client, scope: str) -> None:
    """It opens the door for its owner; what comes beside it receives by a scope of its own."""
    letter_id = published(sender)
    caller = beside_a_platform_token({"urn:altinn:orgNumber": "314762290", "scope": scope})
    other = published(sender, letter("0192:310080632"))
    delegate(
        from_party="0192:310080632", to_party=ORGANIZATION, right="read", resource_id=None, by="test", now=clock.now()
    )

    sent_by_owner = caller.overview(letter_id)
    assert (sent_by_owner.status_code, sent_by_owner.json()["content"]["messageBody"]) == (200, "")
    assert caller.overview(other).json()["content"]["messageBody"] == ""
    assert since(letter_id) == since(other) == []
    for party in (None, ORGANIZATION, "0192:310080632"):
        found = caller.find(resourceId="fjordby-byggesak", role="Recipient", onBehalfOf=party)
        assert problem(found) == (401, "CORR-04001")


def test_beside_a_platform_token_one_with_the_scope_receives(sender: Client) -> None:
    letter_id = published(sender)

    caller = beside_a_platform_token({"urn:altinn:orgNumber": "314762290", "scope": READ})
    found = caller.find(resourceId="fjordby-byggesak", role="Recipient", onBehalfOf=ORGANIZATION)
    assert found.json() == {"ids": [letter_id]}


@pytest.mark.parametrize(
    "claims",
    [
        {"pid": 1818517641},
        {"pid": ["01818517641"]},
        {"pid": ""},
        {"pid": "018185176411"},
        {"urn:altinn:partyid": "1" * 11},
    ],
)
def test_a_person_that_can_not_be_read_does_not_read_for_its_vendor(sender: Client, claims: dict[str, Any]) -> None:
    letter_id = published(sender)
    caller = Client(signed({**claims, "consumer": {"ID": "0192:314762290"}, "scope": READ}))

    assert problem(caller.overview(letter_id)) == (401, "CORR-04001")
    assert problem(caller.find(resourceId="fjordby-byggesak", role="Recipient")) == (401, "CORR-04001")


def test_the_level_is_asked_of_lists_too(sender: Client, reader: Client) -> None:
    letter_id = published(sender)
    search = {"resourceId": "fjordby-byggesak", "role": "Recipient"}

    assert reader.find(**search).json() == {"ids": [letter_id]}
    Resource.objects.update(minimum_authentication_level=4)
    refused = reader.find(**search)
    assert problem(refused) == (401, "CORR-04001")
    assert "demands authentication level 4, and the token has level 3" in refused.json()["detail"]
    assert sender.find(**{**search, "role": "Sender"}).json() == {"ids": [letter_id]}


def test_a_dialog_tokens_party_is_read_in_any_casing(sender: Client, dialog_token: Any) -> None:
    """Recipients are stored in lower case (contract validation.md §2)."""
    urn = "urn:altinn:person:idporten-email:Kari@Example.com"
    letter_id = published(sender, letter(urn))

    for claim in ("p", "c"):
        dialog = Client(dialog_token({"p": ORGANIZATION, claim: urn, "a": "read"}))
        assert dialog.overview(letter_id).status_code == 200


@pytest.mark.parametrize(("named", "status"), [("fjordby-byggesak", 200), ("dalen-skatt", 401)])
def test_a_dialog_token_is_for_its_own_resource(sender: Client, dialog_token: Any, named: str, status: int) -> None:
    letter_id = published(sender)
    dialog = Client(dialog_token({"p": ORGANIZATION, "a": "read", "s": f"urn:altinn:resource:{named}"}))

    assert dialog.overview(letter_id).status_code == status
    assert dialog.find(resourceId="fjordby-byggesak", role="Recipient").status_code == status


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
