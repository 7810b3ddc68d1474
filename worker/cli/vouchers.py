"""`sojourn vouchers`: designs and their pools of codes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlmodel import Session

    from activities.storage.tables import VoucherDesign

app = typer.Typer(help="Voucher designs and their pools of codes.", no_args_is_help=True)


@app.command()
def load(
    design: Annotated[str, typer.Argument(help="Name of the design, such as profile-reward.")],
    file: Annotated[Path, typer.Argument(help="One code a line, or a CSV file with the codes first; - reads stdin.")],
    value: Annotated[str | None, typer.Option(help="What it is worth: '£10 off'.")] = None,
    minimum: Annotated[str | None, typer.Option(help="What it asks for: 'one order of £40 or more'.")] = None,
    short: Annotated[str | None, typer.Option(help="Both, for texts: '£10 off, from £40'.")] = None,
    terms: Annotated[str | None, typer.Option(help="What else applies, in a sentence.")] = None,
    valid_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days it can be used, from the promise.")
    ] = None,
    unit_cost: Annotated[
        int | None, typer.Option(min=0, help="What one used code costs you, in pence, cents, ...; for reports.")
    ] = None,
) -> None:
    """Add codes to a design's pool. Codes that are known are passed over, so loading a file again is safe."""
    from worker.cli.database import opened
    from worker.cli.errors import WrongUseError
    from workflows.journey.limits import DESIGN

    if not DESIGN.fullmatch(design):
        raise WrongUseError(f"a design is named like summer-thanks, in at most 64 characters, not {design!r}")
    codes = _read_codes(file)
    changes = {
        "value": value,
        "minimum": minimum,
        "short": short,
        "terms": terms,
        "valid_days": valid_days,
        "unit_cost": unit_cost,
    }

    def transaction(session: "Session") -> int:
        from activities.storage import vouchers

        return vouchers.load(session, _design(session, design, changes), codes)

    with opened() as database:
        try:
            new = database.write_now(transaction)
        except ValueError as error:
            raise WrongUseError(str(error)) from error
    known = f"; {len(codes) - new} were known already" if new < len(codes) else ""
    typer.echo(f"{new} new {'code' if new == 1 else 'codes'} for {design}{known}.")


@app.command()
def fill(
    design: Annotated[str, typer.Argument(help="A design of SOJOURN_VOUCHERIFY_CAMPAIGNS.")],
    to: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, help="Codes to be free then; SOJOURN_VOUCHERIFY_STOCK if not given."),
    ] = None,
) -> None:
    """Fill a design's pool from Voucherify now. Running it again is safe; a worker does the same all the time."""
    import asyncio

    from worker.cli.database import opened
    from worker.cli.errors import FailedError, WrongUseError
    from worker.settings import read_settings
    from worker.voucher_sources import stock_keeper
    from worker.voucher_stock import VoucherServiceError

    settings = read_settings(signing=False)
    if design not in settings.voucherify_campaigns:
        raise WrongUseError(f"SOJOURN_VOUCHERIFY_CAMPAIGNS names no campaign for {design}")
    with opened() as database:
        keeper = stock_keeper(database, settings)
        try:
            new = asyncio.run(keeper.fill(design, to)) if keeper else 0
        except VoucherServiceError as error:
            raise FailedError(f"Voucherify: {error}; what was begun goes on with the next fill") from error
    typer.echo(f"{new} new {'code' if new == 1 else 'codes'} for {design}.")


@app.command("list")
def show() -> None:
    """List the designs with how many codes are free, kept for a promise, and given."""
    from rich.table import Table

    from worker.cli.database import opened
    from worker.cli.output import console

    with opened() as database:
        rows = database.read_now(_counted)
    table = Table("design", "value", "minimum", "valid days", "free", "reserved", "assigned")
    for row in rows:
        table.add_row(*row)
    console().print(table if rows else "No designs yet; `sojourn vouchers load` makes one.")


def _read_codes(file: Path) -> list[str]:
    """The codes of a file, each once.

    Raises:
        WrongUseError: the file cannot be read or is empty, or a code will not do; the line is named.
    """
    import sys

    from activities.storage.voucher_codes import read_codes
    from worker.cli.errors import WrongUseError

    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise WrongUseError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WrongUseError(f"cannot read {file}: it is not UTF-8") from error
    try:
        return read_codes(text)
    except ValueError as error:
        raise WrongUseError(f"{file}: {error}") from error


def _design(session: "Session", name: str, changes: dict[str, str | int | None]) -> "VoucherDesign":
    """The design as it is stored, else the standard one, with what the options say."""
    from activities.storage.designs import standard_design
    from activities.storage.tables import VoucherDesign

    stored = session.get(VoucherDesign, name) or standard_design(name)
    return VoucherDesign(**stored.model_dump() | {key: value for key, value in changes.items() if value is not None})


def _counted(session: "Session") -> Sequence[tuple[str, ...]]:
    from sqlmodel import col, func, select

    from activities.storage.tables import Voucher, VoucherDesign
    from activities.storage.vouchers import ASSIGNED, FREE, RESERVED

    statement = select(Voucher.design, Voucher.state, func.count()).group_by(col(Voucher.design), col(Voucher.state))
    counts = {(design, state): number for design, state, number in session.exec(statement)}
    return [
        (
            design.name,
            design.value,
            design.minimum or "",
            str(design.valid_days),
            *(str(counts.get((design.name, state), 0)) for state in (FREE, RESERVED, ASSIGNED)),
        )
        for design in session.exec(select(VoucherDesign).order_by(col(VoucherDesign.name)))
    ]
