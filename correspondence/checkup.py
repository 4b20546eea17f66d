"""Checks of the queue: letters that are stuck and why, what is paused, and whether beat lives."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from config.kernel import clock
from config.kernel.findings import MOST_COUNTED, Finding, failed, many, ok, warning
from correspondence.actions.heartbeat import SWEEP
from correspondence.models import Correspondence, Heartbeat, Mailing, MailingAttachment, Pause
from correspondence.policies.pauses import may_go_out
from correspondence.policies.queue import told_to_operators
from correspondence.standing import Standing, letters_that_are

_LATE, _MUCH_TOO_LATE = timedelta(minutes=1), timedelta(minutes=10)
_SCANNED_BY_NOW = timedelta(minutes=15)


def letters() -> Iterator[Finding]:
    """Each kind of letter that ought to be further than it is."""
    now = clock.now()
    yield _beat(now)
    yield from _unqueued(now)
    yield _unpublished(now)
    yield _held_up(now)
    yield _set_aside()
    yield from _pauses()


def _beat(now: datetime) -> Finding:
    cure = "If the broker answers, start one: python -m celery -A config.celery beat; and a worker for the queue sweep."
    last = Heartbeat.objects.filter(name=SWEEP).values_list("at", flat=True).first()
    if last is None:
        return failed("beat", "No sweep has ever run.", cure)
    seconds = (now - last).total_seconds()
    said = f"The last sweep ran {max(seconds, 0):.0f} s ago; it is to run every {settings.SWEEP_EVERY_SECONDS:g} s."
    if seconds > max(60.0, 4 * settings.SWEEP_EVERY_SECONDS):
        return failed("beat", f"{said} Scheduled letters do not go out.", cure)
    return ok("beat", said)


def _unqueued(now: datetime) -> Iterator[Finding]:
    missing = MailingAttachment.objects.filter(mailing=OuterRef("pk")).unpublished()
    old = Mailing.objects.unqueued().filter(created_at__lt=now - _LATE).order_by("next_look_at")
    forgotten = old.exclude(Exists(missing))
    if count := forgotten[:MOST_COUNTED].values("pk").count():
        first = forgotten.values_list("pk", flat=True)[0]
        said = f"{many(count)} mailings are not queued a minute after they came, {first} the first."
        cure = (
            "See that beat runs and a worker for the queue `queue`; then: python manage.py queue requeue. "
            "If it fails at them, `task_failed` in its log has the error."
        )
        yield failed("mailings", said, cure)
    else:
        yield ok("mailings", "Each is queued within a minute.")
    waiting = old.filter(Exists(missing), created_at__lt=now - _SCANNED_BY_NOW)
    if count := waiting[:MOST_COUNTED].values("pk").count():
        first = waiting.values_list("pk", flat=True)[0]
        said = f"{many(count)} mailings wait for their files for more than 15 minutes, {first} the first."
        yield warning("mailings with files", said, "See to scanner, storage, and a worker for the queue `scan`.")
    else:
        yield ok("mailings with files", "None waits for its files for more than 15 minutes.")


def _unpublished(now: datetime) -> Finding:
    late = may_go_out(now - _LATE, MOST_COUNTED)[:MOST_COUNTED]
    rows = list(late.values_list("next_try_at", "pk"))
    if not rows:
        return ok("due letters", "Each goes out within a minute.")
    since, first = min(rows)
    said = f"{many(len(rows))} letters are due for more than a minute, {first} since {since:%Y-%m-%d %H:%M:%S} UTC."
    cure = "See that a worker for the queue `publish` runs, or start more; then: python manage.py queue requeue"
    tell = failed if now - since > _MUCH_TOO_LATE else warning
    return tell("due letters", said, cure)


def _held_up(now: datetime) -> Finding:
    held_up = letters_that_are(Standing.HELD_UP, now)
    count = held_up[:MOST_COUNTED].values("pk").count()
    if not count:
        return ok("letters with errors", "None is tried again after an error.")
    first = held_up.values("pk", "last_error")[0]
    said = f"{many(count)} letters are tried again after an error, {first['pk']}: {first['last_error']}"
    return warning("letters with errors", said, "They are tried five times; the log has more by that id.")


def _set_aside() -> Finding:
    found = Correspondence.objects.set_aside_of(None, None)
    count = found[:MOST_COUNTED].values("pk").count()
    if not count:
        return ok("set aside", "No letter is set aside.")
    first = found.values("pk", "last_error")[0]
    said = f"{many(count)} letters were given up on after repeated errors, {first['pk']}: {first['last_error']}"
    return warning("set aside", said, "Mend the cause, then: python manage.py queue retry --all")


def _pauses() -> Iterator[Finding]:
    rows = list(Pause.objects.in_force())
    for row in rows:
        yield warning("pauses", told_to_operators(row), f"If it is over: python manage.py queue resume {_named(row)}")
    if not rows:
        yield ok("pauses", "Nothing is paused.")


def _named(pause: Pause) -> str:
    """As the command takes it."""
    if pause.owner is not None:
        return f"--owner {pause.owner.organization_number}"
    return f"--resource {pause.resource_id}" if pause.resource_id is not None else "--all"
