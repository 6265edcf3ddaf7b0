"""lme4's formulas and names in the spelling of patsy and formulaic, and back."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from parity.cases import Model
from pybootmlm.formula import Expression, column_names, label, parse_formula

_POWERS = {"Linear": ".L", "Quadratic": ".Q", "Cubic": ".C"}


@dataclass(frozen=True)
class RandomTerm:
    """One random term, read from lme4's formula.

    Attributes
    ----------
    group
        Grouping factor as lme4 names it, ``"cask:batch"``.
    variables
        The columns that it crosses, ``("cask", "batch")``.
    intercept
        Whether the term has an intercept.
    slopes
        The other terms, as expressions of Python, ``("I(Days ** 2)",)``.
    names
        All coefficients as lme4 names them, ``("(Intercept)", "I(Days^2)")``.
    """

    group: str
    variables: tuple[str, ...]
    intercept: bool
    slopes: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def one_sided(self) -> str:
        """The term as a formula of patsy, ``"1 + Days"``."""
        return " + ".join(("1" if self.intercept else "0", *self.slopes))

    def labels(self, data: pd.DataFrame) -> "pd.Series[str]":
        """Return the level of every row as lme4 writes it, ``"a:A"``."""
        return joined([data[name] for name in self.variables], ":")

    def levels(self, data: pd.DataFrame) -> list[str]:
        """Return the levels in lme4's order, the first variable's varying slowest."""
        codes = {f"v{i}": pd.Categorical(data[v]).codes for i, v in enumerate(self.variables)}
        rows = pd.DataFrame(codes).assign(label=self.labels(data).to_numpy())
        return list(rows.drop_duplicates("label").sort_values(list(codes))["label"])


def joined(columns: "list[pd.Series[Any]]", by: str) -> "pd.Series[str]":
    """Join the levels of several factors, row by row."""
    text = columns[0].astype(str)
    for column in columns[1:]:
        text = text + by + column.astype(str)
    return text


def random_terms(model: Model, data: pd.DataFrame) -> tuple[RandomTerm, ...]:
    """Read the random terms of a model; ``||`` and ``a/b`` are split as lme4 splits them."""
    found = []
    for bar in parse_formula(model.formula).bars:
        slopes = [tuple(bar.terms.variables[place] for place in term) for term in bar.terms.terms]
        names = ["(Intercept)"] if bar.terms.intercept else []
        names += [name for slope in slopes for name in _coefficients(slope, data)]
        found.append(
            RandomTerm(
                bar.grouping.name,
                tuple(name for v in bar.grouping.variables for name in column_names(v)),
                bar.terms.intercept,
                tuple(":".join(python_text(label(v)) for v in slope) for slope in slopes),
                tuple(names),
            )
        )
    return tuple(found)


def _coefficients(slope: tuple[Expression, ...], data: pd.DataFrame) -> list[str]:
    """Name a slope's coefficients: itself, or a factor's levels but the first."""
    text = ":".join(label(v) for v in slope)
    if text in data.columns and isinstance(data[text].dtype, pd.CategoricalDtype):
        return [f"{text}{level}" for level in data[text].cat.categories[1:]]
    return [text]


def fixed_formula(model: Model, data: pd.DataFrame, polynomial: str) -> str:
    """Write the fixed part for patsy or formulaic, ordered factors with `polynomial` contrasts.

    R codes ordered factors by orthogonal polynomials; patsy and formulaic have the same
    coding under a name of their own, but not as their default.
    """
    text = python_text(parse_formula(model.formula).fixed_text)
    for variable in ordered_factors(model, data):
        text = re.sub(rf"\b{variable}\b", f"C({variable}, {polynomial})", text)
    return text


def ordered_factors(model: Model, data: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of the fixed part that are ordered factors."""
    variables = parse_formula(model.formula).fixed.variables
    columns = dict.fromkeys(name for v in variables for name in column_names(v))
    dtypes = {name: data[name].dtype for name in columns}
    return tuple(
        name
        for name, dtype in dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype) and dtype.ordered
    )


def python_text(text: str) -> str:
    """Write R's powers as Python's."""
    return text.replace("^", " ** ")


def r_name(name: str) -> str:
    """Translate the name of a column of X to R's.

    Examples
    --------
    >>> [r_name(n) for n in ("Intercept", "recipe[T.B]:C(temp, Poly).Linear", "C(t, p)[^4]")]
    ['(Intercept)', 'recipeB:temp.L', 't^4']
    """
    if name == "Intercept":
        return "(Intercept)"
    return ":".join(_r_part(part) for part in name.split(":"))


def _r_part(part: str) -> str:
    part = re.sub(r"C\((\w+)[^)]*\)", r"\1", part)
    part = re.sub(r"\[(?:T\.)?(.*)\]$", r"\1", part)
    for word, letter in _POWERS.items():
        part = part.replace(f".{word}", letter)
    return part.replace(" ** ", "^")
