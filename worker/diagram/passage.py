"""One pass through a journey's code: where it stands, what it knows, which way it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from activities.channels import Channel
from worker.diagram.errors import UndrawableError
from worker.diagram.source import Method
from worker.diagram.steps import Exit, Step
from worker.diagram.values import Place, Value
from workflows.journey import Journey

MOST_STATES = 3000  # a journey that people can read has some dozens

State = tuple[Any, ...]


class Joined(Exception):  # noqa: N818 - an end of the pass, not an error
    """From here on an earlier pass has seen everything."""


@dataclass(frozen=True)
class Test:
    """A decision of the code itself, with the answer it got.

    Attributes:
        place: where it stands.
        label: the question.
        answer: for the line; empty where it goes without saying.
        subject: what the question is about, to draw `if x == 1 … elif x == 2` as one.
        origin: the step whose answer it looks at, if it does.
        failure: it asks whether something went wrong.
        bad: it did.
        question: which, where it is about a message.
    """

    place: Place
    label: str
    answer: str
    subject: str = ""
    origin: Place = ()
    failure: bool = False
    bad: bool = False
    question: str = ""


@dataclass(frozen=True)
class Transition:
    """From one step to the next: by which exit, through which decisions."""

    source: State
    exit: int
    tests: tuple[Test, ...]
    target: State


@dataclass
class Explored:
    """What all passes together have seen."""

    steps: dict[State, Step] = field(default_factory=dict)
    transitions: dict[Transition, None] = field(default_factory=dict)  # a set that keeps its order


@dataclass
class Frame:
    """A method being followed.

    Attributes:
        method: which.
        names: its local variables.
        called_at: line, column and turns of the loops around it, of the call it is in.
        turns: of the `for` loops around the statement.
        answers: of the calls which the present statement has made; they belong to where it stands.
    """

    method: Method
    names: dict[str, Value]
    called_at: Place = ()
    turns: list[int] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)


class Passage:
    """A single pass; where the code forks it follows a script, and beyond it the first way."""

    def __init__(
        self, journey: type[Journey], explored: Explored, script: list[int], values: Mapping[str, Any]
    ) -> None:
        self.journey = journey
        self.explored = explored
        self.script = script
        self.values = values
        self.choices: list[tuple[int, int]] = []  # which way, of how many
        self.frames: list[Frame] = []
        self.fields: dict[str, Value] = {}  # what the code stored on self
        self.settled: dict[tuple[Any, ...], Any] = {}  # what questions asked before have settled, by question
        self.refused: frozenset[Channel] = frozenset()
        self._before: tuple[State, int] | None = None
        self._tests: list[Test] = []

    @property
    def frame(self) -> Frame:
        """The method being followed."""
        return self.frames[-1]

    def choose(self, options: int) -> int:
        """Which of so many ways to go."""
        if options == 1:
            return 0
        number = len(self.choices)
        chosen = self.script[number] if number < len(self.script) else 0
        self.choices.append((chosen, options))
        return chosen

    def undrawable(self, node: Any, what: str) -> UndrawableError:
        """The error to raise here: no picture is better than a wrong one."""
        return UndrawableError(self.frame.method.file, node.lineno, what)

    def place(self, node: Any) -> Place:
        """Where a piece of code stands, the calls on the way there included."""
        here = (self.frame.method.name, node.lineno, node.col_offset, *self.frame.turns)
        return (*(frame.called_at for frame in self.frames if frame.called_at), here)

    def visit(self, node: Any, step: Step) -> Value:
        """Come to a step, and leave it by one of its exits."""
        place = step.place
        # A new visit brings a new answer; and what was read elsewhere may have changed meanwhile.
        self.settled = {key: known for key, known in self.settled.items() if key[1] not in {place, ()}}
        state = self._state(place)
        new = state not in self.explored.steps
        if self._before:
            self.explored.transitions[Transition(*self._before, tuple(self._tests), state)] = None
        if new:
            self.explored.steps[state] = step
            if len(self.explored.steps) > MOST_STATES:
                raise self.undrawable(
                    node, "a loop that never comes back to where it was; give it an end that can be seen"
                )
        elif len(self.choices) >= len(self.script):
            raise Joined
        taken = self.choose(len(step.exits))
        self._before, self._tests = (state, taken), []
        found: Exit = step.exits[taken]
        self.frame.answers.append(found)
        return found.value

    def note(self, test: Test) -> None:
        """Remember a decision on the way to the next step."""
        self._tests.append(test)

    def settle(self, key: tuple[Any, ...], options: list[Any]) -> Any:
        """The answer to a question: the one it got before, or any of the possible ones."""
        if key not in self.settled:
            self.settled[key] = options[self.choose(len(options))]
        return self.settled[key]

    def _state(self, place: Place) -> State:
        """All that decides how it can go on from here."""
        names = tuple(
            (tuple(sorted((name, _hashable(value)) for name, value in frame.names.items())), tuple(frame.answers))
            for frame in self.frames
        )
        fields = frozenset(self.fields.items())
        return place, names, fields, frozenset(self.settled.items()), self.refused


def _hashable(value: Value) -> Any:
    return (type(value).__name__, repr(value))
