"""The same model fitted by several optimisers, to see whether they agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import one_of, positive_integer
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.lmm.components import theta_names

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

#: SciPy's methods that take bounds, and whether each uses the gradient.
OPTIMIZERS = {
    "L-BFGS-B": True,
    "TNC": True,
    "SLSQP": True,
    "trust-constr": True,
    "Nelder-Mead": False,
    "Powell": False,
    "COBYLA": False,
}
#: Those that are used where none are named: COBYLA can take a hundred times as long as the others.
USUAL = tuple(name for name in OPTIMIZERS if name != "COBYLA")
#: The name of our own, in tables.
NEWTON = "Newton"


@dataclass(frozen=True, eq=False, repr=False)
class AllFit:
    """Fits of one model by several optimisers.

    Attributes
    ----------
    fits : mapping of str to LmerFit
        By optimiser.
    runs : DataFrame
        A row an optimiser: the criterion where it stopped; ``above``, its distance from the lowest
        of all; whether the optimiser says that it converged; evaluations; seconds; message.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> every = fit.all_fit(["L-BFGS-B", "Nelder-Mead"])
    >>> every.runs["criterion"].round(3)
    Newton         319.654
    L-BFGS-B       319.654
    Nelder-Mead    319.654
    Name: criterion, dtype: float64
    >>> every.theta.round(3)
                 Batch.(Intercept)
    Newton                   0.848
    L-BFGS-B                 0.848
    Nelder-Mead              0.848
    """

    fits: Mapping[str, "LmerFit"]
    runs: pd.DataFrame

    @property
    def theta(self) -> pd.DataFrame:
        """Theta by optimiser."""
        rows = {name: fit.theta for name, fit in self.fits.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=theta_names(self._any))

    @property
    def fixef(self) -> pd.DataFrame:
        """Fixed effects by optimiser."""
        rows = {name: fit.beta for name, fit in self.fits.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(self._any.labels.fixed))

    @property
    def sigma(self) -> pd.Series:
        """Residual standard deviation by optimiser."""
        return pd.Series({name: fit.sigma for name, fit in self.fits.items()}, name="sigma")

    def to_frame(self) -> pd.DataFrame:
        """Everything in one table."""
        return pd.concat([self.runs, self.theta, self.fixef, self.sigma], axis=1)

    @property
    def _any(self) -> "LmerFit":
        return next(iter(self.fits.values()))

    def __repr__(self) -> str:
        return str(self.runs.drop(columns="message"))

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html())


def all_fit(
    fit: "LmerFit", optimizers: Sequence[str] | None = None, *, max_evaluations: int = 10_000
) -> AllFit:
    """Fit the model by several of SciPy's optimisers, as lme4's ``allFit``.

    Each minimises our criterion over theta, from the same start (unit size of every random effect
    relative to sigma, in coordinates in which the random effects are uncorrelated and of one size)
    and with zero as the lower bound of Lambda's diagonal.

    Parameters
    ----------
    fit : LmerFit
        The fit; it stands in the tables under ``Newton``.
    optimizers : sequence of str, optional
        Some of ``L-BFGS-B``, ``TNC``, ``SLSQP``, ``trust-constr`` (which use the exact gradient),
        ``Nelder-Mead``, ``Powell``, ``COBYLA`` (which do not); all but the last by default.
    max_evaluations : int
        When an optimiser is stopped.

    Returns
    -------
    AllFit

    Raises
    ------
    ArgumentError
        There is no such optimiser.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> runs = fit.all_fit().runs
    >>> bool(runs["converged"].all()), bool(runs["above"].max() < 1e-3)
    (True, True)
    """
    fit = checked_fit(fit)
    limit = positive_integer(max_evaluations, "max_evaluations")
    names = list(USUAL) if optimizers is None else _names(optimizers)
    fits: dict[str, LmerFit] = {NEWTON: fit}
    optimum = fit.optimum
    rows: dict[str, dict[str, Any]] = {
        NEWTON: {
            "converged": optimum is not None and optimum.converged,
            "evaluations": 0 if optimum is None else optimum.evaluations,
            "seconds": np.nan,
            "message": "the fit itself",
        }
    }
    for name in names:
        start = perf_counter()
        theta, report = _minimise(fit, name, limit)
        fits[name] = fit.at_theta(theta)
        rows[name] = report | {"seconds": perf_counter() - start}
    runs = pd.DataFrame.from_dict(rows, orient="index")
    values = np.array([one.criterion for one in fits.values()])
    runs.insert(0, "criterion", values)
    runs.insert(1, "above", values - np.nanmin(values))
    return AllFit(fits, runs[["criterion", "above", *rows[NEWTON]]])


def _names(optimizers: Sequence[str]) -> list[str]:
    listed = [optimizers] if isinstance(optimizers, str) else list(optimizers)
    if not listed:
        raise ArgumentError(f"`optimizers` is empty; it can hold {', '.join(OPTIMIZERS)}.")
    return [one_of(name, "optimizers", tuple(OPTIMIZERS)) for name in dict.fromkeys(listed)]


def _minimise(fit: "LmerFit", name: str, limit: int) -> tuple[Array, dict[str, Any]]:
    """Theta where the optimiser stopped, in canonical form, and its report."""
    # Not at the top: scipy.optimize would add a third to the time that importing us takes.
    from scipy import optimize

    search = fit.model.search
    problem = fit.model.problem.with_covariance(search.covariance)
    with_gradient = OPTIMIZERS[name]
    count = 0

    def objective(point: Array) -> Any:
        nonlocal count
        count += 1
        z = point[None]
        found = problem.evaluate(search.phi(z), fit.reml, int(with_gradient))
        if not with_gradient:
            return float(found.value[0])
        by_z = search.pull(z, found).gradient
        assert by_z is not None
        return float(found.value[0]), by_z[0]

    limits = {"trust-constr": "maxiter", "SLSQP": "maxiter", "COBYLA": "maxiter"}
    key = limits.get(name, "maxfun" if with_gradient else "maxfev")
    # Typed loosely: no overload knows a method by a name that is only known when it runs.
    minimise: Any = optimize.minimize
    result = minimise(
        objective,
        search.starts((1.0,))[0],
        jac=with_gradient or None,
        method=name,
        bounds=[(0.0 if on else None, None) for on in search.covariance.on_diagonal],
        options={key: limit},
    )
    phi = search.covariance.canonical(search.phi(result.x))
    report = {
        "converged": bool(result.success),
        "evaluations": count,
        "message": str(result.message),
    }
    return search.A @ phi, report
