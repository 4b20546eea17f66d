"""The table of a run, and its findings."""

from __future__ import annotations

from collections import Counter

from tests.fuzz.runner import Result

API = "/correspondence/api/v1"


def table(result: Result) -> str:
    """A line for each operation: cases, statuses with their counts, findings."""
    cases, found = result.cases(), Counter(each.operation for each in result.findings)
    rows = [("operation", "cases", "findings", "status codes seen")]
    for operation, count in cases.items():
        seen = sorted((status, times) for (name, status), times in result.statuses.items() if name == operation)
        codes = "  ".join(f"{status}: {times}" for status, times in seen)
        rows.append((operation.replace(API, ""), str(count), str(found[operation]), codes))
    rows.append(("all", str(cases.total()), str(len(result.findings)), ""))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip() for row in rows
    )


def findings(result: Result) -> str:
    """Each finding with the line that asks for it again."""
    return "\n".join(
        f"\n{number}. {each.operation} as {each.caller}: {each.title}\n{each.message}\n{each.curl}".rstrip()
        for number, each in enumerate(result.findings, 1)
    )
