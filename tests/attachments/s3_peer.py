"""An S3-compatible store as a process of its own, on a port of 127.0.0.1. What it holds is in its memory only."""

import itertools
import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from config.devtools.parts import Part
from config.devtools.processes import free_port

# It believes any credentials; boto3 wants some, and must not ask the machine it runs on for them.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "something",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "eu-north-1",
}
_numbers = itertools.count(1)


class S3Peer(Part):
    """Moto's server. It dies with the process that started it."""

    def __init__(self, folder: Path) -> None:
        super().__init__("s3", folder / "s3.log", os.environ)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/moto-api/", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Bucket:
    """A bucket of the peer, and a look into it past our own code."""

    def __init__(self, url: str) -> None:
        self.url, self.name = url, f"bucket-{next(_numbers)}"
        self.client: Any = boto3.session.Session().client("s3", endpoint_url=url)
        self.client.create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["AWS_DEFAULT_REGION"]}
        )

    def objects(self) -> list[str]:
        """The keys of its objects."""
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def uploads(self) -> list[str]:
        """The keys of its unfinished multipart uploads."""
        return [each["Key"] for each in self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])]

    def begin_upload(self, key: str) -> None:
        """As a process leaves it that is killed while it writes."""
        begun = self.client.create_multipart_upload(Bucket=self.name, Key=key)
        self.client.upload_part(Bucket=self.name, Key=key, UploadId=begun["UploadId"], PartNumber=1, Body=b"half")


@pytest.fixture(scope="session", name="s3_peer")
def started_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Peer]:
    """One for all tests of a run; each takes a bucket of its own."""
    peer = S3Peer(tmp_path_factory.mktemp("s3"))
    peer.start()
    yield peer
    peer.stop()


@pytest.fixture(name="credentials")
def known_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment, where boto3 looks first."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(name="bucket")
def fresh_bucket(s3_peer: S3Peer, credentials: None) -> Bucket:
    """An empty one."""
    return Bucket(s3_peer.url)
