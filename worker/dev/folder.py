"""The data folder of an embedded system: one at a time uses it, and nobody else reads its secrets."""

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.settings import Settings

LOCK = "dev.lock"
ADDRESSES = "dev.json"
SECRET_KEY = "secret.key"  # noqa: S105 - names of files
API_KEY = "api.key"
OWNER_ONLY = 0o600


class FolderUnusableError(Exception):
    """The data folder cannot be used; the message names it and says why."""


class FolderInUseError(Exception):
    """Another `sojourn dev` uses the data folder."""


def temporal_beside(settings: "Settings") -> str:
    """Where the `sojourn dev` that works in the settings' data folder has Temporal; empty where none does."""
    file = settings.data / ADDRESSES
    if settings.database_url or not file.is_file():
        return ""
    return str(json.loads(file.read_text(encoding="utf-8")).get("temporal", ""))


class DataFolder:
    """Where an embedded system keeps everything.

    Attributes:
        path: absolute.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @property
    def database(self) -> str:
        """SQLAlchemy URL of our database."""
        return f"sqlite:///{self.path / 'sojourn.db'}"

    @property
    def temporal_database(self) -> Path:
        """Where Temporal keeps its state."""
        return self.path / "temporal.db"

    @property
    def mail(self) -> Path:
        """Where every message goes."""
        return self.path / "mail"

    def log(self, name: str) -> Path:
        """The log file of a program."""
        return self.path / "logs" / f"{name}.log"

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Make the folder if it is missing, and keep others out of it.

        Raises:
            FolderUnusableError: it cannot be made, or not be written into.
            FolderInUseError: another process has taken it.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):  # SQLite and Temporal add files of their own
                pass
            lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        except OSError as error:
            raise FolderUnusableError(f"cannot write into the data folder {self.path}: {error.strerror}") from error
        try:
            self._lock(lock)
            (self.path / ADDRESSES).unlink(missing_ok=True)  # of one that was killed
            yield
        finally:
            os.close(lock)

    def _lock(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(lock, 20, 0).decode().strip()
            raise FolderInUseError(
                f"another sojourn dev (process {owner or 'unknown'}) uses the data folder {self.path}"
            ) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)

    def secret_key(self) -> str:
        """The key that signs links; made at the first start."""
        file = self.path / SECRET_KEY
        if not file.exists():
            self._write(file, secrets.token_urlsafe(32))
        return file.read_text().strip()

    def api_key(self) -> str:
        """The API key kept here; empty before the first start."""
        file = self.path / API_KEY
        return file.read_text().strip() if file.exists() else ""

    def keep_api_key(self, key: str) -> None:
        """Keep an API key, which the database knows only as a hash."""
        self._write(self.path / API_KEY, key)

    @contextmanager
    def announced(self, addresses: Mapping[str, str]) -> Iterator[None]:
        """Tell other programs where the system is reached, as long as it is.

        Args:
            addresses: what dev.json says.
        """
        file = self.path / ADDRESSES
        self._write(file, json.dumps(addresses, indent=2))
        try:
            yield
        finally:
            file.unlink(missing_ok=True)

    def _write(self, file: Path, content: str) -> None:
        """There whole or not at all, and for nobody else to read."""
        descriptor, draft = tempfile.mkstemp(dir=self.path, prefix=".draft-")  # mkstemp: mode 0600
        with os.fdopen(descriptor, "w") as writable:
            writable.write(content + "\n")
        Path(draft).replace(file)
