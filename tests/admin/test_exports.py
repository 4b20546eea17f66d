"""Lists as files: what stands in them, for whom, how many at once, and that it is noted."""

import csv
import io
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client as DjangoClient

from config.audit.models import AuditEntry, Deed
from config.kernel import back_office_csv, back_office_pages
from config.kernel.transfers import exports
from correspondence.models import Correspondence, Mailing
from registry.models import ServiceOwner
from tests.admin.test_lists import FILES, LETTERS, MAILINGS, member_of, two_owners
from tests.clients import Client
from tests.files import uploaded
from tests.letters import PERSON, letter, organizations

__all__ = ["two_owners"]

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
NUMBER = PERSON.rpartition(":")[2]


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def exported(client: DjangoClient, path: str, query: str = "") -> str:
    """The file, as it is downloaded."""
    answer: Any = client.post(f"{path}export/?{query}")
    assert answer.status_code == 200, answer
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="')
    return b"".join(answer.streaming_content).decode()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_file_holds_every_letter_and_no_person(people: DjangoClient, sender: Client) -> None:
    sender.post(letter(PERSON, sendersReference=f"om {NUMBER}", content__messageTitle="Blåbær, «ja»; nei"))
    sender.post(letter(*organizations(3)))

    text = exported(people, LETTERS)

    assert text.startswith("\ufeff")
    assert NUMBER not in text
    found = rows(text)
    assert [row["recipient"] for row in found] == [
        "organization: 100000002", "organization: 100000001", "organization: 100000000", f"person: {'*' * 11}",
    ]  # fmt: skip
    assert (found[3]["title"], found[3]["sender's reference"]) == ("Blåbær, «ja»; nei", f"om {'*' * 11}")
    assert (found[3]["status"], found[3]["queue"]) == ("Initialized", "waiting to be queued")


@pytest.mark.parametrize("path", [LETTERS, MAILINGS, FILES])
def test_a_file_of_a_list_is_filtered_as_the_list_is(people: DjangoClient, two_owners: None, path: str) -> None:
    assert {row["resource"] for row in rows(exported(people, path))} == {"fjordby-byggesak", "dalen-skatt"}
    assert [row["resource"] for row in rows(exported(people, path, "resource=dalen"))] == ["dalen-skatt"]
    assert rows(exported(people, path, "created_to=2020-01-01")) == []


@pytest.mark.parametrize("path", [LETTERS, MAILINGS, FILES])
def test_a_member_gets_the_rows_of_his_owner_only(two_owners: None, owner: ServiceOwner, path: str) -> None:
    text = exported(member_of(owner), path)

    assert "fjordby-byggesak" in text
    assert "dalen" not in text.lower()


@pytest.mark.parametrize("text", ["=1+1", "+47", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_no_cell_is_a_formula(people: DjangoClient, sender: Client, text: str) -> None:
    sender.post(letter(sendersReference=text, content__messageTitle=text))
    uploaded(sender, fileName="x.pdf", sendersReference=text)

    for path in (LETTERS, MAILINGS, FILES):
        assert rows(exported(people, path))[0]["sender's reference"] == f"'{text}"


def test_names_times_and_separators_are_those_of_the_reader(
    people: DjangoClient, sender: Client, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Oslo"
    settings.LANGUAGE_CODE = "nb"
    sender.post(letter())
    Mailing.objects.update(created_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))

    text = exported(people, MAILINGS)

    assert ";2026-07-02 00:30:00;" in text


@pytest.mark.parametrize("window", [1, 7, 30, 1000])
def test_a_file_is_whole_however_it_is_cut(
    people: DjangoClient, sender: Client, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_office_pages, "WINDOW", window)
    monkeypatch.setattr(back_office_csv, "BATCH", 3)
    sender.post(letter(*organizations(40)))
    every = list(Correspondence.objects.order_by("-pk").values_list("pk", flat=True))
    Correspondence.objects.filter(pk__in=every[::3]).update(queue_state="set_aside")

    assert [row["id"] for row in rows(exported(people, LETTERS))] == [str(id) for id in every]
    found = rows(exported(people, LETTERS, "queue_state__exact=set_aside"))
    assert [row["id"] for row in found] == [str(id) for id in every[::3]]


def test_it_is_noted_who_took_what(people: DjangoClient, sender: Client) -> None:
    sender.post(letter(PERSON))
    address = people.post(f"{LETTERS}find/", {"term": NUMBER})["Location"]

    exported(people, LETTERS, f"{address.partition('?')[2]}&status__exact=0")

    last, first = AuditEntry.objects.filter(deed=Deed.EXPORTED)
    what = {"list": "correspondence.correspondence", "filter": {"status__exact": "0"}, "search": "*" * 11}
    assert (first.by, first.owner, first.details) == ("admin", "", {**what, "state": "begun"})
    assert last.details == {**what, "state": "whole", "rows": 1}


def test_it_is_noted_for_each_owner_whose_it_is(two_owners: None, owner: ServiceOwner, people: DjangoClient) -> None:
    exported(member_of(owner), LETTERS)
    assert set(AuditEntry.objects.values_list("owner", flat=True)) == {owner.organization_number}

    exported(people, LETTERS, "owner=Dalen")
    assert AuditEntry.objects.first().owner == "310635820"  # type: ignore[union-attr]


def test_who_breaks_off_is_noted_too(people: DjangoClient, sender: Client) -> None:
    sender.post(letter())
    answer: Any = people.post(f"{LETTERS}export/")

    next(answer._iterator)
    answer._iterator.close()

    assert AuditEntry.objects.first().details["state"] == "broke off"  # type: ignore[union-attr]
    assert not exports._taken


def test_exports_leave_threads_to_others(people: DjangoClient, sender: Client) -> None:
    sender.post(letter())
    with exports.taken("admin"), exports.taken("admin"):
        refused = people.post(f"{LETTERS}export/")

    assert (refused.status_code, refused["Retry-After"]) == (503, "10")
    assert not AuditEntry.objects.exists()
    assert exported(people, LETTERS)


def test_a_link_does_not_export(people: DjangoClient, sender: Client) -> None:
    assert people.get(f"{LETTERS}export/").status_code == 405
    strict = DjangoClient(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username="admin"))
    assert strict.post(f"{LETTERS}export/").status_code == 403
    assert not AuditEntry.objects.exists()


def test_a_long_file_takes_no_more_memory_than_a_short_one(
    people: DjangoClient, sender: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_office_csv, "BATCH", 50)
    peaks = []
    for letters in (150, 450, 450):
        sender.post(letter(*organizations(letters)))
        answer: Any = people.post(f"{LETTERS}export/")
        tracemalloc.start()
        assert sum(len(piece) for piece in answer.streaming_content) > 10_000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[2] < 1.5 * peaks[1], peaks
