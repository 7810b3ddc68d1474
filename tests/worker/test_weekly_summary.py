"""The weekly summary: on Mondays at eight, with what happened, and never twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select, update

import workflows
from activities.channels import EMAIL
from activities.clock import JourneyClock
from activities.delivery import (
    Accepted,
    Ambiguous,
    Deduplication,
    Delivery,
    Misconfigured,
    Unavailable,
    Verdict,
)
from activities.gate.pacing import Pacing
from activities.gate.summaries import SummaryGate
from activities.rendering import Rendered
from activities.storage import intake, provider_states, summaries, vouchers
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.database import Database
from activities.storage.intake import Admission
from activities.storage.ledger import State
from activities.storage.staff import Role, add_member, disable
from activities.storage.summaries import due, wanted
from activities.storage.tables import Voucher, VoucherDesign, WeeklySummary
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
        database,
        {EMAIL: post},
        Brand(),
        workflows.catalogue(),
        JourneyClock(),
        "https://shop.example",
        now=lambda: now,
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


async def test_it_says_which_pool_runs_out(staffed: Database) -> None:
    """Codes are loaded before promises stop; a design that never had any is not this letter's matter."""

    def stock(session: Session) -> None:
        for design, codes in (("summer-thanks", ["SUMMER-1"]), ("autumn-thanks", [])):
            vouchers.load(session, VoucherDesign(name=design, value="£10 off"), codes)
        session.exec(update(Voucher).values(state=vouchers.RESERVED, reserved_at=MONDAY - timedelta(days=1)))

    staffed.write_now(stock)
    post = Post()
    assert await one(staffed, post) is State.ACCEPTED
    words = " ".join(post.kept[0].text.split())
    assert "Voucher pool “summer-thanks”: None is free: nothing is promised until codes are loaded." in words
    assert "autumn-thanks" not in words


async def test_it_is_sent_once_a_week(staffed: Database) -> None:
    """Two workers, or a worker and the command line, never send a week's summary twice."""
    post = Post()
    [recipient] = staffed.read_now(lambda session: wanted(session, MONDAY))
    assert await sender(staffed, post).send(recipient) is State.ACCEPTED
    assert await sender(staffed, post, MONDAY + timedelta(hours=2)).send(recipient) is State.ACCEPTED
    assert len(post.kept) == 1
    assert names_due(staffed, MONDAY + timedelta(hours=2)) == []


async def test_what_may_have_gone_is_not_sent_again(staffed: Database) -> None:
    """A summary whose fate is unclear counts as sent, like every other message."""
    post = Post(answer=Ambiguous("no answer"))
    [recipient] = staffed.read_now(lambda session: wanted(session, MONDAY))
    assert await sender(staffed, post).send(recipient) is State.UNKNOWN
    assert await sender(staffed, post).send(recipient) is State.UNKNOWN
    assert len(post.kept) == 1


async def test_who_left_gets_none(staffed: Database) -> None:
    """A member who may sign in no more hears no more of the journeys."""
    staffed.write_now(lambda session: disable(session, "robin", MONDAY))
    assert names_due(staffed, MONDAY) == []


async def one(database: Database, post: Post, now: datetime = MONDAY, **more: Any) -> State:
    """Send Robin's summary of that week."""
    [recipient] = database.read_now(lambda session: wanted(session, now))
    return await replace(sender(database, post, now), **more).send(recipient)


def rows(database: Database) -> list[WeeklySummary]:
    return database.read_now(lambda session: list(session.exec(select(WeeklySummary)).all()))


async def test_a_provider_that_is_away_gets_the_same_summary_later(staffed: Database) -> None:
    """What certainly did not go is tried again, under the same key, and arrives once."""
    post = Post(answer=Unavailable("away"))
    assert await one(staffed, post) is State.RETRYABLE
    assert names_due(staffed, MONDAY + timedelta(minutes=1)) == ["Robin"]
    post.answer = Accepted("kept")
    assert await one(staffed, post, MONDAY + timedelta(minutes=1)) is State.ACCEPTED
    assert len({each.key for each in post.kept}) == 1
    assert post.kept[0].key.startswith("summary_")
    assert names_due(staffed, MONDAY + timedelta(hours=1)) == []


async def test_a_provider_that_knows_keys_gets_an_unclear_summary_again(staffed: Database) -> None:
    """Where a second one cannot arrive, a summary of unclear fate is repeated with the same bytes."""
    post = Post(answer=Ambiguous("no answer"), deduplication=Deduplication.KEY)
    assert await one(staffed, post) is State.ATTEMPTING
    later = MONDAY + timedelta(minutes=5)
    assert names_due(staffed, later) == ["Robin"]
    post.answer = Accepted("kept")
    assert await one(staffed, post, later) is State.ACCEPTED
    first, second = post.kept
    assert (first.key, first.subject, first.html, first.text) == (second.key, second.subject, second.html, second.text)


async def test_an_unclear_summary_is_not_repeated_once_its_key_may_be_forgotten(staffed: Database) -> None:
    """After a day nobody's key is surely known any more, and a second summary would be worse than a missing one."""
    post = Post(answer=Ambiguous("no answer"), deduplication=Deduplication.KEY)
    assert await one(staffed, post) is State.ATTEMPTING
    assert await one(staffed, post, MONDAY + timedelta(hours=20)) is State.UNKNOWN
    assert len(post.kept) == 1


async def test_an_attempt_that_wakes_late_settles_nothing(staffed: Database) -> None:
    """What a paused worker says of its own call cannot undo what another one has begun meanwhile."""
    taken_over = Post(answer=Ambiguous("no answer"), deduplication=Deduplication.KEY)

    class Slow(Post):
        async def deliver(self, delivery: Delivery) -> Verdict:
            assert await one(staffed, taken_over, MONDAY + timedelta(minutes=2)) is State.ATTEMPTING
            return await super().deliver(delivery)

    slow = Slow(answer=Unavailable("away"), deduplication=Deduplication.KEY)
    assert await one(staffed, slow) is State.ATTEMPTING
    assert [row.state for row in rows(staffed)] == ["attempting"]


async def test_a_worker_that_died_while_sending_leaves_it_unknown(staffed: Database) -> None:
    """Nobody can say whether a summary went whose worker died, so it is not sent again."""
    post = Post()
    gate = SummaryGate(staffed, post)
    [recipient] = staffed.read_now(lambda session: wanted(session, MONDAY))
    staffed.write_now(lambda session: gate._decide(session, recipient, Rendered("s", "h", "t"), MONDAY))
    assert await one(staffed, post, MONDAY + timedelta(seconds=30)) is State.ATTEMPTING  # it may still be under way
    assert names_due(staffed, MONDAY + timedelta(seconds=30)) == []
    assert names_due(staffed, MONDAY + timedelta(minutes=2)) == ["Robin"]
    assert await one(staffed, post, MONDAY + timedelta(minutes=2)) is State.UNKNOWN
    assert post.kept == []


async def test_nothing_goes_over_a_paused_channel(staffed: Database) -> None:
    """While staff keep the channel of emails paused, their own summaries wait, too."""
    post, pacing = Post(), Pacing()
    staffed.write_now(lambda session: provider_states.pause(session, "post", "a look at the sender", MONDAY))
    assert await one(staffed, post, pacing=pacing) is State.CLAIMED
    assert post.kept == []
    assert [each.put_off_for for each in rows(staffed)] == ["the channel is paused"]
    assert names_due(staffed, MONDAY + timedelta(minutes=1)) == []
    staffed.write_now(lambda session: provider_states.resume(session, "post", MONDAY))
    later = MONDAY + timedelta(minutes=6)
    assert names_due(staffed, later) == ["Robin"]
    assert await one(staffed, post, later, pacing=Pacing()) is State.ACCEPTED


async def test_a_wrong_key_pauses_the_channel(staffed: Database) -> None:
    """A summary that finds the account shut says so to all who would send over it."""
    post = Post(answer=Misconfigured("SOJOURN_RESEND_KEY"))
    assert await one(staffed, post, pacing=Pacing()) is State.RETRYABLE
    state = staffed.read_now(lambda session: provider_states.all_states(session)["post"])
    assert state.paused_since is not None


async def test_its_words_are_not_kept_once_it_is_settled(staffed: Database) -> None:
    """What was sent leaves no address and no figures behind in the ledger."""
    assert await one(staffed, Post()) is State.ACCEPTED
    [row] = rows(staffed)
    assert (row.to, row.subject, row.html, row.text) == ("", "", "", "")


async def test_it_names_the_journeys_that_are_stuck(staffed: Database) -> None:
    """Whoever reads the summary learns which journey needs a fix, without an error's words, which may name people."""

    async def stuck() -> list[dict[str, str]]:
        return [{"journey": "welcome", "reason": "no name for Ada"}] * 2

    post = Post()
    await one(staffed, post, stuck=stuck)
    words = " ".join(post.kept[0].text.split())
    assert "welcome: 2 people are stuck until its code is fixed." in words
    assert "Ada" not in words


async def test_it_says_when_nobody_could_be_asked(staffed: Database) -> None:
    """While Temporal is away the summary does not claim that nobody is stuck."""

    async def stuck() -> None:
        return None

    post = Post()
    await one(staffed, post, stuck=stuck)
    assert "Temporal did not answer" in post.kept[0].text
    assert "Nothing needs you." not in post.kept[0].text


async def test_whoever_changed_their_mind_meanwhile_gets_none(staffed: Database) -> None:
    """A summary that waits is dropped when its member no longer wants it."""
    post = Post(answer=Unavailable("away"))
    assert await one(staffed, post) is State.RETRYABLE
    [recipient] = staffed.read_now(lambda session: due(session, MONDAY + timedelta(minutes=1)))
    staffed.write_now(lambda session: summaries.wish(session, recipient.staff_id, ""))
    assert await sender(staffed, post, MONDAY + timedelta(minutes=2)).send(recipient) is State.SUPPRESSED
    assert len(post.kept) == 1
