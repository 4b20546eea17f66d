"""What `manage.py queue status` tells, as data and as lines."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from config.kernel import queue, workers
from config.kernel.workers import Worker
from correspondence import standing
from correspondence.management.tables import aligned
from correspondence.management.targets import Target
from correspondence.models import Pause
from correspondence.standing import COUNTED, Lane

_HEADER = tuple(name.replace("_", " ") for name in COUNTED)


@dataclass(frozen=True, slots=True)
class Status:
    """None for what the broker would know, where it cannot be reached."""

    now: datetime
    lanes: Sequence[Lane]
    pauses: Sequence[Pause]
    messages: dict[str, int] | None
    workers: Sequence[Worker] | None


def status(target: Target, now: datetime) -> Status:
    """How the queue stands at this moment, for this owner or resource or all. Workers have two seconds to answer."""
    lanes = standing.lanes(now, **target.ids)
    pauses = list(Pause.objects.in_force())
    try:
        messages = {name: queue.length(name) for name in queue.QUEUES}
        return Status(now, lanes, pauses, messages, workers.answering())
    except queue.BrokerUnreachable:
        return Status(now, lanes, pauses, None, None)


def as_data(found: Status, by: str | None) -> dict[str, Any]:
    """For `--json`. Keys stay as they are; more may come."""
    whole = standing.total(found.lanes)
    return {
        "counts": asdict(whole.counts),
        "oldest_waiting_seconds": _age(whole.oldest, found.now),
        "messages": found.messages,
        "workers": None if found.workers is None else [asdict(worker) for worker in found.workers],
        "pauses": [pause_as_data(pause) for pause in found.pauses],
        **({f"by_{by}": [_lane_as_data(lane, found.now) for lane in _grouped(found, by)]} if by else {}),
    }


def pause_as_data(pause: Pause) -> dict[str, Any]:
    """Owner and resource both null: everything."""
    return {
        "owner": pause.owner.organization_number if pause.owner else None,
        "resource": pause.resource_id,
        "since": pause.paused_at,
        "by": pause.paused_by,
        "reason": pause.reason,
    }


def as_lines(found: Status, by: str | None) -> Iterator[str]:
    """For a terminal."""
    whole = standing.total(found.lanes)
    yield "Letters in the queue:"
    yield from aligned(_HEADER, [_numbers(whole)])
    yield f"Oldest that ought to be out has waited: {_waited(whole, found.now)}"
    if by:
        yield ""
        yield from aligned((by, *_HEADER, "oldest"), [_row(lane, by, found.now) for lane in _grouped(found, by)])
    yield ""
    yield from _surroundings(found)
    yield ""
    yield "Paused:" if found.pauses else "Nothing is paused."
    for pause in found.pauses:
        yield f"  {pause.of}, since {pause.paused_at:%Y-%m-%d %H:%M:%S} UTC by {pause.paused_by}: {pause.reason}"


def _surroundings(found: Status) -> Iterator[str]:
    if found.messages is None or found.workers is None:
        yield "The broker cannot be reached: nothing is known of messages and workers."
        return
    yield "Messages in the broker: " + ", ".join(f"{name} {count}" for name, count in found.messages.items())
    yield "Workers that answer:" if found.workers else "No worker answers."
    for worker in found.workers:
        yield f"  {worker.name}, processes: {worker.processes}, queues: {', '.join(worker.queues)}"


def _grouped(found: Status, by: str) -> Sequence[Lane]:
    return found.lanes if by == "resource" else standing.by_owner(found.lanes)


def _numbers(lane: Lane) -> list[int]:
    return [getattr(lane.counts, name) for name in COUNTED]


def _row(lane: Lane, by: str, now: datetime) -> list[object]:
    return [lane.resource if by == "resource" else lane.owner, *_numbers(lane), _waited(lane, now)]


def _lane_as_data(lane: Lane, now: datetime) -> dict[str, Any]:
    return {
        "owner": lane.owner,
        **({"resource": lane.resource} if lane.resource else {}),
        "counts": asdict(lane.counts),
        "oldest_waiting_seconds": _age(lane.oldest, now),
    }


def _age(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else int((now - moment).total_seconds())


def _waited(lane: Lane, now: datetime) -> str:
    age = _age(lane.oldest, now)
    return "nothing waits" if age is None else str(timedelta(seconds=age))
