"""POST /correspondence/upload: all or nothing, whoever or whatever ends it before its end."""

import errno
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from attachments import actions as file_actions
from attachments.models import Attachment
from config.kernel import clock
from correspondence.models import Mailing
from tests.clients import Client, keys, problem
from tests.files import md5, stored, uploaded
from tests.forms import (
    BOUNDARY,
    CONTENT_TYPE,
    assert_nothing_stayed,
    described,
    file,
    form,
    letter_parts,
    part,
    send,
    text,
    with_files,
)

KEY = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"

# --- By what a body is ---

WHOLE = form(*with_files("a.pdf", "b.pdf"))
BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", CONTENT_TYPE),
    "no boundary in its type": (WHOLE, "multipart/form-data"),
    "an empty boundary": (WHOLE, "multipart/form-data; boundary="),
    "another boundary": (WHOLE, "multipart/form-data; boundary=other"),
    "no closing boundary": (WHOLE.removesuffix(f"--{BOUNDARY}--\r\n".encode()), CONTENT_TYPE),
    "cut in the second file": (WHOLE[: WHOLE.rindex(b"b.pdf 1") + 3], CONTENT_TYPE),
    "cut in the headers of the second file": (WHOLE[: WHOLE.rindex(b"filename=")], CONTENT_TYPE),
    "JSON": (b'{"correspondence": {}}', CONTENT_TYPE),
    "a part with broken headers behind a file": (form(file(), part("nonsense")), CONTENT_TYPE),
}


@pytest.mark.parametrize(("content", "type"), BROKEN.values(), ids=BROKEN.keys())
def test_a_body_that_is_no_whole_form_leaves_nothing(
    sender: Client, attachments_folder: Path, content: bytes, type: str
) -> None:
    assert keys(sender.post_form(content, type)) == {"", "request"}
    assert_nothing_stayed(attachments_folder)


@pytest.mark.parametrize(
    "type", ["application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x", ""]
)
def test_another_media_type_is_415(sender: Client, attachments_folder: Path, type: str) -> None:
    assert problem(sender.post_form(WHOLE, type)) == (415, None)
    assert_nothing_stayed(attachments_folder)


# --- By what is too much of it ---


def test_values_have_room_for_so_many_bytes_in_all(sender: Client, settings: Any, attachments_folder: Path) -> None:
    letter, large = with_files("a.pdf"), b"x" * 900
    settings.MAX_JSON_BODY_BYTES = 1_000
    for too_much in (text("Unknown", large), file("x", large, field="other")):
        assert problem(send(sender, *letter, too_much, too_much)) == (413, None)
        assert_nothing_stayed(attachments_folder)

    large_file = [*letter_parts(), *described("a.pdf"), file("a.pdf", b"x" * 2_000)]
    assert send(sender, *large_file).status_code == 200


@pytest.mark.parametrize("each", [text("Unknown", ""), file("x", b"", field="other"), file("", b"")])
def test_parts_that_say_nothing_are_counted(
    sender: Client, settings: Any, attachments_folder: Path, each: bytes
) -> None:
    settings.FORM_MAX_VALUES = 20
    letter = with_files("a.pdf")

    response = send(sender, *letter, *[each] * 21)

    assert keys(response) == {"", "request"}
    assert "more than 20" in response.json()["errors"][""][0]
    assert_nothing_stayed(attachments_folder)
    assert send(sender, *letter, *[each] * 13).status_code == 200


def test_a_form_may_not_come_in_for_longer_than_its_bytes_are_kept_for_it(
    sender: Client, settings: Any, attachments_folder: Path
) -> None:
    settings.UPLOAD_MOST_SECONDS = -1

    assert problem(send(sender, *with_files("a.pdf"))) == (408, "CORR-02022")
    assert problem(send(sender, *letter_parts())) == (408, "CORR-02022")
    assert_nothing_stayed(attachments_folder)


# --- By the gates ---


def test_who_may_not_send_leaves_nothing(
    stranger: Client, reader: Client, other_sender: Client, sender: Client, attachments_folder: Path
) -> None:
    assert problem(send(stranger, *with_files("a.pdf"))) == (401, None)
    assert problem(send(reader, *with_files("a.pdf"))) == (403, None)
    assert problem(send(other_sender, *with_files("a.pdf"))) == (401, "CORR-04001")
    assert_nothing_stayed(attachments_folder)


def test_an_existing_attachment_of_another_sender_refuses_the_new_ones_too(
    sender: Client, other_sender: Client, attachments_folder: Path
) -> None:
    others = uploaded(other_sender, resourceId="dalen-skatt")

    response = send(sender, *with_files("a.pdf", request__ExistingAttachments=others))

    assert problem(response) == (400, "CORR-01017")
    assert (Mailing.objects.count(), Attachment.objects.count(), len(stored(attachments_folder))) == (0, 1, 1)


@pytest.mark.parametrize("accept", ["text/html", "multipart/form-data", "application/*"])
def test_accept_must_hold_the_answers_type(sender: Client, attachments_folder: Path, accept: str) -> None:
    assert problem(send(sender, *with_files("a.pdf"), Accept=accept)) == (406, None)
    assert_nothing_stayed(attachments_folder)


def test_more_forms_than_may_be_at_once_are_asked_to_come_again(
    sender: Client, settings: Any, attachments_folder: Path
) -> None:
    settings.UPLOADS_AT_ONCE = 0
    response = send(sender, *with_files("a.pdf"))
    assert problem(response) == (503, None)
    assert int(response["Retry-After"]) > 0
    assert_nothing_stayed(attachments_folder)

    settings.UPLOADS_AT_ONCE = 1
    assert problem(send(sender, *with_files("a.exe"))) == (400, "CORR-02013")
    assert send(sender, *with_files("a.pdf")).status_code == 200


# --- By the storage and the database ---


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The disk has room for so many files and no more."""
    sync = os.fdatasync

    def make(room: int) -> None:
        left = iter(range(room))

        def fdatasync(descriptor: int) -> None:
            if next(left, None) is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            sync(descriptor)

        monkeypatch.setattr(os, "fdatasync", fdatasync)

    return make


@pytest.mark.parametrize("room", [0, 1, 4])
def test_a_storage_that_fails_at_one_of_five_files_keeps_none(
    sender: Client, attachments_folder: Path, full_disk: Callable[[int], None], room: int
) -> None:
    full_disk(room)

    response = send(sender, *with_files(*[f"{number}.pdf" for number in range(5)]))

    assert problem(response) == (502, "CORR-02002")
    assert str(attachments_folder) not in response.json()["detail"]
    assert_nothing_stayed(attachments_folder)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE correspondence_mailing RENAME COLUMN title TO gone",
        "ALTER TABLE correspondence_statusevent ADD CONSTRAINT none CHECK (false) NOT VALID",
        "ALTER TABLE attachments_attachment ADD CONSTRAINT none CHECK (false) NOT VALID",
    ],
    ids=["before the first row", "at the last row", "at the first row"],
)
def test_a_database_that_refuses_rows_keeps_no_bytes(sender: Client, attachments_folder: Path, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert problem(send(sender, *with_files("a.pdf", "b.pdf"))) == (500, None)
    assert stored(attachments_folder) == []
    assert not Attachment.objects.exists()


@pytest.fixture
def commit_breaks(transactional_db: None) -> Iterator[None]:
    """The database ends the connection while a mailing is committed."""
    with connection.cursor() as cursor:
        cursor.execute(_BREAKS)
    yield
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION breaks CASCADE")


_BREAKS = """
    CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER breaks AFTER INSERT ON correspondence_mailing
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION breaks();"""


def test_bytes_whose_rows_are_uncertain_stay_until_the_sweep_finds_no_rows(
    commit_breaks: None, sender: Client, attachments_folder: Path
) -> None:
    """A connection that breaks may break behind the commit: to remove bytes then would lose a letter's files."""
    response = send(sender, *with_files("a.pdf", "b.pdf"))
    connection.close()

    assert problem(response) == (503, None)
    assert (Mailing.objects.count(), Attachment.objects.count(), len(stored(attachments_folder))) == (0, 0, 2)
    assert file_actions.remove_orphans(now=clock.now() + timedelta(hours=25)) == 2
    assert_nothing_stayed(attachments_folder)


@pytest.mark.django_db(transaction=True)
def test_of_two_forms_with_one_key_exactly_one_stays_with_its_file(sender: Client, attachments_folder: Path) -> None:
    together = Barrier(2)

    def call(name: str) -> int:
        together.wait()
        try:
            return int(send(sender, *with_files(name, request__IdempotentKey=KEY)).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(call, ["a.pdf", "b.pdf"]))

    assert sorted(statuses) == [200, 409]
    attachment = Attachment.objects.get()
    assert attachment.file_name == ["a.pdf", "b.pdf"][statuses.index(200)]
    assert [md5(path.read_bytes()) for path in stored(attachments_folder)] == [attachment.checksum]


# --- Paths ---


@pytest.mark.parametrize("name", ["../../x.pdf", "/tmp/x.pdf", "..", ".", "a/b.pdf", "%2e%2e%2fx.pdf", "x.pdf/"])
def test_no_name_leads_out_of_the_storage(sender: Client, tmp_path: Path, attachments_folder: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    response = send(sender, *with_files(name))

    accepted = name == "%2e%2e%2fx.pdf"  # as good as any other name: nothing decodes it
    assert response.status_code == (200 if accepted else 400)
    paths = [path for path in sorted(tmp_path.rglob("*")) if path.is_file() and path not in before]
    assert [path.name for path in paths] == [str(row.pk) for row in Attachment.objects.all()]
    assert all(path.parent.parent == attachments_folder for path in paths)
