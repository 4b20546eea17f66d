"""`manage.py person`: what is held on one person is told, and goes as far as it may."""

import io
import json
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from correspondence import actions
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence, IdempotencyKey
from recipients.actions import register_party
from recipients.models import Party
from registry.models import Delegation, Resource
from registry.statuses import Right
from tests.clients import Client
from tests.commands import run
from tests.correspondence.faults import refused
from tests.files import initialized, uploaded
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import has_content, mailing_of, published, sent, with_file, work
from tests.registry.delegations import given
from tests.tokens import signed

NUMBER = PERSON[-11:]
OTHER_NUMBER = "17849200127"
DAY = timedelta(days=1)
KEY = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"


@pytest.fixture
def kari(sender: Client) -> Client:
    """A person that the register knows."""
    register_party(
        recipient=NUMBER,
        now=clock.now(),
        party_id="50001",
        name="KARI NORDMANN",
        email="kari@example.no",
        mobile="40000000",
    )
    return Client(signed({"pid": NUMBER, "scope": "altinn:correspondence.read"}))


def told(number: str = NUMBER) -> dict[str, list[dict[str, Any]]]:
    """What `show --json` tells, by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in run("person", "show", number, "--json").splitlines():
        record = json.loads(line)
        found.setdefault(record.pop("kind"), []).append(record)
    return found


# --- show ------------------------------------------------------------------------------------------------------------


def test_what_the_register_knows_is_told(kari: Client) -> None:
    [row] = told()["register"]

    assert row.pop("updated_at")
    assert row == {
        "urn": PERSON,
        "party_id": "50001",
        "name": "KARI NORDMANN",
        "is_reserved": False,
        "has_confidential_role": False,
        "email": "kari@example.no",
        "mobile": "40000000",
    }


def test_rights_in_both_directions_are_told_and_other_persons_are_masked(kari: Client, resource: Resource) -> None:
    given(Right.READ, by=ORGANIZATION, to=PERSON, on=resource)
    given(Right.READ, by=PERSON, to=OTHER_NUMBER)
    given(Right.READ, by=ORGANIZATION, to=OTHER_NUMBER)

    rights = told()["right"]

    columns = ("given", "other_party", "right", "resource")
    assert [tuple(row[name] for name in columns) for row in rights] == [
        (False, ORGANIZATION, "read", "fjordby-byggesak"),
        (True, "urn:altinn:person:identifier-no:***********", "read", None),
    ]


def test_letters_are_told_whatever_has_become_of_them(kari: Client, sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS, settings.KEEP_HISTORY_DAYS = 10, 20
    attachment_id = uploaded(sender)
    out = published(
        sender, with_file(attachment_id, content__messageBody="Hei {{recipientName}}.") | {"recipients": [PERSON]}
    )
    [failed] = sent(sender, letter(PERSON))
    fail_unfinished([mailing_of(failed).pk], "It was withdrawn", clock.now())
    gone = published(sender, letter(PERSON))
    assert kari.purge(gone).status_code == 200
    actions.clear_mailing(mailing_id=mailing_of(gone).pk, now=clock.now())
    published(sender, letter(ORGANIZATION))
    [waiting] = sent(sender, letter(ORGANIZATION, PERSON))[1:]

    letters = {row["id"]: row for row in told()["letter"]}

    assert list(letters) == [out, failed, gone, waiting]
    assert [row["status"] for row in letters.values()] == ["Published", "Failed", "PurgedByRecipient", "Initialized"]
    assert [row["has_content"] for row in letters.values()] == [True, True, False, True]
    assert [bool(row["published"]) for row in letters.values()] == [True, False, True, False]
    first = letters[out]
    assert (first["files"], first["recipient_name"], first["senders_reference"]) == (
        ["plan.pdf"],
        "Kari Nordmann",
        "sak-1",
    )
    begin = mailing_of(out).created_at
    ends = [datetime.fromisoformat(first[name]) for name in ("content_until", "history_until")]
    assert [round((end - begin) / DAY, 3) for end in ends] == [10, 30]


def test_what_the_person_did_is_counted_also_where_history_knows_it_by_its_party_id(
    kari: Client, sender: Client
) -> None:
    given(Right.READ, by=ORGANIZATION, to=PERSON)
    letter_id = published(sender)
    for _ in range(2):
        assert kari.details(letter_id).status_code == 200
    assert kari.mark_as_read(letter_id).status_code == 200
    own = published(sender, letter(PERSON))
    by_party_id = Client(signed({"urn:altinn:partyid": 50001, "scope": "altinn:correspondence.read"}))
    assert by_party_id.details(own).status_code == 200

    acts = {(row["on"], row["status"]): row["count"] for row in told()["acts"]}

    assert acts == {("letters", "Fetched"): 3, ("letters", "Read"): 1}


def test_what_the_person_sent_as_somebodys_employee_is_told(sender: Client) -> None:
    employee = Client(
        signed({"pid": NUMBER, "urn:altinn:orgNumber": "312295202", "scope": "altinn:correspondence.write"})
    )
    attachment_id = initialized(employee)
    [letter_id] = sent(employee)

    found = told()

    assert [row["id"] for row in found["sent"]] == [str(mailing_of(letter_id).pk)]
    assert [(row["id"], row["file_name"]) for row in found["attachment"]] == [(attachment_id, "plan.pdf")]
    assert {(row["on"], row["status"]) for row in found["acts"]} == {
        ("letters", "Initialized"),
        ("attachments", "Initialized"),
    }


@pytest.mark.parametrize("written", [NUMBER, PERSON, f" {NUMBER} "])
def test_a_person_is_named_in_any_form(kari: Client, written: str) -> None:
    assert [row["name"] for row in told(written)["register"]] == ["KARI NORDMANN"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (ORGANIZATION, "ID is an organisation's; this is about persons."),
        ("0192:314762290", "ID is an organisation's; this is about persons."),
        ("01818517642", "ID has a national identity number whose check digits do not fit."),
        ("kari", "ID is neither"),
    ],
)
@pytest.mark.parametrize("use", ["show", "erase"])
def test_what_is_no_person_is_refused_and_not_repeated(kari: Client, use: str, written: str, told: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run("person", use, written)

    assert told in str(refusal.value)
    assert "01818517642" not in str(refusal.value)
    assert Party.objects.count() == 1


def test_nothing_is_said_to_be_held_where_nothing_is(sender: Client) -> None:
    assert run("person", "show", NUMBER) == f"Held on {PERSON}:\nnothing."
    assert told() == {}


def test_a_terminal_shows_tables_and_the_number_in_the_heading_only(kari: Client, sender: Client) -> None:
    published(sender, letter(PERSON, sendersReference=f"sak\x1b[2J {NUMBER}\n" + "x" * 100))

    heading, *lines = run("person", "show", NUMBER).splitlines()

    assert heading == f"Held on {PERSON}:"
    assert NUMBER not in "".join(lines)
    assert "\x1b" not in "".join(lines)
    [row] = [line.split("\t") for line in lines[lines.index("letter:") + 2 :]]
    assert row[1:3] == ["fjordby-byggesak", f"sak [2J *********** {'x' * 39}…"]
    assert row[4:5] + row[6:] == ["Published", "yes", "-", "-", "-"]


def test_any_number_of_letters_costs_the_same_number_of_statements(kari: Client, sender: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            told()
        return len(queries)

    published(sender, letter(PERSON))
    one = statements()
    for _ in range(5):
        published(sender, letter(PERSON))

    assert statements() == one


# --- erase -----------------------------------------------------------------------------------------------------------


def test_what_the_register_knows_and_rights_go_at_once(kari: Client, resource: Resource) -> None:
    register_party(recipient=OTHER_NUMBER, now=clock.now(), name="OLA")
    given(Right.READ, by=ORGANIZATION, to=PERSON, on=resource)
    given(Right.READ, by=PERSON, to=OTHER_NUMBER)
    kept = given(Right.READ, by=ORGANIZATION, to=OTHER_NUMBER)

    said = run("person", "erase", NUMBER, "--yes")

    assert "Erased: 1 rows of the register, 2 rights, the content of 0 mailings, the history of 0." in said
    assert "0 letters stay." in said
    assert list(Party.objects.values_list("name", flat=True)) == ["OLA"]
    assert list(Delegation.objects.all()) == [kept]
    assert told() == {}


def test_the_name_goes_from_the_back_offices_log_too(kari: Client) -> None:
    user = get_user_model().objects.create(username="caseworker")
    party = Party.objects.get()
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Party),
        object_id=str(party.pk),
        object_repr=str(party),
        action_flag=ADDITION,
    )
    assert told()["back-office log"] == [{"count": 1}]

    run("person", "erase", NUMBER, "--yes")

    assert LogEntry.objects.get().object_repr == "erased"


def test_of_letters_goes_what_need_not_be_kept_and_the_rest_is_told(kari: Client, sender: Client) -> None:
    kept, purged = published(sender, letter(PERSON)), published(sender, letter(PERSON))
    others = published(sender, letter(ORGANIZATION))
    kari.purge(purged)

    said = run("person", "erase", NUMBER, "--yes").splitlines()

    assert said[0] == "Erased: 1 rows of the register, 0 rights, the content of 1 mailings, the history of 0."
    assert said[1:] == [
        f"Stays: letter {kept}, fjordby-byggesak: content for ever, by setting, history for ever, by setting.",
        f"Stays: letter {purged}, fjordby-byggesak: history for ever, by setting.",
        "2 letters stay.",
        "1 events tell what the person did. They go with the letters and files concerned.",
    ]
    assert [has_content(letter_id) for letter_id in (kept, purged, others)] == [True, False, True]


def test_by_the_rules_everything_may_go(kari: Client, sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = settings.KEEP_HISTORY_DAYS = 0
    first, second = published(sender, letter(PERSON)), published(sender, letter(PERSON, request__idempotentKey=KEY))

    said = run("person", "erase", NUMBER, "--yes")

    assert "the content of 2 mailings, the history of 1." in said
    assert [str(pk) for pk in Correspondence.objects.values_list("pk", flat=True)] == [second]
    assert not has_content(second)
    assert IdempotencyKey.objects.count() == 1
    assert first not in said


def test_a_letter_that_can_not_be_changed_holds_up_no_other(kari: Client, sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 0
    first, second = published(sender, letter(PERSON)), published(sender, letter(PERSON))

    bad = f"NEW.id = '{mailing_of(first).pk}' AND NEW.content_erased_at IS NOT NULL"
    with refused("correspondence_mailing", "UPDATE", bad):
        said = run("person", "erase", NUMBER, "--yes")

    assert "the content of 1 mailings" in said
    assert (has_content(first), has_content(second)) == (True, False)


def test_until_when_it_stays_is_told(kari: Client, sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 10
    Resource.objects.update(history_days=5)
    begin = mailing_of(published(sender, letter(PERSON))).created_at

    said = run("person", "erase", NUMBER, "--yes")

    content, history = (f"{begin + days * DAY:%Y-%m-%d %H:%M} UTC" for days in (10, 15))
    assert f"fjordby-byggesak: content until {content}, history until {history}.\n1 letters stay." in said


def test_a_letter_that_somebody_else_needs_stays(kari: Client, sender: Client) -> None:
    own, _ = sent(sender, letter(PERSON, ORGANIZATION))
    work()
    assert kari.purge(own).status_code == 200

    run("person", "erase", NUMBER, "--yes")

    assert has_content(own)


def test_only_the_first_letters_are_told_one_by_one(
    kari: Client, sender: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("correspondence.management.commands.person.MOST_TOLD", 2)
    for _ in range(3):
        sent(sender, letter(PERSON))

    said = run("person", "erase", NUMBER, "--yes").splitlines()

    assert [line.startswith("Stays: letter ") for line in said[1:-1]] == [True, True, False, False]
    assert said[3:5] == ["More letters stay; they are counted, and `show` tells them all.", "3 letters stay."]


@pytest.mark.parametrize(("answer", "erased"), [("yes\n", True), ("no\n", False), ("\n", False), ("", False)])
def test_it_is_asked_first(kari: Client, monkeypatch: pytest.MonkeyPatch, answer: str, erased: bool) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    if erased:
        run("person", "erase", NUMBER)
    else:
        with pytest.raises(CommandError, match="Nothing was erased"):
            run("person", "erase", NUMBER)

    assert Party.objects.exists() != erased


def test_twice_is_harmless(kari: Client, sender: Client) -> None:
    published(sender, letter(PERSON))
    run("person", "erase", NUMBER, "--yes")

    said = run("person", "erase", NUMBER, "--yes")

    assert "Erased: 0 rows of the register, 0 rights, the content of 0 mailings, the history of 0." in said


def test_one_line_is_logged_with_counts_and_without_the_person(
    kari: Client, sender: Client, caplog: pytest.LogCaptureFixture
) -> None:
    published(sender, letter(PERSON))
    caplog.clear()
    caplog.set_level(logging.INFO)

    run("person", "erase", NUMBER, "--yes")

    [line] = [message for message in caplog.messages if "person_erased" in message]
    assert "'register_rows': 1, 'rights': 0, 'contents': 0, 'histories': 0" in line
    assert NUMBER not in caplog.text
    assert "KARI" not in caplog.text
