"""What the relay does, in virtual time: hands the outbox to the workflows."""

from collections.abc import Callable

from sqlmodel import Session, col, select

from activities.heard import Heard
from activities.storage.enrolled import hold_of
from activities.storage.facts import Reachability
from activities.storage.tables import Customer, Enrollment, OutboxItem
from worker.rehearsal.engine import VirtualRun


def carry(
    session: Session, customer_id: str, run_of: Callable[[str], VirtualRun | None], reachability: Reachability
) -> None:
    """Deliver all that the outbox has for a customer's journeys.

    Args:
        session: a writing transaction.
        customer_id: whose.
        run_of: the workflow of an enrollment, by its id; what is meant for none is lost, as with one that is over.
        reachability: tells the facts at this moment.
    """
    waiting = select(OutboxItem).join(Enrollment).where(Enrollment.customer_id == customer_id)
    for item in session.exec(waiting.order_by(col(OutboxItem.id))).all():
        run = run_of(item.enrollment_id)
        if run is not None:
            _deliver(session, item, run, reachability)
        session.delete(item)


def _deliver(session: Session, item: OutboxItem, run: VirtualRun, reachability: Reachability) -> None:
    row = session.get_one(Enrollment, item.enrollment_id)
    match item.kind:
        case "facts":
            run.signal("facts", reachability.facts(session, session.get_one(Customer, row.customer_id)))
        case "event":
            run.signal("event", Heard(**item.payload))
        case "hold":
            run.signal("hold", hold_of(row))
        case "cancel":
            run.cancel(row.cancel_reason or "")
