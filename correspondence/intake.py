"""A form that comes in with its files: texts are gathered, files stream to the storage (contract http-api.md §4)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from uuid_utils.compat import uuid7

from attachments.actions import store_file
from attachments.drafts import StoredFile
from attachments.errors import TooManyAttachments, UploadTooSlow
from attachments.storage import storage
from attachments.storage.port import Readable, StorageUnavailable, key_of
from config.kernel.database import give_back
from config.kernel.errors import BodyTooLarge, BodyTooSlow
from config.kernel.forms import json_part_fault
from config.kernel.multipart import Part, parts, read_text
from correspondence.policies.files import MOST_ATTACHMENTS

FILES = "attachments"

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Form:
    """What has come in: names and values in order, and files whose bytes lie in the storage."""

    values: list[tuple[str, str]] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    text_bytes: int = 0


@contextmanager
def received(body: Readable, parameters: Mapping[str, str]) -> Iterator[Form]:
    """The whole form, for the block that makes rows of it; where anything raises, no bytes stay.

    `parameters` are those of the Content-Type.

    Raises:
        SchemaError: it is no form, or broke off.
        BodyTooLarge: its texts are over MAX_JSON_BODY_BYTES.
        TooManyAttachments, InvalidFileSize, UploadTooSlow, UploadBrokeOff, StorageFailed: told by its files.
    """
    form = Form()
    give_back()
    try:
        _read(form, body, parameters)
        yield form
    except (OperationalError, InterfaceError):
        # The rows may have been committed before the connection broke: whether these bytes belong to nobody is left to
        # remove_orphans.
        logger.warning("form_outcome_unknown", attachment_ids=[file.id for file in form.files])
        raise
    except BaseException:
        _drop(form.files)
        raise


def _read(form: Form, body: Readable, parameters: Mapping[str, str]) -> None:
    try:
        for part in parts(body, parameters, max_texts=settings.FORM_MAX_VALUES):
            if part.file_name is not None and part.name.lower() == FILES:
                _take_file(form, part, part.file_name)
            elif fault := json_part_fault(part):
                raise fault
            elif part.file_name is None:
                _take_text(form, part)
            else:
                _pass_over(form, part)
    except BodyTooSlow as error:
        raise UploadTooSlow(reason=str(error)) from error


def _take_text(form: Form, part: Part) -> None:
    text = read_text(part, settings.MAX_JSON_BODY_BYTES - form.text_bytes)
    form.text_bytes += len(text.encode())
    form.values.append((part.name, text))


def _pass_over(form: Form, part: Part) -> None:
    """A file that is none of ours costs as much room as a text would: nothing is read without an end."""
    while chunk := part.read():
        form.text_bytes += len(chunk)
        if form.text_bytes > settings.MAX_JSON_BODY_BYTES:
            raise BodyTooLarge(settings.MAX_JSON_BODY_BYTES)


def _take_file(form: Form, part: Part, name: str) -> None:
    if len(form.files) == MOST_ATTACHMENTS:
        raise TooManyAttachments(FILES, limit=MOST_ATTACHMENTS, count=f"more than {MOST_ATTACHMENTS}")
    form.files.append(store_file(uuid7(), name, part, limit=settings.MAX_FORM_FILE_BYTES))


def _drop(files: list[StoredFile]) -> None:
    for file in files:
        try:
            storage().delete(key_of(file.id))
        except StorageUnavailable as error:  # remove_orphans finds them
            logger.warning("refused_bytes_not_removed", attachment_id=file.id, error=str(error))
