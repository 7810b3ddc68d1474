"""Where the customers of a cohort went, step by step."""

from collections import Counter

from activities.storage.counts import Measure
from activities.storage.passage import END, START
from activities.storage.reports.model import Flow, StepReport
from activities.storage.reports.rollup import Tally

MEASURES = (Measure.MOVED, Measure.ENDED)


def flows(tally: Tally) -> tuple[Flow, ...]:
    """The flow between consecutive steps, and to each outcome; the widest first."""
    between = tally.by(Measure.MOVED, "name", "detail")
    ended = tally.by(Measure.ENDED, "name", "detail")
    found = [Flow(source, target, count) for (source, target), count in between.items()]
    found += [Flow(source, END, count, outcome) for (source, outcome), count in ended.items()]
    return tuple(sorted(found, key=lambda flow: (-flow.count, flow.source, flow.target, flow.outcome)))


def steps(flows_between: tuple[Flow, ...], enrolled: int) -> tuple[StepReport, ...]:
    """Every step that somebody came to: entered, and what became of them.

    Args:
        flows_between: of the cohort, the widest first.
        enrolled: those who were not held out: they all enter at the start.
    """
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
