"""Files as HTTP answers: whole or in part (RFC 9110 §13 and §14)."""

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from attachments.downloads import Download
from attachments.models import Attachment
from config.kernel.database import give_back
from config.kernel.ranges import ByteRange, wanted_range


def part_of(request: Request, attachment: Attachment) -> ByteRange | None:
    """Which part of the file the request asks for; None: all of it.

    Raises:
        RangeNotSatisfiable: a part that is not there.
    """
    if request.method != "GET":
        return None  # ranges are for GET only (RFC 9110 §14.2)
    condition = request.headers.get("If-Range")
    if condition is not None and condition != _etag(attachment):
        return None  # the client holds a part of another file (RFC 9110 §13.1.5)
    return wanted_range(request.headers.get("Range", ""), _size(attachment))


def file_answer(
    attachment: Attachment, part: ByteRange | None, download: Download | None, headers: dict[str, str]
) -> HttpResponseBase:
    """The file, or the part of it. The database's connection is given back: streaming may take an hour."""
    size, status = _size(attachment), 206 if part else 200
    length = part.length if part else size
    headers = {**headers, "Accept-Ranges": "bytes", "ETag": _etag(attachment), "Content-Length": str(length)}
    if part:
        headers["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
    give_back()
    if download is None:
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(download, status=status, headers=headers)


def _etag(attachment: Attachment) -> str:
    return f'"{attachment.checksum}"'


def _size(attachment: Attachment) -> int:
    assert attachment.size is not None  # of what has bytes
    return attachment.size
