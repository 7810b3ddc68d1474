"""Where customers go: what the lines of a timeline add to the counts of steps, messages and vouchers."""

from collections.abc import Iterable

from sqlmodel import Session

from activities.storage.counts import Change, Measure, count
from activities.storage.places import ADDRESS_REFUSED, Place, result_of, spelled
from activities.storage.tables import Conversion, Enrollment, Exposure
from activities.storage.upserts import insert_new
from activities.timeline import Entry

START = "start"  # where customers are between their enrollment and their first recorded step
END = "end"
OPT_OUT = "opt-out"  # recorded as an event, and a step of the journey all the same


def follow(session: Session, enrollment: Enrollment, entries: Iterable[Entry]) -> Place:
    """Count where an enrollment went. Each move leaves from where the last one led, so the counts always add up.

    A message that is decided for good is left with the decision: what is counted of it is that move, too.

    Args:
        session: a writing transaction.
        enrollment: its row, locked.
        entries: new ones, in their order.

    Returns:
        The step where the customer stands now; and what became of its message, once they are behind it.
    """
    here, result, changes = enrollment.step, enrollment.decided, list[Change]()
    for entry in entries:
        if here == END:  # what a reset journey still has to say moves nobody
            break
        if not _is_step(entry):
            continue
        place = spelled(here or START, result)
        if entry.kind == "outcome":
            changes.append(Change(Measure.ENDED, place, str(entry.data.get("outcome"))))
        elif entry.step != place:
            changes.append(Change(Measure.MOVED, place, entry.step))
        here, result = entry.step, ""
        if entry.kind in {"message", "webhook"}:
            decision = _decision(str(entry.data["result"]))
            changes.append(Change(Measure.MESSAGE, here, decision))
            result = result_of(decision)
        elif entry.kind == "voucher":
            changes.append(Change(Measure.VOUCHER, str(entry.data["design"]), "assigned"))
        elif entry.kind == "split":
            changes += _exposed(session, enrollment, entry)
    count(session, enrollment, changes)
    return here, result


def _is_step(entry: Entry) -> bool:
    """Whether the customer came to a step; most events come to the customer, wherever they stand."""
    return entry.kind != "event" or entry.step.partition("#")[0] == OPT_OUT


def _decision(result: str) -> str:
    """A reason of ours is counted; one of a provider may be any text."""
    return "failed" if result.startswith("failed") and result != f"failed:{ADDRESS_REFUSED}" else result


def _exposed(session: Session, enrollment: Enrollment, entry: Entry) -> list[Change]:
    """A split, once an enrollment. Its line may be written after a conversion that it came before."""
    split, arm = str(entry.data["split"]), str(entry.data["arm"])
    exposure = {"enrollment_id": enrollment.id, "split": split, "arm": arm, "at": entry.at}
    if not insert_new(session, Exposure, exposure):
        return []
    changes = [Change(Measure.SPLIT, split, arm=arm)]
    converted = session.get(Conversion, enrollment.id)
    if converted is not None and (converted.at_entry or converted.at < entry.at):
        changes.append(Change(Measure.SPLIT_MET_BEFORE, split, arm=arm))
    elif converted is not None:
        changes.append(Change(Measure.SPLIT_CONVERTED, split, arm=arm))
    return changes
