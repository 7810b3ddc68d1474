"""People in the voucher journey, for pages that count them."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from activities.clock import JourneyClock
from activities.storage.intake import Admission
from tests.activities.storage.reports.populations import JOURNEY, WHOLE, Population
from workflows import catalogue

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def population(session: Session, days_ago: float = 0) -> Population:
    """Nobody yet; both clocks are the wall clock, some days ago."""
    clock = JourneyClock(LONG_AGO, LONG_AGO, 1.0)
    return Population(session, datetime.now(UTC) - timedelta(days=days_ago), Admission(catalogue(), clock))


def few(session: Session) -> None:
    """Three in the journey: one complete at entry, one who waits, and one who was told and then completed."""
    people = population(session)
    people.stock("ONE-1", "TWO-2")
    ada = people.entry(people.register("Ada", **WHOLE))
    people.record(ada, ("check", "complete", {"condition": "complete", "result": True}))
    people.end(ada, "complete at entry")
    bob = people.entry(people.register("Bob"))
    people.walk(bob, "complete", "time-to-complete-the-profile-unprompted")
    eve = people.entry(people.register("Eve"))
    people.walk(eve, "complete", "time-to-complete-the-profile-unprompted", "complete#2", "reachable-by-email")
    people.message(eve, "complete-your-account", "sent")
    people.walk(eve, "time-to-act-on-the-reminder", "complete#3")
    people.end(eve, "complete after the reminder")


def arms(session: Session, number: int = 80, one_in: tuple[int, int] = (2, 10)) -> None:
    """As many in the journey, of whom one in so many completes, and as many held out, of whom one in more does."""
    people = population(session)
    for share, each_of in zip((0.0, 0.999999), one_in, strict=True):
        people.hold_out(share)
        for each in range(number):
            customer = people.register(f"Customer{share}{each}", email=f"c{share}-{each}@example.com")
            if each % each_of == 0:
                people.complete(customer)
    people.hold_out(0.0)


__all__ = ["JOURNEY", "arms", "few", "population"]
