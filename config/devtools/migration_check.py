"""Which operations of a migration would hold up, or break, the version that still runs beside it.

squawk reads the SQL (https://squawkhq.com/docs/rules). One rule is our own, `rows-in-one-transaction`: whoever changes
the rows of a table keeps them locked to the end of the migration. Of squawk's the one that surprises is
`ban-drop-default`: where a field has a default, but no `db_default`, Django drops the column's default right after it
has filled it in, and code that does not know the column can insert no row any more.

A migration that does it all the same says why, and which rule it breaks, in a comment of its own:

    # accepted: ban-drop-column: nothing has read it since 1.4
"""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from config.devtools.run_dir import ROOT

_SQUAWK = Path(sys.executable).parent / "squawk"
# Matters of taste, and what every connection of ours has by setting (DATABASE_LOCK_SECONDS).
_NOT_ASKED = (
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamp-tz",
    "require-lock-timeout",
    "require-statement-timeout",
)
_CHANGES_ROWS = re.compile(r"^\s*(?:UPDATE|DELETE|INSERT|MERGE|LOCK|TRUNCATE)\b", re.IGNORECASE | re.MULTILINE)
_NO_SQL = "CANNOT BE WRITTEN AS SQL"  # Django's words for RunPython
_ACCEPTED = re.compile(r"# accepted: (?P<rule>[a-z-]+): \S")

# Released before there was this check. CHANGELOG.md tells operators to stop everything around those that lock.
RELEASED = {
    ("attachments", "0002_attachments_that_ended"): "an index, built with the table locked",
    ("correspondence", "0003_what_search_and_retention_look_at"): "columns, filled in by one UPDATE",
    ("correspondence", "0004_search_and_retention_indexes"): "NOT NULL, checks and indexes, with the tables locked",
    ("correspondence", "0006_index_of_a_letters_history"): "an index, built with the table locked",
    ("recipients", "0002_confidential_role_and_party_id"): "checks and a unique index on a table of some thousands",
    ("registry", "0002_retention_and_role_on_resources"): "a check on a table of some hundreds",
}


def ours(executor: MigrationExecutor) -> list[Migration]:
    """The migrations of the project's own apps, in an order in which they can be applied."""
    own = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    return [migration for migration, _ in plan if migration.app_label in own]


def faults(migration: Migration, before: ProjectState) -> list[str]:
    """The rules that the migration breaks without saying why, and those that it names for nothing.

    `before` is what the migrations before it have made.
    """
    sql = _sql(migration, before)
    broken = {*_by_squawk(sql, in_transaction=migration.atomic), *_by_us(sql, in_transaction=migration.atomic)}
    return sorted(broken.symmetric_difference(_accepted(migration)))


def _sql(migration: Migration, before: ProjectState) -> str:
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(before.clone(), editor, collect_sql=True)
    return "\n".join(editor.collected_sql)


def _accepted(migration: Migration) -> set[str]:
    source = Path(inspect.getfile(type(migration))).read_text()
    return {match["rule"] for match in _ACCEPTED.finditer(source)}


def _by_squawk(sql: str, *, in_transaction: bool) -> Iterator[str]:
    words = [str(_SQUAWK), "--reporter", "json", "--stdin-filepath", "migration.sql", "--exclude", ",".join(_NOT_ASKED)]
    if in_transaction:  # then tables that are new in it are nobody else's yet
        words.append("--assume-in-transaction")
    done = subprocess.run(words, input=sql, capture_output=True, text=True)
    if done.returncode not in (0, 1) or (done.returncode and not done.stdout.strip()):
        raise RuntimeError(f"squawk failed: {done.stderr}")
    for found in json.loads(done.stdout or "[]"):
        yield found["rule_name"]


def _by_us(sql: str, *, in_transaction: bool) -> Iterator[str]:
    if _CHANGES_ROWS.search(sql) or (in_transaction and _NO_SQL in sql):
        yield "rows-in-one-transaction"
