"""`sojourn erase`: a customer is forgotten."""

from typing import Annotated

import typer


def erase(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Our id of the customer, or your own.")],
) -> None:
    """Erase a customer: nothing is sent from now on, whatever is personal is gone, and their journeys end.

    What was counted stays. Asked again with our id, it tells how far it is.
    """
    from datetime import UTC, datetime
    from typing import TYPE_CHECKING

    from activities.storage import customers, erasure
    from activities.storage.facts import Reachability
    from worker.assembly import system_clock
    from worker.cli.database import opened, signing_settings
    from worker.cli.errors import FailedError

    if TYPE_CHECKING:
        from sqlmodel import Session

        from activities.storage.tables import Erasure

    settings = signing_settings()  # its secret keys hash the addresses that must never be written to again
    now = datetime.now(UTC)
    with opened() as database:
        journey_now = system_clock(database, settings).at(now)

        def transaction(session: "Session") -> "Erasure | None":
            known = customers.find(session, customer, locked=True)
            if known is None:
                return erasure.find(session, customer)
            reachability = Reachability(settings.keys[0], consent_by_default=settings.consent_by_default)
            return erasure.erase(session, known, reachability, source="command line", now=now, journey_now=journey_now)[
                0
            ]

        record = database.write_now(transaction)
    if record is None:
        raise FailedError(f"there is no customer {customer}")
    when = f"{record.erased_at:%Y-%m-%d %H:%M} UTC"
    left = "the worker ends their journeys and removes copies" if record.cleared_at is None else "nothing is left"
    typer.echo(f"Customer {record.customer_id} was erased at {when}; {left}.")
