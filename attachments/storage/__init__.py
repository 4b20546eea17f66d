"""Where the bytes of attachments lie: a local folder, or a bucket of S3, as ATTACHMENTS_STORAGE says."""

from typing import TYPE_CHECKING

from django.conf import settings

from attachments.storage.counted import CountedStorage
from attachments.storage.local import LocalStorage
from attachments.storage.port import Storage

if TYPE_CHECKING:
    from attachments.storage.s3 import S3Storage


def storage() -> Storage:
    """The one that the settings name, as they are at this moment. Nothing is connected to yet."""
    return CountedStorage(bucket() if settings.ATTACHMENTS_STORAGE == "s3" else LocalStorage(settings.ATTACHMENTS_DIR))


def bucket() -> "S3Storage":
    """The one that the S3 settings name, as it is."""
    from attachments.storage.s3 import S3Storage  # noqa: PLC0415 - boto3 is there only where it is chosen

    return S3Storage(
        bucket=settings.S3_BUCKET,
        prefix=settings.S3_PREFIX,
        endpoint_url=settings.S3_ENDPOINT_URL,
        region=settings.S3_REGION,
        path_style=settings.S3_PATH_STYLE,
        encryption=settings.S3_ENCRYPTION,
        kms_key_id=settings.S3_KMS_KEY_ID,
    )
