"""Several models in one table, a column each."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pybootmlm.checks import flag, is_integer, one_of
from pybootmlm.exceptions import ArgumentError
from pybootmlm.inference.statistics import r2
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.reporting.tidy import tidy
from pybootmlm.tables import Table

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

STATISTICS = ("std.error", "conf.int", "p.value", "statistic")
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "+"))
RESIDUAL = "SD (Observations)"
LEGEND = "+ p < 0.1, * p < 0.05, ** p < 0.01, *** p < 0.001"


@dataclass(frozen=True, eq=False, repr=False)
class ModelTable:
    """Models side by side: as text, HTML, LaTeX or a frame.

    Attributes
    ----------
    table : Table
        The cells.
    note : str
        What the stars mean; empty without stars.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> bm.model_table({"dye": fit}).to_frame().shape
    (9, 2)
    """

    table: Table
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """The cells."""
        return self.table.to_frame()

    def to_html(self) -> str:
        """An HTML table."""
        return self._repr_html_()

    def to_latex(self) -> str:
        """A LaTeX ``tabular``."""
        note = f"\n% {self.note}" if self.note else ""
        return self.table.to_latex() + note

    def __str__(self) -> str:
        return "\n".join([self.table.to_text(), *([self.note] if self.note else [])])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        note = f"<p>{self.note.replace('<', '&lt;')}</p>" if self.note else ""
        return f"<div>{self.table.to_html()}{note}</div>"


def model_table(
    models: "LmerFit | Sequence[LmerFit] | Mapping[str, LmerFit]",
    *,
    statistic: str = "std.error",
    stars: bool = False,
    ddf: str = "satterthwaite",
    digits: int = 3,
) -> ModelTable:
    """Several models side by side, as the R package modelsummary lays them out.

    Parameters
    ----------
    models : LmerFit, sequence or mapping of LmerFit
        The fits, or the fits by the titles of their columns.
    statistic : {"std.error", "conf.int", "p.value", "statistic"}
        What stands under each fixed effect.
    stars : bool
        Mark small p-values.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
        How the fixed effects are tested; see `fixed_tests`.
    digits : int
        Decimals.

    Returns
    -------
    ModelTable
        Rows: fixed effects, standard deviations and correlations, then the number of rows, marginal
        and conditional R squared, AIC and BIC.

    Raises
    ------
    ArgumentError
        There is no model, something else than a fit, or an option has no meaning.
    ModelError
        Kenward and Roger's method is asked of a fit by maximum likelihood.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> data = bm.load_dataset("sleepstudy")
    >>> one = bm.lmer("Reaction ~ Days + (1 | Subject)", data)
    >>> two = bm.lmer("Reaction ~ Days + (Days | Subject)", data)
    >>> print(bm.model_table({"intercepts": one, "slopes": two}, digits=2))
                                    intercepts  slopes
    (Intercept)                         251.41  251.41
                                        (9.75)  (6.82)
    Days                                 10.47   10.47
                                        (0.80)  (1.55)
    SD (Intercept Subject)               37.12   24.74
    SD (Days Subject)                             5.92
    Cor (Intercept~Days Subject)                  0.07
    SD (Observations)                    30.99   25.59
    Num.Obs.                               180     180
    R2 Marg.                              0.28    0.28
    R2 Cond.                              0.70    0.80
    AIC                                1794.47 1755.63
    BIC                                1807.24 1774.79
    """
    titles, fits = _titled(models)
    one_of(statistic, "statistic", STATISTICS)
    stars = flag(stars, "stars")
    if not is_integer(digits) or not 0 <= digits <= 15:
        raise ArgumentError(f"`digits` must be an integer from 0 to 15; got {digits!r}.")
    columns = [_column(fit, statistic, stars, ddf, digits) for fit in fits]
    every = [key for k in range(3) for column in columns for key in column[k]]
    # Whatever components the later models add stand before the residual.
    first = list(dict.fromkeys(key for key in every if key != RESIDUAL))
    at = first.index("Num.Obs.")
    keys = [*first[:at], RESIDUAL, *first[at:]]
    where = {key: k for column in columns for k in range(3) for key in column[k]}
    rows = []
    for key in keys:
        found = [column[where[key]].get(key, ("", "")) for column in columns]
        rows.append([key, *(cell for cell, _ in found)])
        if where[key] == 0:
            rows.append(["", *(below for _, below in found)])
    return ModelTable(Table(["", *titles], rows, "l" + "r" * len(fits)), LEGEND if stars else "")


Cells = dict[str, tuple[str, str]]


def _titled(models: object) -> tuple[list[str], list["LmerFit"]]:
    if isinstance(models, Mapping):
        titles, given = [str(name) for name in models], list(models.values())
    else:
        given = list(models) if isinstance(models, Sequence) else [models]
        titles = [f"({i + 1})" for i in range(len(given))]
    if not given:
        raise ArgumentError("`models` must hold at least one fit.")
    return titles, [checked_fit(one, "models") for one in given]


def _column(
    fit: "LmerFit", statistic: str, stars: bool, ddf: str, digits: int
) -> tuple[Cells, Cells, Cells]:
    """Fixed effects, variance components and measures of a fit, as text by label."""
    fixed: Cells = {}
    for row in tidy(fit, "fixed", ddf=ddf, conf_int=True).to_dict("records"):
        mark = next((s for limit, s in STARS if row["p.value"] < limit), "") if stars else ""
        value = _number(row["estimate"], digits) + mark
        fixed[str(row["term"])] = (value, _below(row, statistic, digits))
    shares = r2(fit)
    measures = {
        "Num.Obs.": str(fit.nobs),
        "R2 Marg.": _number(shares["r2_marginal"], digits),
        "R2 Cond.": _number(shares["r2_conditional"], digits),
        "AIC": _number(fit.aic, digits),
        "BIC": _number(fit.bic, digits),
    }
    return fixed, _components(fit, digits), {name: (text, "") for name, text in measures.items()}


def _below(row: Mapping[Hashable, float], statistic: str, digits: int) -> str:
    if statistic == "conf.int":
        return f"[{_number(row['conf.low'], digits)}, {_number(row['conf.high'], digits)}]"
    if statistic == "p.value" and row["p.value"] < 10.0**-digits:
        return f"(<{_number(10.0**-digits, digits)})"
    return f"({_number(row[statistic], digits)})"


def _components(fit: "LmerFit", digits: int) -> Cells:
    """Standard deviations, then correlations, the residual last."""
    sizes: Cells = {}
    correlations: Cells = {}
    for term in fit.varcorr.terms:
        names = ["Intercept" if name == "(Intercept)" else name for name in term.names]
        sd, cor = term.sd, term.cor
        for i, name in enumerate(names):
            sizes[f"SD ({name} {term.group})"] = (_number(float(sd[i]), digits), "")
            for j in range(i):
                key = f"Cor ({names[j]}~{name} {term.group})"
                correlations[key] = (_number(float(cor[i, j]), digits), "")
    return sizes | correlations | {RESIDUAL: (_number(fit.sigma, digits), "")}


def _number(value: float, digits: int) -> str:
    return "" if np.isnan(value) else f"{value:.{digits}f}"
