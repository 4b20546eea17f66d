"""What is the bucket's own: its prefix, broken uploads, encryption, pages, and a store that fails."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from attachments.storage.port import CHUNK_BYTES, StorageUnavailable
from attachments.storage.s3 import PART_BYTES, S3Storage
from config.devtools.processes import free_port
from tests.attachments.s3_peer import Bucket, fresh_bucket, known_credentials, started_peer  # noqa: F401 - fixtures
from tests.attachments.streams import Stream, Text, key


@pytest.fixture
def s3(bucket: Bucket) -> S3Storage:
    return S3Storage(bucket=bucket.name, prefix="letters/test", endpoint_url=bucket.url)


def test_everything_lies_below_the_prefix_and_nothing_else_is_looked_at(s3: S3Storage, bucket: Bucket) -> None:
    name = key()
    bucket.client.put_object(Bucket=bucket.name, Key=name, Body=b"of somebody else")
    bucket.client.put_object(Bucket=bucket.name, Key="letters/test/README", Body=b"of somebody else")
    s3.write(name, Text(b"x"))

    assert set(bucket.objects()) == {name, "letters/test/README", f"letters/test/{name}"}
    assert list(s3.list()) == [name]
    s3.delete(name)

    assert bucket.objects() == [name, "letters/test/README"]


def test_without_a_prefix_keys_are_those_of_the_bucket(s3: S3Storage, bucket: Bucket) -> None:
    name = key()

    replace(s3, prefix="").write(name, Text(b"x"))

    assert bucket.objects() == [name]


def test_a_broken_upload_leaves_no_parts_that_cost_money(s3: S3Storage, bucket: Bucket) -> None:
    seen: list[str] = []

    class Witness(Stream):
        def read(self, size: int) -> bytes:
            if not self.left:
                seen.extend(bucket.uploads())
            return super().read(size)

    name = key()
    with pytest.raises(ZeroDivisionError):
        s3.write(name, Witness(PART_BYTES, ZeroDivisionError()))

    assert seen == [f"letters/test/{name}"]
    assert (bucket.uploads(), bucket.objects()) == ([], [])


@pytest.mark.parametrize("size", [10, PART_BYTES + 10])
def test_the_store_is_asked_to_encrypt(s3: S3Storage, bucket: Bucket, size: int) -> None:
    plain, aes, kms = key(), key(), key()
    s3.write(plain, Stream(size))
    replace(s3, encryption="AES256").write(aes, Stream(size))
    replace(s3, encryption="aws:kms", kms_key_id="our-key").write(kms, Stream(size))

    heads = [bucket.client.head_object(Bucket=bucket.name, Key=f"letters/test/{each}") for each in (plain, aes, kms)]
    assert [head.get("ServerSideEncryption") for head in heads] == [None, "AES256", "aws:kms"]
    assert [head.get("SSEKMSKeyId") for head in heads] == [None, None, "our-key"]


def test_a_list_of_several_pages_is_whole(s3: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attachments.storage.s3.PAGE_KEYS", 2)
    names = [key() for _ in range(5)]
    for name in names:
        s3.write(name, Text(b"x"))

    assert list(s3.list()) == names


@pytest.mark.timeout(30)
def test_a_store_that_can_not_be_reached_is_told_in_time(credentials: None) -> None:
    away = S3Storage(bucket="none", endpoint_url=f"http://127.0.0.1:{free_port()}")
    for call in (
        lambda: away.write(key(), Text(b"x")),
        lambda: away.open(key()),
        lambda: away.delete(key()),
        lambda: list(away.list()),
    ):
        with pytest.raises(StorageUnavailable, match=r"^EndpointConnectionError$"):
            call()


def test_a_bucket_that_is_not_there_is_no_missing_file(s3: S3Storage) -> None:
    with pytest.raises(StorageUnavailable, match=r"^GetObject: NoSuchBucket$"):
        replace(s3, bucket="not-there").open(key())


class Liar(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(2 * CHUNK_BYTES))
        self.end_headers()
        self.wfile.write(bytes(CHUNK_BYTES + 1))

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def liar() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Liar) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_answer_that_breaks_off_is_told(liar: str, credentials: None) -> None:
    chunks = S3Storage(bucket="lies", endpoint_url=liar).open(key())

    assert len(next(chunks)) == CHUNK_BYTES
    with pytest.raises(StorageUnavailable, match=r"^reading broke off: \w+$"):
        list(chunks)
    assert list(chunks) == []
