"""`sojourn export`: everything that is held about one person."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Our id of the customer, or your own.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it, instead of stdout.")] = None,
) -> None:
    """Write everything that is held about a customer as one JSON document. docs/privacy.md explains it."""
    from datetime import UTC, datetime
    from typing import TYPE_CHECKING, Any

    from activities.storage import customers, erasure
    from activities.storage import export as exports
    from activities.storage.facts import Reachability
    from worker.cli.database import opened, signing_settings
    from worker.cli.errors import FailedError
    from worker.cli.output import print_json

    if TYPE_CHECKING:
        from sqlmodel import Session

    settings = signing_settings()  # its secret keys find the customer's addresses on the suppression list
    reachability = Reachability(settings.keys[0], consent_by_default=settings.consent_by_default)

    def transaction(session: "Session") -> dict[str, Any]:
        known = customers.find(session, customer)
        if known is not None:
            return exports.export(session, known, reachability, datetime.now(UTC))
        was = "was erased" if erasure.find(session, customer) else "is not known"
        raise FailedError(f"customer {customer} {was}")

    with opened() as database:
        document = database.read_now(transaction)
    if out is None:
        print_json(document)
    else:
        _write(out, document)
        typer.echo(f"Written to {out}.", err=True)


def _write(path: Path, document: object) -> None:
    """A new file, whole or not at all, that nobody else on this machine can read."""
    import json
    import os
    import tempfile

    from worker.cli.errors import WrongUseError

    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=2)
            file.write("\n")
        Path(draft).replace(path)
    except OSError as error:
        raise WrongUseError(f"cannot write {path}: {error.strerror}") from error
