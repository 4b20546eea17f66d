"""Bytes of attachments in a bucket of S3 or of a store that speaks its protocol. Needs the extra `s3`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from attachments.storage.port import (
    CHUNK_BYTES,
    BytesMissing,
    Chunks,
    StorageUnavailable,
    check_key,
    check_range,
    is_key,
)
from config.kernel.readable import Readable

# What one upload holds in memory. A multipart upload has 10,000 parts at most: 83 GB, and the contract stops at 50.
PART_BYTES = 8 * 1024 * 1024
PAGE_KEYS = 1000  # of a listing; more are never given
_NOT_THERE = {"NoSuchKey", "NoSuchUpload", "404"}  # NoSuchBucket, also a 404, is a fault of the set-up
_BEHIND_THE_END = {"InvalidRange", "416"}

# At DEBUG it writes down each request with its headers, the session's token among them.
logging.getLogger("botocore").setLevel(logging.INFO)


class _NotThere(StorageUnavailable):
    """The store answered, and knows no such object or upload."""


@dataclass(frozen=True, slots=True)
class S3Storage:
    """A bucket, or what lies in it below a prefix. Credentials come from boto3's own chain.

    Parts are sent one after the other, by our own loop. `upload_fileobj` takes a `read` that brings less than was
    asked for as the end of the file: it then reads the rest into memory at once, or sends parts that are too small.
    After a part has failed it reads on to the stream's end.
    """

    bucket: str
    prefix: str = ""
    endpoint_url: str = ""  # empty: Amazon's
    region: str = ""  # empty: as boto3's chain says
    path_style: bool = False
    encryption: str = ""  # empty, AES256 or aws:kms
    kms_key_id: str = ""  # empty: the account's own key

    def make(self) -> bool:
        """Make the bucket; False if it was there.

        Raises:
            StorageUnavailable: it could be neither made nor looked at.
        """
        with suppress(_NotThere), _faults():
            self._client.head_bucket(Bucket=self.bucket)
            return False
        region = self._client.meta.region_name
        # The one region that may not be named, and what stores without regions are asked by.
        place = {} if region in {"us-east-1", "aws-global"} else {"LocationConstraint": region}
        with _faults():
            self._client.create_bucket(Bucket=self.bucket, **({"CreateBucketConfiguration": place} if place else {}))
        return True

    def write(self, key: str, stream: Readable) -> None:
        place = self._place(key)
        part = _next_part(stream)
        try:
            if _size(part) < PART_BYTES:
                with _faults():
                    self._client.put_object(**place, **self._encrypted, Body=part)
            else:
                self._write_parts(place, part, stream)
        except BaseException:
            # Also when the store may have stored it all and only its answer was lost.
            with suppress(StorageUnavailable):
                self.delete(key)
            raise

    def _write_parts(self, place: dict[str, str], part: BytesIO, stream: Readable) -> None:
        with _faults():
            upload = {**place, "UploadId": self._client.create_multipart_upload(**place, **self._encrypted)["UploadId"]}
        parts: list[dict[str, str | int]] = []
        while _size(part):
            number = len(parts) + 1
            with _faults():
                answer = self._client.upload_part(**upload, PartNumber=number, Body=part)
            parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            part = _next_part(stream)
        with _faults():
            self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    def open(self, key: str, start: int = 0, length: int | None = None) -> Chunks:
        place = self._place(key)
        check_range(start, length)
        try:
            with _faults():
                body = self._client.get_object(**place, **_range(start, length))["Body"]
        except _NotThere as error:
            raise BytesMissing(key) from error
        except StorageUnavailable as error:
            if _code(error.__cause__) not in _BEHIND_THE_END:
                raise
            body = BytesIO()
        return Chunks(body, (BotoCoreError, HTTPError, OSError))

    def delete(self, key: str) -> None:
        place = self._place(key)
        # Uploads first: one that completes in between is an object by then.
        for upload in self._pages("list_multipart_uploads", "Uploads", place["Key"]):
            if upload["Key"] == place["Key"]:
                with suppress(_NotThere), _faults():
                    self._client.abort_multipart_upload(**place, UploadId=upload["UploadId"])
        with suppress(_NotThere), _faults():
            self._client.delete_object(**place)

    def list(self, prefix: str = "") -> Iterator[str]:
        unfinished = set()  # few: one for each running write and for each that broke off
        for key in self._keys("list_multipart_uploads", "Uploads", prefix):
            if key not in unfinished:
                unfinished.add(key)
                yield key
        for key in self._keys("list_objects_v2", "Contents", prefix):
            if key not in unfinished:
                yield key

    def _keys(self, operation: str, field: str, prefix: str) -> Iterator[str]:
        for each in self._pages(operation, field, self._below + prefix):
            key = str(each["Key"]).removeprefix(self._below)
            if is_key(key):
                yield key

    def _pages(self, operation: str, field: str, prefix: str) -> Iterator[dict[str, Any]]:
        """What a listing holds, fetched a page at a time."""
        with _faults():
            listing = self._client.get_paginator(operation)
            pages = iter(listing.paginate(Bucket=self.bucket, Prefix=prefix, PaginationConfig={"PageSize": PAGE_KEYS}))
        while page := _next_page(pages):
            yield from page.get(field, ())

    def _place(self, key: str) -> dict[str, str]:
        check_key(key)
        return {"Bucket": self.bucket, "Key": self._below + key}

    @property
    def _below(self) -> str:
        prefix = self.prefix.strip("/")
        return f"{prefix}/" if prefix else ""

    @property
    def _encrypted(self) -> dict[str, str]:
        asked = {"ServerSideEncryption": self.encryption, "SSEKMSKeyId": self.kms_key_id}
        return {name: value for name, value in asked.items() if value}

    @property
    def _client(self) -> Any:  # boto3 makes its clients' methods at run time
        return _client(self.endpoint_url, self.region, self.path_style)


@lru_cache(maxsize=8)
def _client(endpoint_url: str, region: str, path_style: bool) -> Any:
    """Safe to share between threads; to make one takes a good part of a second."""
    config = Config(
        connect_timeout=5,  # seconds
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=64,  # more than a process moves files at once
        s3={"addressing_style": "path" if path_style else "auto"},
        # boto3 adds checksums of Amazon's own unless told otherwise; many other stores refuse them.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # A session of its own: the default one must not be used by two threads at once.
    session = boto3.session.Session()
    return session.client("s3", endpoint_url=endpoint_url or None, region_name=region or None, config=config)


@contextmanager
def _faults() -> Iterator[None]:
    """The text names the operation, and neither address nor credentials: it is shown to senders."""
    try:
        yield
    except ClientError as error:
        fault = _NotThere if _code(error) in _NOT_THERE else StorageUnavailable
        raise fault(f"{error.operation_name}: {_code(error)}") from error
    except (BotoCoreError, ResponseParserError) as error:
        raise StorageUnavailable(type(error).__name__) from error


def _code(error: BaseException | None) -> str:
    """What the store calls the fault; empty where it did not answer."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def _next_page(pages: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
    with _faults():
        return next(pages, None)


def _next_part(stream: Readable) -> BytesIO:
    """The next PART_BYTES of the stream, fewer at its end only, ready to be read."""
    part = BytesIO()
    while chunk := stream.read(min(CHUNK_BYTES, PART_BYTES - _size(part))):
        part.write(chunk)
        if _size(part) >= PART_BYTES:
            break
    part.seek(0)
    return part


def _size(part: BytesIO) -> int:
    return part.getbuffer().nbytes


def _range(start: int, length: int | None) -> dict[str, str]:
    """No header for all of the bytes: an empty object has no first byte."""
    if start == 0 and length is None:
        return {}
    return {"Range": f"bytes={start}-{'' if length is None else start + length - 1}"}
