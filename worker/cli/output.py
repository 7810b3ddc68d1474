"""What commands write to the terminal or into a pipe."""

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 120  # where nobody looks at a terminal, tables need not be squeezed


def console(*, stderr: bool = False) -> "Console":
    """A console that shows texts as they are: square brackets in a message are no markup."""
    from rich.console import Console

    file = sys.stderr if stderr else sys.stdout
    width = None if file.isatty() else PIPE_WIDTH
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def print_json(document: Any) -> None:
    """Write a document to stdout, UTF-8 whatever the terminal's encoding; the same document gives the same bytes."""
    sys.stdout.flush()
    sys.stdout.buffer.write(json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")
    sys.stdout.buffer.flush()
