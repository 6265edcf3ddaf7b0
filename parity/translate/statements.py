"""From one tree to the other: statements, and what they set and show."""

import ast
from dataclasses import dataclass, replace

from parity.translate.forms import HANDLERS, branches, indented, needs_branches, printable
from parity.translate.made import ASSIGNMENTS, Made, named
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.tree import Argument, Call, Constant, Function, Node, Symbol
from parity.translate.replacing import replacement
from parity.translate.rules import PICTURES
from parity.translate.translator import Translator
from parity.translate.writing import build
from parity.translate.writing.layout import INDENT, lines

# What is about R, its devices and the document, and not about the analysis.
_DOCUMENT = (
    "library", "require", "requireNamespace", "loadNamespace", "options", "rm", "par", "dev.off",
    "suppressPackageStartupMessages", "graphics.off", "sessionInfo", "gc", "setwd", "pdf", "png",
    "install.packages", "theme_set", "qqline", "layout",
)  # fmt: skip


@dataclass
class Statements:
    """Translates statements by means of a `Translator` of expressions."""

    translator: Translator

    def statement(self, node: Node) -> Made:
        """Translate one statement.

        Raises
        ------
        Untranslatable
            It, or a part of it, has no translation.
        """
        if isinstance(node, Call):
            if node.name in ASSIGNMENTS and isinstance(node.function, Symbol):
                return self._assignment(node)
            handler = HANDLERS.get(node.name)
            own = self.translator.scope.find(node.name) is not None and not node.package
            if handler is not None and not own:
                return handler(self, node)
            if node.name in PICTURES and not own:
                return Made(PICTURES[node.name](self.translator, node))
            if _is_about_document(node):
                return Made([], omitted="it sets options of the document")
            if node.name in _DOCUMENT and not own:
                return Made([], omitted=f"{node.name}() is about R, not about the analysis")
        return self._shown(node)

    # --- values

    def _shown(self, node: Node) -> Made:
        found = self.translator.expression(node)
        if found.kind is Kind.FUNCTION:
            return Made([], omitted="R prints the code of a function")
        if found.kind is Kind.FIT and not self.translator.in_function:
            found = found.with_code(build.fill("_x.summary()", _x=found.code))
        if self.translator.in_function:
            return Made(lines("", found.code), gives=found)
        return Made(lines("", build.call("print", printable(found))), shows=True, gives=found)

    def _assignment(self, node: Call) -> Made:
        target, value = node.values
        if isinstance(target, Constant) and target.kind == "string":
            target = Symbol(str(target.value), target.at)
        if not isinstance(target, Symbol):
            return replacement(self.translator, target, value)
        if node.name == "<<-":
            raise Untranslatable("<<- sets a variable outside of the function")
        if isinstance(value, Function):
            return self._definition(target.name, value)
        if isinstance(value, Call) and value.name in ASSIGNMENTS:
            first = self.statement(value)
            found = self.translator.expression(value.values[0])
            held = self.translator.scope.define(target.name, found)
            more = lines(f"{named(held)} = ", found.code)
            return Made([*first.lines, *more], (*first.sets, (target.name, named(held))))
        if isinstance(value, Call) and value.name == "if" and needs_branches(value):
            return self._branches_of(target, value)
        found = self.translator.expression(value)
        if found.kind in (Kind.ORDER, Kind.ROWS):
            raise Untranslatable(
                f"{found.kind} is kept in a variable: use it between [ and ] at once"
            )
        if isinstance(value, Symbol) and found.kind in (Kind.FRAME, Kind.LIST):
            # R copies what is assigned; a change of one is no change of the other.
            found = found.with_code(build.fill("_x.copy()", _x=found.code))
        code = self.translator.as_numeric(found).code
        held = self.translator.scope.define(target.name, found)
        return Made(lines(f"{named(held)} = ", code), ((target.name, named(held)),), gives=held)

    def _branches_of(self, target: Symbol, value: Call) -> Made:
        """`x <- if (a) {...} else {...}`: the assignment goes into the branches."""

        def inside(branch: Node) -> Node:
            steps = branch.values if isinstance(branch, Call) and branch.name == "{" else (branch,)
            last = Call(Symbol("<-", target.at),
                        (Argument(None, target), Argument(None, steps[-1])), target.at)  # fmt: skip
            symbol = Symbol("{", target.at)
            return Call(symbol, tuple(Argument(None, s) for s in (*steps[:-1], last)), branch.at)

        condition, yes, no = value.values
        parts = tuple(Argument(None, part) for part in (condition, inside(yes), inside(no)))
        return branches(self, Call(value.function, parts, value.at))

    def _definition(self, r_name: str, node: Function) -> Made:
        outer = self.translator
        inner = outer.inner(node)
        parameters = inner.parameters(node)
        body = Statements(inner)
        code, gives = body.body(node.body)
        held = outer.scope.define(
            r_name, Meaning(build.name("_"), Kind.FUNCTION, gives=gives.kind, length=gives.length)
        )
        head = f"def {named(held)}({ast.unparse(parameters)}):".replace("'", '"')
        made = [head, *(f"{INDENT}{line}" if line else "" for line in code)]
        return Made(made, ((r_name, named(held)),), gives=held)

    def body(self, node: Node) -> tuple[list[str], Meaning]:
        """The body of a function: lines, and what it returns."""
        steps = node.values if isinstance(node, Call) and node.name == "{" else (node,)
        if not steps:
            return ["return None"], Meaning(build.constant(None), Kind.NOTHING)
        code: list[str] = []
        for step in steps[:-1]:
            code += self._step(step)
        last = steps[-1]
        if isinstance(last, Call) and last.name == "if":
            return self._last_if(code, last)
        if isinstance(last, Call) and last.name in ("return", "invisible"):
            last = last.values[0] if last.values else Constant("null", None, last.at)
        if isinstance(last, Call) and last.name in ("for", "while", "repeat", "cat", "print"):
            made = self._step(last)
            return [*code, *made], Meaning(build.constant(None), Kind.NOTHING)
        if isinstance(last, Call) and last.name in ASSIGNMENTS:
            made = self._step(last)
            return [*code, *made], Meaning(build.constant(None), Kind.NOTHING)
        if isinstance(last, Function):
            raise Untranslatable("a function gives a function")
        found = self.translator.numeric(last)
        return [*code, *self._before(), *lines("return ", found.code)], found

    def _last_if(self, code: list[str], node: Call) -> tuple[list[str], Meaning]:
        condition = self.translator.code(node.values[0])
        yes, found = self.body(node.values[1])
        code = [*code, *self._before(), *lines("if ", condition, ":"), *indented(yes)]
        if len(node.values) < 3:
            return [*code, "return None"], replace(found, kind=Kind.UNKNOWN, length=None)
        no, other = self.body(node.values[2])
        same = found if found.kind is other.kind else replace(found, kind=Kind.UNKNOWN, length=None)
        return [*code, *no], same

    def _step(self, node: Node) -> list[str]:
        if isinstance(node, Call) and node.name == "return":
            found = self.translator.numeric(node.values[0])
            return [*self._before(), *lines("return ", found.code)]
        made = self.statement(node)
        return [*self._before(), *made.lines]

    def _before(self) -> list[str]:
        held, self.translator.before = self.translator.before, []
        return held

    def block(self, node: Node) -> list[str]:
        """The statements of a loop or a branch."""
        steps = node.values if isinstance(node, Call) and node.name == "{" else (node,)
        code = [line for step in steps for line in self._step(step)]
        return code or ["pass"]


def _is_about_document(node: Call) -> bool:
    """Whether this is `knitr::opts_chunk$set(...)` or its like."""
    function = node.function
    if not isinstance(function, Call) or function.name != "$":
        return False
    holder = function.values[0]
    title = holder.values[-1] if isinstance(holder, Call) and holder.name == "::" else holder
    return isinstance(title, Symbol) and title.name in ("opts_chunk", "opts_knit")
