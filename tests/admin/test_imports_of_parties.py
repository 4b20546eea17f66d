"""Files of parties in the back-office: looked at, confirmed, stored; or told why not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.audit.models import AuditEntry, Deed
from config.imports import actions as imports
from config.imports.models import Upload, UploadPart
from config.kernel import clock
from recipients import actions
from recipients.models import Party
from tests.admin.pages import page
from tests.recipients.importing import organization, organizations

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
IMPORT = "/admin/recipients/party/import/"
LIST = "/admin/recipients/party/"
NUMBER = "01818517641"
BERG = "urn:altinn:organization:identifier-no:314762290"
FILE = f"identifier;name;reserved\n0192:314762290;BERG AS;nei\n{NUMBER};KARI {NUMBER};ja\n"
WITH_ERRORS = FILE + "0192:314762291;X;nei\n01818517642;X;nei\n0192:310635820;X;kanskje\n"


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def registrar(name: str = "kari", *permissions: str) -> DjangoClient:
    user = get_user_model().objects.create_user(name, is_staff=True)
    wanted = permissions or ("view_party", "add_party", "change_party")
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client = DjangoClient()
    client.force_login(user)
    return client


def brought(people: DjangoClient, content: str | bytes, name: str = "parties.csv") -> Any:
    """The answer to a file."""
    raw = content.encode() if isinstance(content, str) else content
    return people.post(IMPORT, {"file": SimpleUploadedFile(name, raw)})


def preview(people: DjangoClient, content: str | bytes) -> tuple[str, str]:
    """Where the file is looked at, and what is seen there."""
    answer = brought(people, content)
    assert answer.status_code == 302, re.findall(r'<p class="errornote"[^>]*>(.*?)</p>', answer.content.decode())
    return answer["Location"], page(people.get(answer["Location"]))


def seal(text: str) -> str:
    return text.partition('name="seal" value="')[2].partition('"')[0]


def figures(text: str) -> dict[str, int]:
    found = re.findall(r'id="count-(\w+)">([\d,]+)<', text)
    return {name: int(number.replace(",", "")) for name, number in found}


def faults(text: str) -> list[tuple[str, ...]]:
    """By line: its number, the column, the rule."""
    table = text.partition('<table id="faults"')[2].partition("<tbody>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr><th[^>]*>(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>", table)
    return [tuple(re.sub("<[^>]*>", "", cell) for cell in row) for row in rows]


def confirmed(people: DjangoClient, where: str, text: str, bad_lines: str = "") -> str:
    """The page that follows."""
    return page(people.post(where, {"seal": seal(text), "bad_lines": bad_lines}, follow=True))


def test_nothing_is_stored_before_somebody_says_yes(people: DjangoClient) -> None:
    actions.register_party(recipient=BERG, name="BERG", now=clock.now())

    _, text = preview(people, FILE)

    assert figures(text) == {"new": 1, "changed": 1, "unchanged": 0, "refused": 0}
    assert "<del>BERG</del>" in text
    assert "<ins>BERG AS</ins>" in text
    assert Party.objects.get().name == "BERG"


def test_what_was_shown_is_stored_once_somebody_says_yes(people: DjangoClient) -> None:
    actions.register_party(recipient=BERG, name="BERG", email="b@berg.example", now=clock.now())
    where, text = preview(people, FILE)

    said = confirmed(people, where, text)

    assert "The file is imported: 1 added, 1 changed, 0 unchanged, 0 left out." in said
    known = {party.urn: (party.name, party.is_reserved, party.email) for party in Party.objects.all()}
    assert known == {
        BERG: ("BERG AS", False, "b@berg.example"),
        f"urn:altinn:person:identifier-no:{NUMBER}": (f"KARI {NUMBER}", True, ""),
    }
    assert not Upload.objects.exists()


def test_a_persons_number_is_on_no_page(people: DjangoClient) -> None:
    where, text = preview(people, WITH_ERRORS.replace("BERG AS", NUMBER))

    assert NUMBER not in text
    assert "person: ***********" in text
    assert NUMBER not in people.get(f"{where}errors.csv").content.decode()
    assert NUMBER not in confirmed(people, where, text, "good-lines")
    assert NUMBER not in str(list(AuditEntry.objects.values()))


def test_a_file_is_named_without_a_persons_number(people: DjangoClient) -> None:
    brought(people, FILE, f"{NUMBER}.csv")

    assert Upload.objects.get().name == "***********.csv"


def test_errors_are_told_by_line_column_and_rule(people: DjangoClient) -> None:
    _, text = preview(people, WITH_ERRORS)

    assert figures(text) == {"new": 2, "changed": 0, "unchanged": 0, "refused": 3}
    assert faults(text) == [
        ("4", "identifier", "has an organisation number whose check digit does not fit"),
        ("5", "identifier", "has a national identity number whose check digits do not fit"),
        ("6", "reserved", "Enter true or false, 1 or 0, ja or nei, yes or no, or nothing for false."),
    ]


def test_a_party_id_that_is_anothers_is_told_at_its_line(people: DjangoClient) -> None:
    actions.register_party(recipient=BERG, party_id="7", now=clock.now())

    _, text = preview(people, f"identifier,party_id\n{NUMBER},7\n0192:310635820,8\n0192:312295202,8\n")

    assert [(line, column) for line, column, _ in faults(text)] == [("2", "party_id"), ("4", "party_id")]
    assert figures(text) == {"new": 1, "changed": 0, "unchanged": 0, "refused": 2}


def test_of_a_file_with_errors_nothing_is_imported_unless_somebody_says_so(people: DjangoClient) -> None:
    where, text = preview(people, WITH_ERRORS)
    assert re.search(r'value="nothing"[^>]*checked', text)

    assert "Nothing was imported." in confirmed(people, where, text, "nothing")
    assert not Party.objects.exists()
    assert not Upload.objects.exists()


def test_nor_by_a_form_that_says_neither(people: DjangoClient) -> None:
    where, text = preview(people, WITH_ERRORS)

    assert "Some lines have errors. Nothing was stored." in confirmed(people, where, text)
    assert not Party.objects.exists()


def test_the_good_lines_alone_are_imported_where_somebody_says_so(people: DjangoClient) -> None:
    where, text = preview(people, WITH_ERRORS)

    assert "2 added, 0 changed, 0 unchanged, 3 left out" in confirmed(people, where, text, "good-lines")
    assert Party.objects.count() == 2


def test_all_lines_with_errors_are_downloaded(people: DjangoClient) -> None:
    where, text = preview(people, organizations([1]) + "0192:1,x\n" * 300)
    assert len(faults(text)) == 100

    answer = people.get(f"{where}errors.csv")

    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[:2] == ["line;column;rule", "3;identifier;has an organisation number that is not 9 digits"]
    assert len(rows) == 301
    assert answer["Content-Disposition"] == 'attachment; filename="errors.csv"'


# --- what changes between the look and the yes -----------------------------------------------------------------------


def meanwhile_edited() -> None:
    actions.register_party(recipient=BERG, name="BERG OG DAL", now=clock.now())


def meanwhile_deleted() -> None:
    actions.remove_party(party=Party.objects.get(urn=BERG), by="ola", now=clock.now())


def meanwhile_added() -> None:
    actions.register_party(recipient=NUMBER, name="OLA", now=clock.now())


@pytest.mark.parametrize("meanwhile", [meanwhile_edited, meanwhile_deleted, meanwhile_added])
def test_what_somebody_else_has_done_meanwhile_is_not_overwritten(people: DjangoClient, meanwhile: Any) -> None:
    actions.register_party(recipient=BERG, name="BERG", now=clock.now())
    where, text = preview(people, FILE)
    meanwhile()
    before = list(Party.objects.order_by("pk").values())

    again = confirmed(people, where, text)

    assert "The register has changed since this preview was made. Nothing was stored" in again
    assert list(Party.objects.order_by("pk").values()) == before
    assert not AuditEntry.objects.filter(by="admin", target_type="recipients.party").exists()
    assert "The file is imported" in confirmed(people, where, again), "what is shown now may be confirmed"


def test_a_change_that_the_file_says_nothing_of_is_in_nobodys_way(people: DjangoClient) -> None:
    actions.register_party(recipient=BERG, name="BERG", now=clock.now())
    where, text = preview(people, FILE)
    actions.register_party(recipient=BERG, mobile="22000000", now=clock.now())

    assert "The file is imported" in confirmed(people, where, text)
    party = Party.objects.get(urn=BERG)
    assert (party.name, party.mobile) == ("BERG AS", "22000000")


def test_a_yes_counts_once(people: DjangoClient) -> None:
    where, text = preview(people, FILE)
    confirmed(people, where, text)

    assert "This file is not here any more" in confirmed(people, where, text)
    assert AuditEntry.objects.filter(deed=Deed.IMPORTED).count() == 1


@pytest.mark.parametrize("forged", ["", "0" * 64, "x", "ø"])
def test_a_made_up_seal_stores_nothing(people: DjangoClient, forged: str) -> None:
    where, _ = preview(people, FILE)

    people.post(where, {"seal": forged})

    assert not Party.objects.exists()


# --- whose file it is, and for how long ------------------------------------------------------------------------------


def test_a_file_is_nobody_elses(people: DjangoClient) -> None:
    where, text = preview(people, FILE)
    other = registrar()

    for answer in (other.get(where), other.get(f"{where}errors.csv"), other.post(where, {"seal": seal(text)})):
        assert (answer.status_code, answer["Location"]) == (302, IMPORT)
    assert not Party.objects.exists()
    assert "The file is imported" in confirmed(people, where, text)


def test_a_file_is_gone_after_an_hour(people: DjangoClient) -> None:
    where, text = preview(people, FILE)

    Upload.objects.update(created_at=clock.now() - timedelta(minutes=61))

    assert "This file is not here any more" in confirmed(people, where, text)
    imports.tidy(now=clock.now())
    assert not UploadPart.objects.exists()
    assert not Party.objects.exists()


def test_a_file_takes_the_place_of_the_one_before(people: DjangoClient) -> None:
    first, _ = preview(people, FILE)
    second, _ = preview(people, FILE)

    assert people.get(first)["Location"] == IMPORT
    assert page(people.get(second))
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("permissions", [("view_party",), ("view_party", "add_party"), ("change_party",)])
def test_who_may_not_both_add_and_change_imports_nothing(permissions: tuple[str, ...], db: None) -> None:
    clerk = registrar("clerk", *permissions)

    assert clerk.get(IMPORT).status_code == 403
    assert brought(clerk, FILE).status_code == 403
    assert not Upload.objects.exists()
    if "view_party" in permissions:
        assert IMPORT not in page(clerk.get(LIST))


def test_a_stranger_is_sent_to_the_login(db: None) -> None:
    answer = brought(DjangoClient(), FILE)

    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={IMPORT}")


def test_a_form_of_another_site_is_refused(db: None) -> None:
    careful = DjangoClient(enforce_csrf_checks=True)
    careful.force_login(get_user_model().objects.create_superuser("chief"))

    assert brought(careful, FILE).status_code == 403


# --- files that can not be used --------------------------------------------------------------------------------------

UNUSABLE: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "The file is empty."),
    "no lines": ("identifier,name\n", "The file has no lines below the names of its columns."),
    "no identifier": ("name\nBERG\n", "The first line names no column"),
    "a column twice": ("identifier,name,Name\nx,y,z\n", "The first line names twice: name."),
    "UTF-16": (FILE.encode("utf-16"), "the file is UTF-16: save it as UTF-8"),
    "a spreadsheet": (b"PK\x03\x04\0\0rows", "holds a NUL character, as compressed files do"),
}


@pytest.mark.parametrize(("content", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_can_not_be_used_is_told_why(people: DjangoClient, content: str | bytes, why: str) -> None:
    answer = brought(people, content)

    assert why in page(answer)
    assert not Upload.objects.exists()


def test_no_file_is_told_so(people: DjangoClient) -> None:
    assert "Choose a file." in page(people.post(IMPORT, {}))


def test_of_a_file_in_latin_1_the_lines_say_how_to_save_it(people: DjangoClient) -> None:
    _, text = preview(people, "identifier;name\n0192:314762290;BØ\n0192:310635820;DAL\n".encode("latin-1"))

    [(line, column, rule)] = faults(text)
    assert (line, column) == ("2", "the whole line")
    assert rule == "is not UTF-8: save the file as UTF-8, in Excel as “CSV UTF-8”"


@pytest.mark.parametrize(
    "content", [FILE, FILE.replace(";", ","), FILE.replace("\n", "\r\n"), "\ufeff" + FILE, FILE.replace(";", "\t")]
)
def test_files_are_written_in_many_ways(people: DjangoClient, content: str) -> None:
    _, text = preview(people, content)

    assert figures(text) == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}


def test_columns_that_nobody_reads_are_named(people: DjangoClient) -> None:
    _, text = preview(people, "identifier,age,name\n0192:314762290,7,BERG\n")

    assert "Columns that are not read: age" in text


def test_too_long_a_file_is_refused(people: DjangoClient) -> None:
    content = "identifier\n" + "0192:314762290\n" * 100_001

    assert "The file has more than 100000 lines." in page(brought(people, content)).replace("\xa0", "").replace(",", "")
    assert not Upload.objects.exists()


def test_too_large_a_file_is_refused_in_words(people: DjangoClient) -> None:
    answer = brought(people, b"x" * (32 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert "It is larger than 32 MB." in answer.content.decode()


def test_who_is_not_logged_in_sends_no_more_than_with_any_other_form(db: None) -> None:
    assert brought(DjangoClient(), b"x" * 2_000_000).status_code == 413


def test_no_other_form_takes_more_than_before(people: DjangoClient) -> None:
    assert people.post(f"{LIST}add/", {"name": "x" * 2_000_000}).status_code == 413


def test_a_line_without_end_is_one_bad_line(people: DjangoClient) -> None:
    _, text = preview(people, b"identifier,name\n0192:314762290," + b"x" * 5_000_000 + b"\n0192:310635820,B\n")

    assert figures(text) == {"new": 1, "changed": 0, "unchanged": 0, "refused": 1}


# --- the template, the list, the log ---------------------------------------------------------------------------------


def test_the_file_to_fill_in_can_be_imported_as_it_stands(people: DjangoClient) -> None:
    filled_in = people.get(f"{IMPORT}template.csv").content

    where, text = preview(people, filled_in)

    assert figures(text)["new"] == 1
    confirmed(people, where, text)
    assert Party.objects.get().name == "BERG OG DAL AS"


def test_the_columns_are_explained_beside_the_field(people: DjangoClient) -> None:
    text = page(people.get(IMPORT))

    assert all(f"<code>{name}</code>" in text for name in ("identifier", "reserved", "confidential_role", "party_id"))
    assert f'href="{IMPORT}template.csv"' in text


def test_an_empty_register_leads_to_its_import(people: DjangoClient) -> None:
    text = page(people.get(LIST))

    assert "Nothing is registered yet." in text
    assert f'href="{IMPORT}"' in text


def test_the_log_says_what_became_of_the_file_and_of_each_party(people: DjangoClient) -> None:
    berg = actions.register_party(recipient=BERG, name="BERG", now=clock.now())
    where, text = preview(people, FILE)
    confirmed(people, where, text)

    entry = AuditEntry.objects.get(deed=Deed.IMPORTED)
    told = {"file": "parties.csv", "lines": 2, "new": 1, "changed": 1, "unchanged": 0, "refused": 0}
    assert (entry.by, entry.details) == ("admin", told)
    history = page(people.get(f"{LIST}{berg.pk}/history/"))
    assert "imported from parties.csv" in history
    assert "<del>BERG</del>" in history
    kari = Party.objects.exclude(pk=berg.pk).get()
    added = AuditEntry.objects.get(deed=Deed.ADDED, target_id=str(kari.pk))
    assert added.details["changes"]["name"] == [None, "K*** 0***"]


def test_a_preview_costs_the_same_statements_for_any_number_of_lines(people: DjangoClient) -> None:
    def statements(numbers: range) -> int:
        where, _ = preview(people, organizations(numbers))
        with CaptureQueriesContext(connection) as queries:
            page(people.get(where))
        return len(queries)

    assert statements(range(1)) == statements(range(4_000))


def test_the_last_of_two_lines_about_one_party_counts(people: DjangoClient) -> None:
    number = organization(1)
    where, text = preview(people, organizations(range(6_000)) + f"0192:{number},LAST\n")

    assert figures(text) == {"new": 6_000, "changed": 0, "unchanged": 1, "refused": 0}
    confirmed(people, where, text)
    assert Party.objects.get(urn__endswith=number).name == "LAST"
