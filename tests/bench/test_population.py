"""The population that the console is measured on is one the product could have written."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from activities.storage.database import Database
from activities.storage.reports import journey_report
from activities.storage.tables import Customer, Enrollment, Message, Reaction
from bench import lives as lived
from bench.lives import Life, catalogue
from bench.loading import loading
from bench.population import Size, populate
from tests.databases import PostgresServer

TODAY = date(2027, 6, 1)
CUSTOMERS = 2_000
JOURNEYS = ("data-collection-voucher", "order-follow-up")


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    """A few lives: rehearsing all of them takes a while."""
    few = {
        "data-collection-voucher": ("not-complete-email-and-sms", "rewarded-by-email"),
        "order-follow-up": ("sms",),
        "data-collection-points": (),
        "member-welcome": (),
        "welcome": (),
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lived, "LIVED", few)
        return lived.lives()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with empty tables."""
    if request.param == "sqlite":
        yield created(f"sqlite:///{tmp_path / 'population.db'}")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh() as fresh:
        yield created(fresh)


def created(url: str) -> str:
    """The same, with its tables."""
    database = Database(url)
    database.create_all()
    database.close()
    return url


def test_reports_of_a_population_add_up(lives: list[Life], url: str) -> None:
    """Whoever measures the console sees reports that agree with the rows, as on a system that has really run."""
    with loading(url) as sink:
        size = populate(sink, lives, CUSTOMERS, TODAY)
    assert (size.customers, size.enrollments) == (CUSTOMERS, CUSTOMERS)
    assert size.messages == pytest.approx(5 * CUSTOMERS, rel=0.15)  # whole people a day

    database = Database(url)
    try:
        database.read_now(lambda session: agrees(session, size))
    finally:
        database.close()


def agrees(session: Session, size: Size) -> None:
    """Compare reports and rows."""
    for table, number in ((Customer, size.customers), (Enrollment, size.enrollments), (Message, size.messages)):
        assert session.exec(select(func.count()).select_from(table)).one() == number
    for name in JOURNEYS:
        report = journey_report(session, catalogue()[name])
        rows = session.exec(select(Enrollment).where(Enrollment.journey == name)).all()
        treated = [row for row in rows if row.arm == "treated"]
        assert report.enrolled == len(rows)
        assert all(step.entered == step.waiting + step.left + step.ended for step in report.steps)
        waiting = Counter(row.step or "start" for row in treated if row.state != "ended")
        assert {step.step: step.waiting for step in report.steps if step.waiting} == waiting
        assert dict(report.outcomes) == Counter(row.outcome for row in treated if row.state == "ended")
        delivered = (
            select(func.count())
            .select_from(Reaction)
            .join(Message, col(Message.id) == Reaction.message_id)
            .join(Enrollment, col(Enrollment.id) == Message.enrollment_id)
            .where(Reaction.kind == "delivered", Enrollment.journey == name)
        )
        assert sum(message.delivered for message in report.messages) == session.exec(delivered).one()


def test_the_same_seed_gives_the_same_population(lives: list[Life], tmp_path: Path) -> None:
    """A measurement can be repeated: the same customers, to the last id."""
    found = []
    for name in ("first", "second"):
        url = created(f"sqlite:///{tmp_path / name}.db")
        with loading(url) as sink:
            populate(sink, lives, 200, TODAY)
        database = Database(url)
        found.append(database.read_now(lambda session: session.exec(select(Message.id, Message.to)).all()))
        database.close()
    assert sorted(found[0]) == sorted(found[1])
