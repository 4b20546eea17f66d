"""Files that wait for somebody to confirm them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

KEPT = timedelta(hours=1)


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads."""

    def of(self, user: Any, kind: str, now: datetime) -> "UploadQuerySet":
        """A user's own, of this kind, as long as they are kept."""
        return self.filter(user=user, kind=kind, created_at__gt=now - KEPT)

    def over(self, now: datetime) -> "UploadQuerySet":
        """Those that are kept no longer."""
        return self.filter(created_at__lte=now - KEPT)


class Upload(models.Model):
    """A file between preview and confirmation. Nobody but its user gets at it, and after an hour nobody does."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=100)  # `recipients.party`
    name = models.CharField(max_length=255)  # the file's, person numbers masked
    created_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            # Whoever brings another has no more use for the first: so many users, so many files at the most.
            models.UniqueConstraint(fields=("user", "kind"), name="upload_is_the_users_only_one"),
        ]

    def __str__(self) -> str:
        return self.name


class UploadPart(models.Model):
    """Some of a file's bytes: as many as are held in memory at once."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("upload", "number"), name="upload_part_has_its_place"),
            models.CheckConstraint(condition=~Q(content=b""), name="upload_part_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"part {self.number}"
