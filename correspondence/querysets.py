"""Reads of mailings and correspondences. Each of the queue's reads stands on a partial index (models.py)."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import Exact

from attachments.statuses import AttachmentStatus
from config.kernel.long_texts import TextHash, text_is
from correspondence.statuses import LISTED, PURGED, Fold, JobState, QueueState, Status, seen

__all__ = ["TextHash"]  # under this name migrations know it

if TYPE_CHECKING:
    from correspondence.models import (  # noqa: F401 - the base classes name them
        BulkJob,
        Correspondence,
        Heartbeat,
        IdempotencyKey,
        Mailing,
        MailingAttachment,
        Pause,
        PublishedTally,
        SentAgain,
        StatusEvent,
    )


def has_seen(*statuses: Status) -> Q:
    """Whether any of the statuses is in the history. Partial indexes are made of this very expression (models.py)."""
    return ~Q(Exact(F("statuses_seen").bitand(seen(statuses)), 0))


def never_seen(*statuses: Status) -> Q:
    """Whether none of them is. No negated `has_seen`: PostgreSQL knows an index's condition by how it is written."""
    return Q(Exact(F("statuses_seen").bitand(seen(statuses)), 0))


def addressed(recipient: str) -> Q:
    """All of a recipient's letters: those in its list and those outside it, for each half has an index of its own."""
    return Q(has_seen(*LISTED), recipient=recipient) | Q(never_seen(*LISTED), recipient=recipient)


# From when on a mailing's letters are to be out (Mailing.due_at).
DUE_AT = Greatest("created_at", "requested_publish_time")
# What a mailing's sender wrote for its recipients, as it is once it was erased.
ERASED: Mapping[str, Any] = {
    "title": "",
    "summary": "",
    "body": "",
    "property_list": {},
    "reply_options": [],
    "notification": None,
}


def any_of(rows: models.QuerySet[Any]) -> Coalesce:
    """Whether there are such rows, asked of each outer row by itself.

    Of EXISTS PostgreSQL makes a join or a hash, and for those a scan of all inner rows, also where a few outer ones are
    wanted. This it cannot turn round.
    """
    return Coalesce(Subquery(rows.order_by().annotate(yes=Value(True)).values("yes")[:1]), False)


def _unfinished_letters() -> models.QuerySet[Any]:
    """Of a mailing, those in the queue."""
    letters = apps.get_model("correspondence", "Correspondence")._default_manager
    return letters.filter(mailing=OuterRef("pk")).exclude(queue_state=QueueState.DONE)


class MailingQuerySet(models.QuerySet["Mailing"]):
    """Mailings."""

    def forgotten(self, now: datetime) -> Self:
        """Stored a while ago, and not queued; those looked at longest ago first."""
        return self.filter(next_look_at__lte=now).order_by("next_look_at")

    def due_to_check(self, now: datetime) -> Self:
        """Those whose due date has come, and whose letters nobody has looked at since."""
        return self.filter(due_check_at__lte=now).order_by("due_check_at")

    def locked(self) -> Self:
        """Nobody else changes them, or moves their letters, until the transaction ends."""
        return self.select_for_update(of=("self",), no_key=True)

    def unqueued(self) -> Self:
        """Those whose letters wait to be queued."""
        return self.filter(next_look_at__isnull=False)

    def out_of_queue(self) -> Self:
        """Those without a letter that is still to be published."""
        return self.exclude(any_of(_unfinished_letters()))

    def at_rest(self) -> Self:
        """Those out of the queue, and of which nothing is left over that is looked at in any case."""
        return self.out_of_queue().filter(clear_at=None)

    def without_content(self) -> Self:
        """What the sender wrote, which may be long, is not fetched."""
        return self.defer(*ERASED)

    def to_clear(self, now: datetime) -> Self:
        """Those of which something is left that nobody needs; those looked at longest ago first."""
        return self.filter(clear_at__lte=now).order_by("clear_at")

    def published_until(self, resource_id: str, moment: datetime) -> Self:
        """A resource's, with content, at rest, whose publish time came until then; oldest first."""
        found = self.alias(published_at=DUE_AT).at_rest()
        return found.filter(resource=resource_id, content_erased_at=None, published_at__lte=moment).order_by(
            "published_at"
        )

    def due_until(self, resource_id: str, moment: datetime) -> Self:
        """A resource's, with content, at rest, whose due date came until then; oldest first."""
        found = self.filter(resource=resource_id, content_erased_at=None, due_date_time__lte=moment)
        return found.at_rest().order_by("due_date_time")

    def erased_until(self, resource_id: str, moment: datetime) -> Self:
        """A resource's whose content was erased until then, with all that went along; oldest first."""
        found = self.filter(resource=resource_id, content_erased_at__lte=moment, clear_at=None)
        return found.order_by("content_erased_at")

    def with_reference(self, text: str) -> Self:
        """Those with exactly this sender's reference."""
        return self.filter(text_is("senders_reference", text))


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    """Keys that were used."""

    def used_until(self, moment: datetime) -> Self:
        """Those used until then; oldest first."""
        return self.filter(created_at__lte=moment).order_by("created_at")


class MailingAttachmentQuerySet(models.QuerySet["MailingAttachment"]):
    """Links from mailings to their attachments."""

    def in_order(self) -> Self:
        """With the attachments, in the sender's order, in one query."""
        return self.select_related("attachment").order_by("position")

    def in_use(self) -> Self:
        """Those of mailings with a letter that is not purged, and with their content (contract lifecycle.md §3)."""
        return self.filter(mailing__purged_at=None, mailing__content_erased_at=None)

    def unpublished(self) -> Self:
        """Those whose attachment is not Published."""
        return self.exclude(attachment__status=AttachmentStatus.PUBLISHED)

    def expiring(self, now: datetime) -> Self:
        """Those whose end has come, and whose attachments nobody has looked at since."""
        return self.filter(look_at__lte=now).order_by("look_at")


class CorrespondenceQuerySet(models.QuerySet["Correspondence"]):
    """Correspondences."""

    def waiting(self) -> Self:
        """Not queued yet."""
        return self.filter(queue_state=QueueState.WAITING)

    def ready(self) -> Self:
        """Queued; their time may be ahead."""
        return self.filter(queue_state=QueueState.READY)

    def due(self, now: datetime) -> Self:
        """Queued, and their time has come; those that wait longest first."""
        return self.ready().filter(next_try_at__lte=now).order_by("next_try_at")

    def waiting_for(self, least: timedelta, now: datetime) -> Self:
        """Those in the queue whose time came that long ago, set aside or not; each state by its own index."""
        # More than any pause after an attempt (actions/publish.py): what is scheduled ahead is not looked at.
        put_off = timedelta(hours=1, seconds=settings.PUBLISH_RETRY_SECONDS * 4**settings.PUBLISH_ATTEMPTS)
        tried = Q(queue_state=QueueState.READY, next_try_at__lte=now + put_off)
        stuck = Q(queue_state=QueueState.WAITING) | Q(queue_state=QueueState.SET_ASIDE)
        return self.filter(tried | stuck, due_at__lte=now - least)

    def overdue(self, now: datetime) -> Self:
        """Queued, their time has come, and nothing was wrong with them; also those that were put off for a moment."""
        return self.ready().filter(Q(next_try_at__lte=now) | Q(attempts=0), due_at__lte=now)

    def set_aside(self) -> Self:
        """Given up on until somebody retries them."""
        return self.filter(queue_state=QueueState.SET_ASIDE)

    def set_aside_of(self, owner_id: int | None, resource_id: str | None) -> Self:
        """Those set aside of this owner, or of this resource, or all; oldest first."""
        named = {"owner": owner_id, "resource": resource_id}
        found = self.set_aside().filter(**{name: value for name, value in named.items() if value is not None})
        return found.order_by("pk")

    def unpurged(self) -> Self:
        """Neither its recipient nor its sender has purged them."""
        return self.exclude(has_seen(*PURGED))

    def sent_by(self, owner_id: int | None) -> Self:
        """Those of this owner."""
        return self.filter(owner=owner_id)

    def received_by(self, recipient: str) -> Self:
        """What is in this recipient's list: what was published, or is purged (contract http-api.md §6)."""
        return self.filter(has_seen(*LISTED), recipient=recipient)

    def addressed_to(self, recipient: str) -> Self:
        """All of this recipient's, in the order in which they were made."""
        return self.filter(addressed(recipient)).order_by("pk")

    def newest_first(self) -> Self:
        """By the time for which they were meant."""
        return self.order_by("-requested_publish_time", "-pk")

    def locked(self) -> Self:
        """Nobody else changes them until the transaction ends."""
        return self.select_for_update(of=("self",), no_key=True)

    def claimed(self) -> Self:
        """Locked until the transaction ends; those that another worker holds are passed over."""
        return self.select_for_update(skip_locked=True, of=("self",))

    def with_mailing(self) -> Self:
        """Together with what was sent and by whom, in one query."""
        return self.select_related("mailing__resource", "mailing__owner")

    def without_content(self) -> Self:
        """Of their mailings, what the sender wrote, which may be long, is not fetched."""
        return self.defer(*(f"mailing__{name}" for name in ERASED))


class StatusEventQuerySet(models.QuerySet["StatusEvent"]):
    """History."""

    def first_of_each(self) -> Self:
        """The first of each status, Fetched left out: what the overview is made of, however long the history is."""
        return self.exclude(status=Status.FETCHED).order_by("status", "at", "pk").distinct("status")

    def fetched_since(self, moment: datetime, party: str) -> Self:
        """That this party looked at it lately."""
        return self.filter(status=Status.FETCHED, at__gt=moment, party=party)

    def failed_since(self, moment: datetime) -> Self:
        """That letters failed for good, from this moment on."""
        return self.filter(status=Status.FAILED, at__gte=moment)

    def published_since(self, moment: datetime) -> Self:
        """That letters were published, from this moment on."""
        return self.filter(status=Status.PUBLISHED, at__gte=moment)

    def in_order(self) -> Self:
        """By time, and as they were written where two have the same."""
        return self.order_by("at", "pk")


def concerning(owners: Collection[int]) -> Q:
    """Which pauses hold up letters of these owners: theirs, those of their resources, and those of everything."""
    return Q(owner=None, resource=None) | Q(owner__in=owners) | Q(resource__owner__in=owners)


class PublishedTallyQuerySet(models.QuerySet["PublishedTally"]):
    """How many letters were published when."""

    def of_owners(self, owners: Collection[int] | None) -> Self:
        """Those of these owners; None: of all."""
        return self if owners is None else self.filter(owner__in=owners)

    def by_moment(self, since: datetime) -> "models.QuerySet[PublishedTally, tuple[datetime, int]]":
        """Pairs of a moment and a number: for each hour, and of the last hour for each minute; in no order."""
        kept: Any = self.filter(fold__in=Fold.values, at__gte=since).order_by()
        summed: models.QuerySet[PublishedTally, tuple[datetime, int]] = kept.values_list("at").annotate(Sum("letters"))
        return summed


class PauseQuerySet(models.QuerySet["Pause"]):
    """Pauses of publishing."""

    def in_force(self) -> Self:
        """Not resumed yet; the latest first."""
        return self.filter(resumed_at=None).select_related("owner")

    def that_concern(self, owners: Collection[int] | None) -> Self:
        """Those of these owners and of their resources, and those of everything; None: all."""
        return self if owners is None else self.filter(concerning(owners))

    def holding(self, owner_id: int, resource_id: str) -> Self:
        """Those in force that hold up letters of this owner for this resource."""
        everything = Q(owner=None, resource=None)
        return self.in_force().filter(everything | Q(owner=owner_id) | Q(resource=resource_id))


class SentAgainQuerySet(models.QuerySet["SentAgain"]):
    """Letters that were sent again."""

    def concerning(self, ids: Collection[UUID]) -> Self:
        """Those of which one of these letters is the old or the new one."""
        return self.filter(Q(old__in=ids) | Q(new__in=ids))


def of_no_others(owners: Collection[int]) -> Q:
    """Which jobs are about letters of these owners, and of no other."""
    return Q(owners__contained_by=list(owners))


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    """Jobs."""

    def confirmed(self) -> Self:
        """Those that somebody has said yes to."""
        return self.exclude(state=JobState.PLANNED)

    def of_owners(self, owners: Collection[int] | None) -> Self:
        """Those whose letters are all of these owners; None: of any."""
        return self if owners is None else self.filter(of_no_others(owners))

    def forgotten(self, now: datetime) -> Self:
        """Begun, and nobody has worked at them for a while."""
        return self.filter(next_look_at__lte=now).order_by("next_look_at")

    def over(self, *, planned_until: datetime, ended_until: datetime) -> Self:
        """Never confirmed, or ended long ago."""
        return self.filter(
            Q(state=JobState.PLANNED, made_at__lte=planned_until) | Q(state=JobState.ENDED, ended_at__lte=ended_until)
        )


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """Signs of life."""
