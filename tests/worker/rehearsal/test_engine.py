"""Workflows in virtual time: the engine of `sojourn simulate`."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ActivityError, ApplicationError, RetryState

from tests.worker.rehearsal import toys
from tests.worker.rehearsal.toys import Desk, Parcel
from worker.rehearsal.engine import VirtualRun
from worker.rehearsal.errors import (
    RunCancelled,
    StuckError,
    UnsupportedCommandError,
    WorkflowBugError,
    WorkflowFailedError,
)

START = datetime(2027, 3, 27, 8, 30, tzinfo=UTC)


def start(workflow_class: type, argument: object = None, desk: Desk | None = None, max_steps: int = 1000) -> VirtualRun:
    """A run on a fixed start with one desk of activities."""
    stamp = (desk or Desk()).stamp
    return VirtualRun(
        workflow_class,
        argument,
        start=START,
        workflow_id="toy",
        activities=[stamp],
        max_steps=max_steps,
    )


async def test_ten_days_pass_without_waiting() -> None:
    """A marketer rehearses ten days of a journey at once and reads each step at its hour."""
    run = start(toys.Patience, Parcel("p", ("old",)))
    assert await run.run() == [
        "0h stamped ('old', '1')",
        "72h nothing told",
        "96h stamped ('old', '1')",
        "96h local ('old', '1')",
        "216h told []",
    ]
    assert run.closed
    assert run.now == START + timedelta(days=9)


async def test_a_signal_ends_a_wait() -> None:
    """A profile that is completed on day two is acted upon on day two."""
    run = start(toys.Patience, Parcel("p"))
    run.at(START + timedelta(days=2), lambda: run.signal("tell", "yes"))
    run.at(START + timedelta(days=4), lambda: run.signal("tell", "again"))
    story = await run.run()
    assert story == [
        "0h stamped ('1',)",
        "48h told yes",
        "72h stamped ('1',)",
        "72h local ('1',)",
        "192h told ['yes', 'again']",
    ]


async def test_the_world_goes_before_a_timer() -> None:
    """What a customer does at the very instant a wait ends still counts."""
    run = start(toys.Patience, Parcel("p"))
    run.at(START + timedelta(days=3), lambda: run.signal("tell", "in time"))
    story = await run.run()
    assert isinstance(story, list)
    assert story[1] == "72h told in time"


async def test_actions_may_await_and_plan_more() -> None:
    """A scenario's action can use the real storage, and can lead to a later one."""
    run = start(toys.Patience, Parcel("p"))
    seen: list[datetime] = []

    async def first() -> None:
        await asyncio.sleep(0)
        seen.append(run.now)
        run.at(run.now, lambda: seen.append(run.now))
        run.at(run.now + timedelta(hours=1), lambda: seen.append(run.now))
        run.at(START + timedelta(days=99), lambda: seen.append(run.now))

    run.at((START + timedelta(days=1)).astimezone(timezone(timedelta(hours=5))), first)
    await run.run()
    day = START + timedelta(days=1)
    assert seen == [day, day, day + timedelta(hours=1)]
    assert {instant.tzinfo for instant in seen} == {UTC}


async def test_signals_from_an_activity_come_before_its_result() -> None:
    """A message whose gate learns something new finds the journey already told of it."""
    desk = Desk()
    run = start(toys.Patience, Parcel("p"), desk)
    desk.meanwhile = lambda: run.signal("tell", f"at {run.now:%d}")
    story = await run.run()
    assert isinstance(story, list)
    assert story[:2] == ["0h stamped ('1',)", "0h told at 27"]
    assert story[-1] == "144h told ['at 27', 'at 27', 'at 28']"


async def test_updates_and_queries() -> None:
    """Support holds a journey and looks at it in a rehearsal as in the Temporal UI."""
    run = start(toys.Patience, Parcel("p"))
    answers: list[asyncio.Future[object]] = []
    heard: list[object] = []

    def support() -> None:
        run.signal("tell", "hello")
        answers.extend((run.update("hold", True), run.update("hold", True)))
        heard.append(run.query("told"))

    run.at(START + timedelta(hours=1), support)
    run.at(START + timedelta(hours=2), lambda: heard.append(run.query("told")))
    await run.run()
    assert heard == [[], ["hello"]]
    assert answers[0].result() == "held: True"
    assert str(answers[1].exception()) == "nothing to change"
    with pytest.raises(RuntimeError, match="not running"):
        run.query("told")


async def test_an_unknown_query_fails() -> None:
    """A slip in a query's name is told, and does not end the rehearsal."""
    run = start(toys.Patience, Parcel("p"))
    errors: list[BaseException] = []

    def ask() -> None:
        with pytest.raises(ApplicationError, match="expected but not found") as caught:
            run.query("missing")
        errors.append(caught.value)

    run.at(START, ask)
    await run.run()
    assert errors


async def test_an_update_without_an_answer_is_cancelled() -> None:
    """A rehearsal that ends leaves nobody waiting."""
    run = start(toys.Wrong, "wait")
    answers: list[asyncio.Future[object]] = []

    def ask_and_stop() -> None:
        run.cancel("enough")
        answers.append(run.update("hold"))

    run.at(START, ask_and_stop)
    with pytest.raises(RunCancelled):
        await run.run()
    assert answers[0].cancelled()


async def test_cancelling_runs_the_clean_up() -> None:
    """A cancelled journey cleans up, keeps the reason, and leaves none of its timers behind."""
    desk = Desk()
    run = start(toys.Cleaning, desk=desk)
    run.at(START + timedelta(days=7), lambda: run.cancel("asked by phone"))
    run.at(START + timedelta(days=7), lambda: run.cancel("twice"))
    with pytest.raises(RunCancelled) as caught:
        await run.run()
    assert caught.value.reason == "asked by phone"
    assert desk.seen == ["asked by phone 1 2027-04-03T08:30:00+00:00"]
    assert run.now == START + timedelta(days=7)


async def test_continue_as_new_keeps_the_clock() -> None:
    """A journey that continues as new is one journey in a rehearsal too."""
    run = start(toys.Relay, 3)
    run.at(START + timedelta(days=3), lambda: run.signal("tell"))
    assert await run.run() == "1 left True 2027-03-30T08:30:00+00:00 0"
    assert run.search_attributes[toys.STAGE] == "1 left"


async def test_a_signal_between_two_runs_waits_for_the_next() -> None:
    """A word that comes while a journey rests between two runs is not lost."""
    run = start(toys.BackingOff, False)
    run.at(START + timedelta(days=3), lambda: run.signal("tell", "hello"))
    assert await run.run() == "2027-04-26T08:30:00+00:00 ['hello']"


async def test_an_abandoned_activity_goes_on() -> None:
    """An activity that is let go is tried to its end, and the last update still has its answer."""
    desk = Desk(failures=2)
    run = start(toys.LettingGo, desk=desk)
    answers: list[asyncio.Future[object]] = []
    run.at(START + timedelta(minutes=1), lambda: answers.append(run.update("stop")))
    assert await run.run() == "over"
    assert len(desk.seen) == 3
    assert answers[0].result() == "stopped"


async def test_a_coroutine_that_cannot_be_ended_is_a_bug() -> None:
    """A journey that swallows its cancellation is found out before it blocks a worker."""
    with pytest.raises(WorkflowBugError, match="goes on when cancelled"):
        await start(toys.Stubborn).run()


async def test_search_attributes_of_the_start() -> None:
    """What a journey is started with is what its code sees."""
    attributes = TypedSearchAttributes([SearchAttributePair(toys.STAGE, "new")])
    run = VirtualRun(toys.Relay, 0, start=START, workflow_id="toy", activities=[], search_attributes=attributes)
    assert run.search_attributes == TypedSearchAttributes.empty
    assert await run.run() == "new False 2027-03-27T08:30:00+00:00 0"


async def test_retries_take_virtual_time() -> None:
    """A provider that is away for an hour is met again at the instants at which a server would try."""
    desk = Desk(failures=5)
    assert await start(toys.Retrying, {}, desk).run() == "6"
    minutes = [(datetime.fromisoformat(seen.split()[-1]) - START) / timedelta(minutes=1) for seen in desk.seen]
    assert minutes == [0, 1, 3, 7, 11, 15]


@pytest.mark.parametrize(
    ("limits", "error", "state", "attempts"),
    [
        ({"attempts": 3}, None, RetryState.MAXIMUM_ATTEMPTS_REACHED, 3),
        ({"schedule_to_close": 3}, None, RetryState.TIMEOUT, 3),
        ({"schedule_to_close": 2}, None, RetryState.TIMEOUT, 2),
        ({}, ApplicationError("no", type="Refused"), RetryState.NON_RETRYABLE_FAILURE, 1),
        ({}, ApplicationError("no", non_retryable=True), RetryState.NON_RETRYABLE_FAILURE, 1),
        (
            {"schedule_to_close": 60},
            ApplicationError("no", next_retry_delay=timedelta(minutes=25)),
            RetryState.TIMEOUT,
            3,
        ),
    ],
)
async def test_retries_end_as_on_a_server(
    limits: dict[str, int], error: Exception | None, state: RetryState, attempts: int
) -> None:
    """A message that cannot be sent fails for the reason and after the attempts of production."""
    desk = Desk(failures=99, error=error)
    with pytest.raises(WorkflowFailedError) as caught:
        await start(toys.Retrying, limits, desk).run()
    cause = caught.value.__cause__
    assert isinstance(cause, ActivityError)
    assert cause.retry_state == state
    assert cause.activity_type == "toy-stamp"
    assert isinstance(cause.cause, ApplicationError)
    assert len(desk.seen) == attempts


async def test_an_activity_between_two_attempts_is_cancelled() -> None:
    """A journey that gives up on a provider goes on at once."""
    desk = Desk(failures=9999)
    run = start(toys.GivingUp, desk=desk)
    assert await run.run() == "ActivityError CancelledError"
    assert run.now == START + timedelta(minutes=30)


async def test_the_same_input_gives_the_same_run() -> None:
    """Two rehearsals of a scenario give the same bytes, and two customers draw different arms."""
    first, second = [await start(toys.Dice).run() for _ in range(2)]
    other = await VirtualRun(toys.Dice, None, start=START, workflow_id="other", activities=[]).run()
    assert first == second
    assert isinstance(first, list)
    assert isinstance(other, list)
    assert not set(first) & set(other)


async def test_a_bug_is_shown_and_does_not_hang() -> None:
    """A developer whose journey raises reads where, instead of waiting."""
    with pytest.raises(WorkflowBugError, match="KeyError: 'missing'") as caught:
        await start(toys.Wrong, "bug").run()
    assert "toys.py" in str(caught.value)


async def test_a_failed_workflow_raises_its_failure() -> None:
    """A workflow that fails itself fails the rehearsal with the same error."""
    with pytest.raises(WorkflowFailedError, match="out of stock") as caught:
        await start(toys.Wrong, "fail").run()
    assert isinstance(caught.value.__cause__, ApplicationError)
    assert caught.value.__cause__.type == "OutOfStock"


@pytest.mark.parametrize(
    ("how", "error", "text"),
    [
        ("wait", StuckError, "nothing is left that could happen"),
        ("loop", StuckError, "still open after 1000 steps"),
        ("unknown activity", WorkflowBugError, "'toy-missing' is not among those given"),
        ("child", UnsupportedCommandError, "start_child_workflow_execution"),
    ],
)
async def test_no_rehearsal_hangs(how: str, error: type[Exception], text: str) -> None:
    """A journey that could never end is reported."""
    with pytest.raises(error, match=text):
        await start(toys.Wrong, how).run()


async def test_an_activity_that_never_succeeds_is_named() -> None:
    """A developer whose activity has a bug reads which one, instead of waiting for its thousandth attempt."""
    with pytest.raises(StuckError, match="toy-stamp: the desk is closed"):
        await start(toys.Retrying, {}, Desk(failures=10**9)).run()


async def test_arguments_that_do_not_fit_are_a_bug() -> None:
    """An activity called with the wrong type is reported at once; a server would try for ever."""
    with pytest.raises(WorkflowBugError, match="the arguments of activity 'toy-stamp' do not fit"):
        await start(toys.Misfit).run()


@pytest.mark.parametrize(
    "plan",
    [
        lambda run: run.at(START.replace(tzinfo=None), lambda: None),
        lambda run: run.at(START - timedelta(seconds=1), lambda: None),
    ],
)
def test_no_action_in_the_past(plan: Callable[[VirtualRun], None]) -> None:
    """A planned instant is aware and not past, or the developer is told."""
    with pytest.raises(ValueError, match=r"aware|past"):
        plan(start(toys.Patience, Parcel("p")))


async def test_an_action_that_raises_ends_the_run() -> None:
    """A mistake in the rehearsal itself comes out as it is."""
    run = start(toys.Patience, Parcel("p"))

    def fail() -> None:
        raise ZeroDivisionError

    run.at(START, fail)
    with pytest.raises(ZeroDivisionError):
        await run.run()


async def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A rehearsal prints its timeline and nothing else; other code goes on logging."""
    with caplog.at_level(logging.DEBUG), pytest.raises(WorkflowBugError):
        await start(toys.Wrong, "bug").run()
    assert not [record for record in caplog.records if record.name.startswith("temporalio")]
    logging.getLogger("temporalio.workflow").warning("still heard")
    assert "still heard" in caplog.text


async def test_runs_side_by_side() -> None:
    """A hundred rehearsals at once do not touch each other."""
    runs = [start(toys.Patience, Parcel(str(number))) for number in range(100)]
    runs[7].at(START + timedelta(days=1), lambda: runs[7].signal("tell", "only me"))
    stories = await asyncio.gather(*(run.run() for run in runs))
    assert [number for number, story in enumerate(stories) if "only me" in str(story)] == [7]
