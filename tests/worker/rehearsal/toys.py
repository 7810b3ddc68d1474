"""Small workflows and activities that show each thing a rehearsal must do as a server does it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError

STAGE = SearchAttributeKey.for_keyword("JourneyOutcome")
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Parcel:
    """An argument with a type of its own, to see type hints respected."""

    name: str
    tags: tuple[str, ...] = ()


@dataclass
class Desk:
    """Activities that remember what they were asked, and fail as often as they are told."""

    failures: int = 0
    error: Exception | None = None
    meanwhile: Callable[[], None] = lambda: None
    seen: list[str] = field(default_factory=list)

    @activity.defn(name="toy-stamp")
    async def stamp(self, parcel: Parcel) -> Parcel:
        """Give the parcel back with the attempt and the instant stamped on it."""
        info = activity.info()
        self.seen.append(f"{parcel.name} {info.attempt} {info.started_time.isoformat()}")
        self.meanwhile()
        if self.failures:
            self.failures -= 1
            raise self.error or RuntimeError("the desk is closed")
        return Parcel(parcel.name, (*parcel.tags, str(info.attempt)))


@workflow.defn(name="toy-patience")
class Patience:
    """Waits, is interrupted by signals, and stamps in between: a journey in small."""

    def __init__(self) -> None:
        self.signals: list[str] = []
        self.held = False
        self.story: list[str] = []

    @workflow.signal
    def tell(self, text: str) -> None:
        """Take note of a text."""
        self.signals.append(text)

    @workflow.update
    async def hold(self, held: bool) -> str:
        """Hold or let go."""
        self.held = held
        await workflow.sleep(1)
        return f"held: {self.held}"

    @hold.validator
    def may_hold(self, held: bool) -> None:
        """Refuse what would change nothing."""
        if held == self.held:
            raise ApplicationError("nothing to change")

    @workflow.query
    def told(self) -> list[str]:
        """What it was told."""
        return self.signals

    @workflow.run
    async def run(self, parcel: Parcel) -> list[str]:
        """Five steps over ten days."""
        started = workflow.now()

        def note(what: str) -> None:
            hours = round((workflow.now() - started) / timedelta(hours=1))
            self.story.append(f"{hours}h {what}")

        if workflow.patched("stamp-first"):
            note(f"stamped {await self._stamp(parcel)}")
        try:
            await workflow.wait_condition(
                lambda: bool(self.signals), timeout=timedelta(days=3), timeout_summary="time to answer"
            )
            note(f"told {self.signals[-1]}")
        except TimeoutError:
            note("nothing told")
        workflow.set_current_details("half way")
        pair = await asyncio.gather(
            self._stamp(parcel), workflow.sleep(timedelta(days=1)), workflow.sleep(timedelta(hours=5))
        )
        note(f"stamped {pair[0]}")
        workflow.upsert_search_attributes([STAGE.value_set("late")])
        local = await workflow.execute_local_activity_method(
            Desk.stamp, parcel, start_to_close_timeout=SECOND, summary="at the next desk"
        )
        note(f"local {local.tags}")
        await workflow.sleep(timedelta(days=5), summary="the long one")
        note(f"told {self.signals}")
        return self.story

    async def _stamp(self, parcel: Parcel) -> tuple[str, ...]:
        stamped = await workflow.execute_activity_method(
            Desk.stamp,
            parcel,
            start_to_close_timeout=timedelta(minutes=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(hours=1), backoff_coefficient=2),
            summary="stamp",
        )
        return stamped.tags


@workflow.defn(name="toy-retrying")
class Retrying:
    """One activity under a policy with every limit."""

    @workflow.run
    async def run(self, limits: dict[str, int]) -> str:
        """Stamp; the limits are minutes."""
        limit = timedelta(minutes=limits["schedule_to_close"]) if "schedule_to_close" in limits else None
        stamped = await workflow.execute_activity_method(
            Desk.stamp,
            Parcel("p"),
            start_to_close_timeout=SECOND,
            schedule_to_close_timeout=limit,
            retry_policy=RetryPolicy(
                initial_interval=timedelta(minutes=1),
                maximum_interval=timedelta(minutes=4),
                maximum_attempts=limits.get("attempts", 0),
                non_retryable_error_types=["Refused"],
            ),
        )
        return stamped.tags[0]


@workflow.defn(name="toy-cleaning")
class Cleaning:
    """Cleans up when cancelled."""

    def __init__(self) -> None:
        self.waiting = True

    @workflow.run
    async def run(self) -> str:
        """Wait for ever, or a year; stamp on the way out."""
        try:
            await asyncio.gather(workflow.sleep(timedelta(days=365)), workflow.wait_condition(lambda: not self.waiting))
        except asyncio.CancelledError:
            await workflow.execute_activity_method(
                Desk.stamp, Parcel(str(workflow.cancellation_reason())), start_to_close_timeout=SECOND
            )
            raise
        return "never"


@workflow.defn(name="toy-relay")
class Relay:
    """Continues as new until its number is used up."""

    def __init__(self) -> None:
        self.told = 0

    @workflow.signal
    def tell(self) -> None:
        """Count."""
        self.told += 1

    @workflow.run
    async def run(self, left: int) -> str:
        """Sleep a day and hand over."""
        info = workflow.info()
        if left:
            workflow.upsert_search_attributes([STAGE.value_set(f"{left} left")])
            long_sleep = asyncio.create_task(workflow.sleep(timedelta(days=30)))
            await asyncio.wait({long_sleep}, timeout=timedelta(days=1).total_seconds())
            workflow.continue_as_new(left - 1)
        first = info.first_execution_run_id
        stage = info.typed_search_attributes.get(STAGE)
        return f"{stage} {first != info.run_id} {workflow.now().isoformat()} {self.told}"


@workflow.defn(name="toy-giving-up")
class GivingUp:
    """Cancels an activity that fails for ever."""

    @workflow.run
    async def run(self) -> str:
        """Give the desk a day."""
        handle = workflow.start_activity_method(
            Desk.stamp, Parcel("p"), start_to_close_timeout=SECOND, schedule_to_close_timeout=timedelta(9)
        )
        await workflow.sleep(timedelta(minutes=30))
        handle.cancel()
        try:
            await handle
        except Exception as error:  # noqa: BLE001 - what it is is the answer
            return f"{type(error).__name__} {type(error.__cause__).__name__}"
        return "done"


@workflow.defn(name="toy-wrong")
class Wrong:
    """Ends badly, in the way it is asked to."""

    @workflow.run
    async def run(self, how: str) -> int:
        """Raise, fail, wait for ever, loop, or ask for what only a server has."""
        if how == "bug":
            return dict[str, int]()["missing"]
        if how == "fail":
            raise ApplicationError("out of stock", type="OutOfStock")
        if how == "child":
            await workflow.execute_child_workflow("other")
        if how == "loop":
            while True:
                await workflow.sleep(1)
        if how == "unknown activity":
            await workflow.execute_activity("toy-missing", start_to_close_timeout=SECOND)
        await workflow.wait_condition(lambda: False)
        return 1


@workflow.defn(name="toy-misfit")
class Misfit:
    """Hands an activity what it does not take."""

    @workflow.run
    async def run(self) -> None:
        """A text for a parcel."""
        await workflow.execute_activity("toy-stamp", "text", start_to_close_timeout=SECOND)


@workflow.defn(name="toy-backing-off")
class BackingOff:
    """Continues as new after a rest, and then waits for a word."""

    def __init__(self) -> None:
        self.words: list[str] = []

    @workflow.signal
    def tell(self, word: str) -> None:
        """Take note of a word."""
        self.words.append(word)

    @workflow.run
    async def run(self, rested: bool) -> str:
        """Rest for a month, once."""
        if not rested:
            workflow.continue_as_new(True, backoff_start_interval=timedelta(days=30))
        await workflow.wait_condition(lambda: bool(self.words))
        return f"{workflow.now().isoformat()} {self.words}"


@workflow.defn(name="toy-letting-go")
class LettingGo:
    """Cancels an activity without stopping it, and answers an update with its last breath."""

    def __init__(self) -> None:
        self.over = False

    @workflow.update
    def stop(self) -> str:
        """Let it end."""
        self.over = True
        return "stopped"

    @workflow.run
    async def run(self) -> str:
        """Abandon the desk."""
        handle = workflow.start_activity_method(
            Desk.stamp,
            Parcel("p"),
            start_to_close_timeout=SECOND,
            cancellation_type=workflow.ActivityCancellationType.ABANDON,
        )
        await workflow.sleep(SECOND / 2)
        handle.cancel()
        try:
            await handle
        except ActivityError:
            await workflow.wait_condition(lambda: self.over)
        return "over"


@workflow.defn(name="toy-stubborn")
class Stubborn:
    """Goes on when it is cancelled."""

    @workflow.run
    async def run(self) -> None:
        """Leave a coroutine behind that nothing ends."""
        stubborn = asyncio.create_task(self._stay())
        await asyncio.wait({stubborn}, timeout=1)

    async def _stay(self) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue


@workflow.defn(name="toy-dice")
class Dice:
    """Draws from the workflow's own randomness."""

    @workflow.run
    async def run(self) -> list[str]:
        """A number, an id and the run's id."""
        return [str(workflow.random().random()), str(workflow.uuid4()), workflow.info().run_id]
