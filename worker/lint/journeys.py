"""What the code of a journey must not do, found by reading it; nothing is imported or run."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from activities.channels import Channel
from worker.lint.findings import Finding
from worker.lint.reachability import unreachable
from worker.lint.template_names import Names, sends

Templates = Mapping[str, set[Channel]]

# Each would answer something else when a journey is replayed.
CHANGES = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "perf_counter", "sleep", "localtime", "gmtime"},
    "uuid": {"uuid1", "uuid4"},
    "os": {"urandom", "environ", "getenv"},
}
NEVER = {"random", "secrets", "threading", "socket", "subprocess"}
TOO_WIDE = {"Exception", "BaseException"}


def lint_journeys(folder: Path, templates: Templates) -> list[Finding]:
    """Lint every journey file of a folder.

    Args:
        folder: of the journeys.
        templates: the channels each template is written for.
    """
    return [finding for file in sorted(folder.glob("*.py")) for finding in lint_file(file, templates)]


def lint_file(file: Path, templates: Templates) -> list[Finding]:
    """Lint one journey file.

    Args:
        file: to read.
        templates: the channels each template is written for.
    """
    try:
        module = ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError as error:
        return [Finding(file, error.lineno or 1, f"is no Python: {error.msg}")]
    found = [Finding(file, line, what) for line, what in (*_in_code(module), *_in_journeys(module, templates))]
    return sorted(set(found), key=lambda finding: (finding.line, finding.what))


def _in_code(module: ast.Module) -> Iterator[tuple[int, str]]:
    called = _aliases(module)
    for node in ast.walk(module):
        match node:
            case ast.Import():
                names = {alias.name.partition(".")[0] for alias in node.names} & NEVER
            case ast.ImportFrom(module=str(source)):
                names = {source.partition(".")[0]} & NEVER
                names |= {f"{source}.{a.name}" for a in node.names if a.name in CHANGES.get(source, ())}
            case ast.Attribute(value=owner, attr=attribute):
                last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                last = called.get(last, last)
                names = {f"{last}.{attribute}"} if attribute in CHANGES.get(last, ()) else set()
            case ast.ExceptHandler() if _too_wide(node.type):
                yield node.lineno, "catches everything, a cancel and the end of the journey too; name the error"
                continue
            case _:
                continue
        for name in sorted(names):
            yield node.lineno, f"{name} answers something else when the journey is replayed; use self.now, or no chance"


def _aliases(module: ast.Module) -> dict[str, str]:
    """What `import time as t` and the like call by another name."""
    imports = (node for node in ast.walk(module) if isinstance(node, ast.Import | ast.ImportFrom))
    return {alias.asname: alias.name for node in imports for alias in node.names if alias.asname}


def _too_wide(caught: ast.expr | None) -> bool:
    match caught:
        case None:
            return True
        case ast.Tuple(elts=each):
            return any(_too_wide(one) for one in each)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in TOO_WIDE
        case _:
            return False


def _in_journeys(module: ast.Module, templates: Templates) -> Iterator[tuple[int, str]]:
    for journey in module.body:
        if not isinstance(journey, ast.ClassDef) or not any(_is_journey(base) for base in journey.bases):
            continue
        if not _assigns(journey, "trigger"):
            yield journey.lineno, f"{journey.name} has no trigger: nobody would ever enter it"
        yield from unreachable(journey)
        yield from _without_token(journey)
        for sent in sends(journey):
            yield from ((sent.line, what) for what in _missing(sent, templates))


def _is_journey(base: ast.expr) -> bool:
    return (isinstance(base, ast.Name) and base.id == "Journey") or (
        isinstance(base, ast.Attribute) and base.attr == "Journey"
    )


def _assigns(journey: ast.ClassDef, name: str) -> bool:
    targets = [
        target
        for node in journey.body
        for target in (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign) and node.value is not None
            else []
        )
    ]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _without_token(journey: ast.ClassDef) -> Iterator[tuple[int, str]]:
    """A call that reaches customers and carries no secret: whoever knows the address could write to them."""
    for node in journey.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="Webhook")) as call):
                secret = any(isinstance(each, ast.Name) and each.id == "Secret" for each in ast.walk(call))
                reaches = any(keyword.arg == "marketing" for keyword in call.keywords) or "push" in name.lower()
                if reaches and not secret:
                    yield node.lineno, f"{name} carries no token: give it a header with a Secret, or signed_with"
            case _:
                continue


def _missing(sent: Names, templates: Templates) -> Iterator[str]:
    for pattern in sent.patterns:
        matching = [name for name in templates if pattern.fullmatch(name)]
        wanted = sent.channel
        if not matching:
            yield f"there is no template {sent.shown(pattern)!r}"
        elif wanted is not None and not any(wanted in templates[name] for name in matching):
            yield f"template {sent.shown(pattern)!r} is not written for {wanted.value}"
