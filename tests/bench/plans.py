"""What PostgreSQL does for a query: which indexes it stands on, and how many rows it looks at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

Query = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """One query, as it was run and measured."""

    indexes: list[str]  # from the top of the plan down
    tables_read_through: set[str]
    rows_looked_at: (
        int  # what all scans found, and what they found and dropped; a bitmap's rows count in index and table
    )
    rows_sorted: int  # the most that a sort was given
    milliseconds: float


@contextmanager
def noting(table: str) -> Iterator[list[Query]]:
    """Note the queries that are about this table, with their parameters."""
    asked: list[Query] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if f'FROM "{table}"' in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def plan_of(query: Query) -> Plan:
    """Run the query, and look."""
    sql, params = query
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        [[top]] = cursor.fetchone()
    nodes = list(_flat(top["Plan"]))
    return Plan(
        indexes=[node["Index Name"] for node in nodes if "Index Name" in node],
        tables_read_through={node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"},
        rows_looked_at=round(sum(_rows(node) for node in nodes if "Scan" in node["Node Type"])),
        rows_sorted=round(max((_rows(node["Plans"][0]) for node in nodes if "Sort" in node["Node Type"]), default=0)),
        milliseconds=top["Execution Time"],
    )


def _flat(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _flat(child)


def _rows(node: dict[str, Any]) -> float:
    removed = sum(node.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])
