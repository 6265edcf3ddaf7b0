"""Variance components: standard deviations, correlations, covariances of the random effects."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.formats import format_common, pad_left, round_as_r
from pybootmlm.tables import Table

Array = NDArray[np.float64]
Order = Literal["cov.last", "lower.tri"]


@dataclass(frozen=True)
class TermVariance:
    """Variance components of one random-effects term.

    Attributes
    ----------
    group : str
        Name of the grouping factor; a second term of the same factor has ``.1`` appended.
    names : tuple of str
        Coefficient names.
    cov : (q, q) array
        Covariance matrix, on the scale of the response squared.
    structure : str
        ``us``, ``diag``, ``cs`` or ``ar1``.
    homogeneous : bool
        Whether the structure has one standard deviation for all effects.
    """

    group: str
    names: tuple[str, ...]
    cov: Array
    structure: str = "us"
    homogeneous: bool = False

    @property
    def sd(self) -> Array:
        """Standard deviations (q,)."""
        return np.sqrt(np.diag(self.cov))

    @property
    def cor(self) -> Array:
        """Correlation matrix (q, q); NaN beside a standard deviation of zero."""
        sd = self.sd
        with np.errstate(invalid="ignore", divide="ignore"):
            cor = self.cov / np.outer(sd, sd)
        np.fill_diagonal(cor, 1.0)
        return cor


@dataclass(frozen=True)
class VarCorr:
    """All variance components of a fit.

    Attributes
    ----------
    terms : tuple of TermVariance
        In the order of theta.
    sigma : float
        Residual standard deviation.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> print(fit.varcorr)
    Groups   Name        Std.Dev.
    Batch    (Intercept) 42.001
    Residual             49.510
    """

    terms: tuple[TermVariance, ...]
    sigma: float

    def to_frame(self, order: Order = "cov.last") -> pd.DataFrame:
        """One row a component: grp, var1, var2, vcov, sdcor.

        Parameters
        ----------
        order : {"cov.last", "lower.tri"}
            Variances before covariances within a term, or the order of theta.

        Raises
        ------
        ArgumentError
            `order` is neither.
        """
        if order not in ("cov.last", "lower.tri"):
            raise ArgumentError(f"`order` must be 'cov.last' or 'lower.tri'; got {order!r}.")
        rows: list[tuple[str, str | None, str | None, float, float]] = []
        for term in self.terms:
            q = len(term.names)
            pairs = [(c, r) for c in range(q) for r in range(c, q)]
            if order == "cov.last":
                pairs.sort(key=lambda pair: pair[0] != pair[1])
            sd, cor = term.sd, term.cor
            for c, r in pairs:
                second, sdcor = (None, sd[r]) if r == c else (term.names[r], cor[r, c])
                rows.append((term.group, term.names[c], second, term.cov[r, c], float(sdcor)))
        rows.append(("Residual", None, None, self.sigma**2, self.sigma))
        return pd.DataFrame(rows, columns=["grp", "var1", "var2", "vcov", "sdcor"])

    def __getitem__(self, group: str) -> pd.DataFrame:
        """Covariance matrix of the random effects of a term, by its group's name in `terms`."""
        for term in self.terms:
            if term.group == group:
                return pd.DataFrame(term.cov, index=list(term.names), columns=list(term.names))
        known = ", ".join(repr(term.group) for term in self.terms)
        raise ArgumentError(f"`group` must be one of {known}; got {group!r}.")

    def table(self, digits: int = 5, variance: bool = False, sd: bool = True) -> Table:
        """The components as lme4 prints them, to so many digits: variances, sds or both.

        Raises
        ------
        ArgumentError
            Neither is asked for.
        """
        if not (variance or sd):
            raise ArgumentError("one of `variance` and `sd` must be True.")
        decimals = max(2, digits - 2)
        cells = [_correlation_cells(term, decimals) for term in self.terms]
        widest = max((len(row) for own in cells for row in own), default=0)
        # A structure with one standard deviation and one correlation is a single row.
        pairs = list(zip(self.terms, cells, strict=True))
        values = [v for term, own in pairs for v in term.sd[: len(own)]] + [self.sigma]
        sizes = [pad_left(format_common(values, digits))] if sd else []
        if variance:
            sizes.insert(0, pad_left(format_common([v**2 for v in values], digits)))
        labels = [
            (term.group if i == 0 else "", name, cors)
            for term, own in pairs
            for i, (name, cors) in enumerate(zip(term.names, own, strict=False))
        ]
        rows = [
            [group, name, *shown, *cors, *[""] * (widest - len(cors))]
            for (group, name, cors), *shown in zip(
                [*labels, ("Residual", "", [])], *sizes, strict=True
            )
        ]
        header = ["Groups", "Name"]
        header += ["Variance"] if variance else []
        header += ["Std.Dev."] if sd else []
        header += ["Corr" if j == 0 else "" for j in range(widest)]
        return Table(header, rows, "l" * len(header))

    def __str__(self) -> str:
        return self.table().to_text()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.table().to_html()


def _correlation_cells(term: TermVariance, decimals: int) -> list[list[str]]:
    """What is shown of the correlations, row by row: the lower triangle as text of one width.

    Of a structure with a single correlation that one, and what structure it is.
    """
    cor = term.cor
    if term.structure == "diag":
        return [[] for _ in term.names]
    rounded = round_as_r(cor, decimals)
    if term.structure != "us":
        known = np.diag(rounded, -1)[~np.isnan(np.diag(cor, -1))]
        shown = format_common([float(known[0]) if known.size else np.nan], 7, nsmall=decimals)[0]
        rest = 0 if term.homogeneous else len(cor) - 1
        return [[f"{shown} ({term.structure})"], *([] for _ in range(rest))]
    cells = pad_left(format_common(list(rounded.ravel()), 7, nsmall=decimals))
    return [cells[i * len(cor) : i * len(cor) + i] for i in range(len(cor))]
