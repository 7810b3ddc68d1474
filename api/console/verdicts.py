"""Did it work? In words, with no more certainty than the numbers have."""

from dataclasses import dataclass

from activities.storage.reports import ArmReport, Lift

FEW = 30  # exposed in an arm; with fewer even a large difference is an accident
BARELY = 1.1  # an interval of the ratio that comes closer to 1 is called a little


@dataclass(frozen=True)
class Verdict:
    """What a journey brings, against those who were left alone.

    Attributes:
        kind: yes, no or unsure; none where nothing was measured.
        figure: one or two words before the ratio.
        short: for a table.
        words: in a sentence or two.
        ratio: shown beside the figure; None where it says nothing.
    """

    kind: str
    figure: str
    short: str
    words: str
    ratio: float | None = None


def verdict(goal: str, arms: tuple[ArmReport, ...], lift: Lift | None) -> Verdict:
    """What the numbers of a cohort say.

    Args:
        goal: in words; empty for a journey without one.
        arms: treated, and held out if anybody was.
        lift: of the first against the second.
    """
    if not goal:
        return Verdict(
            "none", "No goal", "No goal", "This journey names no goal, so nothing can be said of its success."
        )
    if not sum(arm.enrolled for arm in arms):
        return Verdict("none", "Nobody yet", "Nobody entered", "Nobody entered on these days.")
    if lift is None:
        return Verdict(
            "none",
            "Not measured",
            "Nobody is held out",
            "Nobody is held out, so nobody can say how many would have got there by themselves. "
            "Leave a share of them alone to find out.",
        )
    if min(arm.exposed for arm in arms) < FEW:
        return Verdict(
            "unsure",
            "Too early",
            "Too early to say",
            f"Fewer than {FEW} people in one of the two groups: any difference may be an accident.",
        )
    if not lift.significant or lift.difference is None:
        needed = f" It takes about {lift.sample_needed:,} people to tell." if lift.sample_needed else ""
        return Verdict(
            "unsure",
            "Not clear yet",
            "No clear difference",
            f"People in the journey get there about as often as people left alone: what differs may be chance.{needed}",
            lift.ratio,
        )
    if lift.difference < 0:
        return Verdict(
            "no",
            "No",
            "It does harm",
            "People in the journey get there less often than people left alone. This is not chance.",
            lift.ratio,
        )
    low = lift.ratio_interval.low
    little = low is not None and low < BARELY
    return Verdict(
        "yes",
        "Yes",
        "It works, a little" if little else "It works",
        f"People in the journey get there {_as_often(lift.ratio)} people left alone. This is not chance.",
        lift.ratio,
    )


def _as_often(ratio: float | None) -> str:
    """A ratio as people say it."""
    if ratio is None:
        return "and none of the"
    if ratio < BARELY:
        return "a little more often than"
    if ratio < 1.45:
        return f"{round((ratio - 1) * 100)} % more often than"
    if ratio < 1.75:
        return "one and a half times as often as"
    halves = round(ratio * 2)
    whole, half = divmod(halves, 2)
    counted = {2: "two", 3: "three", 4: "four", 5: "five"}.get(whole, str(whole))
    if (whole, half) == (2, 0):
        return "twice as often as"
    return f"{counted}{' and a half' if half else ''} times as often as"
