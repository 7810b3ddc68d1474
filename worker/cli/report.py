"""`sojourn report`: did a journey work?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sqlmodel import Session

    from activities.storage.reports import ArmReport, Interval, JourneyReport, Lift

DAY = "%Y-%m-%d"


def report(
    name: Annotated[str, typer.Argument(help="Name of the journey.")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=[DAY], help="First day on which they entered, UTC.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=[DAY], help="Last day, included.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, one number a line.")] = False,
) -> None:
    """Say what became of those who entered a journey: arms and lift, steps, messages, vouchers."""
    from activities.storage import journey_settings, reports
    from activities.storage.places import AS_RECORDED
    from api.course import PictureCourse
    from worker.cli.catalogue import journey_named
    from worker.cli.database import opened
    from worker.cli.errors import WrongUseError
    from worker.cli.output import print_json
    from worker.pictures import drawer

    if as_json and as_csv:
        raise WrongUseError("choose one of --json and --csv")
    if since and until and until < since:
        raise WrongUseError("--to: before the first day")
    journey = journey_named(name)
    days = (since.date() if since else None, until.date() if until else None)

    def read(session: "Session") -> "JourneyReport":
        values = journey_settings.setting(session, name, datetime.now(UTC)).parameters
        picture = drawer({name: journey})(name, journey.resolve(values), frozenset())
        return reports.journey_report(
            session, journey, *days, AS_RECORDED if picture is None else PictureCourse(picture)
        )

    with opened() as database:
        found = database.read_now(read)
    if as_json:
        print_json(reports.as_json(found))
    elif as_csv:
        typer.echo(reports.as_csv(found), nl=False)
    else:
        _show(found)


def _show(found: "JourneyReport") -> None:
    from worker.cli.output import console

    out = console()
    out.print(f"{found.journey}: {found.goal or 'no goal'}, within {found.conversion_window.days} days")
    out.print(_table("arm", "enrolled", "met at entry", "converted", "rate", rows=[_arm(arm) for arm in found.arms]))
    if found.lift is not None:
        out.print(_lift(found.lift))
    steps = [(each.step, each.entered, each.waiting, each.left, each.ended) for each in found.steps]
    out.print(_table("step", "entered", "waiting", "left", "ended", rows=steps))
    out.print(_table("outcome", "journeys", rows=list(found.outcomes.items())))
    messages = [
        (each.step, each.planned, each.sent, sum(each.suppressed.values()), each.failed, each.opened, each.clicked)
        for each in found.messages
    ]
    out.print(_table("message", "planned", "sent", "suppressed", "failed", "opened", "clicked", rows=messages))
    vouchers = [(each.design, each.assigned, each.redeemed, each.left) for each in found.vouchers]
    out.print(_table("voucher", "assigned", "redeemed", "left in the pool", rows=vouchers))
    for split in found.splits:
        arms = [_arm(arm) for arm in split.arms]
        out.print(_table(split.name, "came", "met before", "converted", "rate", rows=arms))
        for lift in split.lifts:
            out.print(_lift(lift))


def _arm(arm: "ArmReport") -> tuple[Any, ...]:
    rate = "" if arm.rate is None else f"{arm.rate:.1%} ({_between(arm.interval)})"
    return arm.arm, arm.enrolled, arm.met_at_entry, arm.converted, rate


def _between(interval: "Interval") -> str:
    return " to ".join("" if end is None else f"{end:.1%}" for end in (interval.low, interval.high))


def _lift(lift: "Lift") -> str:
    if lift.difference is None:
        return f"{lift.arm} against {lift.against}: nobody to compare with yet."
    sure = "" if lift.significant else "; this may be chance"
    settled = lift.enough or lift.significant or lift.sample_needed is None
    needed = "" if settled else f"; {lift.sample_needed} customers would settle it"
    found = f"{lift.difference:+.1%} ({_between(lift.difference_interval)})"
    return f"{lift.arm} against {lift.against}: {found}{sure}{needed}."


def _table(*heading: str, rows: "list[tuple[Any, ...]]") -> Any:
    from rich.table import Table

    table = Table(*heading)
    for row in rows:
        table.add_row(*(str(value) for value in row))
    return table
