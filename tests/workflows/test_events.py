"""Events reach a waiting journey once, whenever they come: early, late, twice, out of order, or at the very timer."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select
from temporalio.testing import WorkflowEnvironment

from activities.heard import Heard
from activities.storage import customers, enrollments
from activities.storage.tables import Message
from tests.system import until
from tests.workflows.answering_journey import OrderRace, SecondOrder
from tests.workflows.ordering import Shop, shop
from worker.sandbox import bare_runner

ASKED, THANKED, REMINDED = (
    ["email", template, "sent"] for template in ("order-reminder", "loyalty-discount", "complete-your-account")
)
ANSWERED, SILENT = [ASKED, THANKED], [ASKED, REMINDED]
# Around the timer; a busy machine fires it late.
FIRST_OFFSET, LAST_OFFSET = timedelta(milliseconds=-100), timedelta(milliseconds=700)


async def lived(shop: Shop, enrollment_id: str) -> tuple[str | None, list[list[str]]]:
    """Let the journey come to its end: the outcome and the messages."""
    await shop.forward(enrollment_id, days=5)
    await shop.system.end(enrollment_id)
    return shop.ended_as(enrollment_id)[0], shop.system.messages(enrollment_id)


async def until_sending(shop: Shop) -> None:
    """Wait until a message is on its way and not yet taken."""
    await until(lambda: bool(shop.postbox.delivered), what="a message on its way")


# An answer, at every moment


async def test_an_answer_in_time_takes_its_path_at_once(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A customer who answers gets the code that minute, with what the journey keeps of the answer on record."""
    async with shop(server.client, tmp_path, environment=server) as client:
        enrollment = await client.order()
        await client.forward(enrollment, hours=3)
        await client.happens("order.answered", word="yes", secret="not kept")
        await client.system.end(enrollment)
        assert client.ended_as(enrollment) == ("answered", "yes")
        assert client.system.messages(enrollment) == ANSWERED
        ended_at = client.system.row(enrollment).ended_at
        assert ended_at is not None
        assert ended_at - client.system.row(enrollment).enrolled_at < timedelta(hours=3, minutes=1)
        history = (await client.system.handle(enrollment).fetch_history()).to_json()
        assert "not kept" not in history


async def test_an_answer_before_the_first_step_counts(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """An answer that is there before a worker took the journey up is not lost."""
    async with shop(server.client, tmp_path, environment=server, worker=False) as client:
        with server.with_time_skipping_disabled():
            enrollment = await client.order()
            await client.happens("order.answered")
            await client.work()
        assert await lived(client, enrollment) == ("answered", ANSWERED)


async def test_an_answer_during_a_message_counts(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """An answer that overtakes the question, which is still on its way, is used as soon as the journey waits."""
    async with shop(server.client, tmp_path, environment=server) as client:
        client.postbox.open.clear()
        with server.with_time_skipping_disabled():
            enrollment = await client.order()
            await until_sending(client)
            await client.happens("order.answered")
            client.postbox.open.set()
        assert await lived(client, enrollment) == ("answered", ANSWERED)


async def test_an_answer_after_the_time_is_up_changes_nothing(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Whoever answers when the time is up has taken the other path, and stays on it."""
    async with shop(server.client, tmp_path, environment=server) as client:
        enrollment = await client.order()
        assert await lived(client, enrollment) == ("no answer", SILENT)
        await client.happens("order.answered")
        assert client.ended_as(enrollment)[0] == "no answer"
        assert client.system.messages(enrollment) == SILENT
        assert client.waiting() == []


async def test_an_answer_twice_counts_once(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The same event posted again, delivered again, and two different answers lead to one path and one message."""
    async with shop(server.client, tmp_path, environment=server) as client:
        enrollment = await client.order()
        await client.forward(enrollment, hours=1)
        client.postbox.open.clear()
        with server.with_time_skipping_disabled():
            for _ in range(3):
                await client.happens("order.answered", id_="a1", word="first")
            for heard in (Heard("api/a1", "answered", "order.answered", {"word": "again"}),) * 2:
                await client.system.handle(enrollment).signal("event", heard)
            await client.happens("order.answered", id_="a2", word="second")
            client.postbox.open.set()
        assert await lived(client, enrollment) == ("answered", ANSWERED)
        assert client.ended_as(enrollment)[1] == "first"
        assert client.stored("order.answered") == 2
        assert client.codes("assigned") == 1


async def test_an_answer_that_overtakes_its_order_counts(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """An event that happened after the order but arrived before it is told to the journey that the order starts."""
    async with shop(server.client, tmp_path, environment=server) as client:
        ordered_at = datetime.now(UTC) - timedelta(minutes=10)
        assert await client.happens("order.answered", at=ordered_at + timedelta(minutes=5), word="early") == []
        [enrollment] = await client.happens("order.completed", at=ordered_at)
        assert await lived(client, enrollment) == ("answered", ANSWERED)


async def test_what_happened_before_the_order_is_no_answer_to_it(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """An event of last week answers no order of today."""
    async with shop(server.client, tmp_path, environment=server) as client:
        ordered_at = datetime.now(UTC) - timedelta(minutes=10)
        await client.happens("order.answered", at=ordered_at - timedelta(days=7))
        [enrollment] = await client.happens("order.completed", at=ordered_at)
        assert await lived(client, enrollment) == ("no answer", SILENT)


async def test_the_answer_to_another_order_is_none_to_this(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Two orders of one customer are two journeys, and each hears of its own events only."""
    async with shop(server.client, tmp_path, environment=server) as client:
        with server.with_time_skipping_disabled():
            first, second = [await client.order(orderId=order) for order in ("o1", "o2")]
            await client.happens("order.answered", orderId="o2")
            await client.happens("order.cancelled", orderId="o3")
            await client.system.end(second)
        assert await lived(client, first) == ("no answer", SILENT)
        assert client.ended_as(second)[0] == "answered"


async def test_nobody_is_told_what_nobody_listens_for(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """An event of a type that no journey knows is kept for later and wakes nobody."""
    async with shop(server.client, tmp_path, environment=server) as client:
        enrollment = await client.order()
        database = client.system.database
        entered = await database.write(lambda session: client.accept(session, "parcel.delivered"))
        assert (entered, client.waiting()) == ([], [])
        assert client.stored("parcel.delivered") == 1
        assert await lived(client, enrollment) == ("no answer", SILENT)


async def test_an_answer_at_the_very_timer_takes_one_path(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Customers answer just when their time is up: each is on one path and gets one message."""
    await race(server, tmp_path, waves=1, at_once=40)  # `make faults` has five of a hundred


async def race(server: WorkflowEnvironment, folder: Path, *, waves: int, at_once: int) -> int:
    """Customers answer around the end of their time (I13); how many messages they got.

    Args:
        server: of Temporal.
        folder: of the shop.
        waves: one after the other.
        at_once: customers of each wave.
    """
    tries = waves * at_once
    with server.with_time_skipping_disabled():
        async with shop(server.client, folder, OrderRace, runner=bare_runner(), speed=43_200) as client:
            for wave in range(waves):
                await _race(client, range(wave * at_once, (wave + 1) * at_once))
            rows = client.enrollments()
            assert len(rows) == tries
            paths = Counter(row.outcome for row in rows)
            ledger = client.system.database.read_now(lambda session: session.exec(select(Message)).all())
            sent = {message.enrollment_id: message.channel for message in ledger}
            assert len(ledger) == tries
            assert {message.state for message in ledger} == {"accepted"}
            of = {"answered": "sms", "no answer": "email"}
            assert all(sent[row.id] == of[row.outcome or ""] for row in rows)
            assert set(paths) == {"answered", "no answer"}, paths  # it was a race
            return len(ledger)


async def _race(client: Shop, numbers: range) -> None:
    """Some customers order at once; each answers within moments of the end of their time."""
    patience = timedelta(days=1)
    database = client.system.database

    def all_order(session: Session) -> list[str]:
        found = []
        for number in numbers:
            client.new_customer(session, f"r{number}")
            customer = customers.find(session, f"r{number}")
            assert customer is not None
            row = enrollments.enroll(
                session,
                customer,
                "order-race",
                parameters={"patience": "P1D"},
                trigger_type="order.completed",
                trigger_properties={"orderId": "o1"},
                clock=client.system.clock,
                now=datetime.now(UTC),
                entry_key="o1",
            )
            assert row is not None
            found.append(row.id)
        return found

    async def answer(number: int, enrollment_id: str) -> None:
        row = rows[enrollment_id]
        assert row.started_at is not None
        left = client.system.clock.wall(row.started_at + patience) - datetime.now(UTC)
        offset = FIRST_OFFSET + (LAST_OFFSET - FIRST_OFFSET) * ((number - numbers.start) / len(numbers))
        await asyncio.sleep(max((left + offset).total_seconds(), 0))
        heard = Heard(f"api/r{number}", "answered", "order.answered")
        handle = client.system.client.get_workflow_handle(row.workflow_id)
        await handle.signal("event", heard)

    ids = await database.write(all_order)
    await client.system.carry()
    rows = {row.id: row for row in client.enrollments()}
    assert client.system.clock.real(patience) == timedelta(seconds=2)
    outcomes = await asyncio.gather(
        *(answer(number, enrollment_id) for number, enrollment_id in zip(numbers, ids, strict=True)),
        return_exceptions=True,
    )
    late = [error for error in outcomes if isinstance(error, BaseException)]
    assert all("already completed" in str(error) for error in late), late
    await asyncio.gather(*(client.system.end(enrollment_id) for enrollment_id in ids))


# An order cancelled, at every moment


@pytest.mark.parametrize("when", ["before the start", "during a message", "in the wait", "on hold"])
async def test_a_cancelled_order_removes_its_customer(server: WorkflowEnvironment, tmp_path: Path, when: str) -> None:
    """Whoever cancels the order is out at that moment, the reason is on record, and the code goes back to the pool."""
    async with shop(server.client, tmp_path, environment=server, worker=False) as client:
        with server.with_time_skipping_disabled():
            enrollment = await client.order()
            if when == "before the start":
                await client.happens("order.cancelled")
            if when == "during a message":
                client.postbox.open.clear()
            await client.work()
            if when == "during a message":
                await until_sending(client)
                await client.happens("order.cancelled")
                client.postbox.open.set()
        if when in {"in the wait", "on hold"}:
            await client.forward(enrollment, hours=5)
            assert client.codes("reserved") == 1
            if when == "on hold":
                await client.system.handle(enrollment).execute_update("hold", "checks the order")
            await client.happens("order.cancelled")
        await client.system.end(enrollment)
        assert client.ended_as(enrollment) == ("removed", "order.cancelled")
        assert client.system.messages(enrollment) == ([] if when == "before the start" else [ASKED])
        assert len(client.postbox.delivered) == len(client.system.messages(enrollment))
        assert client.codes("free") == 10
        await client.happens("order.answered")
        assert len(client.system.messages(enrollment)) <= 1


async def test_a_cancellation_that_overtakes_its_order_keeps_the_customer_out(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A client whose systems send both at once, in the wrong order, writes to nobody about a cancelled order."""
    async with shop(server.client, tmp_path, environment=server) as client:
        ordered_at = datetime.now(UTC) - timedelta(minutes=10)
        await client.happens("order.cancelled", at=ordered_at + timedelta(minutes=1))
        assert await client.happens("order.completed", at=ordered_at) == []
        assert client.enrollments() == []
        await client.happens("order.cancelled", at=ordered_at, orderId="o2")
        [enrollment] = await client.happens("order.completed", at=ordered_at + timedelta(minutes=1), orderId="o2")
        assert client.system.row(enrollment).entry_key == "o2"


async def test_a_cancellation_during_the_last_message_comes_too_late(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A code that is already on its way to the customer is theirs; the journey ends as what it was."""
    async with shop(server.client, tmp_path, environment=server) as client:
        with server.with_time_skipping_disabled():
            enrollment = await client.order()
            await until(lambda: client.codes("reserved") == 1, what="the question")
            await until(lambda: len(client.system.messages(enrollment)) == 1, what="the question on record")
            client.postbox.open.clear()
            await client.happens("order.answered")
            await until(lambda: len(client.postbox.delivered) == 2, what="the code on its way")
            await client.happens("order.cancelled")
            client.postbox.open.set()
            await client.system.end(enrollment)
        assert client.ended_as(enrollment)[0] == "answered"
        assert client.system.messages(enrollment) == ANSWERED


async def test_an_order_is_followed_up_once(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The same order sent again, under whatever event id, starts nothing; another order does."""
    async with shop(server.client, tmp_path, environment=server) as client:
        with server.with_time_skipping_disabled():
            first = await client.order()
            assert await client.happens("order.completed", id_="again", total=50) == []
            await client.happens("order.cancelled")
            await client.system.end(first)
            assert await client.happens("order.completed", id_="and again", total=50) == []
            assert await client.order(orderId="o2") != first
            await client.happens("order.cancelled", orderId="o2")


# What customers do decides


@pytest.mark.parametrize(
    ("orders_again", "outcome", "messages"),
    [
        pytest.param(3, "ordered unprompted", [], id="in time"),
        pytest.param(17, "ordered after we wrote", [REMINDED], id="after we wrote"),
        pytest.param(None, "did not order", [REMINDED], id="never"),
    ],
)
async def test_a_further_step_can_wait_for_a_purchase(
    server: WorkflowEnvironment, tmp_path: Path, orders_again: int | None, outcome: str, messages: list[list[str]]
) -> None:
    """A customer who orders again of their own accord is left in peace; the order that began it does not count."""
    async with shop(server.client, tmp_path, SecondOrder, environment=server) as client:
        with server.with_time_skipping_disabled():
            enrollment = await client.order()
        if orders_again is not None:
            await client.forward(enrollment, days=orders_again)
            await client.happens("order.completed", orderId="small", total=5)
            assert client.ended_as(enrollment)[0] is None
            await client.happens("order.completed", orderId="o2", total=50)
        else:
            await client.forward(enrollment, days=30)
        await client.system.end(enrollment)
        assert client.ended_as(enrollment)[0] == outcome
        assert client.system.messages(enrollment) == messages
