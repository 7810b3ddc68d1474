"""Files that are sent to be imported, from the first byte to the one that waits for the importer."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect

from api.errors import ApiError
from api.imports import uploads
from api.imports.uploads import BLOCK, PART, path_of, store

HEADING = b"id,email\n"


def lines(number: int) -> bytes:
    """As many customers."""
    return b"".join(b"c%d,ada%d@example.com\n" % (each, each) for each in range(number))


def names_in(folder: Path) -> list[str]:
    """What is there."""
    return [path.name for path in folder.iterdir()]


async def in_pieces(file: bytes, size: int) -> AsyncIterator[bytes]:
    """A file as it comes over the network."""
    for start in range(0, len(file), size):
        yield file[start : start + size]


async def test_a_file_waits_byte_for_byte_as_it_was_sent(tmp_path: Path) -> None:
    """However a client's file is cut up on its way, what is imported is what they sent, and nobody else reads it."""
    folder = tmp_path / "new" / "imports"
    file = HEADING + lines(100_000)
    assert len(file) > 2 * BLOCK
    found = await store(in_pieces(file, 300_000), folder, "csv")
    assert (found.sha256, found.size, found.format) == (hashlib.sha256(file).hexdigest(), len(file), "csv")
    assert path_of(folder, found).read_bytes() == file
    assert names_in(folder) == [f"{found.sha256}.csv"]
    assert folder.stat().st_mode & 0o077 == 0


async def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """What has come of a file has a name by which it is swept, and goes where the client goes."""
    seen: list[str] = []

    async def breaking() -> AsyncIterator[bytes]:
        yield HEADING
        seen.extend(names_in(tmp_path))
        raise ClientDisconnect

    with pytest.raises(ClientDisconnect):
        await store(breaking(), tmp_path, "csv")
    assert [Path(name).suffix for name in seen] == [PART]
    assert names_in(tmp_path) == []


async def test_a_file_may_be_as_large_as_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client whose file is a byte too large is told so before all of it has come, and nothing of it is kept."""
    file = HEADING + lines(10)
    monkeypatch.setattr(uploads, "LARGEST", len(file))
    assert (await store(in_pieces(file, 50), tmp_path / "taken", "csv")).size == len(file)
    with pytest.raises(ApiError) as refused:
        await store(in_pieces(file + b"\n", 50), tmp_path / "refused", "csv")
    assert refused.value.status == 413
    assert names_in(tmp_path / "refused") == []


async def test_a_folder_that_takes_no_file_is_told_of(tmp_path: Path) -> None:
    """Where a file cannot be stored the client reads why, and that it is not their fault."""
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(ApiError) as refused:
        await store(in_pieces(HEADING, 50), tmp_path / "taken" / "imports", "csv")
    assert (refused.value.status, refused.value.detail) == (507, "The file cannot be stored: Not a directory.")
