"""Following a journey's statements: branches, loops, returns."""

import ast
from enum import EnumType
from typing import Any

from worker.diagram import source
from worker.diagram.errors import construct
from worker.diagram.expressions import Expressions, called
from worker.diagram.graph import Kind
from worker.diagram.passage import Frame
from worker.diagram.source import Method
from worker.diagram.steps import Exit, Step
from worker.diagram.values import NOTHING, End, Group, Known, Unknown, Value

START = (("start",),)
MOST_TURNS = 200  # of a loop in which no step is made


class _Return(Exception):  # noqa: N818 - the flow of the journey, not an error
    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class _Break(Exception):  # noqa: N818 - as above
    pass


class _Continue(Exception):  # noqa: N818 - as above
    pass


class Statements(Expressions):
    """A pass from the start of `run` to an end of the journey."""

    def follow_run(self) -> None:
        """Follow the journey until it ends.

        Raises:
            Joined: an earlier pass has seen the rest.
            UndrawableError: something cannot be followed.
        """
        method = source.run_of(self.journey)
        self.frames = [Frame(method, {arg.arg: Unknown(arg.arg) for arg in method.node.args.args[1:]})]
        start = Step(START, Kind.START, "", "", (Exit("", NOTHING, ()),))
        self.visit(method.node, start)
        value = self.follow_body(method)
        if not isinstance(value, End):
            raise self.undrawable(method.node, "a path through run does not return self.end(...)")
        self.frame.names, self.frame.answers, self.fields = {}, [value], {}
        self.visit(method.node, Step(value.place, Kind.END, "", "", (Exit("", NOTHING, ()),), value.outcome))

    def follow_body(self, method: Method) -> Value:
        """Follow a method to its return."""
        try:
            self._block(method.node.body)
        except _Return as returned:
            return returned.value
        return NOTHING

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)
            self.frame.answers.clear()

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Return(value=value):
                raise _Return(self.evaluate(value) if value else NOTHING)
            case ast.Expr(value=value):
                self.evaluate(value)
            case ast.Assign(targets=targets, value=value):
                found = self.evaluate(value)
                for target in targets:
                    self._assign(target, found)
            case ast.AnnAssign(target=target, value=value):
                if value:
                    self._assign(target, self.evaluate(value))
            case ast.AugAssign(target=target, op=op, value=value):
                operation = ast.copy_location(ast.BinOp(self._loaded(target), op, value), node)
                self._assign(target, self.evaluate(operation))
            case ast.If(test=test, body=body, orelse=orelse):
                self._block(body if self._test(test) else orelse)
            case ast.While(test=test, body=body, orelse=[]):
                self._while(node, test, body)
            case ast.For(target=target, iter=items, body=body, orelse=[]):
                self._for(node, target, items, body)
            case ast.Match(subject=subject, cases=cases):
                self._match(subject, cases)
            case ast.Break():
                raise _Break
            case ast.Continue():
                raise _Continue
            case ast.Assert(test=test):
                self._text(test)
            case ast.Pass():
                pass
            case _:
                raise self.undrawable(node, f"cannot follow {construct(node)}")

    def _test(self, test: ast.expr) -> bool:
        held = self.truth(test)
        self.frame.answers.clear()
        return held

    def _while(self, node: ast.While, test: ast.expr, body: list[ast.stmt]) -> None:
        turns, steps = 0, len(self.explored.transitions)
        while self._test(test):
            try:
                self._block(body)
            except _Break:
                return
            except _Continue:
                self.frame.answers.clear()
            turns += 1
            if turns > MOST_TURNS and len(self.explored.transitions) == steps:
                raise self.undrawable(node, f"cannot see where {construct(node)} ends")

    def _for(self, node: ast.For, target: ast.expr, items: ast.expr, body: list[ast.stmt]) -> None:
        """Turn by turn: each is drawn by itself, for what it sends may differ."""
        frame = self.frame
        for number, item in enumerate(self._turns(node, self.evaluate(items))):
            self._assign(target, item)
            frame.answers.clear()
            frame.turns.append(number)
            try:
                self._block(body)
            except _Break:
                return
            except _Continue:
                frame.answers.clear()
            finally:
                frame.turns.pop()

    def _turns(self, node: ast.For, items: Value) -> list[Value]:
        match items:
            case Group(values):
                return list(values)
            case Known(tuple() | list() | range() as values) if len(values) <= MOST_TURNS:
                return [Known(value) for value in values]
            case Known(EnumType() as kind):
                return [Known(member) for member in list[Any](kind)]
            case _:
                raise self.undrawable(node, f"cannot see over what {construct(node)} goes")

    def _match(self, subject: ast.expr, cases: list[ast.match_case]) -> None:
        value = self.evaluate(subject)
        for case in cases:
            if self._fits(case, subject, value, case.pattern) and (case.guard is None or self.truth(case.guard)):
                self.frame.answers.clear()
                self._block(case.body)
                return

    def _fits(self, case: ast.match_case, subject: ast.expr, value: Value, pattern: ast.pattern) -> bool:
        match pattern:
            case ast.MatchAs(pattern=None, name=name):
                if name:
                    self.frame.names[name] = value
                return True
            case ast.MatchValue(value=wanted):
                return self.equal(wanted, subject, value, self.evaluate(wanted))
            case ast.MatchSingleton(value=wanted):
                return self.equal(pattern, subject, value, Known(wanted))
            case ast.MatchOr(patterns=patterns):
                return any(self._fits(case, subject, value, each) for each in patterns)
            case _:
                raise self.undrawable(pattern, f"cannot follow case {ast.unparse(pattern)}")

    def _assign(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self.frame.names[name] = called(name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for number, part in enumerate(parts):
                    self._assign(part, self._part(part, value, number, len(parts)))
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                self.fields[name] = value
            case _:
                raise self.undrawable(target, f"cannot follow an assignment to {construct(target)}")

    def _part(self, node: ast.expr, value: Value, number: int, count: int) -> Value:
        match value:
            case Group(values) if len(values) == count:
                return values[number]
            case Known(tuple() | list() as values) if len(values) == count:
                return Known(values[number])
            case Unknown(text, place):
                return Unknown(f"{text} {number}", place)
            case _:
                raise self.undrawable(node, f"cannot tell what {construct(node)} becomes")

    def _loaded(self, target: ast.expr) -> ast.expr:
        """The target of `x += 1` as something to read."""
        read = ast.parse(ast.unparse(target), mode="eval").body
        for inner in ast.walk(read):
            ast.copy_location(inner, target)
        return read
