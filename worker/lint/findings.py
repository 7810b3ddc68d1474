"""One thing that is wrong, where it stands."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """Something to be put right.

    Attributes:
        file: that has it.
        line: in the file, from 1.
        what: is wrong, in one line.
    """

    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        """E.g. ``workflows/welcome.py:12: ...``, from the working directory where that is shorter."""
        file = self.file
        if file.is_absolute() and file.is_relative_to(Path.cwd()):
            file = file.relative_to(Path.cwd())
        return f"{os.fspath(file)}:{self.line}: {' '.join(self.what.split())}"
