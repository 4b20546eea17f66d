"""`manage.py import_parties`: what stops in the middle is told, harmless, and gone on with."""

import re
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from config.kernel import clock
from recipients.models import Party
from tests.acceptance.waiting import until
from tests.recipients.importing import Imports, counts, organizations, started

FIRST, LINES = 5_000, 12_000  # lines of a batch, and of a file of three
_REFUSE_ONE = """
    CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'no room for 01818517641'; END $$;
    CREATE TRIGGER refuse_one BEFORE INSERT ON recipients_party
    FOR EACH ROW WHEN (NEW.name = 'Navn 11000') EXECUTE FUNCTION refuse_one()
"""


def test_a_fault_in_the_middle_tells_from_where_to_go_on(imported: Imports) -> None:
    content = organizations(range(LINES))
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE_ONE)

    assert imported(content) == {}

    assert imported.code == 2
    assert imported.ended.startswith("Stopped: no room for ***********\n")
    assert imported.ended.endswith("Every line before line 10002 is done. Go on with --from-line 10002")
    assert Party.objects.count() == 10_000

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse_one ON recipients_party")
    assert imported(content, "--from-line", "10002") == counts(2_000, new=2_000)
    assert imported(content) == counts(LINES, unchanged=LINES)


def test_going_on_from_any_line_is_harmless(imported: Imports) -> None:
    content = organizations(range(10))
    imported(content)

    assert imported(content, "--from-line", "9") == counts(3, unchanged=3)
    assert imported(content, "--from-line", "99") == counts(0)


# What is stopped between a batch's commit and its count tells the line before: too little, which is harmless.
_TOLD = re.compile(r"Every line before line (?P<done>2|5002) is done\. Go on with --from-line (?P<next>\d+)\n")
STOPS = {
    "Ctrl-C": (signal.SIGINT, "Stopped: interrupted\n"),
    "kill": (signal.SIGTERM, "Stopped: interrupted\n"),
    "the database gone": (None, "Stopped: "),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("signal_number", "why"), STOPS.values(), ids=STOPS)
def test_what_is_stopped_tells_how_far_it_came(
    imported: Imports, signal_number: signal.Signals | None, why: str
) -> None:
    with half_fed() as importer:
        if signal_number is None:
            _end_its_connection()
            importer.communicate("0192:200000000,late\n" * 10_000)  # it finds out when it writes the next
        else:
            importer.send_signal(signal_number)
        _, errors = importer.communicate()

    told = _TOLD.search(errors)
    assert importer.returncode == 2
    assert why in errors
    assert "Traceback" not in errors
    assert told
    assert told["done"] == told["next"]
    assert Party.objects.count() == FIRST
    imported(organizations(range(LINES)), "--from-line", told["next"])
    assert Party.objects.count() == LINES


@pytest.mark.django_db(transaction=True)
def test_what_is_killed_leaves_whole_batches_and_is_gone_on_with(imported: Imports) -> None:
    with half_fed() as importer:
        importer.kill()
        importer.communicate()

    assert Party.objects.count() == FIRST
    assert imported(organizations(range(LINES))) == counts(LINES, new=LINES - FIRST, unchanged=FIRST)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_do_not_lock_each_other_out(imported: Imports, tmp_path: Path) -> None:
    """Both wait for the party in the middle; by then neither may hold what the other wants next."""
    imported(organizations(range(3)))
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text(organizations(range(3), "one"))
    other.write_text(organizations(reversed(range(3)), "other"))
    with transaction.atomic():
        Party.objects.select_for_update().get(name="Navn 1")
        both = [started(str(file)) for file in (one, other)]
        until(lambda: _waiting_for_locks() == 2, seconds=60)

    ends = [(importer.communicate()[1], importer.returncode) for importer in both]

    assert ends == [("", 0), ("", 0)]
    assert len({name.split()[0] for name in Party.objects.values_list("name", flat=True)} - {"Navn"}) == 1


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_has_just_written_alike_is_not_written_again(imported: Imports, tmp_path: Path) -> None:
    imported(organizations([1]))
    file = tmp_path / "new.csv"
    file.write_text(organizations([1], "new"))
    long_ago = clock.now() - timedelta(days=400)
    with transaction.atomic():
        Party.objects.update(name="new 1", updated_at=long_ago)
        importer = started(str(file))
        until(lambda: _waiting_for_locks() == 1, seconds=60)
    importer.communicate()

    assert importer.returncode == 0
    assert Party.objects.get().updated_at == long_ago


class half_fed:  # noqa: N801 - read as a phrase
    """An import from a pipe: one batch is in, and lines of the next one, whose end it waits for."""

    def __enter__(self) -> "subprocess.Popen[str]":
        self._importer = started("-", stdin=subprocess.PIPE)
        assert self._importer.stdin is not None
        self._importer.stdin.write(organizations(range(FIRST + 1_000)))
        self._importer.stdin.flush()
        until(lambda: Party.objects.count() == FIRST, seconds=60)
        return self._importer

    def __exit__(self, *_: object) -> None:
        self._importer.kill()
        self._importer.communicate()


def _waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        (number,) = cursor.fetchone()
        return int(number)


def _end_its_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchall() == [(True,)]
