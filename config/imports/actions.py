"""What becomes of a file between preview and confirmation."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from config.imports.models import Upload, UploadPart
from config.kernel.masking import mask_person_numbers

PART_BYTES = 256 * 1024
_MOST_NAME = 255


@transaction.atomic
def keep(*, user: Any, kind: str, name: str, chunks: Iterable[bytes], now: datetime) -> Upload:
    """The file waits for its user for an hour, in the place of the one that he brought before."""
    tidy(now=now)
    Upload.objects.filter(user=user, kind=kind).delete()
    upload = Upload.objects.create(user=user, kind=kind, name=mask_person_numbers(name)[:_MOST_NAME], created_at=now)
    for number, content in enumerate(_of_one_size(chunks)):
        UploadPart.objects.create(upload=upload, number=number, content=content)
    return upload


def drop(*, upload: Upload) -> None:
    """The file is gone; twice is once."""
    Upload.objects.filter(pk=upload.pk).delete()


def tidy(*, now: datetime) -> int:
    """Files that nobody has confirmed within an hour are gone; answers how many rows that were."""
    removed, _ = Upload.objects.over(now).delete()
    return removed


def _of_one_size(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), PART_BYTES):
            yield chunk[start : start + PART_BYTES]
