"""The weekly summary: on Mondays at eight, with what happened, and never twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

import workflows
from activities.channels import EMAIL
from activities.clock import JourneyClock
from activities.delivery import Accepted, Ambiguous, Deduplication, Delivery, Verdict
from activities.storage import intake, summaries
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.database import Database
from activities.storage.intake import Admission
from activities.storage.staff import Role, add_member, disable
from activities.storage.summaries import State, due, wanted
from activities.templates.brand import Brand
from worker.weekly_summary import Summaries

MONDAY = datetime(2027, 3, 8, 7, 0, tzinfo=UTC)  # 08:00 in Prague
PASSWORD = "correct horse battery"


@dataclass
class Post:
    """A provider that keeps what it gets."""

    kept: list[Delivery] = field(default_factory=list)
    answer: Verdict = field(default_factory=lambda: Accepted("kept"))
    name: str = "post"
    deduplication: Deduplication = Deduplication.NONE

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Keep it."""
        self.kept.append(delivery)
        return self.answer

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It remembers nothing."""
        return None


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[Database]:
    """A system with a member in Prague who wants the summary, and one who does not."""
    database = Database(f"sqlite:///{tmp_path / 'sojourn.db'}")
    database.create_all()

    def transaction(session: Session) -> None:
        robin = add_member(session, "robin", "Robin", Role.VIEWER, PASSWORD, MONDAY, "Europe/Prague")
        add_member(session, "sam", "Sam", Role.ADMIN, PASSWORD, MONDAY)
        summaries.wish(session, robin.id, "robin@example.com")

    database.write_now(transaction)
    yield database
    database.close()


def sender(database: Database, post: Post, now: datetime = MONDAY) -> Summaries:
    return Summaries(
        database, {EMAIL: post}, Brand(), workflows.catalogue(), JourneyClock(), "https://shop.example", lambda: now
    )


def names_due(database: Database, at: datetime) -> list[str]:
    return [each.name for each in database.read_now(lambda session: due(session, at))]


@pytest.mark.parametrize(
    ("at", "names"),
    [
        (MONDAY - timedelta(minutes=1), []),
        (MONDAY, ["Robin"]),
        (MONDAY + timedelta(hours=23), ["Robin"]),
        (MONDAY + timedelta(hours=25), []),
        (MONDAY + timedelta(days=7), ["Robin"]),
    ],
)
def test_it_is_due_on_mondays_at_eight_on_the_members_own_clock(
    staffed: Database, at: datetime, names: list[str]
) -> None:
    """A member finds it when their week begins; what was missed for a day is not made up for."""
    assert names_due(staffed, at) == names


async def test_it_says_what_happened(staffed: Database) -> None:
    """The summary tells who entered, who reached the goal, and what needs somebody, with the way to the console."""
    admission = Admission(workflows.catalogue(), JourneyClock())

    def register(session: Session) -> None:
        for number in range(3):
            changes = ProfileChanges({"first_name": "Ada", "email": f"ada{number}@example.com"})
            intake.register(session, Registration(changes), admission, MONDAY - timedelta(days=2))

    staffed.write_now(register)
    post = Post()
    [recipient] = staffed.read_now(lambda session: due(session, MONDAY))
    assert await sender(staffed, post).send(recipient) is State.ACCEPTED
    [delivery] = post.kept
    assert (delivery.to, delivery.subject) == ("robin@example.com", "Your journeys, 1 Mar 2027 to 7 Mar 2027")
    words = " ".join(delivery.text.split())
    assert "data-collection-voucher: 3 people entered. 0 of 3 have reached the goal so far" in words
    assert "Nothing needs you." in delivery.text
    assert "https://shop.example/console" in delivery.text
    assert "ada0@example.com" not in delivery.text + delivery.html


async def test_it_is_sent_once_a_week(staffed: Database) -> None:
    """Two workers, or a worker and the command line, never send a week's summary twice."""
    post = Post()
    [recipient] = staffed.read_now(lambda session: wanted(session, MONDAY))
    assert await sender(staffed, post).send(recipient) is State.ACCEPTED
    assert await sender(staffed, post, MONDAY + timedelta(hours=2)).send(recipient) is None
    assert len(post.kept) == 1
    assert names_due(staffed, MONDAY + timedelta(hours=2)) == []


async def test_what_may_have_gone_is_not_sent_again(staffed: Database) -> None:
    """A summary whose fate is unclear counts as sent, like every other message."""
    post = Post(answer=Ambiguous("no answer"))
    [recipient] = staffed.read_now(lambda session: wanted(session, MONDAY))
    assert await sender(staffed, post).send(recipient) is State.UNKNOWN
    assert await sender(staffed, post).send(recipient) is None


async def test_who_left_gets_none(staffed: Database) -> None:
    """A member who may sign in no more hears no more of the journeys."""
    staffed.write_now(lambda session: disable(session, "robin", MONDAY))
    assert names_due(staffed, MONDAY) == []
