"""`sojourn new`: the files of a new journey."""

from pathlib import Path
from typing import Annotated

import typer

NEXT = """\
Next:
1. Say in the first lines of {journey} what it is for; change its steps, then the words of its messages.
2. Try it:
   sojourn simulate {name} --scenario {scenario}
3. Keep {scenarios} true: a file for each end, its outcome and messages are the test.
4. Record how it runs; until then no later change is checked against the customers inside:
   python -m tests.histories.record {branches}
5. Draw it for the docs:
   python -c "from pathlib import Path; from worker.diagram import write_docs; write_docs(Path('docs/journeys'))"
6. See that all is well: sojourn check, then make test
docs/journeys.md tells the rest."""


def new(
    name: Annotated[str, typer.Argument(help="Of the journey, e.g. abandoned-cart.")],
) -> None:
    """Write a small journey, its messages and its scenarios, to be changed into your own.

    Run it in the folder of the project. Exits 2, and writes nothing, if the name will not do or is taken.
    """
    import workflows
    from worker.cli.errors import WrongUseError
    from worker.scaffold import SCENARIOS, NotScaffoldedError, scaffold

    if name in workflows.catalogue():
        raise WrongUseError(f"there is a journey {name!r} already")
    try:
        files = scaffold(name, Path.cwd())
    except NotScaffoldedError as error:
        raise WrongUseError(str(error)) from error
    for file in files:
        typer.echo(f"wrote {file}")
    scenarios = SCENARIOS / name
    branches = " ".join(f"{name}/{file.stem}" for file in files if file.is_relative_to(scenarios))
    typer.echo()
    typer.echo(
        NEXT.format(
            name=name, journey=files[0], scenario=scenarios / "first.json", scenarios=scenarios, branches=branches
        )
    )
