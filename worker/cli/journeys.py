"""`sojourn journeys`: what there is."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from workflows.journey import Journey

WEEK = 7


def journeys(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the journeys: who enters, when messages go out, what they are for."""
    from worker.cli.output import console, print_json

    described = _described()
    if as_json:
        print_json({"journeys": described})
        return
    from rich.table import Column, Table

    name, window = Column("name", no_wrap=True), Column("window", no_wrap=True)
    table = Table(name, "title", "trigger", window, "re-entry", "goal", "held out", "state")
    for each in described:
        table.add_row(
            each["name"],
            each["title"],
            each["trigger"],
            _hours(each["window"]),
            each["reentry"],
            _goal(each),
            _share(each["holdout"]),
            each["state"],
        )
    console().print(table)


def _described() -> list[dict[str, Any]]:
    import workflows
    from activities.storage import journey_settings
    from worker.cli.database import exists, opened

    catalogue = workflows.catalogue()
    now = datetime.now(UTC)
    if not exists():  # as a fresh system would have them
        return [
            _describe(journey, "paused" if name in journey_settings.INITIALLY_PAUSED else "active", {}, 0.0)
            for name, journey in catalogue.items()
        ]
    with opened() as database:
        stored = database.read_now(lambda session: journey_settings.settings(session, catalogue, now))
    return [
        _describe(journey, stored[name].state, stored[name].parameters, stored[name].holdout)
        for name, journey in catalogue.items()
    ]


def _describe(journey: "type[Journey]", state: str, overrides: dict[str, Any], holdout: float) -> dict[str, Any]:
    parameters = journey.resolve(overrides)
    goal = journey.goal
    return {
        "name": journey.name,
        "title": journey.title(),
        "trigger": journey.trigger.event_type,
        "window": parameters.get("send_window"),
        "reentry": journey.reentry.value,
        "goal": goal
        and {
            "name": goal.name,
            "attributes": list(goal.attributes(parameters)),
            "words": journey.goal_in_words(parameters),
        },
        "holdout": holdout,
        "state": state,
    }


def _goal(described: dict[str, Any]) -> str:
    return described["goal"]["words"] if described["goal"] else ""


def _share(holdout: float) -> str:
    return f"{100 * holdout:g} %" if holdout else "nobody"


def _hours(window: dict[str, Any] | None) -> str:
    if window is None:
        return "any time"
    days = "" if len(window["days"]) == WEEK else f", {len(window['days'])} days a week"
    return f"{window['opens']}-{window['closes']}{days}"
