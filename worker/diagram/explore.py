"""Every way through a journey's code.

The code is followed again and again, each time taking another way at one of its forks, until no fork is left;
a pass ends where it comes to a step in a state that was seen before.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from worker.diagram.passage import Explored, Joined
from worker.diagram.statements import Statements
from workflows.journey import Journey


def explore(journey: type[Journey], values: Mapping[str, Any]) -> Explored:
    """All steps in all states, and how one follows the other.

    Args:
        journey: the class.
        values: of parameters, in their JSON form, where the defaults do not count.

    Raises:
        UndrawableError: the code does something that cannot be followed.
    """
    explored = Explored()
    scripts: list[list[int]] = [[]]
    while scripts:
        script = scripts.pop()
        one = Statements(journey, explored, script, values)
        with suppress(Joined):
            one.follow_run()
        taken = [chosen for chosen, _ in one.choices]
        # The last fork first, so that steps are found in the order in which the code names them.
        for number in range(len(script), len(taken)):
            scripts.extend([*taken[:number], other] for other in reversed(range(1, one.choices[number][1])))
    return explored
