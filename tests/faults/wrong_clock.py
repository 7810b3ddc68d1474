"""A wall clock that is wrong, for one process."""

import sys
from datetime import datetime, timedelta, tzinfo

OURS = {"activities", "api", "worker"}


def set_clock(seconds: float) -> None:
    """Let the product's modules read a wall clock that is so many seconds ahead; or behind, below nought."""
    if not seconds:
        return

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # a plain one is what all expect
            return datetime.now(tz) + timedelta(seconds=seconds)

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in OURS and vars(module).get("datetime") is datetime:
            module.datetime = Wrong  # type: ignore[attr-defined] # taken over for this process
