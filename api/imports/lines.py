"""The lines of a file with their places; never more than one of them in memory."""

from dataclasses import dataclass
from typing import BinaryIO

from api.json_body import LARGEST_BODY

LONGEST = LARGEST_BODY  # a row may be as large as the body of a registration
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        number: from 1.
        end: position after it, in bytes.
        content: with its line break; cut where it is too long.
        too_long: whether it has more than `LONGEST` bytes.
    """

    number: int
    end: int
    content: bytes
    too_long: bool


class Lines:
    """Reads lines from a place on.

    Args:
        file: binary, seekable.
        position: where to begin, in bytes.
        number: how many lines are before that place.
    """

    def __init__(self, file: BinaryIO, position: int = 0, number: int = 0) -> None:
        self._file = file
        self.position = position
        self.number = number
        file.seek(position)

    def read(self) -> Line | None:
        """The next line, None at the end of the file."""
        at_start = self.position == 0
        content = self._file.readline(LONGEST + 1)
        if not content:
            return None
        self.position += len(content)
        self.number += 1
        too_long = len(content) > LONGEST
        piece = content
        while too_long and piece and not piece.endswith(b"\n"):
            piece = self._file.readline(LONGEST)
            self.position += len(piece)
        return Line(
            self.number, self.position, content.removeprefix(BYTE_ORDER_MARK) if at_start else content, too_long
        )

    def go_back_behind(self, line: Line) -> None:
        """Read on with the line that follows this one."""
        self.position, self.number = line.end, line.number
        self._file.seek(line.end)
