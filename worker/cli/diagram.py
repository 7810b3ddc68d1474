"""`sojourn diagram`: the picture of a journey, from its code."""

from typing import Annotated, Literal

import typer


def diagram(
    name: Annotated[str, typer.Argument(help="Which journey, as `sojourn journeys` lists them.")],
    format_: Annotated[Literal["mermaid", "svg", "json"], typer.Option("--format", help="What to print.")] = "mermaid",
) -> None:
    """Draw a journey: its steps, branches, loops and waits, as the code has them now.

    Exits 1 where the code cannot be followed, with file and line; 2 where there is no such journey.
    """
    import sys

    from worker.cli.catalogue import journey_named
    from worker.cli.errors import FailedError
    from worker.cli.output import print_json
    from worker.diagram import UndrawableError, as_json, as_mermaid, as_svg, draw

    journey = journey_named(name)
    try:
        graph = draw(journey)
    except UndrawableError as error:
        raise FailedError(f"{name} cannot be drawn: {error}") from error
    if format_ == "json":
        print_json(as_json(graph))
        return
    text = as_svg(graph) if format_ == "svg" else as_mermaid(graph)
    sys.stdout.flush()
    sys.stdout.buffer.write(text.rstrip().encode() + b"\n")  # UTF-8 whatever the terminal's encoding
    sys.stdout.buffer.flush()
