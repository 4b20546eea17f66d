"""What is the folder's own: permissions, empty folders, strange files, a full disk."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attachments.storage.local import LocalStorage
from attachments.storage.port import StorageUnavailable
from tests.attachments.streams import DAY, Text, content, key
from tests.docs.variables import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mounted" / "attachments"


@pytest.fixture
def local(folder: Path) -> LocalStorage:
    return LocalStorage(folder)


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_an_unread_file_is_closed_too(local: LocalStorage) -> None:
    name = key()
    local.write(name, Text(b"short"))
    before = open_files()

    local.open(name).close()

    assert open_files() == before


def test_files_are_for_their_owner_only(local: LocalStorage, folder: Path) -> None:
    name = key()

    local.write(name, Text(b"x"))

    modes = [path.stat().st_mode & 0o777 for path in (folder.parent, folder, folder / DAY, folder / name)]
    assert modes == [0o700, 0o700, 0o700, 0o600]
    assert list((folder / DAY).iterdir()) == [folder / name]


def test_the_folder_of_a_day_goes_with_its_last_file(local: LocalStorage, folder: Path) -> None:
    name, other = key(), key()
    for each in (name, other):
        local.write(each, Text(b"x"))

    local.delete(name)
    assert list(folder.iterdir()) == [folder / DAY]
    local.delete(other)

    assert list(folder.iterdir()) == []


def test_a_folder_that_goes_while_a_file_is_made_is_made_again(
    local: LocalStorage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, opened = key(), os.open

    def open_late(path: Any, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:
            monkeypatch.undo()
            (folder / DAY).rmdir()
        return opened(path, flags, *mode)

    monkeypatch.setattr(os, "open", open_late)

    local.write(name, Text(b"x"))

    assert content(local.open(name)) == b"x"


def test_strange_files_are_no_keys_and_stay(local: LocalStorage, folder: Path) -> None:
    name = key()
    local.write(name, Text(b"x"))
    (folder / "lost+found").mkdir()
    (folder / "README").write_text("hands off")
    (folder / DAY / ".nfs0001").write_text("hands off")

    assert list(local.list()) == [name]
    local.delete(name)

    assert (folder / DAY / ".nfs0001").exists()


def test_a_full_disk_is_told_and_nothing_stays(local: LocalStorage, folder: Path) -> None:
    """On a real small disk, which only root can mount."""
    folder.mkdir(parents=True)
    done = subprocess.run(
        [
            "unshare",
            "--mount",
            "sh",
            "-c",
            'mount -t tmpfs -o size=1m none "$0" && exec "$@"',
            folder,
            *_writer(folder),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if "permitted" in done.stderr or "denied" in done.stderr:
        pytest.skip("a disk cannot be mounted here: run as root, with CAP_SYS_ADMIN, to see this one")

    assert (done.stdout, done.stderr) == ("StorageUnavailable: No space left on device []\n", "")


def test_a_file_that_may_not_grow_is_told_and_nothing_stays(folder: Path) -> None:
    """The same fault without root: the system takes a part of a chunk, then nothing."""
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 600 && exec "$@"', "sh", *_writer(folder)], capture_output=True, text=True, cwd=ROOT
    )

    assert (done.stdout, done.stderr) == ("StorageUnavailable: File too large []\n", "")


def _writer(folder: Path) -> list[str]:
    program = """
import sys
from io import BytesIO
from pathlib import Path
from uuid_utils.compat import uuid7
from attachments.storage.local import LocalStorage
from attachments.storage.port import StorageUnavailable, key_of
storage = LocalStorage(Path(sys.argv[1]))
try:
    storage.write(key_of(uuid7()), BytesIO(bytes(4_000_000)))
except StorageUnavailable as error:
    print(f"StorageUnavailable: {error}", list(storage.list()))
"""
    return [sys.executable, "-c", program, str(folder)]


def test_a_root_that_is_no_folder_is_unavailable(local: LocalStorage, folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("in the way")

    with pytest.raises(StorageUnavailable) as raised:
        local.write(key(), Text(b"x"))

    assert str(folder) not in str(raised.value)
