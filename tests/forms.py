"""Forms as senders write them, byte for byte: parts in any order, each with whatever header lines a test gives it."""

from pathlib import Path
from typing import Any

from attachments.models import Attachment, AttachmentStatusEvent
from correspondence.models import Correspondence, IdempotencyKey, Mailing, MailingAttachment
from tests.clients import Client
from tests.files import CONTENT, stored
from tests.letters import ORGANIZATION

BOUNDARY = "----8d1f-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"

_MEMBERS = {
    "Correspondence.ResourceId": "fjordby-byggesak",
    "Correspondence.SendersReference": "sak-1",
    "Correspondence.Content.MessageTitle": "Vedtak",
    "Correspondence.Content.MessageBody": "Hei.",
}


def part(*headers: str | bytes, content: bytes | str = b"") -> bytes:
    """One part, with these header lines and no others."""
    lines = [f"--{BOUNDARY}", *headers, "", ""]
    return b"\r\n".join(_bytes(line) for line in lines) + _bytes(content) + b"\r\n"


def text(name: str, value: bytes | str, *more_headers: str) -> bytes:
    """A form value."""
    return part(f'Content-Disposition: form-data; name="{name}"', *more_headers, content=value)


def file(
    name: str = "plan.pdf", content: bytes = CONTENT, *, field: str = "attachments", type: str = "application/pdf"
) -> bytes:
    """A file."""
    named = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
    return part(named, f"Content-Type: {type}", content=content)


def form(*parts: bytes, boundary: str = BOUNDARY) -> bytes:
    """The parts, and the closing boundary behind them."""
    return (b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()).replace(BOUNDARY.encode(), boundary.encode())


def letter_parts(*recipients: str, prefix: str = "", **members: str) -> list[bytes]:
    """The values of a minimal letter. Members of Correspondence by name; `content__X`, `request__X` go into those."""
    values = dict(_MEMBERS)
    values.update((f"Recipients[{index}]", urn) for index, urn in enumerate(recipients or [ORGANIZATION]))
    values.update((_path(name), value) for name, value in members.items())
    return [text(prefix + name, value) for name, value in values.items()]


def described(*names: str, prefix: str = "", **members: str) -> list[bytes]:
    """The metadata of files with these names, in this order."""
    return [
        text(f"{prefix}Correspondence.Content.Attachments[{index}].{member}", value)
        for index, name in enumerate(names)
        for member, value in {"FileName": name, "SendersReference": f"file-{index}", **members}.items()
    ]


def with_files(*names: str, **members: str) -> list[bytes]:
    """A minimal letter with files of these names. Content of each: its name and place."""
    contents = [f"{name} {index}".encode() for index, name in enumerate(names)]
    return [*letter_parts(**members), *described(*names), *map(file, names, contents)]


def send(client: Client, *parts: bytes, **headers: str) -> Any:
    """Initialize with files."""
    return client.post_form(form(*parts), CONTENT_TYPE, **headers)


def assert_nothing_stayed(folder: Path) -> None:
    """No row of any kind, and no bytes."""
    models = (Mailing, Correspondence, MailingAttachment, IdempotencyKey, Attachment, AttachmentStatusEvent)
    assert [model.__name__ for model in models if model.objects.exists()] == []
    assert stored(folder) == []


def _path(name: str) -> str:
    place, _, inner = name.partition("__")
    if not inner:
        return f"Correspondence.{name}"
    return {"content": "Correspondence.Content.", "request": ""}[place] + inner


def _bytes(line: bytes | str) -> bytes:
    return line if isinstance(line, bytes) else line.encode()
