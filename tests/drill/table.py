"""What the drill prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.drill.audit import Finding, summed
from tests.drill.sending import NONE, Answer
from tests.drill.stream import Stream

_HEAD = ("fault", "requests", "answered", "503", "letters", "lost", "doubled", "wrong", "slowest s", "recovery s")


def table(stream: Stream, found: Sequence[Finding], recoveries: Mapping[str, Sequence[float]]) -> str:
    """A line for each fault, in the order in which they were, and one for all."""
    phases = list(dict.fromkeys([*recoveries, *(sending.phase for sending in stream.sendings), "-"]))
    lines = [_HEAD, *(_line(phase, [phase], stream, found, recoveries) for phase in phases)]
    lines.append(_line("all", phases, stream, found, recoveries))
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        line[0].ljust(widths[0])
        + "".join(f"  {cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


def _line(
    name: str,
    phases: Sequence[str],
    stream: Stream,
    found: Sequence[Finding],
    recoveries: Mapping[str, Sequence[float]],
) -> tuple[str, ...]:
    sendings = [sending for sending in stream.sendings if sending.phase in phases]
    answers: list[Answer] = [answer for sending in sendings for answer in sending.answers]
    answers += [answer for phase, answer in stream.reads if phase in phases]
    of_these = [each for each in found if each.phase in phases]
    took = [seconds for phase in phases for seconds in recoveries.get(phase, ())]
    return (
        f"{name} x{len(recoveries[name])}" if len(recoveries.get(name, ())) > 1 else name,
        str(len(answers)),
        str(sum(answer.status != NONE for answer in answers)),
        str(sum(answer.status == 503 for answer in answers)),
        str(sum(sending.recipients for sending in sendings if sending.is_accepted)),
        *(str(summed(of_these, kind)) for kind in ("lost", "doubled", "wrong")),
        f"{max((answer.seconds for answer in answers), default=0):.1f}",
        f"{max(took):.1f}" if took else "",
    )
