"""A letter's history in words: what happened to it, and what people here did with it."""

from collections.abc import Iterable, Sequence

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.audit.models import AuditEntry, Deed
from config.kernel.back_office import Happening
from config.kernel.masking import mask_person_numbers
from correspondence.admin.words import EVENTS
from correspondence.models import Correspondence, Mailing, StatusEvent
from correspondence.statuses import Status
from recipients.back_office import Names, in_words

# A recipient's system may fetch a letter every day for years.
MOST_EVENTS, MOST_ENTRIES = 200, 100
_TONES = {Status.FAILED: "bad", Status.RESERVED: "warn", Status.PUBLISHED: "good"}


def events_of(letter: Correspondence) -> list[StatusEvent]:
    """The newest, oldest first; one more than are shown, where there are more."""
    return list(letter.events.order_by("-at", "-pk")[: MOST_EVENTS + 1])[::-1]


def sees_deeds(request: HttpRequest) -> bool:
    """Who may read what colleagues did with a letter: those who read the audit log, and those who act on letters."""
    may = request.user.has_perm
    return bool(may("audit.view_auditentry") or may("correspondence.change_correspondence"))


def deeds_on(rows: Sequence[Model]) -> list[AuditEntry]:
    """The newest entries of the audit log about any of these."""
    found = AuditEntry.objects.filter(
        target_id__in=[str(row.pk) for row in rows], target_type__in={row._meta.label_lower for row in rows}
    )
    return list(found.order_by("-pk")[:MOST_ENTRIES])


def timeline(events: Iterable[StatusEvent], deeds: Iterable[AuditEntry], names: Names) -> list[Happening]:
    """All of it, the newest at the bottom."""
    told = [*(_event(event, names) for event in events), *(_deed(entry) for entry in deeds)]
    return sorted(told, key=lambda line: line.at)


def _event(event: StatusEvent, names: Names) -> Happening:
    status = Status(event.status)
    return Happening(
        at=event.at,
        what=EVENTS[status],
        details="" if event.text == status.label else mask_person_numbers(event.text),
        wire=status.label,
        who=in_words(event.party, names) if event.party else _("the service"),
        tone=_TONES.get(status, "quiet"),
    )


def _deed(entry: AuditEntry) -> Happening:
    return Happening(
        at=entry.at,
        what=_ON_LETTERS.get(Deed(entry.deed), entry.get_deed_display()),
        details=mask_person_numbers(entry.reason),
        who=mask_person_numbers(entry.by),
        tone="info",
        by_staff=True,
        whole_mailing=entry.target_type == Mailing._meta.label_lower,
    )


_ON_LETTERS = {
    Deed.REVEALED: _("Recipient's number looked at"),
    Deed.RETRIED: _("Retried by hand"),
    Deed.SENT_AGAIN: _("Sent again as a new letter"),
    Deed.PUBLISHED_NOW: _("Published ahead of its time by hand"),
    Deed.CANCELLED: _("Cancelled by hand"),
}
