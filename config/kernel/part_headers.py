"""How a part of a form names itself, in all the ways that senders write file names."""

import binascii
import quopri
import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from config.kernel.errors import SchemaError

# `key="quoted"` or `key=bare`, or nothing between two semicolons. Bare values may hold blanks: senders forget quotes.
# A backslash and what follows it are one unit, so that `\"` ends nothing; only there is it an escape (`_unescaped`).
# Possessive quantifiers: 16 KiB of blanks would else be tried in all ways.
_PARAMETER = re.compile(
    r'\s*+(?:([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^"\s;][^;]*+)|)\s*+)?(?:;|\Z)',
    re.DOTALL,
)
_IN_PIECES = re.compile(r"(?:file)?name\*\d.*", re.DOTALL)  # RFC 2231 §3
_EXTENDED = re.compile(r"([^']*)'[^']*'((?:[^%]|%[0-9A-Fa-f]{2})*)", re.DOTALL)  # RFC 5987 §3.2
_QUOTED_PRINTABLE = re.compile(r"(?:[^=]|=[0-9A-Fa-f]{2})*")
_ENCODED_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?=")  # RFC 2047 §2
_ENCODED_WORDS = re.compile(rf"{_ENCODED_WORD.pattern}(?:\s+{_ENCODED_WORD.pattern})*")
_CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "iso-8859-1": "iso-8859-1", "us-ascii": "us-ascii"}


def unreadable(text: str) -> SchemaError:
    """The refusal of a form of which nothing can be used."""
    return SchemaError.unreadable_body("", text)


def disposition_of(header: bytes) -> dict[str, str]:
    """The parameters of a Content-Disposition, their names in lower case; of a repeated one the first.

    Raises:
        SchemaError: it is not UTF-8, or cannot be read.
    """
    try:
        text = header.decode()
    except UnicodeDecodeError as error:
        raise unreadable("The Content-Disposition of a part is not UTF-8.") from error
    found: dict[str, str] = {}
    place = text.find(";") + 1 or len(text)
    while place < len(text):
        match = _PARAMETER.match(text, place)
        if match is None or _IN_PIECES.fullmatch((match[1] or "").lower()):
            raise unreadable("The Content-Disposition of a part cannot be read.")
        place = match.end()
        if match[1]:
            value = (match[3] or "").strip() if match[2] is None else _unescaped(match[2])
            found.setdefault(match[1].lower(), value)
    return found


def _unescaped(quoted: str) -> str:
    # Browsers and .NET send Windows paths with their backslashes as they are; %22 of browsers may be meant literally.
    return quoted.replace('\\"', '"')


def named(disposition: Mapping[str, str], parameter: str) -> str | None:
    """What `name` or `filename` says; `filename*` wins over `filename`.

    Raises:
        SchemaError: its encoding is broken or unknown, or it holds a NUL.
    """
    extended, plain = disposition.get(f"{parameter}*"), disposition.get(parameter)
    if extended is not None:
        text = _from_extended(extended)
    elif plain is not None:
        text = _from_encoded_words(plain)
    else:
        return None
    if "\x00" in text:
        raise unreadable(f"The {parameter} of a part holds a NUL character.")
    return text


def _from_extended(text: str) -> str:
    """What `utf-8''f%C3%B8r.txt` stands for."""
    match = _EXTENDED.fullmatch(text)
    if match is None or not text.isascii():
        raise _bad_name()
    return _decoded(unquote_to_bytes(match[2]), match[1])


def _from_encoded_words(text: str) -> str:
    """What `=?utf-8?B?ZsO4ci50eHQ=?=` stands for; any other text as it is. .NET's clients write file names so."""
    if _ENCODED_WORDS.fullmatch(text) is None:
        return text
    return "".join(_decoded(_word_bytes(word[2], word[3]), word[1]) for word in _ENCODED_WORD.finditer(text))


def _word_bytes(encoding: str, text: str) -> bytes:
    try:
        if encoding in "bB":
            return binascii.a2b_base64(text, strict_mode=True)
        if _QUOTED_PRINTABLE.fullmatch(text):
            return quopri.decodestring(text.encode("ascii"), header=True)
    except ValueError as error:
        raise _bad_name() from error
    raise _bad_name()


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(_CHARSETS[charset.lower()])
    except (KeyError, UnicodeDecodeError) as error:
        raise _bad_name() from error


def _bad_name() -> SchemaError:
    return unreadable("The name or file name of a part is encoded in a way that cannot be read.")
