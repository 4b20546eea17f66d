"""Make the bucket that attachments lie in, where a store has none yet."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from attachments.storage import bucket
from attachments.storage.port import StorageUnavailable


class Command(BaseCommand):
    """`manage.py make_bucket`, as docker/compose.yaml calls it before anything stores a file."""

    help = "Make the bucket that S3_BUCKET names, unless it is there. For stores of one's own: Amazon's need more care."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ATTACHMENTS_STORAGE != "s3":
            raise CommandError("make_bucket is for ATTACHMENTS_STORAGE=s3.")
        try:
            made = bucket().make()
        except StorageUnavailable as error:
            raise CommandError(f"The bucket {settings.S3_BUCKET} could not be made: {error}") from error
        self.stdout.write(f"{settings.S3_BUCKET}: {'made' if made else 'was there'}")
