"""What people did in the back-office. Rows are added, never changed nor removed: a trigger sees to it."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.audit.querysets import AuditQuerySet, OnlyAddedTo


class Deed(models.TextChoices):
    """What was done."""

    LOGGED_IN = "logged_in", _("logged in")
    LOGGED_OUT = "logged_out", _("logged out")
    LOGIN_FAILED = "login_failed", _("failed to log in")
    REVEALED = "revealed", _("looked at a recipient's number")
    DOWNLOADED = "downloaded", _("downloaded a file")
    EXPORTED = "exported", _("exported a list")
    RETRIED = "retried", _("retried a letter")
    SENT_AGAIN = "sent_again", _("sent a letter again")
    PUBLISHED_NOW = "published_now", _("published a letter ahead of its time")
    CANCELLED = "cancelled", _("cancelled a letter")
    PAUSED = "paused", _("paused publishing")
    RESUMED = "resumed", _("resumed publishing")
    ADDED = "added", _("added")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    IMPORTED = "imported", _("imported a file")


class AuditEntry(models.Model):
    """One thing that somebody did. No foreign keys: it outlives what it tells of."""

    at = models.DateTimeField(_("when"))
    by = models.CharField(_("who"), max_length=150)  # a user name; "command" for a user of the machine
    deed = models.CharField(_("what"), max_length=16, choices=Deed.choices)
    # Of what: `correspondence.correspondence` and its id; both empty where it is of nothing.
    target_type = models.CharField(_("kind of thing"), max_length=100, blank=True)
    target_id = models.CharField(_("id"), max_length=255, blank=True)
    # The organisation number of the service owner whose it is; empty: nobody's. Says who may read it.
    owner = models.CharField(_("service owner"), max_length=9, blank=True)
    reason = models.TextField(_("why"), blank=True)
    details = models.JSONField(_("details"), default=dict)  # person numbers masked

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(F("by"), F("id"), name="audit_entry_by"),
            models.Index(F("owner"), F("id"), name="audit_entry_owner"),
            models.Index(F("target_id"), F("id"), name="audit_entry_target", condition=~Q(target_id="")),
            models.Index(F("deed"), F("id"), name="audit_entry_deed"),
            models.Index(F("at"), name="audit_entry_at"),  # where a day begins (querysets.py)
        ]
        constraints = [
            models.CheckConstraint(condition=Q(deed__in=Deed.values), name="audit_entry_deed_is_known"),
            models.CheckConstraint(condition=~Q(by=""), name="audit_entry_says_who"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.get_deed_display()}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise OnlyAddedTo("The audit log is only added to.")
