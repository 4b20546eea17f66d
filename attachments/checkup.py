"""Checks of storage and scanner, and of files that got stuck."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from secrets import token_bytes

from django.conf import settings
from uuid_utils.compat import uuid7

from attachments.models import Attachment
from attachments.scanners.clamav import ClamAV
from attachments.scanners.port import ScannerUnavailable
from attachments.storage import storage
from attachments.storage.port import BytesMissing, StorageUnavailable, key_of
from config.kernel import clock
from config.kernel.findings import MOST_COUNTED, Finding, failed, many, ok, warning

_PROBE_BYTES = 4096
_SCANNER_SECONDS = 3.0
_NOT_LOOKED_AT = timedelta(minutes=1)


def stored() -> Iterator[Finding]:
    """A few bytes are written, read back and removed again."""
    where = f"the bucket {settings.S3_BUCKET}" if settings.ATTACHMENTS_STORAGE == "s3" else "the folder"
    key, content = key_of(uuid7()), token_bytes(_PROBE_BYTES)
    place = storage()
    try:
        place.write(key, BytesIO(content))
        try:
            with closing(place.open(key)) as chunks:
                same = b"".join(chunks) == content
        finally:
            place.delete(key)
    except (StorageUnavailable, BytesMissing) as error:
        cure = "See to the disk, the mount or the bucket, and to the rights of this user. Uploads answer 502 meanwhile."
        yield failed("storage", f"Writing to {where} and reading back failed: {error}", cure)
        return
    if same:
        yield ok("storage", f"What is written to {where} is read back.")
    else:
        yield failed("storage", f"From {where} other bytes come back than were written.", "Stop uploads; see to it.")


def scanner() -> Iterator[Finding]:
    """clamd answers, where there is one."""
    if settings.MALWARE_SCANNER != "clamav":
        yield ok("scanner", "None is set (MALWARE_SCANNER=none): files go out unscanned.")
        return
    try:
        version = ClamAV(settings.CLAMAV_ADDRESS, _SCANNER_SECONDS).version()
    except ScannerUnavailable as error:
        cure = "See whether clamd runs (its first start loads signatures for minutes). Files wait meanwhile."
        yield failed("scanner", str(error), cure)
        return
    yield ok("scanner", f"{version} answers.")


def files() -> Iterator[Finding]:
    """Files that nobody looks at though it is time, and those whose last try failed."""
    looked_at = Attachment.objects.looked_at(clock.now() - _NOT_LOOKED_AT)
    if left := looked_at[:MOST_COUNTED].values("pk").count():
        oldest = looked_at.values_list("pk", flat=True).first()
        said = f"{many(left)} files wait for somebody to look at them, attachment {oldest} the longest."
        yield failed("files", said, "See that beat runs, and a worker for the queues sweep and scan.")
    else:
        yield ok("files", "None waits for a worker.")
    failing = Attachment.objects.filter(next_look_at__isnull=False).exclude(last_error="")
    if count := failing[:MOST_COUNTED].values("pk").count():
        first = failing.order_by("next_look_at").values("pk", "last_error")[0]
        said = f"{many(count)} files are tried again after an error, attachment {first['pk']}: {first['last_error']}"
        yield warning("file errors", said, "See to scanner and storage; they are tried again by themselves.")
    else:
        yield ok("file errors", "None is tried again after an error.")
