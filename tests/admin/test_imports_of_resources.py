"""Files of resources in the back-office."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as DjangoClient

from config.audit.models import AuditEntry, Deed
from config.imports.models import Upload
from registry.models import Resource
from tests.admin.pages import page
from tests.admin.staff import member
from tests.admin.test_imports_of_parties import confirmed, faults, figures
from tests.conftest import OTHER_OWNER, OWNER

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
IMPORT = "/admin/registry/resource/import/"
FILE = f"resource;owner;title;confidential\nfjordby-byggesak;{OWNER};Plan;ja\nfjordby-skole;{OWNER};Skole;nei\n"


@pytest.fixture
def registrar(resource: Resource, other_resource: Resource) -> DjangoClient:
    return member(resource.owner)


def preview(people: DjangoClient, content: str) -> tuple[str, str]:
    answer = people.post(IMPORT, {"file": SimpleUploadedFile("resources.csv", content.encode())})
    assert answer.status_code == 302, re.findall(r'<p class="errornote"[^>]*>(.*?)</p>', answer.content.decode())
    return answer["Location"], page(people.get(answer["Location"]))


def test_a_file_is_looked_at_and_then_stored(registrar: DjangoClient, resource: Resource) -> None:
    where, text = preview(registrar, FILE)
    assert figures(text) == {"new": 1, "changed": 1, "unchanged": 0, "refused": 0}
    assert "<del>Byggesak</del>" in text
    assert Resource.objects.filter(owner=resource.owner).count() == 1

    assert "1 added, 1 changed" in confirmed(registrar, where, text)

    kept = {row.pk: (row.title, row.is_confidential) for row in Resource.objects.filter(owner=resource.owner)}
    assert kept == {"fjordby-byggesak": ("Plan", True), "fjordby-skole": ("Skole", False)}
    deeds = AuditEntry.objects.exclude(deed=Deed.LOGGED_IN).order_by("pk").values_list("deed", "target_id")
    assert list(deeds) == [
        (Deed.CHANGED, "fjordby-byggesak"),
        (Deed.ADDED, "fjordby-skole"),
        (Deed.IMPORTED, ""),
    ]
    assert not Upload.objects.exists()


def test_a_column_that_is_missing_leaves_the_fact_and_an_empty_cell_clears_it(registrar: DjangoClient) -> None:
    Resource.objects.filter(pk="fjordby-byggesak").update(history_days=7, minimum_authentication_level=4)
    where, text = preview(registrar, "resource,history_days\nfjordby-byggesak,\n")
    confirmed(registrar, where, text)

    row = Resource.objects.get(pk="fjordby-byggesak")
    assert (row.title, row.minimum_authentication_level, row.history_days) == ("Byggesak", 4, None)


BAD = {
    "another owner's": (f"dalen-skatt;{OWNER};x;;", "resource", "belongs to another service owner than yours"),
    "to another owner": (f"ny;{OTHER_OWNER};x;;", "owner", "is no service owner that is registered"),
    "to nobody": ("ny;;x;;", "owner", "is no service owner that is registered"),
    "no id": (f";{OWNER};x;;", "resource", "Enter the resource's id."),
    "an id that no client can write": (f"a b;{OWNER};x;;", "resource", "Letters, digits, _, . and - only."),
    "an unknown type": (f"ny;{OWNER};x;Brev;", "type", "Enter one of CorrespondenceService"),
    "no number": (f"ny;{OWNER};x;;mange", "history_days", "Enter a whole number, or nothing."),
    "too long": (f"ny;{OWNER};x;;99999", "history_days", "less than or equal to 36500"),
}


@pytest.mark.parametrize(("line", "column", "rule"), BAD.values(), ids=BAD)
def test_a_bad_line_is_told(registrar: DjangoClient, line: str, column: str, rule: str) -> None:
    where, text = preview(registrar, f"resource;owner;title;type;history_days\n{line}\n")

    [(number, found, said)] = faults(text)
    assert (number, found) == ("2", column)
    assert rule in said.replace("&#x27;", "'")
    confirmed(registrar, where, text, "good-lines")
    assert Resource.objects.count() == 2
    assert Resource.objects.get(pk="dalen-skatt").owner.organization_number == OTHER_OWNER


def test_a_new_resource_needs_an_owner(registrar: DjangoClient) -> None:
    _, text = preview(registrar, "resource;title\nny;Ny\n")

    assert faults(text) == [("2", "owner", "is missing, and a new resource needs one")]


def test_two_lines_about_one_resource_contradict_each_other(registrar: DjangoClient) -> None:
    _, text = preview(registrar, "resource;title\nfjordby-byggesak;A\nfjordby-byggesak;B\n")

    assert faults(text) == [("3", "resource", "stands in an earlier line too")]


def test_what_has_changed_meanwhile_is_not_overwritten(registrar: DjangoClient) -> None:
    where, text = preview(registrar, FILE)
    Resource.objects.filter(pk="fjordby-byggesak").update(title="Noe annet")

    assert "The register has changed since this preview was made" in confirmed(registrar, where, text)
    assert Resource.objects.get(pk="fjordby-byggesak").title == "Noe annet"


def test_who_is_no_member_any_more_stores_nothing(registrar: DjangoClient, resource: Resource) -> None:
    where, text = preview(registrar, FILE)
    resource.owner.memberships.all().delete()

    confirmed(registrar, where, text, "good-lines")

    assert Resource.objects.get(pk="fjordby-byggesak").title == "Byggesak"


def test_the_file_to_fill_in_can_be_imported_as_it_stands(registrar: DjangoClient) -> None:
    filled_in = registrar.get(f"{IMPORT}template.csv").content.decode()

    _, text = preview(registrar, filled_in)

    assert figures(text)["changed"] == 1
