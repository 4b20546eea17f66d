"""Both storages behave alike: a folder, and a bucket of a real server that speaks S3."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from attachments.storage.local import LocalStorage
from attachments.storage.port import CHUNK_BYTES, BytesMissing, Storage, is_key, key_of
from attachments.storage.s3 import PART_BYTES, S3Storage
from tests.attachments.s3_peer import Bucket, fresh_bucket, known_credentials, started_peer  # noqa: F401 - fixtures
from tests.attachments.streams import DAY, NEXT_DAY, Stream, Text, content, key

MIB = 1024 * 1024
NAME = "017e00ec-36ee-420c-b5e4-da11362af5dd"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mounted" / "attachments"


@pytest.fixture
def local(folder: Path) -> LocalStorage:
    return LocalStorage(folder)


@pytest.fixture
def s3(bucket: Bucket) -> S3Storage:
    return S3Storage(bucket=bucket.name, prefix="letters/test", endpoint_url=bucket.url)


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest) -> Storage:
    chosen: Storage = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def leave_half_written(storage: Storage, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """What a process leaves that is killed while it writes."""
    if isinstance(storage, S3Storage):
        bucket = request.getfixturevalue("bucket")
        return lambda key: bucket.begin_upload(f"letters/test/{key}")
    root = request.getfixturevalue("folder")
    return lambda key: _leave_part(root / f"{key}.part")


def _leave_part(part: Path) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"half")


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES + 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 20 * MIB]
)
def test_what_was_written_is_read_again(storage: Storage, size: int) -> None:
    name, stream, digest, longest = key(), Stream(size), hashlib.sha256(), 0

    storage.write(name, stream)

    for chunk in storage.open(name):
        digest.update(chunk)
        longest = max(longest, len(chunk))
    assert digest.digest() == stream.digest.digest()
    assert longest == min(size, CHUNK_BYTES)
    assert list(storage.list()) == [name]


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        pytest.param(0, None, b"0123456789", id="all"),
        pytest.param(0, 1, b"0", id="first byte"),
        pytest.param(3, 4, b"3456", id="middle"),
        pytest.param(7, None, b"789", id="tail"),
        pytest.param(9, 1, b"9", id="last byte"),
        pytest.param(8, 100, b"89", id="longer than there is"),
        pytest.param(10, None, b"", id="behind the end"),
        pytest.param(11, 5, b"", id="far behind it"),
    ],
)
def test_a_part_is_read(storage: Storage, start: int, length: int | None, expected: bytes) -> None:
    name = key()
    storage.write(name, Text(b"0123456789"))

    assert content(storage.open(name, start, length)) == expected


def test_a_part_that_is_longer_than_a_chunk_ends_where_it_should(storage: Storage) -> None:
    name = key()
    storage.write(name, Stream(3 * CHUNK_BYTES))

    assert [len(chunk) for chunk in storage.open(name, 5, 2 * CHUNK_BYTES + 1)] == [CHUNK_BYTES, CHUNK_BYTES, 1]


@pytest.mark.parametrize(("start", "length"), [(-1, None), (0, 0), (5, -1)])
def test_no_part_at_all_is_refused(storage: Storage, start: int, length: int | None) -> None:
    with pytest.raises(ValueError, match="bytes from"):
        storage.open(key(), start, length)


def test_nothing_under_a_key_is_told_when_it_is_opened(storage: Storage) -> None:
    with pytest.raises(BytesMissing):
        storage.open(key())


def test_what_is_closed_gives_no_more_and_may_be_closed_again(storage: Storage) -> None:
    name = key()
    storage.write(name, Stream(3 * CHUNK_BYTES))
    chunks = storage.open(name)
    next(chunks)

    chunks.close()
    chunks.close()

    assert list(chunks) == []


def test_what_was_read_to_its_end_stays_at_its_end(storage: Storage) -> None:
    name = key()
    storage.write(name, Text(b"short"))
    chunks = storage.open(name)

    assert (list(chunks), list(chunks)) == ([b"short"], [])


def test_deleting_twice_is_harmless(storage: Storage) -> None:
    name, other = key(), key()
    storage.write(name, Text(b"gone"))
    storage.write(other, Text(b"here"))

    storage.delete(name)
    storage.delete(name)

    assert list(storage.list()) == [other]
    assert content(storage.open(other)) == b"here"


def test_what_never_was_is_deleted(storage: Storage) -> None:
    storage.delete(key())

    assert list(storage.list()) == []


def test_a_list_tells_the_keys_below_a_prefix(storage: Storage) -> None:
    early, late, other = key(DAY), key(DAY), key(NEXT_DAY)
    for name in (other, late, early):
        storage.write(name, Text(b"x"))

    assert list(storage.list()) == [early, late, other]
    assert list(storage.list(f"{DAY}/")) == [early, late]
    assert list(storage.list("2026-11")) == [early, late, other]
    assert list(storage.list(late)) == [late]
    assert list(storage.list("2025-01-01/")) == []
    assert list(storage.list("../")) == []


def test_a_write_that_was_killed_is_listed_and_can_be_deleted(
    storage: Storage, leave_half_written: Callable[[str], None]
) -> None:
    whole, half, both = key(), key(), key(NEXT_DAY)
    for name in (whole, both):
        storage.write(name, Text(b"x"))
    for name in (half, both):
        leave_half_written(name)
    with pytest.raises(BytesMissing):
        storage.open(half)
    assert sorted(storage.list()) == [whole, half, both]
    assert sorted(storage.list(f"{DAY}/")) == [whole, half]

    storage.delete(half)
    storage.delete(both)

    assert list(storage.list()) == [whole]


def test_a_write_that_was_killed_can_be_done_again(storage: Storage, leave_half_written: Callable[[str], None]) -> None:
    name = key()
    leave_half_written(name)

    storage.write(name, Text(b"whole"))

    assert content(storage.open(name)) == b"whole"


@pytest.mark.parametrize("error", [OSError(28, "mine"), ValueError("mine"), KeyboardInterrupt(), BytesMissing("mine")])
@pytest.mark.parametrize("size", [0, 1000, PART_BYTES, 2 * PART_BYTES + 1000])
def test_what_the_stream_raises_comes_out_as_it_is_and_nothing_stays(
    storage: Storage, size: int, error: BaseException
) -> None:
    with pytest.raises(type(error)) as raised:
        storage.write(key(), Stream(size, error))

    assert raised.value is error
    assert raised.value.__cause__ is None
    assert list(storage.list()) == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../x",
        "/etc/passwd",
        f"../{NAME}",
        f"{DAY}/../{NAME}",
        f"{DAY}/{NAME}\x00",
        f"{DAY}/{NAME}\n",
        f"{DAY}/{NAME}.part",
        f"{DAY}/{NAME.upper()}",
        f"{DAY}/{NAME}/x",
        f"{DAY}",
        f"２０２６-11-24/{NAME}",
    ],
)
def test_what_is_no_key_reaches_nothing(storage: Storage, name: str) -> None:
    for call in (lambda: storage.write(name, Text(b"x")), lambda: storage.open(name), lambda: storage.delete(name)):
        with pytest.raises(ValueError, match="is no key"):
            call()
    assert list(storage.list()) == []


def test_a_key_begins_with_the_day_of_its_id() -> None:
    last_of_the_day = UUID(int=(1_795_564_799_999 << 80) | UUID("00000000-0000-7000-8000-000000000001").int)

    assert key_of(last_of_the_day) == f"2026-11-24/{last_of_the_day}"
    assert is_key(key_of(uuid7()))


def test_an_id_without_a_day_has_no_key() -> None:
    with pytest.raises(ValueError, match="no UUIDv7"):
        key_of(uuid4())
