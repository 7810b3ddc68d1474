"""The files of a new journey: made from the patterns beside this module, written all or none."""

import keyword
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from string import Template

PATTERNS = Path(__file__).parent / "patterns"
MESSAGES = Path("activities", "templates", "messages")
WORKFLOWS = Path("workflows")
SCENARIOS = Path("tests", "scenarios")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME = 32  # the template's name is in the step's name, and both are read in one line


class NotScaffoldedError(Exception):
    """Nothing was written; the message says why."""


def scaffold(name: str, root: Path) -> list[Path]:
    """Write a journey of a trigger, a wait, a check and a message, its templates, and a scenario for each end.

    Args:
        name: of the journey, e.g. ``abandoned-cart``.
        root: folder of the project.

    Returns:
        The files, relative to the root; the journey's own first.

    Raises:
        NotScaffoldedError: the name will not do, a file is there already, or the folder is no project.
    """
    _require_name(name)
    for folder in (WORKFLOWS, MESSAGES, SCENARIOS):
        if not (root / folder).is_dir():
            raise NotScaffoldedError(f"{folder} is missing here; run this in the folder of the project")
    files = {path: _filled(pattern, name) for path, pattern in _places(name).items()}
    module = WORKFLOWS / _module(name)
    for path in (*files, module, SCENARIOS / name):  # a package of the same name would hide the file
        if (root / path).exists():
            raise NotScaffoldedError(f"{path} exists")
    _write(root, files)
    return list(files)


def _require_name(name: str) -> None:
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise NotScaffoldedError(
            f"a journey is named like abandoned-cart, in at most {LONGEST_NAME} characters, not {name!r}"
        )
    if keyword.iskeyword(_module(name)) or keyword.issoftkeyword(_module(name)):
        raise NotScaffoldedError(f"{name!r} is a word of Python")
    import workflows.journey

    if _class(name) in workflows.journey.__all__:
        raise NotScaffoldedError(f"{_class(name)} is a word that journeys are written in; choose another name")


def _places(name: str) -> Mapping[Path, Path]:
    """Which pattern becomes which file."""
    messages = {MESSAGES / f"{name}{kind}": PATTERNS / f"message{kind}" for kind in _kinds()}
    scenarios = {SCENARIOS / name / path.name: path for path in sorted((PATTERNS / "scenarios").glob("*.json"))}
    return {WORKFLOWS / f"{_module(name)}.py": PATTERNS / "journey.txt", **messages, **scenarios}


def _kinds() -> list[str]:
    return sorted(path.name.removeprefix("message") for path in PATTERNS.glob("message.*"))


def _filled(pattern: Path, name: str) -> str:
    words = name.replace("-", " ")
    text = Template(pattern.read_text(encoding="utf-8"))
    return text.substitute(name=name, class_name=_class(name), words=words, title=words.capitalize())


def _module(name: str) -> str:
    return name.replace("-", "_")


def _class(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def _write(root: Path, files: Mapping[Path, str]) -> None:
    """Write every file; on a failure take back those written so far."""
    with ExitStack() as undo:
        for path, content in files.items():
            target = root / path
            if not target.parent.exists():
                target.parent.mkdir()
                undo.callback(target.parent.rmdir)
            with target.open("x", encoding="utf-8") as file:
                undo.callback(target.unlink)
                file.write(content)
        undo.pop_all()
