"""Forms are read part by part, however they are cut on their way (contract http-api.md §4, decision 0008)."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config.kernel import multipart
from config.kernel.errors import BodyTooLarge, SchemaError

_BOUNDARY = "----8d1f-boundary"
_MEGABYTE = 1024 * 1024
# As .NET, curl and browsers begin most parts.
_NAMED = b'Content-Disposition: form-data; name="a"'


class Stream:
    """A body that arrives in pieces of `cut` bytes, or that is made while it is read."""

    def __init__(self, body: bytes | Iterator[bytes], cut: int = 65_536) -> None:
        pieces = (body[at : at + cut] for at in range(0, len(body), cut)) if isinstance(body, bytes) else body
        self._pieces, self.bytes_read = pieces, 0

    def read(self, size: int, /) -> bytes:
        piece = next(self._pieces, b"")
        assert len(piece) <= size
        self.bytes_read += len(piece)
        return piece


def _part(headers: bytes, content: bytes) -> bytes:
    return b"--" + _BOUNDARY.encode() + b"\r\n" + headers + b"\r\n\r\n" + content + b"\r\n"


def _closed(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + _BOUNDARY.encode() + b"--\r\n"


def _parts(body: bytes | Stream, boundary: str = _BOUNDARY, max_texts: int = 100) -> Iterator[multipart.Part]:
    stream = body if isinstance(body, Stream) else Stream(body)
    return multipart.parts(stream, {"boundary": boundary}, max_texts=max_texts)


def _content(part: multipart.Part) -> bytes:
    return b"".join(iter(part.read, b""))


def _read(body: bytes | Stream, **kwargs: Any) -> list[tuple[str, str | None, str, bytes]]:
    return [(part.name, part.file_name, part.content_type, _content(part)) for part in _parts(body, **kwargs)]


def _only(headers: bytes) -> multipart.Part:
    (part,) = _parts(_closed(_part(headers, b"x")))
    return part


def _told(refused: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(SchemaError) as refusal:
        refused()
    return refusal.value.faults


HEADERS = {
    "a quoted name": (b'Content-Disposition: form-data; name="a.b[0]"', "a.b[0]", None),
    "an unquoted name": (b"Content-Disposition: form-data; name=a.b[0]", "a.b[0]", None),
    "names of headers in any casing": (b'CONTENT-disposition: form-data; NAME="a"', "a", None),
    "no blanks": (b'Content-Disposition:form-data;name="a";filename="f.txt"', "a", "f.txt"),
    "many blanks": (b'Content-Disposition:  form-data ;  name = "a" ; filename = f.txt ', "a", "f.txt"),
    "a semicolon at the end": (_NAMED + b";", "a", None),
    "file name first": (b'Content-Disposition: form-data; filename="f"; name="a"', "a", "f"),
    "an unquoted file name": (_NAMED + b"; filename=f.txt", "a", "f.txt"),
    "an unquoted file name with blanks": (_NAMED + b"; filename=my file.txt; x=y", "a", "my file.txt"),
    "an empty file name": (_NAMED + b'; filename=""', "a", ""),
    "a file name without a name": (b'Content-Disposition: form-data; filename="f"', "", "f"),
    "of a repeated one the first": (_NAMED + b'; name="b"; filename="f"; filename="g"', "a", "f"),
    "a semicolon in quotes": (_NAMED + b'; filename="a;b; name=c.txt"', "a", "a;b; name=c.txt"),
    "an escaped quote": (_NAMED + rb'; filename="a\"b\".txt"', "a", 'a"b".txt'),
    "a quote as browsers write it": (_NAMED + b'; filename="a%22b%41.txt"', "a", "a%22b%41.txt"),
    "a Windows path": (_NAMED + rb'; filename="C:\new\table.txt"', "a", r"C:\new\table.txt"),
    "a path of a network": (_NAMED + rb'; filename="\\server\share\f.txt"', "a", r"\\server\share\f.txt"),
    "a path": (_NAMED + b'; filename="../a/f.txt"', "a", "../a/f.txt"),
    "a backslash at the end": (_NAMED + rb'; filename="a\\"', "a", r"a\\"),
    "raw UTF-8": (_NAMED + '; filename="søknad 😀.pdf"'.encode(), "a", "søknad 😀.pdf"),
    "raw UTF-8 in the name": ('Content-Disposition: form-data; name="é"'.encode(), "é", None),
    "decomposed letters": (_NAMED + '; filename="e\u0301"'.encode(), "a", "e\u0301"),
    "the starred form": (_NAMED + b"; filename*=utf-8''s%C3%B8k%20nad.pdf", "a", "søk nad.pdf"),
    "the starred form wins": (_NAMED + b"; filename=\"f\"; filename*=UTF-8'nb'%C3%B8", "a", "ø"),
    "the starred form wins when first": (_NAMED + b"; filename*=UTF-8''%c3%b8; filename=\"f\"", "a", "ø"),
    "the starred form in Latin-1": (_NAMED + b"; filename*=iso-8859-1''s%F8k", "a", "søk"),
    "the starred form in quotes": (_NAMED + b"; filename*=\"utf-8''%C3%B8\"", "a", "ø"),
    "a starred name": (b"Content-Disposition: form-data; name*=utf-8''%C3%A9", "é", None),
    "base64 of .NET": (_NAMED + b'; filename="=?utf-8?B?c8O4a25hZC5wZGY=?="', "a", "søknad.pdf"),
    "quoted-printable": (_NAMED + b'; filename="=?utf-8?Q?s=C3=B8k_nad.pdf?="', "a", "søk nad.pdf"),
    "quoted-printable in Latin-1": (_NAMED + b'; filename="=?ISO-8859-1?q?s=F8k?="', "a", "søk"),
    "several encoded words": (_NAMED + b'; filename="=?utf-8?B?c8O4?= =?utf-8?Q?k?="', "a", "søk"),
    "an encoded name": (b'Content-Disposition: form-data; name="=?utf-8?B?w6k=?="', "é", None),
    "only like an encoded word": (_NAMED + b'; filename="x =?utf-8?B?w6k=?="', "a", "x =?utf-8?B?w6k=?="),
    "no name": (b"Content-Disposition: form-data", "", None),
    "no disposition": (b"Content-Type: text/plain", "", None),
    "no headers": (b"", "", None),
    "other headers": (b"X-Other: \xff\r\n" + _NAMED, "a", None),
    "bytes as they are": (_NAMED + b"\r\nContent-Transfer-Encoding: BINARY", "a", None),
}


@pytest.mark.parametrize(("headers", "name", "file_name"), HEADERS.values(), ids=HEADERS.keys())
def test_a_part_names_itself(headers: bytes, name: str, file_name: str | None) -> None:
    body = _closed(_part(headers, b"x")) if headers else _closed(b"--" + _BOUNDARY.encode() + b"\r\n\r\nx\r\n")

    assert _read(body) == [(name, file_name, "text/plain" if b"text/plain" in headers else "", b"x")]


UNREADABLE_HEADERS = {
    "a line without a colon": b"nonsense",
    "a header name with a blank": b"Content Disposition: form-data",
    "a folded line": _NAMED + b';\r\n filename="f"',
    "an open quote": b'Content-Disposition: form-data; name="a',
    "text behind a quote": b'Content-Disposition: form-data; name="a"b',
    "a parameter without a value": b"Content-Disposition: form-data; name",
    "a name that is not UTF-8": b'Content-Disposition: form-data; name="\xf8"',
    "a file name that is not UTF-8": _NAMED + b'; filename="\xf8"',
    "half a surrogate pair": _NAMED + b'; filename="\xed\xa0\x80"',
    "NUL in a name": b'Content-Disposition: form-data; name="a\x00"',
    "NUL in a file name": _NAMED + b'; filename="a\x00"',
    "NUL in a starred file name": _NAMED + b"; filename*=utf-8''%00",
    "a bad percent sequence": _NAMED + b"; filename*=utf-8''%C",
    "a percent sequence of no digits": _NAMED + b"; filename*=utf-8''%zz",
    "percent sequences that are not UTF-8": _NAMED + b"; filename*=utf-8''%F8",
    "an encoded surrogate": _NAMED + b"; filename*=utf-8''%ED%A0%80",
    "a starred form without a charset": _NAMED + b"; filename*=f.txt",
    "a starred form of another charset": _NAMED + b"; filename*=utf-7''f",
    "a starred form with raw letters": _NAMED + "; filename*=utf-8''ø".encode(),
    "a file name in pieces": _NAMED + b'; filename*0="a"; filename*1="b"',
    "broken base64": _NAMED + b'; filename="=?utf-8?B?w6k?="',
    "broken quoted-printable": _NAMED + b'; filename="=?utf-8?Q?=C?="',
    "an encoded word of another charset": _NAMED + b'; filename="=?utf-16?B?w6k=?="',
    "an encoded word that is not UTF-8": _NAMED + b'; filename="=?utf-8?Q?=F8?="',
    "base64 as transfer encoding": _NAMED + b"\r\nContent-Transfer-Encoding: base64",
    "quoted-printable as transfer encoding": _NAMED + b"\r\nContent-Transfer-Encoding: quoted-printable",
    "a long header": b"X: " + b"x" * 20_000,
    "many headers": b"\r\n".join([b"X: " + b"x" * 1_000] * 17),
    "very many headers": b"\r\n".join([b"X: x"] * 101),
    "a long name": b"Content-Disposition: form-data; name=" + b"x" * 2_049,
}


@pytest.mark.parametrize("headers", UNREADABLE_HEADERS.values(), ids=UNREADABLE_HEADERS.keys())
@pytest.mark.parametrize("cut", [1, 65_536])
def test_unreadable_headers_are_refused_after_the_parts_before_them(headers: bytes, cut: int) -> None:
    body = _closed(_part(_NAMED, b"1"), _part(headers, b"2"))
    parts = _parts(Stream(body, cut))

    assert _content(next(parts)) == b"1"
    assert set(_told(lambda: next(parts))) == {"", "request"}


def test_a_transfer_encoding_is_named_as_what_is_wrong() -> None:
    faults = _told(lambda: _only(_NAMED + b"\r\nContent-Transfer-Encoding: base64"))

    assert "Content-Transfer-Encoding" in faults[""][0]


def test_headers_of_16_kib_and_a_name_of_2048_characters_pass() -> None:
    name = "é" * 2_048
    headers = f"Content-Disposition: form-data; name={name}\r\nX: {'x' * 12_000}".encode()

    assert _only(headers).name == name


def test_a_media_type_is_told_in_lower_case_without_its_parameters() -> None:
    assert _only(_NAMED + b"\r\nContent-Type: Text/PLAIN ; charset=utf-8").content_type == "text/plain"


BOUNDARIES = {
    "one character": "x",
    "70 characters": "b" * 70,
    "all that RFC 2046 knows": "0aZ'()+_,-./:=? x",
    "only hyphens": "----",
}


@pytest.mark.parametrize("boundary", BOUNDARIES.values(), ids=BOUNDARIES.keys())
def test_boundaries(boundary: str) -> None:
    body = _closed(_part(_NAMED, b"x")).replace(_BOUNDARY.encode(), boundary.encode())

    assert _read(body, boundary=boundary) == [("a", None, "", b"x")]


BAD_BOUNDARIES = {"none": "", "71 characters": "b" * 71, "a blank at the end": "b ", "other characters": "ø", "*": "a*"}


@pytest.mark.parametrize("boundary", BAD_BOUNDARIES.values(), ids=BAD_BOUNDARIES.keys())
def test_a_bad_boundary_is_refused_before_anything_is_read(boundary: str) -> None:
    stream = Stream(_closed())

    assert set(_told(lambda: _read(stream, boundary=boundary))) == {"", "request"}
    assert stream.bytes_read == 0


def test_a_content_type_without_a_boundary_is_refused() -> None:
    assert set(_told(lambda: next(multipart.parts(Stream(b""), {}, max_texts=1)))) == {"", "request"}


# Contents that are nearly boundaries, which a parser may get wrong where two chunks meet.
_NEARLY = b"\r\n--" + _BOUNDARY.encode()
TRICKY = [
    b"",
    b"\r\n",
    b"\r",
    b"\r\n\r\n\r\n",
    b"--" + _BOUNDARY.encode(),
    _NEARLY[:-1],
    _NEARLY + b"x",
    _NEARLY + b"-",
    _NEARLY + b"-x",
    _NEARLY + b"\r",
    _NEARLY + b"\rx",
    _NEARLY + b"-\r",
    _NEARLY + b"-" + _NEARLY + b"\r",
    b"\r\n--\r\r\n--\r\n-",
    bytes(range(256)),
]


@pytest.mark.parametrize("cut", [1, 7, 65_536])
def test_parts_are_the_same_however_the_body_is_cut(cut: int) -> None:
    body = _closed(*(_part(_NAMED + b'; filename="f"\r\nContent-Type: x/y', content) for content in TRICKY))

    assert _read(Stream(body, cut)) == [("a", "f", "x/y", content) for content in TRICKY]


@pytest.mark.parametrize("cut", [1, 7, 65_536])
def test_what_stands_before_and_behind_the_form_is_ignored(cut: int) -> None:
    body = b"This is MIME.\r\n--other\r\n\r\n" + _closed(_part(_NAMED, b"x")) + _closed(_part(_NAMED, b"y")) + b"z"

    assert _read(Stream(body, cut)) == [("a", None, "", b"x")]


def test_what_follows_the_form_is_not_even_read() -> None:
    stream = Stream(iter([_closed(_part(_NAMED, b"x")), b"endless", b"endless"]))
    _read(stream)

    assert stream.bytes_read == len(_closed(_part(_NAMED, b"x")))


def test_blanks_may_follow_a_boundary() -> None:
    body = _closed(_part(_NAMED, b"x"), _part(_NAMED, b"y")).replace(b"boundary\r\n", b"boundary \t\r\n")

    assert [content for *_, content in _read(body)] == [b"x", b"y"]


@pytest.mark.parametrize("cut", [1, 65_536])
def test_an_empty_form_has_no_parts(cut: int) -> None:
    assert _read(Stream(_closed(), cut)) == []
    assert _read(Stream(_closed().removesuffix(b"\r\n"), cut)) == []


def test_a_part_is_read_in_pieces_of_the_size_that_is_asked_for() -> None:
    part = next(_parts(Stream(_closed(_part(_NAMED, b"x" * 10)), 7)))
    pieces = list(iter(lambda: part.read(4), b""))

    assert b"".join(pieces) == b"x" * 10
    assert all(len(piece) <= 4 for piece in pieces)


def test_asking_for_the_next_part_skips_the_rest_of_the_one_before() -> None:
    parts = _parts(_closed(_part(_NAMED, b"first"), _part(_NAMED, b"second")))
    first = next(parts)
    assert first.read(2) == b"fi"

    second = next(parts)
    assert first.read() == b""
    assert second.read() == b"second"


BROKEN_OFF = {
    "in the boundary": b"--" + _BOUNDARY.encode()[:4],
    "behind the boundary": b"--" + _BOUNDARY.encode() + b"\r\n",
    "in the headers": b"--" + _BOUNDARY.encode() + b"\r\n" + _NAMED,
    "in a part": _part(_NAMED, b"x"),
    "in the closing boundary": _closed(_part(_NAMED, b"x")).removesuffix(b"-\r\n"),
    "at once": b"",
    "no multipart": b'{"correspondence": {}}',
    "another boundary": _closed(_part(_NAMED, b"x")).replace(b"boundary", b"BOUNDARY"),
    "line feeds alone": _closed(_part(_NAMED, b"x")).replace(b"\r\n", b"\n"),
}


@pytest.mark.parametrize("body", BROKEN_OFF.values(), ids=BROKEN_OFF.keys())
@pytest.mark.parametrize("cut", [1, 65_536])
def test_a_body_without_its_closing_boundary_is_refused(body: bytes, cut: int) -> None:
    assert set(_told(lambda: _read(Stream(body, cut)))) == {"", "request"}


def test_a_body_that_breaks_off_in_a_file_says_so_to_whoever_reads_it_as_often_as_it_is_read() -> None:
    parts = _parts(_part(_NAMED + b'; filename="f"', b"x" * 10))
    part = next(parts)
    assert part.read() == b"x" * 10

    for _ in range(2):
        assert "broke off" in _told(part.read)[""][0]
    assert "broke off" in _told(lambda: next(parts))[""][0]


class _Interrupted(OSError):
    pass


def test_what_the_stream_raises_is_passed_on() -> None:
    def interrupted() -> Iterator[bytes]:
        yield _part(_NAMED, b"x")
        raise _Interrupted

    with pytest.raises(_Interrupted):
        _read(Stream(interrupted()))


def test_a_wrong_boundary_is_told_after_64_kib() -> None:
    stream = Stream(b"x" * 65_536 for _ in range(1_000))

    assert "boundary" in _told(lambda: _read(stream))[""][0]
    assert stream.bytes_read <= 2 * 65_536


def test_texts_are_counted_and_files_are_not() -> None:
    text, file = _part(_NAMED, b"x"), _part(_NAMED + b'; filename="f"', b"x")

    assert len(_read(_closed(text, file, text, file, file), max_texts=2)) == 5
    assert set(_told(lambda: _read(_closed(text, file, text, file, text), max_texts=2))) == {"", "request"}


def test_a_large_file_is_never_held() -> None:
    def body() -> Iterator[bytes]:
        yield b"--" + _BOUNDARY.encode() + b"\r\n" + _NAMED + b'; filename="f"\r\n\r\n'
        for _ in range(50 * 16):
            yield b"\r\n--" + b"x" * (65_536 - 4)
        yield b"\r\n" + _closed()

    parts = _parts(Stream(body()))
    tracemalloc.start()
    size = sum(len(piece) for piece in iter(next(parts).read, b""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size == 50 * _MEGABYTE
    assert peak < _MEGABYTE
    assert list(parts) == []


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


@pytest.mark.parametrize("cut", [100, 65_536])
def test_five_thousand_parts_take_ten_times_as_long_as_five_hundred(cut: int) -> None:
    few, many = _closed(*[_part(_NAMED, b"x")] * 500), _closed(*[_part(_NAMED, b"x")] * 5_000)
    of_few = min(_seconds(lambda: _read(Stream(few, cut), max_texts=5_000)) for _ in range(3))
    of_many = min(_seconds(lambda: _read(Stream(many, cut), max_texts=5_000)) for _ in range(3))

    assert of_many < 30 * of_few


HOSTILE = {
    "backslashes": b'Content-Disposition: form-data; name="' + b"\\" * 16_000,
    "blanks": b"Content-Disposition: form-data; name=" + b" " * 16_000 + b'"',
    "semicolons": b"Content-Disposition: form-data" + b";" * 16_000,
    "equals signs": b"Content-Disposition: form-data; " + b"=" * 16_000,
    "encoded words": _NAMED + b'; filename="' + b"=?u?q?" * 2_600 + b'"',
    "percent signs": _NAMED + b"; filename*=utf-8''" + b"%41" * 5_000 + b"%",
}


@pytest.mark.parametrize("headers", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_header_takes_long(headers: bytes) -> None:
    def read() -> None:
        try:
            _read(_closed(_part(headers, b"x")))
        except SchemaError:
            return

    assert _seconds(read) < 0.5


def _text_of(content: bytes, room: int = 100) -> str:
    headers = b'Content-Disposition: form-data; name="request.correspondence.content.messageTitle"'
    (text,) = (multipart.read_text(part, room) for part in _parts(Stream(_closed(_part(headers, content)), 7)))
    return text


def test_a_text_is_utf_8_as_it_is() -> None:
    assert _text_of("\ufeff Møte \r\n😀 ".encode()) == "\ufeff Møte \r\n😀 "


@pytest.mark.parametrize("content", [b"\xf8", b"\xed\xa0\x80", b"a\x00b"], ids=["Latin-1", "half a surrogate", "NUL"])
def test_a_text_that_can_not_be_stored_is_told_by_its_name(content: bytes) -> None:
    assert set(_told(lambda: _text_of(content))) == {"Correspondence.Content.MessageTitle"}


def test_a_text_may_fill_what_is_left_of_the_limit_and_no_more(settings: Any) -> None:
    assert _text_of(b"x" * 100) == "x" * 100
    with pytest.raises(BodyTooLarge) as refusal:
        _text_of(b"x" * 101)

    assert refusal.value.limit == settings.MAX_JSON_BODY_BYTES
