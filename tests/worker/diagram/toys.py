# ruff: noqa: ARG002 - `run` takes the enrollment because Temporal passes it
"""Small journeys that show what can be drawn, and what cannot."""

from datetime import timedelta
from enum import StrEnum

from temporalio import workflow

from workflows.journey import (
    EMAIL,
    SMS,
    Enrollment,
    Event,
    Goal,
    Journey,
    On,
    Outcome,
    Parameter,
    ProfileHas,
    Property,
    Split,
)


class Tone(StrEnum):
    """A choice between few values."""

    KIND = "kind"
    BRISK = "brisk"


@workflow.defn(name="toy-answers")
class Answers(Journey):
    """An event whose property decides, by `match`; and one that ends all."""

    trigger = On("toy.began")
    exit_on = Event("toy.stopped")
    answered = Event("toy.answered", keeps=("how",))

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Ask, and do as the answer says."""
        heard = await self.wait_for(self.answered, within=timedelta(hours=36), why="time to answer")
        if heard is None:
            return self.end("silence")
        match heard.properties.get("how"):
            case "mail":
                await self.send(EMAIL, "thanks")
            case "text" | "call":
                await self.send(SMS, "thanks")
            case _:
                return self.end("other answer")
        return self.end("answered")


@workflow.defn(name="toy-rounds")
class Rounds(Journey):
    """Loops: one that counts, one over a list; a choice by parameter; a helper with a default."""

    trigger = On("toy.began")
    tone = Parameter(Tone.KIND, "how we speak")
    done = ProfileHas("shoe_size")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Ask three times, then remind twice."""
        asked = 0
        while not await self.check(self.done):
            if asked == 3:
                break
            await self.ask()
            asked += 1
        for template in ("last", "very-last"):
            await self.ask(template)
        return self.end("asked")

    async def ask(self, template: str = "please") -> None:
        """One message, and a day."""
        await self.send(EMAIL, f"{template}-{self.tone}")
        await self.wait(days=1, why="time to answer")


@workflow.defn(name="toy-quoted")
class Quoted(Journey):
    """Words that mean something to a browser and to Mermaid."""

    trigger = On("toy.<b>began</b>")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Say them."""
        await self.wait(days=1, why='1. "time" & [more] | `time`')
        return self.end("<end> #1")


@workflow.defn(name="toy-sleeper")
class Sleeper(Journey):
    """Waits behind the language's back."""

    trigger = On("toy.began")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Sleep."""
        await workflow.sleep(1)
        return self.end("slept")


@workflow.defn(name="toy-catcher")
class Catcher(Journey):
    """Catches what is not for it."""

    trigger = On("toy.began")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Try."""
        try:
            await self.send(EMAIL, "thanks")
        finally:
            await self.wait(days=1, why="rest")
        return self.end("tried")


@workflow.defn(name="toy-dreamer")
class Dreamer(Journey):
    """Calls itself."""

    trigger = On("toy.began")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Begin."""
        await self.dream()
        return self.end("woke")

    async def dream(self) -> None:
        """Within a dream."""
        await self.wait(days=1, why="sleep")
        await self.dream()


@workflow.defn(name="toy-improviser")
class Improviser(Journey):
    """Sends what nobody knows beforehand."""

    trigger = On("toy.began")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Improvise."""
        await self.send(EMAIL, enrollment.customer_id)
        return self.end("sent")


@workflow.defn(name="toy-counter")
class Counter(Journey):
    """Counts for ever."""

    trigger = On("toy.began")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Count."""
        days = 0
        while True:
            days += 1
            await self.wait(days=days, why="time passes")


@workflow.defn(name="toy-gatherer")
class Gatherer(Journey):
    """Hides its steps in a list."""

    trigger = On("toy.began")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Gather."""
        sent = [await self.send(EMAIL, name) for name in ("a", "b")]
        return self.end("sent" if all(sent) else "not sent")


@workflow.defn(name="toy-arms")
class Arms(Journey):
    """Two splits: one whose arm names the template, one whose arms do different things."""

    trigger = On("toy.began")
    words = Split({"plain": 50, "cheerful": 50}, "which words do better")
    reminder = Split({"text": 1, "nothing": 3, "two-texts": 0}, "whether a text does more")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Say it in either way, then remind some."""
        words = await self.split(self.words)
        sent = await self.send(EMAIL, f"news-{words}")
        if not sent:
            return self.end("not sent")
        await self.wait(days=1, why="time to read")
        match await self.split(self.reminder):
            case "text":
                await self.send(SMS, "news")
            case "two-texts":
                await self.send(SMS, "news")
                await self.send(SMS, "more-news")
            case _:
                pass
        return self.end("told")


@workflow.defn(name="toy-subscriber")
class Subscriber(Journey):
    """Waits twice, for any subscription and for the one that is its goal."""

    trigger = On("toy.began")
    anything = Event("toy.subscribed")
    letter = Event("toy.subscribed", where=Property("to").equals("letter"))
    goal = Goal("toy.subscribed", "subscribed to the letter", where=letter.where)

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """Wait for one, then for the other."""
        if not await self.wait_for(self.anything, within=timedelta(days=1), why="any"):
            return self.end("nothing")
        if await self.wait_for(self.letter, within=timedelta(days=1), why="the letter"):
            return self.end("the letter")
        return self.end("the letter" if await self.check(self.letter) else "something else")
