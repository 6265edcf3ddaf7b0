"""
Terms and columns to a model matrix, with R's coding, column order and coefficient names.

R's rules are followed to the letter, since names and columns of a fit hang on them; they give
deficient matrices on purpose (``~ a:b``), which `linalg.rank` then thins out as lme4 does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.design.columns import Column, FactorColumn, NumericColumn
from pybootmlm.design.contrasts import Coding, contrast_coding, indicators
from pybootmlm.exceptions import DataError
from pybootmlm.formula import Expression, TermSet, label

#: One variable of one term: numbers (their suffixes) or a factor (its coding).
_Part = Coding | tuple[str, ...]


@dataclass(frozen=True, eq=False)
class MatrixSpec:
    """
    All that is needed to build a model matrix again from other data.

    Attributes
    ----------
    intercept : bool
    variables : tuple of Expression
    terms : tuple of tuple of int
        Each term as indices into `variables`.
    parts : tuple of tuple
        For each term, how each of its variables becomes columns.
    names : tuple of str
        Of the columns before any is dropped.
    kept : tuple of int or None
        Columns that remained after a rank check; None for all.
    """

    intercept: bool
    variables: tuple[Expression, ...]
    terms: tuple[tuple[int, ...], ...]
    parts: tuple[tuple[_Part, ...], ...]
    names: tuple[str, ...]
    kept: tuple[int, ...] | None = None

    @property
    def kept_names(self) -> tuple[str, ...]:
        """Names of the columns that `matrix` gives."""
        return self.names if self.kept is None else tuple(self.names[i] for i in self.kept)

    def matrix(self, columns: Mapping[Expression, Column], n: int) -> NDArray[np.float64]:
        """Build the matrix from evaluated columns of `n` rows; shape (n, columns)."""
        blocks = [np.ones((n, 1))] if self.intercept else []
        for term, parts in zip(self.terms, self.parts, strict=True):
            block: NDArray[np.float64] | None = None
            for i, part in zip(term, parts, strict=True):
                values = _values(self.variables[i], part, columns[self.variables[i]])
                # The first variable varies fastest over the columns.
                block = (
                    values
                    if block is None
                    else (values[:, :, None] * block[:, None, :]).reshape(n, -1)
                )
            assert block is not None
            blocks.append(block)
        if not blocks:
            return np.empty((n, 0))
        matrix = np.concatenate(blocks, axis=1) if len(blocks) > 1 else blocks[0]
        return matrix if self.kept is None else np.ascontiguousarray(matrix[:, self.kept])


def matrix_spec(
    terms: TermSet,
    columns: Mapping[Expression, Column],
    contrasts: Mapping[str, Any] | None = None,
) -> MatrixSpec:
    """
    Decide how each variable of each term is coded.

    Parameters
    ----------
    terms : TermSet
    columns : mapping of Expression to Column
        Evaluated on the rows used, unused levels dropped.
    contrasts : mapping of str to contrasts, optional
        By variable, as `contrast_coding` takes them.

    Examples
    --------
    >>> from pybootmlm.formula import parse_formula
    >>> terms = parse_formula("y ~ a + (1 | g)").fixed
    >>> factor = FactorColumn(np.array([0, 1, 0]), ("p", "q"))
    >>> spec = matrix_spec(terms, {terms.variables[0]: factor})
    >>> spec.names, spec.matrix({terms.variables[0]: factor}, 3)[:, 1]
    (('(Intercept)', 'aq'), array([0., 1., 0.]))
    """
    patterns = _with_contrasts(terms, columns)
    codings: dict[tuple[int, bool], _Part] = {}
    parts = []
    names = ["(Intercept)"] if terms.intercept else []
    for term, pattern in zip(terms.terms, patterns, strict=True):
        for key in zip(term, pattern, strict=True):
            if key not in codings:
                codings[key] = _part(terms.variables[key[0]], key[1], columns, contrasts or {})
        term_parts = tuple(codings[key] for key in zip(term, pattern, strict=True))
        parts.append(term_parts)
        names.extend(_names([label(terms.variables[i]) for i in term], term_parts))
    return MatrixSpec(terms.intercept, terms.variables, terms.terms, tuple(parts), tuple(names))


def _with_contrasts(terms: TermSet, columns: Mapping[Expression, Column]) -> list[tuple[bool, ...]]:
    """
    Whether each variable of each term is coded by contrasts (else by indicators).

    R's rule: by contrasts if the term without the variable is empty or part of an earlier
    term; and without an intercept, the first factor of all is coded by indicators.
    """
    found: list[tuple[bool, ...]] = []
    for t, term in enumerate(terms.terms):
        earlier = [set(other) for other in terms.terms[:t]]
        rests = [set(term) - {i} for i in term]
        found.append(tuple(not rest or any(rest <= other for other in earlier) for rest in rests))
    if not terms.intercept:
        for t, term in enumerate(terms.terms):
            for k, i in enumerate(term):
                if isinstance(columns[terms.variables[i]], FactorColumn):
                    found[t] = (*found[t][:k], False, *found[t][k + 1 :])
                    return found
    return found


def _part(
    variable: Expression,
    contrast: bool,
    columns: Mapping[Expression, Column],
    contrasts: Mapping[str, Any],
) -> _Part:
    column = columns[variable]
    if isinstance(column, NumericColumn):
        return column.suffixes
    # R sets contrasts on every factor of the frame, so a lone level is an error in any case.
    coding = contrast_coding(label(variable), column, contrasts.get(label(variable)))
    return coding if contrast else indicators(column.levels)


def _names(labels: Sequence[str], parts: Sequence[_Part]) -> list[str]:
    names = [""]
    for k, (text, part) in enumerate(zip(labels, parts, strict=True)):
        suffixes = part.suffixes if isinstance(part, Coding) else part
        own = [text + suffix for suffix in suffixes]
        names = own if k == 0 else [f"{before}:{name}" for name in own for before in names]
    return names


def _values(variable: Expression, part: _Part, column: Column) -> NDArray[np.float64]:
    """Columns of one variable, shape (n, k)."""
    if isinstance(part, Coding):
        if not isinstance(column, FactorColumn):
            raise DataError(f"`{label(variable)}` must be categorical here; it holds numbers")
        codes = column.codes
        if column.levels != part.levels:
            position = {level: i for i, level in enumerate(part.levels)}
            unseen = [level for level in column.levels if level not in position]
            if unseen:
                raise DataError(
                    f"`{label(variable)}` has levels that the model has not seen "
                    f"({', '.join(unseen)}); it knows {', '.join(part.levels)}"
                )
            codes = np.array([position[level] for level in column.levels] + [-1])[codes]
        values = part.matrix[codes]
        if (codes < 0).any():  # new data only; the rows of a fit are complete
            values[codes < 0] = np.nan
        return values
    if isinstance(column, FactorColumn):
        raise DataError(f"`{label(variable)}` must be numeric here; it is categorical")
    return column.values
