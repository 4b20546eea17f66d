"""The audit log in the back-office: read, searched and taken along by auditors, and only added to."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test import Client as DjangoClient
from django.test import RequestFactory

from config.audit.actions import record
from config.audit.models import AuditEntry, Deed
from config.audit.querysets import OnlyAddedTo
from config.kernel import clock, csv_stream
from config.staff.roles import ADMINISTRATOR, AUDITOR
from correspondence.models import Correspondence
from registry.models import Resource, ServiceOwner
from tests.admin.pages import page
from tests.admin.roles import as_user, user_in
from tests.clients import Client
from tests.letters import letter

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
LOG = "/admin/audit/auditentry/"
NUMBER = "01818517641"


def noted(deed: Deed = Deed.CHANGED, *, days_ago: int = 0, at: datetime | None = None, **facts: Any) -> AuditEntry:
    """An entry about Fjordby, unless the facts say otherwise."""
    when = at or clock.now() - timedelta(days=days_ago)
    return record(deed, now=when, **{"by": "ola", "owner": "312295202", **facts})


@pytest.fixture
def auditor(owner: ServiceOwner) -> DjangoClient:
    return as_user(user_in(AUDITOR, owner))


def rows(client: DjangoClient, **query: str) -> list[str]:
    """The reasons that the list shows, in its order."""
    text = page(client.get(LOG, query))
    return [part.split("</td>")[0] for part in text.split('field-why">')[1:]]


def exported(client: DjangoClient, query: str = "") -> list[list[str]]:
    answer: Any = client.post(f"{LOG}export/{query}")
    assert answer.status_code == 200, answer
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_list_says_who_did_what_when_of_what_for_whom_and_why(auditor: DjangoClient, resource: Resource) -> None:
    noted(Deed.PAUSED, target=resource, reason="Feil logo", details={"letters": 3})

    text = page(auditor.get(LOG))

    for shown in ("ola", "paused publishing", "resource fjordby-byggesak", "Fjordby kommune (312295202)", "Feil logo"):
        assert shown in text, shown
    assert "letters: 3" in text
    assert '<a href="/admin/registry/resource/fjordby-byggesak/change/">' in text


def test_a_thing_is_a_link_for_who_may_open_its_page(auditor: DjangoClient, sender: Client) -> None:
    sender.post(letter())
    row = Correspondence.objects.get()
    noted(Deed.RETRIED, target=row)
    address = f"/admin/correspondence/correspondence/{row.pk}/change/"

    assert address not in page(auditor.get(LOG))
    assert address in page(as_user(user_in(ADMINISTRATOR, name="boss")).get(LOG))


def test_an_entrys_page_shows_all_of_it(auditor: DjangoClient) -> None:
    entry = noted(reason="Fordi", details={"fields": ["title"], "now": {"is_staff": True}, "address": None})

    text = page(auditor.get(f"{LOG}{entry.pk}/change/"))

    assert "Fordi" in text
    assert "<dt>now</dt><dd>is_staff: yes</dd><dt>fields</dt><dd>title</dd><dt>address</dt><dd>–</dd>" in text


def test_an_auditor_reads_of_his_own_owners_and_who_sees_all_reads_of_logins_too(
    auditor: DjangoClient, other_resource: Resource
) -> None:
    noted(reason="vårt")
    noted(owner="310635820", reason="deres")
    noted(Deed.LOGGED_IN, owner="", reason="ingens")
    noted(Deed.LOGGED_IN, by="kari", owner="", reason="mitt")

    assert rows(auditor) == ["vårt"]
    assert rows(as_user(user_in(ADMINISTRATOR, name="boss"))) == ["mitt", "ingens", "deres", "vårt"]
    assert rows(as_user(user_in(AUDITOR, name="nobodys"))) == []


@pytest.mark.parametrize("term", ["ola", "312295203", "{letter}", "{LETTER}", "{mailing}", "sak-1"])
def test_it_is_searched_by_user_by_id_and_by_the_senders_reference(
    auditor: DjangoClient, sender: Client, term: str
) -> None:
    sender.post(letter())
    row = Correspondence.objects.get()
    noted(Deed.RETRIED, target=row, reason="brevet")
    noted(Deed.CANCELLED, target=row.mailing, reason="utsendelsen")
    noted(by="kari", reason="noe annet")
    ids = {"letter": str(row.pk), "LETTER": str(row.pk).upper(), "mailing": str(row.mailing_id)}

    found = rows(auditor, q=term.format(**ids))

    assert (
        found
        == {
            "ola": ["utsendelsen", "brevet"],
            "312295203": [],
            "{letter}": ["brevet"],
            "{LETTER}": ["brevet"],
            "{mailing}": ["utsendelsen"],
            "sak-1": ["utsendelsen", "brevet"],
        }[term]
    )


def test_a_part_of_a_name_or_of_an_id_finds_nothing(auditor: DjangoClient) -> None:
    noted(reason="brevet")

    assert rows(auditor, q="ol") == rows(auditor, q="OLA") == rows(auditor, q="%") == []


def test_it_is_filtered_by_deed_owner_and_day(other_resource: Resource) -> None:
    administrator = as_user(user_in(ADMINISTRATOR, name="boss"))
    noted(Deed.PAUSED, at=datetime(2026, 3, 1, 12, tzinfo=UTC), reason="første")
    noted(Deed.RESUMED, at=datetime(2026, 3, 2, 12, tzinfo=UTC), reason="annen")
    noted(Deed.PAUSED, at=datetime(2026, 3, 3, 12, tzinfo=UTC), owner="310635820", reason="tredje")

    assert rows(administrator, deed__exact="paused") == ["tredje", "første"]
    assert rows(administrator, owner="310635820") == ["tredje"]
    assert rows(administrator, from_day="2026-03-02") == ["tredje", "annen"]
    assert rows(administrator, to_day="2026-03-02") == ["annen", "første"]
    assert rows(administrator, from_day="2026-03-02", to_day="2026-03-02") == ["annen"]
    assert rows(administrator, from_day="2026-03-02", deed__exact="paused") == ["tredje"]
    for nonsense in ("i går", "2026-02-31", "99999-01-01", "0001-01-01"):
        assert rows(administrator, from_day=nonsense) == ["tredje", "annen", "første"]


def test_the_filters_go_along_with_each_other_and_offer_ones_own_owners(
    auditor: DjangoClient, other_resource: Resource
) -> None:
    text = page(auditor.get(LOG, {"deed__exact": "paused", "from_day": "2026-03-02"}))

    assert text.count('<input type="hidden" name="deed__exact" value="paused">') >= 2
    assert '<input id="audit-from" type="date" name="from_day" value="2026-03-02">' in text
    assert '<option value="312295202">' in text
    assert "310635820" not in text


def test_an_empty_list_says_what_to_do(auditor: DjangoClient) -> None:
    assert "Nothing was done that matches." in page(auditor.get(LOG))


def test_the_list_costs_the_same_for_any_number_of_entries(
    auditor: DjangoClient, resource: Resource, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        noted(target=resource)

    with django_assert_max_num_queries(12):
        page(auditor.get(LOG))


def test_what_is_filtered_is_taken_along_and_that_is_noted(auditor: DjangoClient, resource: Resource) -> None:
    when = datetime(2026, 3, 1, 12, tzinfo=UTC)
    entry = noted(Deed.PAUSED, at=when, target=resource, reason="Feil logo", details={"b": 1, "a": "ø"})
    noted(Deed.RESUMED, reason="ikke med")

    header, *taken = exported(auditor, "?deed__exact=paused")

    assert header == ["number", "when", "who", "what", "of what", "id", "service owner", "why", "details"]
    assert [row[0] for row in taken] == [str(entry.pk)]
    assert datetime.fromisoformat(taken[0][1]) == when
    assert taken[0][2:] == [
        "ola",
        "paused publishing",
        "registry.resource",
        "fjordby-byggesak",
        "Fjordby kommune (312295202)",
        "Feil logo",
        '{"a": "ø", "b": 1}',
    ]
    told = AuditEntry.objects.get(deed=Deed.EXPORTED)
    assert (told.by, told.owner) == ("kari", "312295202")
    assert told.details == {"list": "audit.auditentry", "deed__exact": "paused"}


def test_a_search_for_a_person_is_not_kept(auditor: DjangoClient) -> None:
    exported(auditor, f"?q={NUMBER}")

    assert AuditEntry.objects.get().details["q"] == "*" * 11


def test_no_export_is_a_formula_or_a_persons_number(auditor: DjangoClient) -> None:
    AuditEntry.objects.create(
        at=clock.now(),
        by=f"={NUMBER}",
        deed=Deed.REVEALED,
        owner="312295202",
        reason="@SUM(A1)",
        details={NUMBER: NUMBER},
    )

    [_, row] = exported(auditor)

    assert (row[2], row[7]) == ("'=***********", "'@SUM(A1)")
    assert NUMBER not in str(row)


def test_an_export_is_of_all_pieces_and_of_nothing_that_comes_later(
    auditor: DjangoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_stream, "_ROWS_AT_ONCE", 3)
    for number in range(7):
        noted(reason=str(number))

    assert [row[7] for row in exported(auditor)[1:]] == ["6", "5", "4", "3", "2", "1", "0"]


def test_an_export_takes_a_form_of_ours(auditor: DjangoClient) -> None:
    assert auditor.get(f"{LOG}export/").status_code == 405
    assert not AuditEntry.objects.exists()
    careful = DjangoClient(enforce_csrf_checks=True)
    careful.cookies["sessionid"] = auditor.cookies["sessionid"].value
    assert careful.post(f"{LOG}export/").status_code == 403


@pytest.mark.parametrize("query", ["?nonsense=1", "?deed__exact=%00", "?by__startswith=o", "?details__contains=x"])
def test_an_odd_question_is_refused_and_not_answered_in_full(auditor: DjangoClient, query: str) -> None:
    noted()

    assert auditor.post(f"{LOG}export/{query}").status_code in (302, 400)
    assert auditor.get(LOG + query).status_code in (302, 400)


@pytest.mark.parametrize("statement", ["UPDATE audit_auditentry SET reason = ''", "DELETE FROM audit_auditentry"])
def test_the_database_changes_and_removes_no_entry(db: None, statement: str) -> None:
    entry = noted(reason="står")

    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    entry.refresh_from_db()
    assert entry.reason == "står"


def test_nor_does_any_code_of_ours(db: None) -> None:
    entry = noted(reason="står")

    for attempt in (
        lambda: AuditEntry.objects.update(reason=""),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.filter(pk=entry.pk).update(reason=""),
        entry.delete,
    ):
        with pytest.raises(OnlyAddedTo):
            attempt()
    entry.reason = ""
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()
    entry.refresh_from_db()
    assert entry.reason == "står"


def test_no_page_offers_it_to_anybody(admin_user: Any) -> None:
    """Not even to a superuser."""
    pages, request = admin.site._registry[AuditEntry], RequestFactory().get("/")
    request.user = admin_user

    assert pages.get_actions(request) == {}
    assert not pages.has_add_permission(request)
    assert not pages.has_change_permission(request, None)
    assert not pages.has_delete_permission(request, None)


def test_what_it_tells_of_may_go_and_it_stays(admin_client: DjangoClient, resource: Resource) -> None:
    noted(target=resource, reason="står")

    admin_client.post("/admin/registry/resource/fjordby-byggesak/delete/", {"post": "yes"})
    admin_client.post(f"/admin/registry/serviceowner/{resource.owner_id}/delete/", {"post": "yes"})

    assert not ServiceOwner.objects.exists()
    assert "står" in page(admin_client.get(LOG))
