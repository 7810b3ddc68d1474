"""What `sojourn import` tells at its end, whatever the customers came from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer

if TYPE_CHECKING:
    from datetime import datetime


class Counted(Protocol):
    """What an import came to."""

    @property
    def accepted(self) -> int:
        """New customers."""
        ...

    @property
    def known(self) -> int:
        """Customers we had."""
        ...

    @property
    def refused(self) -> int:
        """Rows or lines that cannot be taken."""
        ...


def counts(row: Counted) -> str:
    """The numbers in words."""
    new = "new customer" if row.accepted == 1 else "new customers"
    return f"{row.accepted:,} {new}, {row.known:,} known, {row.refused:,} refused"


def counted_rows(row: Counted) -> str:
    """How many rows those are, which a file has fewer of than lines: ``2 rows: 1 new customer, ...``."""
    number = row.accepted + row.known + row.refused
    return f"{number:,} {'row' if number == 1 else 'rows'}: {counts(row)}"


def tell_pace(until: "datetime | None") -> None:
    """Say how long the journeys of all imported customers take to start.

    Args:
        until: wall-clock instant, UTC, of the last one; None before the first import.
    """
    from datetime import UTC, datetime

    left = 0 if until is None else (until - datetime.now(UTC)).total_seconds()
    if left > 1:
        typer.echo(
            f"Their journeys start over the next {left / 60:.0f} minutes."
            if left > 90
            else f"Their journeys start over the next {left:.0f} seconds."
        )


def write_report(report: Path, refused: Iterable[Mapping[str, Any]]) -> None:
    """Write what was refused, one JSON object a line; take an older report away where nothing was."""
    import json

    lines = [json.dumps(each, ensure_ascii=False) + "\n" for each in refused]
    if not lines:
        report.unlink(missing_ok=True)
        return
    draft = report.with_name(f"{report.name}.part")
    with draft.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    draft.replace(report)


def tell_refused(row: Counted, things: str, report: Path) -> None:
    """Say where refused lines or rows are described."""
    from activities.storage.bulk_entry import MOST_KEPT

    if row.refused:
        which = f"The first {MOST_KEPT:,} refused {things}" if row.refused > MOST_KEPT else f"Refused {things}"
        typer.echo(f"{which}, each with what is wrong: {report}")
