"""Steps of a journey that nobody ever comes to, found by reading its code."""

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def unreachable(journey: ast.ClassDef) -> Iterator[tuple[int, str]]:
    """Code behind an end, and methods with steps that nothing calls; line and what is wrong.

    Args:
        journey: its class.
    """
    methods = [node for node in journey.body if isinstance(node, Function)]
    called = _called(methods)
    for method in methods:
        if isinstance(method, ast.AsyncFunctionDef) and method.name not in called:
            yield method.lineno, f"nothing calls {method.name}: no customer comes to its steps"
        else:
            yield from _Flow().dead(method.body)


def _called(methods: list[Function]) -> set[str]:
    """What is reached from `run`, and from whatever else Temporal calls by its decorator."""
    uses = {method.name: _named(method) for method in methods}
    found = {"run", *(method.name for method in methods if method.decorator_list)}
    work = list(found)
    while work:
        new = uses.get(work.pop(), set()) - found
        found |= new
        work.extend(new)
    return found


def _named(method: Function) -> set[str]:
    return {
        node.attr
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }


class _Flow:
    """Follows the statements of one method, as far as their order alone decides."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def dead(self, body: list[ast.stmt]) -> list[tuple[int, str]]:
        """Where the code begins that nothing leads to."""
        self._goes_on(body)
        return self.found

    def _goes_on(self, body: list[ast.stmt]) -> bool:
        """Whether what stands behind a block may be reached."""
        for number, statement in enumerate(body):
            if not self._passes(statement):
                if number + 1 < len(body):
                    behind = body[number + 1].lineno
                    self.found.append((behind, "no customer comes here: what stands before it never goes on"))
                return False
        return True

    def _passes(self, node: ast.stmt) -> bool:
        match node:
            case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
                return False
            case ast.If(test=test, body=body, orelse=orelse):
                return self._either(_constant(test), body, orelse)
            case ast.While(test=test, body=body):
                self._either(_constant(test), body, [])
                return _constant(test) is not True or _breaks(body)
            case ast.For(body=body) | ast.AsyncFor(body=body):
                self._goes_on(body)
                return True
            case ast.With(body=body) | ast.AsyncWith(body=body):
                return self._goes_on(body)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                tried = self._goes_on([*body, *orelse])
                caught = [self._goes_on(handler.body) for handler in handlers]
                return self._goes_on(finalbody) and (tried or any(caught))
            case ast.Match(cases=cases):
                ways = [self._goes_on(case.body) for case in cases]
                last = cases[-1]
                every_case = isinstance(last.pattern, ast.MatchAs) and not last.pattern.pattern and not last.guard
                return any(ways) or not every_case
            case _:
                return True

    def _either(self, held: bool | None, body: list[ast.stmt], orelse: list[ast.stmt]) -> bool:
        ways = [self._goes_on(body), self._goes_on(orelse)]
        if held is False:
            self.found.append((body[0].lineno, "no customer comes here: the condition never holds"))
            return ways[1]
        if held is True:
            if orelse:
                self.found.append((orelse[0].lineno, "no customer comes here: the condition always holds"))
            return ways[0]
        return any(ways)


def _constant(test: ast.expr) -> bool | None:
    """What a condition is, if it is always the same."""
    return bool(test.value) if isinstance(test, ast.Constant) else None


def _breaks(body: list[ast.stmt]) -> bool:
    """Whether a loop is left by a `break` of its own."""
    for node in body:
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            continue
        inner = [value for _, value in ast.iter_fields(node) if isinstance(value, list)]
        for each in inner:
            blocks = [part.body if isinstance(part, ast.ExceptHandler | ast.match_case) else [part] for part in each]
            if any(_breaks([part for part in block if isinstance(part, ast.stmt)]) for block in blocks):
                return True
    return False
