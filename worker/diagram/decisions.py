"""The decisions of the code itself: what an `if` can find, and how the picture words it."""

import ast
import operator
from collections.abc import Callable, Iterable
from typing import Any

from worker.diagram import wording
from worker.diagram.passage import Passage, Test
from worker.diagram.values import Fate, Known, Place, Receipt, Reward, Unknown, Value

SENT = "sent"
REFUSED = "address_refused"
EMPTY = "out_of_vouchers"
NOT_SENT = "not sent"
_FATES = (SENT, REFUSED, EMPTY, NOT_SENT)
_WORDS = {REFUSED: "address refused", EMPTY: "no voucher left"}

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.eq,  # between what is certain: singletons, members of an enum
    ast.IsNot: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_SAME = (ast.Eq, ast.Is)
_DIFFERENT = (ast.NotEq, ast.IsNot)


def fates_left(asked: Iterable[Test]) -> set[str]:
    """What may have become of a message, after what the code asked about it."""
    left = set(_FATES)
    for test in asked:
        holds = test.bad is (test.question != SENT)
        left &= {test.question} if holds else left - {test.question}
    return left


class Decisions(Passage):
    """Which way a condition goes; where both are possible, the pass takes one and remembers it."""

    def evaluate(self, node: ast.expr) -> Value:
        """What an expression is; expressions do it."""
        raise NotImplementedError

    def truth(self, node: ast.expr) -> bool:
        """Whether a condition holds on this path."""
        match node:
            case ast.BoolOp(op=ast.And(), values=parts):
                return all(self.truth(part) for part in parts)
            case ast.BoolOp(values=parts):
                return any(self.truth(part) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.truth(operand)
            case ast.Compare():
                return self.compare(node)
            case ast.Constant(value=value):
                return bool(value)
            case _:
                return self.truth_of(self.evaluate(node), node)

    def truth_of(self, value: Value, node: ast.expr) -> bool:
        """Whether what an expression was found to be counts as true."""
        place, text = self.place(node), wording.source(node.target if isinstance(node, ast.NamedExpr) else node)
        match value:
            case Known(found):
                return self._noted(place, text, bool(found))
            case Receipt():
                return self._fate(place, value, SENT)
            case Fate(receipt, question):
                return self._fate(place, receipt, question)
            case Reward(origin, refusal):
                given: bool = self.settle(("given", origin), [True, False])
                self.note(Test(place, text, "" if given else refusal, origin=origin, failure=True, bad=not given))
                return given
            case Unknown(subject, origin):
                holds: bool = self.settle(("truth", origin, subject), [True, False])
                return self._noted(place, subject, holds, origin)
            case _:
                return self._noted(place, text, holds=True)

    def compare(self, node: ast.Compare) -> bool:
        """Whether a comparison holds on this path."""
        left = self.evaluate(node.left)
        held = True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(right_node)
            held = self._pair(node, left, op, right)
            if not held:
                break
            left = right
        return held

    def equal(self, node: Any, subject: ast.expr, left: Value, right: Value) -> bool:
        """Whether two values are the same, as `match` asks."""
        return self._same(self.place(node), wording.source(subject), left, right)

    def _pair(self, node: ast.Compare, left: Value, op: ast.cmpop, right: Value) -> bool:
        place = self.place(node)
        if isinstance(op, _SAME):
            return self._same(place, wording.source(node.left), left, right)
        if isinstance(op, _DIFFERENT):
            return not self._same(place, wording.source(node.left), left, right)
        text = wording.source(node)
        if isinstance(left, Known) and isinstance(right, Known):
            try:
                return self._noted(place, text, bool(_COMPARISONS[type(op)](left.value, right.value)))
            except TypeError as error:
                raise self.undrawable(node, f"cannot compare {ast.unparse(node)}") from error
        origin = next((value.place for value in (left, right) if isinstance(value, Unknown) and value.place), ())
        holds: bool = self.settle(("truth", origin, text), [True, False])
        return self._noted(place, text, holds, origin)

    def _same(self, place: Place, text: str, left: Value, right: Value) -> bool:
        if isinstance(right, Unknown) and isinstance(left, Known):
            left, right = right, left
        match left, right:
            case Known(found), Known(None):
                return self._noted(place, text, found is None, present=found is not None)
            case Known(found), Known(wanted):
                self.note(Test(place, wording.capital(text), wording.value(found), subject=text))
                return bool(found == wanted)
            case Unknown(subject, origin), Known(None):
                missing: bool = self.settle(("missing", origin, subject), [False, True])
                return self._noted(place, subject, missing, origin, present=not missing)
            case Unknown(subject, origin), Known(wanted):
                return self._equals(place, subject, origin, wanted)
            case (Unknown(), _) | (_, Unknown()):
                holds: bool = self.settle(("truth", (), text), [True, False])
                return self._noted(place, text, holds)
            case _:
                return self._noted(place, text, left == right, present=left != right)

    def _equals(self, place: Place, subject: str, origin: Place, wanted: object) -> bool:
        """One value at a time is possible; once found, the others are not."""
        key = ("equals", origin, subject)
        known: tuple[str, frozenset[str]] = self.settled.get(key, ("", frozenset()))
        is_it, others = known
        if is_it:
            same = is_it == repr(wanted)
        elif repr(wanted) in others:
            same = False
        else:
            same = self.choose(2) == 0
            self.settled[key] = (repr(wanted), others) if same else ("", others | {repr(wanted)})
        answer = wording.value(wanted) if same else "other"
        self.note(Test(place, wording.capital(wording.spoken(subject)), answer, subject=subject, origin=origin))
        return same

    def _noted(self, place: Place, text: str, holds: bool, origin: Place = (), *, present: bool | None = None) -> bool:
        """A question with yes and no; of `x is None` the picture asks whether there is one."""
        said = holds if present is None else present
        self.note(Test(place, wording.capital(text), "yes" if said else "no", origin=origin))
        return holds

    def _fate(self, place: Place, receipt: Receipt, question: str) -> bool:
        """Fates exclude each other, so an answer leaves fewer for the next question."""
        key = ("fate", receipt.place)
        left: frozenset[str] = self.settled.get(key, frozenset(_FATES))
        possible = [part for part in (left & {question}, left - {question}) if part]
        if question == SENT or len(possible) == 1:
            found = possible[self.choose(len(possible))]
        else:  # the ordinary way first
            found = possible[1 - self.choose(2)]
        self.settled[key] = found
        holds = question in found
        if holds and question == REFUSED and receipt.channel:
            self.refused |= {receipt.channel}
        bad = holds is (question != SENT)
        words = _WORDS.get(question) or f"{receipt.what} {NOT_SENT}"
        said = words if bad else ""
        self.note(Test(place, words, said, origin=receipt.place, failure=True, bad=bad, question=question))
        return holds
