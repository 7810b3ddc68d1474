"""Where the customers of a cohort went, step by step."""

from collections import Counter
from itertools import pairwise

from activities.storage.counts import Measure
from activities.storage.passage import END, START
from activities.storage.places import AS_RECORDED, FROM_OUTSIDE, Course, result_of, spelled, step_of
from activities.storage.reports.model import Flow, StepReport
from activities.storage.reports.rollup import Tally

MEASURES = (Measure.MOVED, Measure.ENDED, Measure.MESSAGE)


def flows(tally: Tally, course: Course = AS_RECORDED) -> tuple[Flow, ...]:
    """The flow between consecutive steps, and to each outcome; the widest first.

    To the recorded moves and ends comes, of those behind a decided message, the move to the wait at which they are. The
    move that their journey tells of later takes its place. Whoever was ended from outside was at that wait.

    Args:
        tally: of the cohort.
        course: of the journey.
    """
    found, behind = Counter[tuple[str, str, str]](), Counter[str]()
    for (step, decision), count in tally.by(Measure.MESSAGE, "name", "detail").items():
        behind[spelled(step, result_of(decision))] += count
    for (place, target), count in tally.by(Measure.MOVED, "name", "detail").items():
        found[step_of(place), target, ""] += count
        behind[place] -= count
    for (place, outcome), count in tally.by(Measure.ENDED, "name", "detail").items():
        step, wait = step_of(place), course.following.get(place)
        if wait is not None and outcome in FROM_OUTSIDE:
            found[step, wait, ""] += count
            step = wait
        found[step, END, outcome] += count
        behind[place] -= count
    for place, wait in course.following.items():
        found[step_of(place), wait, ""] += behind[place]
    return _widest_first(found)


def _widest_first(found: Counter[tuple[str, str, str]]) -> tuple[Flow, ...]:
    flows = [Flow(source, target, count, outcome) for (source, target, outcome), count in found.items() if count]
    return tuple(sorted(flows, key=lambda flow: (-flow.count, flow.source, flow.target, flow.outcome)))


def _step_by_step(flows_between: tuple[Flow, ...], course: Course) -> tuple[Flow, ...]:
    """The same flow, led through the steps that were passed without a record."""
    found = Counter[tuple[str, str, str]]()
    for flow in flows_between:
        way = (flow.source, *course.between(flow.source, flow.target, flow.outcome), flow.target)
        for here, there in pairwise(way):
            found[here, there, flow.outcome if there == END else ""] += flow.count
    return _widest_first(found)


def steps(flows_between: tuple[Flow, ...], enrolled: int, course: Course = AS_RECORDED) -> tuple[StepReport, ...]:
    """Every step that somebody came to: entered, and what became of them.

    Args:
        flows_between: of the cohort, the widest first.
        enrolled: those who were not held out: they all enter at the start.
        course: of the journey.
    """
    flows_between = _step_by_step(flows_between, course)
    entered, left, ended = Counter({START: enrolled}), Counter[str](), Counter[str]()
    for flow in flows_between:
        if flow.target == END:
            ended[flow.source] += flow.count
        else:
            entered[flow.target] += flow.count
            left[flow.source] += flow.count
    return tuple(
        StepReport(step, entered[step], entered[step] - left[step] - ended[step], left[step], ended[step])
        for step in _in_order(flows_between)
    )


def _in_order(flows_between: tuple[Flow, ...]) -> list[str]:
    """The steps along the way that most take, then along the ways that branch off."""
    found: dict[str, None] = {}
    ahead = [START]
    while ahead:
        step = ahead.pop()
        if step not in found:
            found[step] = None
            onward = [flow.target for flow in flows_between if flow.source == step and flow.target != END]
            ahead += reversed(onward)
    return list(found)
