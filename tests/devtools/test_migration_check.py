"""No migration holds up, or breaks, the version that runs beside it; and what finds those that would, can find them."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from config.devtools import migration_check

_HEAD = """
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Random

NAMED = models.CheckConstraint(condition=models.Q(created_by__contains="@"), name="somebody")
ONCE = models.UniqueConstraint(fields=["created_by"], name="once")
BY_WHOM = models.Index(fields=["created_by"], name="by_whom")


def fill(apps, editor):
    pass


class Migration(migrations.Migration):
"""


@pytest.fixture
def executor(django_db_setup: None, django_db_blocker: Any) -> Iterator[MigrationExecutor]:
    """Outside of any transaction: an index that is built beside the writers cannot be in one."""
    with django_db_blocker.unblock():
        yield MigrationExecutor(connection)
        connection.close()


@pytest.fixture
def now(executor: MigrationExecutor) -> ProjectState:
    """What all migrations together have made."""
    return executor.loader.project_state()


@pytest.fixture
def migration(tmp_path: Path, request: pytest.FixtureRequest) -> Migration:
    """The next one of the letters' app, with this body."""
    file = tmp_path / "next_migration.py"
    file.write_text(_HEAD + "".join(f"    {line}\n" for line in request.param.strip().splitlines()))
    spec = importlib.util.spec_from_file_location("next_migration", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["next_migration"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Migration = module.Migration("next_migration", "correspondence")
    return made


def test_no_migration_of_ours_breaks_a_rule_without_saying_why(executor: MigrationExecutor) -> None:
    found = {
        (each.app_label, each.name): migration_check.faults(
            each, executor.loader.project_state((each.app_label, each.name), at_end=False)
        )
        for each in migration_check.ours(executor)
    }
    assert len(found) >= 13
    assert {name: broken for name, broken in found.items() if broken and name not in migration_check.RELEASED} == {}
    assert [name for name in migration_check.RELEASED if not found[name]] == []


BAD = {
    "an index that writers wait for": (
        'operations = [migrations.AddIndex("mailing", BY_WHOM)]',
        ["require-concurrent-index-creation"],
    ),
    "an index of a column": (
        'operations = [migrations.AlterField("mailing", "clear_at", models.DateTimeField(null=True, db_index=True))]',
        ["require-concurrent-index-creation"],
    ),
    "an index that is dropped while readers wait": (
        'operations = [migrations.RemoveIndex("mailing", "mailing_due_check")]',
        ["require-concurrent-index-deletion"],
    ),
    "a column that running code cannot fill": (
        'operations = [migrations.AddField("mailing", "weight", models.BigIntegerField(default=0))]',
        ["ban-drop-default"],
    ),
    "a default that differs from row to row": (
        'operations = [migrations.AddField("mailing", "chance", models.FloatField(db_default=Random()))]',
        ["adding-field-with-default"],
    ),
    "a reference that is checked at once": (
        'operations = [migrations.AddField("mailing", "to", models.ForeignKey("mailing", models.PROTECT, null=True))]',
        ["adding-foreign-key-constraint", "require-concurrent-index-creation"],
    ),
    "a column that gets another name": (
        'operations = [migrations.RenameField("mailing", "created_by", "author")]',
        ["renaming-column"],
    ),
    "a table that gets another name": (
        'operations = [migrations.AlterModelTable("mailing", "dispatch")]',
        ["renaming-table"],
    ),
    "a column that goes": (
        'operations = [migrations.RemoveField("mailing", "due_check_at")]',
        ["ban-drop-column"],
    ),
    "a table that goes": (
        'operations = [migrations.DeleteModel("idempotencykey")]',
        ["ban-drop-table"],
    ),
    "a column that gets another type": (
        'operations = [migrations.AlterField("mailing", "created_by", models.TextField())]',
        ["changing-column-type"],
    ),
    "a column that must be filled from now on": (
        'operations = [migrations.AlterField("mailing", "clear_at", models.DateTimeField())]',
        ["adding-not-nullable-field"],
    ),
    "a check of all rows": (
        'operations = [migrations.AddConstraint("mailing", NAMED)]',
        ["constraint-missing-not-valid"],
    ),
    "a unique key": (
        'operations = [migrations.AddConstraint("mailing", ONCE)]',
        ["constraint-missing-not-valid", "disallowed-unique-constraint"],
    ),
    "all rows changed at once by a function": (
        "operations = [migrations.RunPython(fill)]",
        ["rows-in-one-transaction"],
    ),
    "all rows changed at once by a statement": (
        "operations = [migrations.RunSQL(\"UPDATE correspondence_mailing SET created_by = ''\")]",
        ["rows-in-one-transaction"],
    ),
    "a bad one in the database's half of an operation": (
        """
operations = [migrations.SeparateDatabaseAndState(
    database_operations=[migrations.AddField("mailing", "weight", models.BigIntegerField(default=0))])]
""",
        ["ban-drop-default"],
    ),
    "a reason for what is not there": (
        "operations = []  # accepted: ban-drop-column: nothing has read it since 1.4",
        ["ban-drop-column"],
    ),
    "a rule named without a reason": (
        'operations = [migrations.AddIndex("mailing", BY_WHOM)]  # accepted: require-concurrent-index-creation:',
        ["require-concurrent-index-creation"],
    ),
}


@pytest.mark.parametrize(("migration", "expected"), BAD.values(), ids=BAD, indirect=["migration"])
def test_what_would_hold_up_or_break_running_code_is_found(
    migration: Migration, expected: list[str], now: ProjectState
) -> None:
    assert migration_check.faults(migration, now) == expected


GOOD = {
    "a column that may be empty": (
        'operations = [migrations.AddField("mailing", "note", models.TextField(null=True))]'
    ),
    "a column that the database fills": (
        'operations = [migrations.AddField("mailing", "weight", models.BigIntegerField(db_default=0))]'
    ),
    "a new table with index, check and reference": """
operations = [
    migrations.CreateModel("Note", [
        ("id", models.BigAutoField(primary_key=True)),
        ("created_by", models.CharField(max_length=150)),
        ("mailing", models.ForeignKey("mailing", models.PROTECT)),
    ]),
    migrations.AddIndex("note", BY_WHOM),
    migrations.AddConstraint("note", NAMED),
]
""",
    "an index that is built beside the writers": """
atomic = False
operations = [AddIndexConcurrently("mailing", BY_WHOM)]
""",
    "a check of new rows only": 'operations = [AddConstraintNotValid("mailing", NAMED)]',
    "rows changed in batches, each in a transaction of its own": """
atomic = False
operations = [migrations.RunPython(fill)]
""",
    "one that says why": """
# accepted: ban-drop-column: nothing has read it since 1.4
operations = [migrations.RemoveField("mailing", "due_check_at")]
""",
}


@pytest.mark.parametrize("migration", GOOD.values(), ids=GOOD, indirect=True)
def test_what_running_code_does_not_notice_passes(migration: Migration, now: ProjectState) -> None:
    assert migration_check.faults(migration, now) == []
