"""Variants of templates that nobody could choose, and chosen ones that are gone."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlmodel import col, select

import workflows
from activities.channels import Channel
from activities.rendering import Written
from activities.storage.database import Database
from activities.storage.tables import JourneySetting
from activities.templates.renderer import MESSAGES
from worker.lint.findings import Finding
from worker.lint.messages import ENDINGS
from workflows.journey import Journey, Template
from workflows.journey.templates import VARIANT


def unfit_variants(written: Written, folder: Path = MESSAGES) -> list[Finding]:
    """Variants that do not stand in for their original on each of its channels.

    Args:
        written: the templates there are.
        folder: that has their files.
    """
    variants = [Template(name) for name in sorted(written) if VARIANT in name]
    return [
        Finding(folder / f"{name}{ENDINGS[next(each for each in Channel if each in written[name])]}", 1, lacking)
        for name in variants
        if (lacking := name.lacks(written))
    ]


def chosen_and_gone(journeys: Mapping[str, type[Journey]], written: Written, database: Database) -> list[Finding]:
    """Templates that staff chose, and that newcomers would be sent, without files.

    Args:
        journeys: by name.
        written: the templates there are.
        database: of the running system.
    """
    named = select(JourneySetting).where(col(JourneySetting.journey).in_(list(journeys)))
    rows = database.read_now(lambda session: session.exec(named).all())
    return [finding for row in rows for finding in _gone(journeys[row.journey], row, written)]


def _gone(journey: type[Journey], row: JourneySetting, written: Written) -> Iterator[Finding]:
    for name, parameter in journey.parameters().items():
        default, chosen = parameter.default, row.parameters.get(name)
        if isinstance(default, Template) and chosen is not None and chosen not in default.choices(written):
            yield Finding(
                Path(workflows.__file__),
                1,
                f"{journey.name}: {name} is set to {chosen!r}, and there is no such variant",
            )
