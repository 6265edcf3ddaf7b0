"""The result of a bootstrap: a statistic of the fit and of every replicate."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pybootmlm.bootstrap.columns import column_means, column_std
from pybootmlm.bootstrap.combine import same_replicates
from pybootmlm.bootstrap.intervals.confint import confint
from pybootmlm.bootstrap.intervals.replicates import Which, position
from pybootmlm.bootstrap.intervals.scale import Function
from pybootmlm.bootstrap.printing import BootSummary
from pybootmlm.bootstrap.storage import Stored, write
from pybootmlm.checks import counted
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.statistic import Statistic
from pybootmlm.plotting.replicates import plot_replicates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
# Kept in memory only: what a file without pickle cannot hold.
NOT_STORED = ("fit", "statistic", "kept")


@dataclass(frozen=True, repr=False, eq=False)
class BootResult:
    """A bootstrap: the statistic of the fit, and of each replicate.

    Made by `bootstrap_mer`, read by `load_boot`, put together by ``+``.

    Attributes
    ----------
    t0 : (k,) array
        The statistic of the fit.
    t : (nsim, k) array
        The statistic of each replicate. A replicate that failed is a row of NaN.
    names : tuple of str
        Names of the statistic's elements.
    type : str
        The scheme, such as ``"residual"``.
    nsim : int
        Number of replicates; fewer than were asked for if the run was interrupted.
    failures : mapping of int to str
        Message of each replicate that failed, by its row.
    singular, not_converged : int
        Number of replicates whose fit is singular; whose optimiser stopped early.
    warnings : mapping of str to int
        Number of replicates in which each warning was given.
    formula : str
        The model.
    reml : bool
        Whether it was fitted by REML.
    origin : str
        Digest of what the replicates came from; runs of one origin can be put together.
    seed : str
        Where the random numbers came from.
    complete : bool
        False if the run was interrupted.
    fit : LmerFit or None
        The fit that was bootstrapped; not stored in a file.
    statistic : callable or None
        The statistic; not stored.
    kept : tuple or None
        The replicates' fits, if they were to be kept; not stored.

    Examples
    --------
    >>> import numpy as np
    >>> import pybootmlm as bm
    >>> t = np.random.default_rng(1).normal(size=(999, 2)) * [1, 5] + [10, 50]
    >>> boo = bm.BootResult(np.array([10.0, 49.5]), t, ("a", "b"), type="by hand", nsim=999)
    >>> boo.std_error.round(2).to_dict()
    {'a': 1.0, 'b': 5.08}
    >>> boo.confint(type="perc").round(2)
       2.5 %  97.5 %
    a   8.11   12.05
    b  40.01   59.94
    """

    t0: Array
    t: Array
    names: tuple[str, ...]
    type: str
    nsim: int
    failures: Mapping[int, str] = field(default_factory=dict)
    singular: int = 0
    not_converged: int = 0
    warnings: Mapping[str, int] = field(default_factory=dict)
    formula: str = ""
    reml: bool = False
    origin: str = ""
    seed: str = ""
    complete: bool = True
    fit: LmerFit | None = None
    statistic: Statistic | None = None
    kept: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        k = len(self.names)
        if np.shape(self.t0) != (k,) or np.shape(self.t) != (self.nsim, k):
            raise ArgumentError(
                f"`t0` and `t` must have the shapes ({k},) and ({self.nsim}, {k}) of {k} names and "
                f"{self.nsim} replicates; got {np.shape(self.t0)} and {np.shape(self.t)}."
            )

    def __len__(self) -> int:
        return self.nsim

    @property
    def bias(self) -> pd.Series:
        """Mean of the replicates less the estimate, by name."""
        return self._by_name(column_means(self.t) - self.t0, "bias")

    @property
    def std_error(self) -> pd.Series:
        """Standard deviation of the replicates, by name."""
        return self._by_name(column_std(self.t), "std_error")

    @property
    def bias_corrected(self) -> pd.Series:
        """Estimate less bias, by name."""
        return self._by_name(2 * self.t0 - column_means(self.t), "bias_corrected")

    @property
    def percent_failed(self) -> float:
        """Percentage of the replicates that failed."""
        return 100 * len(self.failures) / self.nsim if self.nsim else 0.0

    def to_frame(self) -> pd.DataFrame:
        """The replicates: one row each, one column an element of the statistic."""
        index = pd.RangeIndex(self.nsim, name="replicate")
        return pd.DataFrame(self.t, index=index, columns=list(self.names))

    def summary(self) -> BootSummary:
        """Estimates, bias and standard errors, and what went wrong, as R prints a bootstrap."""
        return BootSummary(
            type=self.type,
            formula=self.formula,
            seed=self.seed,
            reml=self.reml,
            nsim=self.nsim,
            complete=self.complete,
            names=self.names,
            original=self.t0,
            bias=self.bias.to_numpy(),
            std_error=self.std_error.to_numpy(),
            failures=self.failures,
            singular=self.singular,
            not_converged=self.not_converged,
            warnings=self.warnings,
        )

    def __str__(self) -> str:
        return str(self.summary())

    def __repr__(self) -> str:
        state = "" if self.complete else ", interrupted"
        failed = f", {len(self.failures)} failed" if self.failures else ""
        size = f"{counted(self.nsim, 'replicate')} of {counted(len(self.names), 'statistic')}"
        return f"<BootResult: {self.type}, {size}{failed}{state}>"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def confint(
        self,
        parm: Which | Sequence[Which] | None = None,
        level: float | Iterable[float] = 0.95,
        type: str = "norm",  # noqa: A002 - boot's name
        L: ArrayLike | pd.DataFrame | None = None,
        *,
        h: Function | None = None,
        hdot: Function | None = None,
        hinv: Function | None = None,
    ) -> pd.DataFrame:
        """Confidence limits of several statistics; `boot_ci` defines the intervals.

        Parameters
        ----------
        parm : int, str or sequence of them, optional
            Statistics by position from 0 or by name; all by default.
        level : float or iterable of float
            Confidence levels.
        type : {"norm", "basic", "perc", "bca"}
            Kind of interval.
        L : (J, k) array_like or DataFrame, optional
            Influence values for ``"bca"``, one column a statistic; by default `empinf_merm` of
            the fit.
        h, hdot, hinv : callable, optional
            Transformation, derivative and inverse, as in `boot_ci`; the same for all.

        Returns
        -------
        DataFrame (m, 2 per level)
            Rows are named after the statistics, columns after the percentages.

        Raises
        ------
        ArgumentError, StatisticError
            As `boot_ci`.
        """
        return confint(self, parm, level=level, type=type, L=L, h=h, hdot=hdot, hinv=hinv)

    def plot(self, index: Which = 0, axes: "Sequence[Axes] | None" = None) -> "tuple[Axes, Axes]":
        """Histogram and normal quantiles of one statistic; needs matplotlib.

        Parameters
        ----------
        index : int or str
            Which statistic.
        axes : sequence of two Axes, optional
            Where to draw; a new figure by default.
        """
        which = position(self.names, index, "index")
        return plot_replicates(float(self.t0[which]), self.t[:, which], self.names[which], axes)

    def concat(self, *others: "BootResult") -> "BootResult":
        """Put runs of the same origin together.

        Raises
        ------
        ArgumentError
            The runs differ in model, data, statistic or scheme; or two of them hold the same
            replicates, because they were started from the same random numbers.
        """
        whole = self
        for other in others:
            whole = whole._followed_by(other)
        return whole

    def __add__(self, other: object) -> "BootResult":
        return self.concat(other) if isinstance(other, BootResult) else NotImplemented

    def _followed_by(self, other: "BootResult") -> "BootResult":
        for name in ("origin", "type", "names", "formula", "reml"):
            if getattr(self, name) != getattr(other, name):
                raise ArgumentError(
                    "Runs can be put together if they have the same model, data, statistic and "
                    f"scheme; the `{name}` of these differ: {getattr(self, name)!r} and "
                    f"{getattr(other, name)!r}."
                )
        if not np.array_equal(self.t0, other.t0, equal_nan=True):
            raise ArgumentError(
                "Runs can be put together if they have the same fit and statistic; the `t0` of "
                "these differ."
            )
        if same_replicates(self.t, other.t):
            raise ArgumentError(
                "These runs hold the same replicates, so together they say no more than one of "
                "them: run the second with another `rng`."
            )
        seeds = dict.fromkeys(seed for seed in (self.seed, other.seed) if seed)
        shifted = {row + self.nsim: message for row, message in other.failures.items()}
        both_kept = self.kept is not None and other.kept is not None
        return replace(
            self,
            t=np.vstack([self.t, other.t]),
            nsim=self.nsim + other.nsim,
            failures={**self.failures, **shifted},
            singular=self.singular + other.singular,
            not_converged=self.not_converged + other.not_converged,
            warnings=dict(Counter(self.warnings) + Counter(other.warnings)),
            seed="; ".join(seeds),
            complete=self.complete and other.complete,
            fit=self.fit or other.fit,
            statistic=self.statistic or other.statistic,
            kept=(*(self.kept or ()), *(other.kept or ())) if both_kept else None,
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write to a file for `load_boot`: NumPy's NPZ, no pickle, every bit of every number.

        Parameters
        ----------
        path : path
            The file; one that exists is replaced in one step. The fit, the statistic and kept
            fits are not stored.

        Raises
        ------
        ArgumentError
            `path` is not the path of a file.
        """
        metadata = {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if item.name not in ("t0", "t", *NOT_STORED)
        }
        for name in ("failures", "warnings"):
            metadata[name] = list(metadata[name].items())
        write(path, Stored({"t0": self.t0, "t": self.t}, metadata))

    def _by_name(self, values: Array, name: str) -> pd.Series:
        return pd.Series(values, index=list(self.names), name=name)
