"""The evidence: every request is on the disk before anything is done about it."""

import base64
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker.fake_providers.core import Request, Sending


class Journal:
    """A file of one JSON object a line; it is appended to, never rewritten.

    Args:
        path: of the file; folders are made.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self.entries: list[dict[str, Any]] = []
        self._written = 0

    def write(self, provider: str, request: Request, sending: Sending | None) -> str:
        """Keep a request; it is on the disk when this returns.

        Returns:
            The entry's id.
        """
        self._written += 1
        try:
            body = {"body": request.body.decode(), "body_encoding": "utf-8"}
        except UnicodeDecodeError:
            body = {"body": base64.b64encode(request.body).decode(), "body_encoding": "base64"}
        entry = {
            "id": f"{os.getpid()}-{self._written}",
            "provider": provider,
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "headers": dict(request.headers),
            **body,
            "received_at": datetime.now(UTC).isoformat(),
            "key": sending.key if sending else "",
            "recipient": sending.recipient if sending else "",
        }
        self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.entries.append(entry)
        return str(entry["id"])

    def forget(self) -> None:
        """Begin anew for those who ask over HTTP; the file keeps all."""
        self.entries.clear()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
