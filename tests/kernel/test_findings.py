"""What checks find, however they end."""

from collections.abc import Iterator
from threading import Event

from config.kernel.findings import Finding, State, examine, ok

never = Event()


def silent() -> Iterator[Finding]:
    yield ok("first", "It answers.")
    never.wait()


def broken() -> Iterator[Finding]:
    yield ok("second", "It answers.")
    raise ValueError("nonsense")


def test_what_is_silent_is_told_as_a_failure_in_time_and_holds_up_nothing_else() -> None:
    found = examine({"silent": silent, "other": lambda: [ok("third", "It answers.")]}, 0.2)
    never.set()

    assert [(row.check, row.state) for row in found] == [
        ("first", State.OK),
        ("silent", State.FAILED),
        ("third", State.OK),
    ]
    assert found[1].said == "No answer within 0.2 s."


def test_a_check_that_fails_itself_is_told_with_what_it_had_found() -> None:
    found = examine({"broken": broken}, 30)

    assert [(row.check, row.state) for row in found] == [("second", State.OK), ("broken", State.FAILED)]
    assert found[1].said == "ValueError: nonsense"
