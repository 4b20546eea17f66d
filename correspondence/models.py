"""Mailings, each recipient's correspondence, and their history."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from attachments.models import Attachment
from correspondence.querysets import (
    DUE_AT,
    BulkJobQuerySet,
    CorrespondenceQuerySet,
    HeartbeatQuerySet,
    IdempotencyKeyQuerySet,
    MailingAttachmentQuerySet,
    MailingQuerySet,
    PauseQuerySet,
    PublishedTallyQuerySet,
    SentAgainQuerySet,
    StatusEventQuerySet,
    TextHash,
    has_seen,
    never_seen,
)
from correspondence.statuses import (
    IN_WORDS,
    LISTED,
    NEVER_SET,
    UNFINISHED,
    Act,
    Fold,
    JobState,
    QueueState,
    Refusal,
    Status,
    seen,
)
from registry.models import Resource, ServiceOwner


class Mailing(models.Model):
    """One accepted initialize request: everything the sender wrote, once for all recipients."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, verbose_name=_("resource"), on_delete=models.PROTECT, related_name="+")
    # The resource's owner at that time: the `sender` of the wire, whatever becomes of the resource.
    owner = models.ForeignKey(ServiceOwner, verbose_name=_("service owner"), on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    created_by = models.CharField(_("acting party"), max_length=1024)
    traceparent = models.CharField(_("traceparent"), max_length=55)
    senders_reference = models.TextField(_("sender's reference"))
    message_sender = models.TextField(_("message sender"), null=True)  # noqa: DJ001 - null is told apart from "" on the wire
    language = models.CharField(_("language"), max_length=2)
    title = models.TextField(_("title"))
    summary = models.TextField(_("summary"), blank=True)
    body = models.TextField(_("body"))
    requested_publish_time = models.DateTimeField(_("requested publish time"))
    due_date_time = models.DateTimeField(_("due date"), null=True)
    external_references = models.JSONField(_("external references"), default=list)
    property_list = models.JSONField(_("property list"), default=dict)
    reply_options = models.JSONField(_("reply options"), default=list)
    notification = models.JSONField(_("notification"), null=True)
    ignore_reservation = models.BooleanField(_("ignore reservation"), null=True)
    is_confirmation_needed = models.BooleanField(_("is confirmation needed"), default=False)
    is_confidential = models.BooleanField(_("is confidential"), default=False)
    allow_forwarding = models.BooleanField(_("allow forwarding"), default=False)
    recipient_count = models.PositiveIntegerField(_("recipient count"))
    # When the sweep looks at it again; null once it is queued.
    next_look_at = models.DateTimeField(_("next look at"), null=True)
    # When somebody looks whether its letters were read and confirmed; null: that was done, or there is no due date.
    due_check_at = models.DateTimeField(_("due check at"), null=True)

    # When the last of its letters was purged: nobody needs its attachments then, and soon not its content.
    purged_at = models.DateTimeField(_("purged at"), null=True)
    # When its content was erased for good. What tells who sent what to whom, and when, stays.
    content_erased_at = models.DateTimeField(_("content erased at"), null=True)
    # When the retention looks at it again: something that nobody needs any more is there still.
    clear_at = models.DateTimeField(_("clear at"), null=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        indexes = [
            models.Index(F("next_look_at"), name="mailing_forgotten", condition=Q(next_look_at__isnull=False)),
            # References may be 4096 characters, which no B-tree bears: equality through a hash.
            models.Index(TextHash("senders_reference"), name="mailing_senders_reference"),
            models.Index(F("due_check_at"), name="mailing_due_check", condition=Q(due_check_at__isnull=False)),
            models.Index(F("clear_at"), name="mailing_to_clear", condition=Q(clear_at__isnull=False)),
            # The retention's, resource by resource, oldest first.
            models.Index(
                F("resource"),
                DUE_AT,
                name="mailing_published",
                condition=Q(content_erased_at__isnull=True),
            ),
            models.Index(
                F("resource"),
                F("due_date_time"),
                name="mailing_expired",
                condition=Q(content_erased_at__isnull=True, due_date_time__isnull=False),
            ),
            models.Index(
                F("resource"),
                F("content_erased_at"),
                name="mailing_erased",
                condition=Q(content_erased_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient_count__gte=1, recipient_count__lte=500), name="mailing_has_recipients"
            )
        ]

    def __str__(self) -> str:
        return gettext("mailing %(id)s") % {"id": self.id}

    @property
    def due_at(self) -> datetime:
        """From when on its letters are to be out: nothing is published before it was sent."""
        return max(self.created_at, self.requested_publish_time)


class MailingAttachment(models.Model):
    """One attachment of a mailing, in the sender's order; once, however many recipients."""

    mailing = models.ForeignKey(
        Mailing, verbose_name=_("mailing"), on_delete=models.CASCADE, related_name="attachments", db_index=False
    )
    attachment = models.ForeignKey(Attachment, verbose_name=_("attachment"), on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"))
    expiration_time = models.DateTimeField(_("expiration time"), null=True)
    # When the sweep asks whether the attachment has outlived its last link; null: it has been asked, or never will be.
    look_at = models.DateTimeField(_("look at"), null=True)

    objects = MailingAttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("mailing", "position")
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            models.Index(F("look_at"), name="mailing_attachment_look", condition=Q(look_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=("mailing", "position"), name="mailing_attachments_are_in_order"),
            models.UniqueConstraint(fields=("mailing", "attachment"), name="mailing_has_an_attachment_once"),
        ]

    def __str__(self) -> str:
        return f"attachment {self.position + 1} of mailing {self.mailing_id}"


def _bit_of(field: str) -> Any:
    """The bit of `statuses_seen` for the status in this field."""
    one: Any = Value(1)
    return one.bitleftshift(F(field))


_BY_SENDER = (F("owner"), F("resource"), F("requested_publish_time").desc(), F("id").desc())
_BY_RECIPIENT = (F("recipient"), *_BY_SENDER[1:])


def _search_indexes() -> list[models.Index]:
    """Newest first for a party and a resource; partial ones for statuses that may be rare (docs/decisions/0013)."""
    found = [
        models.Index(*_BY_SENDER, name="correspondence_sent"),
        models.Index(*_BY_RECIPIENT, name="correspondence_received", condition=has_seen(*LISTED)),
        # The few that are in no recipient's list: whoever is asked for a letter in the back-office looks for these.
        models.Index(F("recipient"), name="correspondence_unlisted", condition=never_seen(*LISTED)),
    ]
    common = {Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.FETCHED}
    for status in sorted(set(Status) - common - NEVER_SET):
        found.append(models.Index(*_BY_SENDER, name=f"sent_seen_{status.value}", condition=has_seen(status)))
        if status not in {Status.PUBLISHED, Status.FAILED}:
            found.append(models.Index(*_BY_RECIPIENT, name=f"received_seen_{status.value}", condition=has_seen(status)))
    return found


class Correspondence(models.Model):
    """One recipient's copy of a mailing. Rows of one mailing are in the sender's order by id."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid7, editable=False)
    # The unique key below begins with the mailing and serves as its index.
    mailing = models.ForeignKey(
        Mailing, verbose_name=_("mailing"), on_delete=models.PROTECT, related_name="correspondences", db_index=False
    )
    recipient = models.CharField(_("recipient"), max_length=1024)
    # For {{recipientName}}. Title case may make three letters of one.
    recipient_name = models.CharField(_("recipient name"), max_length=765, blank=True, default="", db_default="")
    status = models.PositiveSmallIntegerField(_("status"), choices=IN_WORDS, default=Status.INITIALIZED)
    # Bit n: a status with the number n is in its history.
    statuses_seen = models.PositiveSmallIntegerField(_("statuses seen"), default=1, db_default=1)

    # The mailing's, for search: an index lies in one table. Its foreign keys are checked there.
    owner = models.ForeignKey(
        ServiceOwner,
        verbose_name=_("service owner"),
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    resource = models.ForeignKey(
        Resource,
        verbose_name=_("resource"),
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    requested_publish_time = models.DateTimeField(_("requested publish time"))

    queue_state = models.CharField(
        _("queue state"), max_length=9, choices=QueueState.choices, default=QueueState.WAITING
    )
    due_at = models.DateTimeField(_("publish at"))
    next_try_at = models.DateTimeField(_("next try at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True, default="")

    objects = CorrespondenceQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("correspondence")
        verbose_name_plural = _("correspondences")
        permissions = [("reveal_recipient", "Can look at recipients' numbers in clear, each noted in the audit log")]
        indexes = [
            models.Index(F("next_try_at"), name="correspondence_due", condition=Q(queue_state=QueueState.READY)),
            # The same for each resource of each sender, for when some are paused (querysets.py).
            models.Index(
                F("owner"),
                F("resource"),
                F("next_try_at"),
                name="correspondence_due_of_lane",
                condition=Q(queue_state=QueueState.READY),
            ),
            models.Index(F("id"), name="correspondence_waiting", condition=Q(queue_state=QueueState.WAITING)),
            models.Index(F("id"), name="correspondence_set_aside", condition=Q(queue_state=QueueState.SET_ASIDE)),
            # Few at any time, and no letter that goes out at the first attempt is ever among them.
            models.Index(
                F("due_at"), name="correspondence_held_up", condition=Q(queue_state=QueueState.READY, attempts__gt=0)
            ),
            # The back-office's "publish at": rows lie about in the order in which they were made, and the few that are
            # scheduled ahead are told apart within a range of pages. Costs next to nothing to write.
            BrinIndex(fields=["due_at"], opclasses=["timestamptz_minmax_multi_ops"], name="correspondence_due_at"),
            *_search_indexes(),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="correspondence_status_is_known"),
            models.CheckConstraint(
                condition=~Q(Exact(F("statuses_seen").bitand(_bit_of("status")), 0)),
                name="correspondence_status_was_seen",
            ),
            # What is in the queue can be published and can fail, by the table of transitions.
            models.CheckConstraint(
                condition=Q(queue_state=QueueState.DONE) | Q(status__in=sorted(UNFINISHED)),
                name="correspondence_in_the_queue_is_not_out",
            ),
            models.CheckConstraint(
                condition=Q(queue_state__in=QueueState.values), name="correspondence_queue_state_is_known"
            ),
            # Nothing is published before its time: the queue looks at next_try_at only.
            models.CheckConstraint(condition=Q(next_try_at__gte=F("due_at")), name="correspondence_is_not_tried_early"),
            models.UniqueConstraint(fields=("mailing", "recipient"), name="correspondence_once_for_each_recipient"),
        ]

    def __str__(self) -> str:
        return gettext("correspondence %(id)s") % {"id": self.id}

    def has_been(self, *statuses: Status) -> bool:
        """Whether one of the statuses is in its history."""
        return bool(self.statuses_seen & seen(statuses))


class StatusEvent(models.Model):
    """Something that happened to a correspondence. Rows are added, never changed."""

    # An index of its own, below, begins with it. To cascade, Django would fetch each letter, and go on by hundreds.
    correspondence = models.ForeignKey(
        Correspondence,
        verbose_name=_("correspondence"),
        on_delete=models.DO_NOTHING,
        related_name="events",
        db_index=False,
    )
    status = models.PositiveSmallIntegerField(_("status"), choices=IN_WORDS)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))
    party = models.CharField(_("acting party"), max_length=1024, blank=True)  # empty: the service itself

    objects = StatusEventQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("event")
        verbose_name_plural = _("history")
        # Rows are added in the order of time: a few pages of index answer "published in the last hour".
        indexes = [
            BrinIndex(F("at"), name="status_event_at"),
            models.Index(F("correspondence"), F("at"), name="status_event_of_letter"),
            models.Index(F("at"), name="status_event_failed", condition=Q(status=Status.FAILED)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="status_event_status_is_known"),
            models.UniqueConstraint(
                fields=("correspondence",), condition=Q(status=Status.PUBLISHED), name="published_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{Status(self.status).label} at {self.at}"


class PublishedTally(models.Model):
    """So many letters of an owner were published in this minute, or hour; any number of rows add up for one of them.

    Written in the transaction that publishes, and only ever added: workers do not wait for each other's rows. The sweep
    folds them together later (actions/tally.py). History has every moment too, but a month of it is millions of rows.
    """

    owner = models.ForeignKey(
        ServiceOwner, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()  # where the minute or the hour begins
    fold = models.PositiveSmallIntegerField(choices=Fold.choices, default=Fold.NONE)
    letters = models.PositiveIntegerField()

    objects = PublishedTallyQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = [models.Index(F("fold"), F("at"), name="published_tally_to_fold")]

    def __str__(self) -> str:
        return f"{self.letters} at {self.at}"


class IdempotencyKey(models.Model):
    """A key that an owner has used."""

    owner = models.ForeignKey(ServiceOwner, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField()
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(F("created_at"), name="idempotency_key_created_at")]
        constraints = [models.UniqueConstraint(fields=("owner", "key"), name="idempotency_key_used_once")]

    def __str__(self) -> str:
        return str(self.key)


class Pause(models.Model):
    """Publishing was paused, for one resource, one owner or all; in force until it is resumed. Kept afterwards."""

    owner = models.ForeignKey(
        ServiceOwner,
        verbose_name=_("service owner"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Every letter that it has sent."),
    )
    resource = models.ForeignKey(
        Resource,
        verbose_name=_("resource"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Leave both empty to pause everything."),
    )
    reason = models.CharField(_("reason"), max_length=500)
    paused_at = models.DateTimeField(_("paused at"))
    paused_by = models.CharField(_("paused by"), max_length=150)  # a user of the back-office, or of the machine
    resumed_at = models.DateTimeField(_("resumed at"), null=True, blank=True)
    resumed_by = models.CharField(_("resumed by"), max_length=150, blank=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.UniqueConstraint(
                fields=("owner", "resource"),
                condition=Q(resumed_at__isnull=True),
                nulls_distinct=False,
                name="paused_once",
                violation_error_message=_("This is paused already."),
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(resource__isnull=True),
                name="pause_is_of_an_owner_or_a_resource",
                violation_error_message=_("Name an owner or a resource, not both."),
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(paused_by=""), name="pause_says_who_and_why"),
            models.CheckConstraint(
                condition=Q(resumed_at__isnull=True, resumed_by="")
                | (Q(resumed_at__gte=F("paused_at")) & ~Q(resumed_by="")),
                name="pause_is_resumed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"pause of {self.of}"

    @property
    def of(self) -> str:
        """What is paused, in words."""
        if self.owner is not None:
            return str(self.owner)
        return f"resource {self.resource_id}" if self.resource_id is not None else "everything"


class Heartbeat(models.Model):
    """When something that beat starts has last run, for `manage.py doctor`."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"


class SentAgain(models.Model):
    """A letter that had failed was sent again, as a new one; once."""

    # Deleted by whoever deletes letters (actions/remove_history.py): to cascade, Django would fetch each letter.
    old = models.OneToOneField(Correspondence, on_delete=models.DO_NOTHING, related_name="+")
    new = models.OneToOneField(Correspondence, on_delete=models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    objects = SentAgainQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(by=""), name="sent_again_says_who")]

    def __str__(self) -> str:
        return f"correspondence {self.old_id} was sent again as {self.new_id}"


class BulkJob(models.Model):
    """Something that a caseworker has asked for, of one letter or of many: what is left of it, and what became of it.

    Begun, the row is the queue: whatever ends a worker, somebody goes on behind `position`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    act = models.CharField(_("what"), max_length=12, choices=Act.choices)
    by = models.CharField(_("who"), max_length=150)  # a user name
    reason = models.CharField(_("why"), max_length=500, blank=True)  # person numbers masked
    state = models.CharField(_("state"), max_length=9, choices=JobState.choices, default=JobState.PLANNED)
    # The letters, as they were chosen: what comes to match a filter later is not touched. Of which owners they are says
    # who may look at the row.
    targets = ArrayField(models.UUIDField())
    owners = ArrayField(models.BigIntegerField())
    total = models.PositiveIntegerField(_("letters"))
    position = models.PositiveIntegerField(default=0)  # how many of them have had their turn
    done = models.PositiveIntegerField(_("done"), default=0)
    made_at = models.DateTimeField(_("asked for"))
    begun_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    # When the sweep looks whether somebody works at it; null: nobody has to.
    next_look_at = models.DateTimeField(null=True)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(F("next_look_at"), name="bulk_job_forgotten", condition=Q(next_look_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(act__in=Act.values), name="bulk_job_act_is_known"),
            models.CheckConstraint(
                condition=Q(state=JobState.PLANNED, begun_at__isnull=True, ended_at__isnull=True)
                | Q(state=JobState.UNDER_WAY, begun_at__isnull=False, ended_at__isnull=True)
                | Q(state=JobState.ENDED, begun_at__isnull=False, ended_at__isnull=False, position=F("total")),
                name="bulk_job_state_fits_its_moments",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("position"), position__lte=F("total"), total__gte=1),
                name="bulk_job_counts_to_its_total",
            ),
            models.CheckConstraint(condition=~Q(by=""), name="bulk_job_says_who"),
        ]

    def __str__(self) -> str:
        return f"job {self.id}"

    @property
    def refused(self) -> int:
        """How many of the letters that have had their turn stayed as they were."""
        return self.position - self.done


class BulkRefusal(models.Model):
    """A letter with which a job could not do what was asked for, and why."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    letter = models.UUIDField()
    why = models.CharField(max_length=13, choices=Refusal.choices)
    detail = models.TextField(blank=True)  # more than the choice says, in English

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("job", "letter"), name="bulk_refusal_once_for_each_letter"),
            models.CheckConstraint(condition=Q(why__in=Refusal.values), name="bulk_refusal_reason_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.letter}: {self.why}"
