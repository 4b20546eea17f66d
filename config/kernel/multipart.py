"""Bodies of multipart/form-data, part by part as they come in (contract http-api.md §4, decision 0008).

Whatever a file's size, no more of it is held than the chunk that was read last.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from django.conf import settings
from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError

from config.kernel.errors import BodyTooLarge, SchemaError
from config.kernel.part_headers import disposition_of, named, unreadable
from config.kernel.readable import Readable
from config.kernel.wire_faults import form_key

_CHUNK = 65_536  # bytes
MAX_HEADER_BYTES = 16_384  # all headers of one part
_MAX_HEADERS = 100
MAX_NAME = 2_048  # characters, as ASP.NET's KeyLengthLimit: names are held in memory like values
# Nobody sends a preamble. A boundary that the header misspells should be told before two gigabytes were read.
MAX_PREAMBLE_BYTES = 65_536

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")  # RFC 2046 §5.1.1
_PLAIN_ENCODINGS = {"7bit", "8bit", "binary", "identity"}


@dataclass
class Part:
    """One value or file of a form; it can be read until the next part is asked for."""

    name: str  # "" if absent
    file_name: str | None  # as sent, with whatever path; None: a text
    content_type: str  # the media type in lower case, "" if absent
    _source: "_Source | None" = field(repr=False)
    _chunk: bytes = field(default=b"", repr=False)
    _at: int = field(default=0, repr=False)  # what of the chunk is read

    def read(self, size: int = _CHUNK) -> bytes:
        """1 to `size` bytes of this part; none at its end, nor once the next part was asked for.

        Raises:
            SchemaError: the body ends within this part.
            Exception: whatever the stream raises.
        """
        if self.is_empty():
            return b""
        piece = self._chunk[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def is_empty(self) -> bool:
        """Whether nothing is left to read; reads ahead, and raises as `read` does."""
        if self._at == len(self._chunk):
            self._chunk, self._at = (self._source.data() if self._source else b""), 0
        return not self._chunk

    def close(self) -> None:
        """Give nothing from here on."""
        self._source, self._chunk, self._at = None, b"", 0


def parts(stream: Readable, parameters: Mapping[str, str], *, max_texts: int) -> Iterator[Part]:
    """Each part of the body; asking for the next one skips what is left unread of the one before.

    `parameters` are those of the Content-Type. Files are not counted, and what follows the closing boundary is not
    read: how much a body may bring in all is up to the caller.

    Raises:
        SchemaError: no usable boundary, no multipart, broken off, headers that cannot be read, or too many texts.
        Exception: whatever the stream raises.
    """
    source = _Source(stream, _boundary(parameters))
    texts = 0
    while (headers := source.next_part()) is not None:
        part = _part(headers, source)
        texts += part.file_name is None
        if texts > max_texts:
            raise unreadable(f"The form has more than {max_texts} values.")
        yield part
        part.close()


def read_text(part: Part, room: int) -> str:
    """The value of a text part: UTF-8, as it is. `room`: bytes that all texts together may still have.

    Raises:
        BodyTooLarge: it has more; told as the limit of all texts, MAX_JSON_BODY_BYTES.
        SchemaError: it is no UTF-8, holds a NUL, or the body ends within it.
        Exception: whatever the stream raises.
    """
    data = bytearray()
    while piece := part.read():
        data += piece
        if len(data) > room:
            raise BodyTooLarge(settings.MAX_JSON_BODY_BYTES)
    key = form_key(part.name)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise SchemaError({key: [f"{key} is not UTF-8: byte {error.start}."]}) from error
    if "\x00" in text:
        raise SchemaError({key: [f"{key} holds a NUL character."]})
    return text


def _boundary(parameters: Mapping[str, str]) -> bytes:
    boundary = parameters.get("boundary", "")
    if _BOUNDARY.fullmatch(boundary) is None:
        raise unreadable("The Content-Type must have a boundary of 1 to 70 characters of RFC 2046.")
    return boundary.encode()


_Headers = dict[str, bytes]


class _Mark(Enum):
    PART_ENDED = "part ended"
    BODY_ENDED = "body ended"


class _Source:
    """The body as a queue of events, filled by one chunk whenever it is empty.

    A fault takes its place in the queue, so that what stands before it reads the same however the body is cut.
    """

    def __init__(self, stream: Readable, boundary: bytes) -> None:
        self._stream = stream
        self._events: deque[bytes | _Headers | _Mark | SchemaError] = deque()
        self._preamble: int | None = 0  # its bytes until now, None behind it
        self._headers: _Headers = {}
        self._header, self._value, self._header_bytes = bytearray(), bytearray(), 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": lambda: self._events.append(_Mark.BODY_ENDED),
            },
            max_header_count=_MAX_HEADERS,
            max_header_size=MAX_HEADER_BYTES,
        )
        # The parser knows no preamble (RFC 2046 §5.1.1): it is given one as a first part, whose end the first boundary
        # is. The blank line stands for the line break which a boundary at the very start of a body lacks.
        self._parser.write(b"--" + boundary + b"\r\n\r\n\r\n")

    def next_part(self) -> _Headers | None:
        """The headers of the next part, None behind the last one."""
        while (event := self._first()) is not _Mark.BODY_ENDED:
            self._events.popleft()
            if isinstance(event, dict):
                return event
        return None

    def data(self) -> bytes:
        """The next bytes of the part that is being read; none at its end."""
        event = self._first()
        if isinstance(event, bytes):
            self._events.popleft()
            return event
        return b""

    def _first(self) -> bytes | _Headers | _Mark:
        while not self._events:
            self._feed()
        event = self._events[0]
        if isinstance(event, SchemaError):
            raise event  # and stays: whoever asks again is told again
        return event

    def _feed(self) -> None:
        chunk = self._stream.read(_CHUNK)
        try:
            if not chunk:
                raise self._broken_off()
            self._parser.write(chunk)
        except SchemaError as error:
            self._events.append(error)
        except MultipartParseError:
            self._events.append(_bad_headers())

    def _broken_off(self) -> SchemaError:
        if self._preamble is None:
            return unreadable("The form broke off before its closing boundary.")
        return unreadable("The body is no multipart/form-data: the boundary of its Content-Type is not in it.")

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._value += data[start:end]

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MAX_HEADER_BYTES:
            raise _bad_headers()

    def _on_header_end(self) -> None:
        self._headers.setdefault(self._header.decode("latin-1").lower(), bytes(self._value))
        self._header, self._value = bytearray(), bytearray()

    def _on_headers_finished(self) -> None:
        if self._preamble is None:
            self._events.append(self._headers)
        self._headers, self._header_bytes = {}, 0

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._preamble is None:
            self._events.append(data[start:end])
            return
        self._preamble += end - start
        if self._preamble > MAX_PREAMBLE_BYTES:
            raise self._broken_off()

    def _on_part_end(self) -> None:
        if self._preamble is None:
            self._events.append(_Mark.PART_ENDED)
        self._preamble = None


def _bad_headers() -> SchemaError:
    return unreadable(f"The headers of a part cannot be read, or are larger than {MAX_HEADER_BYTES} bytes.")


def _part(headers: _Headers, source: _Source) -> Part:
    encoding = headers.get("content-transfer-encoding", b"binary").decode("latin-1").strip().lower()
    if encoding not in _PLAIN_ENCODINGS:
        raise unreadable("A part has a Content-Transfer-Encoding, which is not read: send its bytes as they are.")
    disposition = disposition_of(headers.get("content-disposition", b""))
    name = named(disposition, "name") or ""
    if len(name) > MAX_NAME:
        raise unreadable(f"The name of a part is longer than {MAX_NAME} characters.")
    media_type = headers.get("content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    return Part(name=name, file_name=named(disposition, "filename"), content_type=media_type, _source=source)
