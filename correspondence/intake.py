"""A form that comes in with its files: texts are gathered, files stream to the storage (contract http-api.md §4)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from django.db import DatabaseError, OperationalError
from uuid_utils.compat import uuid7

from attachments.actions import store_file
from attachments.drafts import StoredFile
from attachments.errors import InvalidFileSize, TooManyAttachments, UploadTooSlow
from attachments.storage import storage
from attachments.storage.port import StorageUnavailable, key_of
from config.kernel.caller import Caller
from config.kernel.database import give_back
from config.kernel.errors import BodyTooLarge, BodyTooSlow
from config.kernel.forms import json_part_fault
from config.kernel.multipart import Part, parts, read_text
from config.kernel.part_headers import unreadable
from config.kernel.readable import Readable
from correspondence.policies.access import check_is_a_sender
from correspondence.policies.files import MOST_ATTACHMENTS

FILES = "attachments"
_LONGEST_NAME = 255  # characters of a file name that are echoed

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Form:
    """What has come in: names and values in order, and files whose bytes lie in the storage."""

    values: list[tuple[str, str]] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    text_bytes: int = 0
    passed_over: int = 0  # files that are none of ours
    committing: bool = False  # from here on rows may name the files

    def commit(self) -> None:
        """All rules have passed, and the transaction that names the files is about to be committed."""
        self.committing = True


@contextmanager
def received(body: Readable, parameters: Mapping[str, str], caller: Caller) -> Iterator[Form]:
    """The whole form, for the block that makes rows of it; where a fault is raised, no bytes stay.

    `parameters` are those of the Content-Type.

    Raises:
        NoAccess: the caller sends for nobody; nothing is read then.
        SchemaError: it is no form, or broke off, or has too many parts.
        BodyTooLarge: its texts are over MAX_JSON_BODY_BYTES.
        TooManyAttachments, InvalidFileSize, UploadTooSlow, UploadBrokeOff, StorageFailed: told by its files.
    """
    check_is_a_sender(caller)
    form = Form()
    give_back()
    try:
        _read(form, body, parameters)
    except BaseException:
        _drop(form.files)
        raise
    try:
        yield form
    except BaseException as error:
        if form.committing and not _is_rolled_back(error):
            # The rows may be there: whether these bytes belong to nobody is left to remove_orphans.
            logger.warning("form_outcome_unknown", attachment_ids=[file.id for file in form.files])
        else:
            _drop(form.files)
        raise


def _is_rolled_back(error: BaseException) -> bool:
    """Whether an error that a COMMIT brought says that nothing is stored: not where the connection broke."""
    return isinstance(error, DatabaseError) and not isinstance(error, OperationalError)


def _read(form: Form, body: Readable, parameters: Mapping[str, str]) -> None:
    try:
        for part in parts(body, parameters, max_texts=settings.FORM_MAX_VALUES):
            if part.file_name is not None and part.name.lower() == FILES and not _is_left_blank(part):
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


def _is_left_blank(part: Part) -> bool:
    """Whether it is what browsers send for a choice of files in which none was chosen."""
    return part.file_name == "" and part.is_empty()


def _pass_over(form: Form, part: Part) -> None:
    """A file that is none of ours is bounded as a text is, in number and size: nothing is read without an end."""
    form.passed_over += 1
    if form.passed_over > settings.FORM_MAX_VALUES:
        raise unreadable(f"The form has more than {settings.FORM_MAX_VALUES} files that are not named {FILES}.")
    while chunk := part.read():
        form.text_bytes += len(chunk)
        if form.text_bytes > settings.MAX_JSON_BODY_BYTES:
            raise BodyTooLarge(settings.MAX_JSON_BODY_BYTES)


def _take_file(form: Form, part: Part, name: str) -> None:
    if len(form.files) == MOST_ATTACHMENTS:
        raise TooManyAttachments(FILES, limit=MOST_ATTACHMENTS, count=f"more than {MOST_ATTACHMENTS}")
    limit = settings.MAX_FORM_FILE_BYTES
    try:
        form.files.append(store_file(uuid7(), name, part, limit=limit))
    except InvalidFileSize as error:  # which of them it was, the storing of one file cannot tell
        path, what = f"{FILES}[{len(form.files)}]", f"{name[:_LONGEST_NAME]} is larger"
        raise InvalidFileSize(path, limit=limit, what=what) from error


def _drop(files: list[StoredFile]) -> None:
    give_back()
    for file in files:
        try:
            storage().delete(key_of(file.id))
        except StorageUnavailable as error:
            # remove_orphans finds the rest: a hundred tries at a silent storage would hold the thread for hours.
            logger.warning("refused_bytes_not_removed", attachment_id=file.id, error=str(error))
            return
