"""From one tree to the other: an expression of R, and what the names in it stand for."""

import ast
from dataclasses import dataclass, field

from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.meaning.scope import Scope, View
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant, Function, Node, Symbol, walk
from parity.translate.rules.table import RULES
from parity.translate.writing import build
from parity.translate.writing.layout import lines
from pybootmlm.datasets import list_datasets, load_dataset

IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "bm": "import pybootmlm as bm",
    "special": "from scipy import special",
    "stats": "from scipy import stats",
    "jacobian": "from scipy.differentiate import jacobian",
    "hessian": "from scipy.differentiate import hessian",
    "rdata": "import rdata",
}
SEED = 1  # of scripts that set none

_FRAME_TAKERS = {"lmer": 1, "subset": 0, "filter": 0, "mutate": 0, "transform": 0, "nrow": 0}


@dataclass
class Shared:
    """What all scopes of one script share.

    Attributes
    ----------
    before
        Lines to go before the statement at hand.
    remarks
        What a reader of the statement at hand should know; they become comments.
    said
        All that was said so far.
    seeded
        Whether the stream of random numbers is there.
    seed_added
        Whether the script draws before it sets a seed, so that we set one.
    """

    before: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    seeded: bool = False
    seed_added: bool = False


@dataclass
class Translator:
    """Translates expressions; knows the variables; gathers what a statement needs around it."""

    scope: Scope = field(default_factory=Scope)
    shared: Shared = field(default_factory=Shared)
    in_function: bool = False
    before: list[str] = field(default_factory=list)

    # --- expressions

    def expression(self, node: Node) -> Meaning:
        """Translate an expression.

        Raises
        ------
        Untranslatable
            There is no Python that is sure to mean the same; says why.
        """
        match node:
            case Constant():
                return self._constant(node)
            case Symbol():
                return self._symbol(node)
            case Function():
                return self.function(node)
            case Call():
                return self._call(node)

    def code(self, node: Node) -> ast.expr:
        """The Python of an expression."""
        return self.expression(node).code

    def numeric(self, node: Node) -> Meaning:
        """An expression with which one can calculate: constants of c() become an array."""
        return self.as_numeric(self.expression(node))

    def as_numeric(self, found: Meaning) -> Meaning:
        """The same with which one can calculate."""
        if found.kind is Kind.ITEMS:
            code = build.fill("np.array(_x)", _x=found.code)
            return Meaning(code, Kind.VECTOR, length=found.length)
        return found

    def fit(self, node: Node) -> ast.expr:
        """The Python of an expression that must be a fit."""
        return self.of_kind(node, Kind.FIT).code

    def of_kind(self, node: Node, *kinds: Kind) -> Meaning:
        """An expression that must be of one of some kinds."""
        found = self.expression(node)
        if found.kind not in kinds:
            wanted = " or ".join(kinds)
            raise Untranslatable(f"`{deparse(node)}` should be {wanted}, but is {found.kind}")
        return found

    def _constant(self, node: Constant) -> Meaning:
        value = node.value
        if node.kind in ("double", "integer"):
            assert isinstance(value, int | float)
            return Meaning(build.number(value), Kind.NUMBER, length=1)
        if node.kind == "string":
            return Meaning(build.constant(value), Kind.TEXT, length=1)
        if node.kind == "logical":
            return Meaning(build.constant(value), Kind.FLAG, length=1)
        if node.kind == "null":
            return Meaning(build.constant(None), Kind.NOTHING)
        if node.kind == "na":
            return Meaning(build.fill("np.nan"), Kind.NUMBER, length=1)
        raise Untranslatable("complex numbers have no translation")

    def _symbol(self, node: Symbol) -> Meaning:
        view, known = self.scope.view(), self.scope.find(node.name)
        if view is not None:
            sure = view.columns is not None and node.name in view.columns
            if sure or (known is None and view.columns is None):
                return self.column(view, node.name)
            if view.columns is None and known is not None and known.kind is not Kind.FUNCTION:
                raise Untranslatable(
                    f"`{node.name}` may be a column of the data or the variable of that name, and "
                    "the columns of the data are not known"
                )
        if known is not None:
            return known
        return self._unset(node)

    def _unset(self, node: Symbol) -> Meaning:
        constants = {"pi": "np.pi", "T": "True", "F": "False"}
        if node.name in constants:
            kind = Kind.NUMBER if node.name == "pi" else Kind.FLAG
            return Meaning(build.fill(constants[node.name]), kind, length=1)
        if node.name in ("letters", "LETTERS"):
            text = "abcdefghijklmnopqrstuvwxyz"
            text = text if node.name == "letters" else text.upper()
            return Meaning(build.fill(f"list({text!r})"), Kind.TEXTS, length=26)
        lost = self.scope.lost_at(node.name)
        if lost is not None:
            raise Untranslatable(
                f"it uses `{node.name}`, which line {lost} sets and which is not translated"
            )
        if node.name in list_datasets():
            return self.dataset(node.name)
        raise Untranslatable(f"nothing before this line sets `{node.name}`")

    def column(self, view: View, title: str) -> Meaning:
        """A column of the data at hand."""
        code = build.column(view.code, title)
        return Meaning(code, Kind.COLUMN, source=ast.unparse(view.code))

    def dataset(self, title: str) -> Meaning:
        """A packaged data set, loaded before the statement at hand."""
        top = self.scope
        while top.outer is not None:
            top = top.outer
        found = Meaning(
            build.name(title), Kind.FRAME, columns=frozenset(map(str, load_dataset(title).columns))
        )
        held = top.define(title, found)
        loaded = build.call("bm.load_dataset", build.constant(title))
        assert isinstance(held.code, ast.Name)
        self.shared.before += lines(f"{held.code.id} = ", loaded)
        return held

    def _call(self, node: Call) -> Meaning:
        name = node.name
        if not name:
            return self._called(node, self.expression(node.function))
        known = None if node.package else self.scope.find(name)
        if known is not None and known.kind in (Kind.FUNCTION, Kind.DEVIANCE):
            return self._called(node, known)
        lost = None if node.package else self.scope.lost_at(name)
        if lost is not None:
            raise Untranslatable(f"it calls {name}(), which line {lost} sets: not translated")
        found = RULES.get(name)
        if found is None:
            where = f"{node.package}::" if node.package else ""
            raise Untranslatable(f"{where}{name}() is not among the functions that are translated")
        return found(self, node)

    def _called(self, node: Call, function: Meaning) -> Meaning:
        if function.kind is Kind.DEVIANCE:
            values = [self.numeric(v).code for v in node.values]
            return Meaning(ast.Call(function.code, values, []), Kind.NUMBER, length=1)
        positional: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        for argument in node.arguments:
            if argument.value is None:
                raise Untranslatable("an argument is left empty")
            code = self.numeric(argument.value).code
            if argument.name is None:
                positional.append(code)
            else:
                keywords.append(ast.keyword(build.identifier(argument.name), code))
        code = ast.Call(function.code, positional, keywords)
        return Meaning(code, function.gives, length=function.length)

    # --- functions

    def function(self, node: Function) -> Meaning:
        """A function of one expression, as a lambda."""
        inner = self.inner(node)
        body = node.body
        while (
            isinstance(body, Call) and body.name in ("{", "(", "return") and len(body.values) == 1
        ):
            body = body.values[0]
        if isinstance(body, Call) and body.name in ("{", "<-", "=", "for", "while"):
            raise Untranslatable(
                "a function of several statements is given without a name: name it before"
            )
        found = inner.numeric(body)
        if inner.before:
            raise Untranslatable(
                "a function without a name needs several statements: name it before"
            )
        code = ast.Lambda(inner.parameters(node), found.code)
        return Meaning(code, Kind.FUNCTION, gives=found.kind, length=found.length)

    def inner(self, node: Function) -> "Translator":
        """A translator for the body of a function."""
        scope = Scope(outer=self.scope)
        for parameter in node.parameters:
            assert parameter.name is not None
            if parameter.name == "...":
                raise Untranslatable("a function with `...` can be given anything")
            kind = kind_of_parameter(parameter.name, node.body)
            scope.define(parameter.name, Meaning(build.name("_"), kind))
        return Translator(scope, self.shared, in_function=True)

    def parameters(self, node: Function) -> ast.arguments:
        """The parameters of the function whose body this translates."""
        names, defaults = [], []
        for parameter in node.parameters:
            assert parameter.name is not None
            names.append(ast.arg(self.scope.python_name(parameter.name)))
            if parameter.value is not None:
                defaults.append(self.code(parameter.value))
            elif defaults:
                raise Untranslatable(
                    f"the parameter `{parameter.name}` has no default and stands after one that has"
                )
        return ast.arguments([], names, None, [], [], None, defaults)

    # --- what is needed around a statement

    def fresh(self, wanted: str) -> str:
        """A Python name that the script does not use."""
        used: set[str] = set()
        scope: Scope | None = self.scope
        while scope is not None:
            used |= set(scope.python_names.values())
            scope = scope.outer
        while wanted in used:
            wanted += "_"
        return wanted

    def lines_before(self, head: str, code: ast.expr) -> None:
        """Lines to go before the statement at hand, in the same function."""
        self.before += lines(head, code)

    def remark(self, text: str, *, once: bool = False) -> None:
        """Say something beside the statement at hand, or beside the first of its kind only."""
        if text not in self.shared.remarks and not (once and text in self.shared.said):
            self.shared.remarks.append(text)
        self.shared.said.add(text)

    def rng(self) -> ast.expr:
        """The stream of random numbers, set up before if the script has not."""
        if not self.shared.seeded:
            self.shared.seeded = self.shared.seed_added = True
            self.shared.before.append(f"rng = bm.RStream({SEED})")
            self.remark("the script sets no seed before this, so R draws other numbers every time")
        return build.name("rng")


def kind_of_parameter(name: str, body: Node) -> Kind:
    """What a parameter must be, from what is done to it.

    Examples
    --------
    >>> from parity.translate.reading.parser import parse
    >>> (body,) = parse("c(fixef(x), s@theta, mean(z))").statements
    >>> [kind_of_parameter(p, body).value for p in "xsz"]
    ['a fit', 'a fit', 'something']
    """
    for node in walk(body):
        if not isinstance(node, Call) or not node.values:
            continue
        first = node.values[0]
        used = isinstance(first, Symbol) and first.name == name
        if used and (node.name in OF_A_FIT or node.name == "@"):
            return Kind.FIT
        if used and node.name == "$" and isinstance(node.values[1], Symbol):
            return Kind.BOOT if node.values[1].name in ("t", "t0") else Kind.FRAME
        at = _FRAME_TAKERS.get(node.name)
        for place, argument in enumerate(node.arguments):
            given = isinstance(argument.value, Symbol) and argument.value.name == name
            if given and (argument.name == "data" or place == at):
                return Kind.FRAME
    return Kind.UNKNOWN


OF_A_FIT = frozenset(
    ("fixef", "sigma", "getME", "VarCorr", "ranef", "vcov", "vcov_theta", "vcov_vc", "logLik",
     "deviance", "AIC", "BIC", "fitted", "resid", "residuals", "isSingular", "devfun_mer",
     "predict", "scores_mer", "REMLcrit", "nobs", "ngrps", "isREML", "refit", "bootstrap_mer",
     "bootMer", "empinf_mer", "empinf_merm", "fixed.effects", "simulate", "coef")
)  # fmt: skip
