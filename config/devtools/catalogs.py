"""Catalogs of translations as files: .po, which people edit, and .mo, which Django reads.

Not GNU gettext's programs, which a fresh machine lacks: what they would do for us fits on this page, and the same lines
then check in the tests what they write. Catalogs hold no dates and no places, and stand in the order of their texts, so
that a change shows as itself.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HEADER = (
    "Content-Transfer-Encoding: 8bit\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Language: {language}\n"
    "MIME-Version: 1.0\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[[01]\])?) )?(".*")')


@dataclass(frozen=True, order=True)
class Message:
    """What is said in English: one text, or one for each of two numbers."""

    one: str
    many: str = ""
    context: str = ""


Catalog = Mapping[Message, tuple[str, ...]]  # in the other language: as many texts as the message has, "" if unknown


def written(language: str, catalog: Catalog) -> str:
    """The .po file."""
    parts = [f'msgid ""\nmsgstr ""\n{_header_lines(language)}']
    for message in sorted(catalog):
        lines = ["#, python-format"] if re.search(r"%(\(\w+\))?[sd]", message.one + message.many) else []
        if message.context:
            lines.append(f"msgctxt {_quoted(message.context)}")
        lines.append(f"msgid {_quoted(message.one)}")
        if message.many:
            lines.append(f"msgid_plural {_quoted(message.many)}")
            lines += [f"msgstr[{at}] {_quoted(text)}" for at, text in enumerate(catalog[message])]
        else:
            lines.append(f"msgstr {_quoted(catalog[message][0])}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def read(text: str) -> Catalog:
    """What a .po file holds; of texts that are marked as doubtful ("fuzzy"), no translation."""
    return dict(_entry(block) for block in re.split(r"\n\s*\n", text.strip()) if 'msgid ""\nmsgstr' not in block)


def compiled(language: str, catalog: Catalog) -> bytes:
    """The .mo file. What has no translation is left out: Django then says it in English."""
    pairs = {"": _HEADER.format(language=language)}
    for message, texts in catalog.items():
        if all(texts):
            key = f"{message.context}\x04{message.one}" if message.context else message.one
            pairs[f"{key}\0{message.many}" if message.many else key] = "\0".join(texts)
    entries = sorted((key.encode(), text.encode()) for key, text in pairs.items())
    tables_end = 28 + 16 * len(entries)
    keys = b"".join(key + b"\0" for key, _ in entries)
    head = struct.pack("<7I", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, tables_end)
    key_table = _table([key for key, _ in entries], tables_end)
    text_table = _table([text for _, text in entries], tables_end + len(keys))
    return head + key_table + text_table + keys + b"".join(text + b"\0" for _, text in entries)


def _table(texts: list[bytes], at: int) -> bytes:
    found = b""
    for text in texts:
        found += struct.pack("<2I", len(text), at)
        at += len(text) + 1
    return found


def _entry(block: str) -> tuple[Message, tuple[str, ...]]:
    parts: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        matched = _LINE.fullmatch(line.strip())
        if not matched:
            raise ValueError(f"not a line of a catalog: {line}")
        name = matched[1] or name
        parts[name] = parts.get(name, "") + ast.literal_eval(matched[2])
    message = Message(parts["msgid"], parts.get("msgid_plural", ""), parts.get("msgctxt", ""))
    names = ("msgstr[0]", "msgstr[1]") if message.many else ("msgstr",)
    is_fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines())
    return message, tuple("" if is_fuzzy else parts[each] for each in names)


def _header_lines(language: str) -> str:
    return "\n".join(_quoted(line) for line in _HEADER.format(language=language).splitlines(keepends=True))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def placeholders(text: str) -> Iterator[str]:
    """What a translation has to keep: places that are filled in, and tags."""
    return iter(sorted(re.findall(r"%(?:\(\w+\))?[sd]|\{\w*\}|</?\w+[^>]*>", text)))
