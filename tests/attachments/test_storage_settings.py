"""Which storage the settings lead to, and those that keep the service from starting."""

from typing import Any

import pytest

from attachments.storage import storage as configured
from attachments.storage.local import LocalStorage
from tests.attachments.s3_peer import Bucket, fresh_bucket, known_credentials, started_peer  # noqa: F401 - fixtures
from tests.attachments.streams import Text, key
from tests.starting import start


def test_the_folder_is_what_a_fresh_installation_uses(settings: Any) -> None:
    assert settings.ATTACHMENTS_STORAGE == "local"
    assert isinstance(vars(configured())["_storage"], LocalStorage)


def test_settings_lead_to_the_bucket(settings: Any, bucket: Bucket) -> None:
    settings.ATTACHMENTS_STORAGE, settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "s3", bucket.name, bucket.url
    settings.S3_PREFIX, settings.S3_ENCRYPTION, settings.S3_PATH_STYLE = "/deep/", "AES256", True
    name = key()

    configured().write(name, Text(b"x"))

    head = bucket.client.head_object(Bucket=bucket.name, Key=f"deep/{name}")
    assert head["ServerSideEncryption"] == "AES256"


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"ATTACHMENTS_STORAGE": "ftp"}, "ATTACHMENTS_STORAGE is local or s3."),
        ({"ATTACHMENTS_STORAGE": "s3"}, "ATTACHMENTS_STORAGE=s3 needs S3_BUCKET."),
        ({"S3_ENCRYPTION": "rot13"}, "S3_ENCRYPTION is empty, AES256 or aws:kms."),
        ({"S3_KMS_KEY_ID": "ours"}, "S3_KMS_KEY_ID needs S3_ENCRYPTION=aws:kms."),
        ({"S3_ENDPOINT_URL": "s3.example.no"}, "S3_ENDPOINT_URL begins with https:// or http://."),
    ],
)
def test_settings_that_do_not_fit_stop_the_start(variables: dict[str, str], fault: str) -> None:
    assert fault in start(variables)


def test_a_bucket_without_boto3_stops_the_start_with_a_remedy() -> None:
    answer = start({"ATTACHMENTS_STORAGE": "s3", "S3_BUCKET": "x"}, before="import sys; sys.modules['boto3'] = None")

    assert "needs boto3: python -m pip install 'boto3~=1.44'" in answer
