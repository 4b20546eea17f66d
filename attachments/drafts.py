"""What a sender says of a file, and what was received: what actions and rules look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FileDraft:
    """The metadata of one file (contract http-api.md §3.4)."""

    file_name: str
    senders_reference: str
    display_name: str | None = None
    is_encrypted: bool = False
    checksum: str = ""  # lower-case MD5 in hexadecimal; empty: not announced
    expiration_in_days: int | None = None


@dataclass(frozen=True, slots=True)
class AttachmentDraft:
    """A file that will be uploaded by itself."""

    resource_id: str  # without prefix
    file: FileDraft


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that lie in the storage; no row names them yet."""

    id: UUID  # of the attachment that they are to be
    name: str  # as the part of the form was named
    size: int  # bytes
    checksum: str


@dataclass(frozen=True, slots=True)
class NewAttachments:
    """The files that a request brings along, and what it says of them: each in the sender's order."""

    drafts: tuple[FileDraft, ...] = ()
    files: tuple[StoredFile, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes they have in all."""
        return sum(file.size for file in self.files)

    def pairs(self) -> list[tuple[FileDraft, StoredFile]] | None:
        """Each description with its file; None where they do not pair (contract http-api.md §4).

        Entry i takes file i if that has its name; else the one file of that name, if there is just one.
        """
        if len(self.drafts) != len(self.files):
            return None
        found = list(self._paired())
        taken = {file.id for _, file in found if file}
        if len(taken) < len(found):
            return None
        return [(draft, file) for draft, file in found if file]

    def _paired(self) -> Iterator[tuple[FileDraft, StoredFile | None]]:
        by_name: dict[str, list[StoredFile]] = {}
        for file in self.files:
            by_name.setdefault(file.name, []).append(file)
        for draft, file in zip(self.drafts, self.files, strict=True):
            named = by_name.get(draft.file_name, [])
            if file.name == draft.file_name:
                yield draft, file
            else:
                yield draft, named[0] if len(named) == 1 else None
