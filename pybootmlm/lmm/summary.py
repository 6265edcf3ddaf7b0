"""The summary of a fit, laid out as lme4 prints it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.formats import abbreviate, format_common, pad_left, round_as_r
from pybootmlm.lmm.estimates import Estimates
from pybootmlm.lmm.varcorr import VarCorr
from pybootmlm.methods.anova_table import LEGEND
from pybootmlm.methods.coefficient_cells import coefficient_cells
from pybootmlm.tables import Table

Array = NDArray[np.float64]

DIGITS = 4
# R breaks lines before this column.
WIDTH = 80
# lme4 does not print the correlations of more fixed effects than this.
MOST_CORRELATIONS = 12


@dataclass(frozen=True, repr=False)
class Summary:
    """What lme4 prints of a fit, as values; ``print`` it, or let a notebook show it.

    Attributes
    ----------
    reml : bool
    formula : str
    criteria : Series
        The REML criterion, or AIC, BIC, logLik, deviance and df.resid.
    scaled_residuals : Series
        Min, 1Q, Median, 3Q, Max of the Pearson residuals divided by sigma.
    varcorr : VarCorr
    nobs : int
    ngrps : Series
    coefficients : DataFrame
        Estimate, Std. Error and t value of each fixed effect; with tests, df and Pr(>|t|) too.
    correlation : (p, p) array
        Of the fixed effects.
    messages : tuple of str
    tests : str or None
        Whose degrees of freedom the fixed effects are tested with, if they are.
    """

    reml: bool
    formula: str
    criteria: pd.Series
    scaled_residuals: pd.Series
    varcorr: VarCorr
    nobs: int
    ngrps: pd.Series
    coefficients: pd.DataFrame
    correlation: Array
    messages: tuple[str, ...]
    tests: str | None = None

    def __str__(self) -> str:
        parts = [
            f"{self._title()}\nFormula: {self.formula}",
            self._criteria_text(),
            "Scaled residuals:\n"
            + _named(self._residual_cells(), list(self.scaled_residuals.index)),
            "Random effects:\n"
            + _indent(self.varcorr.table(DIGITS, variance=True).to_text(WIDTH - 1))
            + "\n"
            + self._groups(),
        ]
        if len(self.coefficients):
            table, starred = coefficient_cells(self.coefficients)
            lines = ["Fixed effects:", table.to_text(WIDTH, 1), *([LEGEND] if starred else [])]
            parts.append("\n".join(lines))
        p = len(self.coefficients)
        if 1 < p <= MOST_CORRELATIONS:
            parts.append(
                "Correlation of Fixed Effects:\n" + self._correlation_table().to_text(WIDTH, 1)
            )
        elif p > MOST_CORRELATIONS:
            parts.append(f"Correlations not shown, as p = {p} > {MOST_CORRELATIONS}; see `vcov`.")
        text = "\n\n".join(parts)
        return "\n".join([text, *self.messages])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [
            f"<p><b>{self._title()}</b><br><code>{escape(self.formula)}</code></p>",
            f"<p>{self._criteria_text()}</p>" if self.reml else self._criteria_html(),
            self.varcorr.table(DIGITS, variance=True).to_html(),
            f"<p>{escape(self._groups())}</p>",
            coefficient_cells(self.coefficients)[0].to_html(),
            *(f"<p>{escape(message)}</p>" for message in self.messages),
        ]
        return "<div>" + "".join(parts) + "</div>"

    def _title(self) -> str:
        method = "REML" if self.reml else "maximum likelihood "
        title = f"Linear mixed model fit by {method}"
        if self.tests is None:
            return f"{title} ['lmerMod']"
        return _title_of_tests(f"{title}. t-tests use {self.tests} method")

    def _criteria_text(self) -> str:
        if self.reml:
            return (
                "REML criterion at convergence: "
                + format_common([round(float(self.criteria["REML"]), 1)], 7)[0]
            )
        return _named(self._criteria_cells(), list(self.criteria.index))

    def _criteria_html(self) -> str:
        return Table(list(self.criteria.index), [self._criteria_cells()], "rrrrr").to_html()

    def _criteria_cells(self) -> list[str]:
        *values, df = self.criteria.to_list()
        return [*format_common([round(float(v), 1) for v in values], 7), f"{int(df)}"]

    def _residual_cells(self) -> list[str]:
        values = self.scaled_residuals.to_numpy()
        largest = np.abs(values).max()
        digits = DIGITS + 1
        decimals = max(0, int(np.floor(digits - np.log10(largest) + 0.5))) if largest else digits
        return format_common(list(round_as_r(values, decimals)), DIGITS)

    def _groups(self) -> str:
        groups = "; ".join(f"{name}, {count}" for name, count in self.ngrps.items())
        start = f"Number of obs: {self.nobs}, groups: "
        return f"{start} {groups}" if len(start) + len(groups) < WIDTH else f"{start}\n{groups}"

    def _correlation_table(self) -> Table:
        names = list(self.coefficients.index)
        p = len(names)
        cells = np.array(
            pad_left(format_common(list(round_as_r(self.correlation, 3).ravel()), 7, nsmall=3))
        ).reshape(p, p)
        header = ["", *abbreviate(names, 6)[:-1]]
        rows = [
            [name, *[cells[i, j] if j < i else "" for j in range(p - 1)]]
            for i, name in enumerate(abbreviate(names, 11))
            if i > 0
        ]
        return Table(header, rows, "l" * p)


def summarise(
    fit: Estimates,
    *,
    formula: str,
    scaled_residuals: Array,
    levels: pd.Series,
    messages: tuple[str, ...],
) -> Summary:
    """Collect what the summary of a fit shows."""
    errors = fit.std_errors
    coefficients = pd.DataFrame(
        {"Estimate": fit.fixef, "Std. Error": errors, "t value": fit.fixef / errors}
    )
    criteria = (
        {"REML": fit.reml_criterion}
        if fit.reml
        else {
            "AIC": fit.aic,
            "BIC": fit.bic,
            "logLik": fit.loglik,
            "deviance": fit.deviance,
            "df.resid": fit.df_resid,
        }
    )
    vcov = fit.vcov.to_numpy()
    sd = np.sqrt(np.diag(vcov))
    return Summary(
        reml=fit.reml,
        formula=formula,
        criteria=pd.Series(criteria),
        scaled_residuals=pd.Series(
            np.quantile(scaled_residuals, [0, 0.25, 0.5, 0.75, 1]),
            index=["Min", "1Q", "Median", "3Q", "Max"],
        ),
        varcorr=fit.varcorr,
        nobs=fit.nobs,
        ngrps=levels,
        coefficients=coefficients,
        correlation=vcov / np.outer(sd, sd),
        messages=messages,
    )


def _title_of_tests(title: str) -> str:
    """The first lines of lmerTest's print: filled as R's ``strwrap`` and ``cat`` do."""
    # The class that R names between brackets: that of fits with tests.
    kind = "lmerModLmerTest"
    if len(title) + 5 + len(kind) <= WIDTH:
        return f"{title} ['{kind}']"
    pieces = [*wrap(title, WIDTH - 3, subsequent_indent="  "), " [", kind, "]"]
    lines = [""]
    for piece in pieces:
        if lines[-1] and len(lines[-1]) + len(piece) > WIDTH:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _named(cells: Sequence[str], names: Sequence[str]) -> str:
    width = max(map(len, [*cells, *names]))
    return "\n".join(
        " ".join(text.rjust(width) for text in line).rstrip() for line in (names, cells)
    )


def _indent(text: str) -> str:
    return "\n".join(" " + line for line in text.split("\n"))
