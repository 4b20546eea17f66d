"""The command that makes a bucket of a store of one's own."""

from typing import Any

import pytest
from django.core.management.base import CommandError

from attachments.storage import storage
from config.devtools.processes import free_port
from tests.attachments.s3_peer import Bucket, fresh_bucket, known_credentials, started_peer  # noqa: F401 - fixtures
from tests.attachments.streams import Text, key
from tests.commands import run


@pytest.fixture(params=["", "us-east-1", "eu-north-1"])
def named(request: pytest.FixtureRequest, settings: Any, bucket: Bucket) -> str:
    settings.ATTACHMENTS_STORAGE, settings.S3_ENDPOINT_URL = "s3", bucket.url
    settings.S3_REGION, settings.S3_PATH_STYLE = request.param, True
    settings.S3_BUCKET = f"{bucket.name}-of-its-own"
    return str(settings.S3_BUCKET)


def test_a_store_without_the_bucket_takes_files_afterwards(named: str) -> None:
    assert run("make_bucket") == f"{named}: made"

    name = key()
    storage().write(name, Text(b"x"))

    assert list(storage().list()) == [name]


def test_a_second_call_changes_nothing(named: str) -> None:
    run("make_bucket")
    name = key()
    storage().write(name, Text(b"x"))

    assert run("make_bucket") == f"{named}: was there"
    assert list(storage().list()) == [name]


def test_a_store_that_is_away_is_told(named: str, settings: Any) -> None:
    settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(CommandError, match=f"The bucket {named} could not be made: EndpointConnectionError"):
        run("make_bucket")


def test_a_folder_has_no_bucket() -> None:
    with pytest.raises(CommandError, match="make_bucket is for ATTACHMENTS_STORAGE=s3"):
        run("make_bucket")
