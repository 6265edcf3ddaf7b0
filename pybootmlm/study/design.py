"""The designs of a study: two-level trials, whose truth is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import numpy as np
import pandas as pd

from pybootmlm.checks import is_integer, number, positive_integer
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.statistic import Statistic
from pybootmlm.study.distributions import Distribution, resolve_distribution
from pybootmlm.study.effect_size import EffectSize


class StudyDesign(Protocol):
    """What a study needs of a design; `Design` is one, and others may be written."""

    @property
    def formula(self) -> str:
        """The model that is fitted."""

    @property
    def statistic(self) -> Statistic:
        """The statistic; an element called "variance of x" serves x's studentised intervals."""

    @property
    def truth(self) -> Mapping[str, float]:
        """The true value of each element of the statistic that is an estimand."""

    @property
    def factors(self) -> Mapping[str, Any]:
        """What the design is called in a frame: column to value."""

    def data(self, rng: np.random.Generator) -> pd.DataFrame:
        """A data set."""


@dataclass(frozen=True)
class Design:
    r"""A two-level trial with treatment by cluster: :math:`y_{ij} = d\,T_j + u_j + e_{ij}`.

    Every second cluster is treated. The variances of u and e are `icc` and 1 - `icc`, so the total
    variance within an arm is 1, and the standardised mean difference is `d`.

    Parameters
    ----------
    clusters : int
        Number of clusters, at least 4.
    size : int or tuple of int
        Rows of a cluster; several sizes take turns.
    icc : float
        Intraclass correlation, from 0 to below 1.
    distribution : str or Distribution
        Of the cluster effects and the errors: ``"normal"``, ``"chi2"``, ``"t"``, ``"g-and-h"``, or
        one of `pybootmlm.study.distributions` with parameters of your own.
    errors : str or Distribution, optional
        Of the errors, where they differ from the cluster effects.
    d : float
        Standardised mean difference.

    Raises
    ------
    ArgumentError
        A value lies outside its domain.

    References
    ----------
    Hedges, L. V. (2007). Effect sizes in cluster-randomized designs. Journal of Educational and
    Behavioral Statistics 32, 341-370.

    Examples
    --------
    >>> import numpy as np
    >>> import pybootmlm as bm
    >>> design = bm.Design(clusters=10, size=5, icc=0.2, distribution="chi2")
    >>> design.data(np.random.default_rng(1)).head(2).round(3)
           y  treatment  cluster
    0  0.024          0        0
    1 -0.686          0        0
    >>> dict(design.truth)
    {'icc': 0.2, 'd': 0.5}
    """

    clusters: int
    size: int | tuple[int, ...]
    icc: float
    distribution: str | Distribution = "normal"
    errors: str | Distribution | None = None
    d: float = 0.5

    def __post_init__(self) -> None:
        if not is_integer(self.clusters) or self.clusters < 4:
            raise ArgumentError(
                "`clusters` must be an integer from 4, two for each arm at least; got "
                f"{self.clusters!r}."
            )
        sizes = self.size if isinstance(self.size, tuple) else (self.size,)
        if not sizes:
            raise ArgumentError("`size` must hold at least one size; got ().")
        for one in sizes:
            positive_integer(one, "size")
        if max(self.sizes) < 2:
            raise ArgumentError(
                "`size` must be above 1 for some clusters: with one row each, nothing tells the "
                "variance of clusters from that of rows."
            )
        if not 0 <= number(self.icc, "icc") < 1:
            raise ArgumentError(f"`icc` must lie from 0 to below 1; got {self.icc!r}.")
        number(self.d, "d")
        resolve_distribution(self.distribution)
        if self.errors is not None:
            resolve_distribution(self.errors)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each cluster."""
        pattern = self.size if isinstance(self.size, tuple) else (self.size,)
        return tuple(pattern[j % len(pattern)] for j in range(self.clusters))

    @property
    def formula(self) -> str:
        """The model that is fitted."""
        return "y ~ treatment + (1 | cluster)"

    @property
    def statistic(self) -> EffectSize:
        """ICC and standardised mean difference, with their variances."""
        return EffectSize(self.sizes)

    @property
    def truth(self) -> Mapping[str, float]:
        """ICC and standardised mean difference."""
        return {"icc": self.icc, "d": self.d}

    @property
    def factors(self) -> Mapping[str, Any]:
        """Columns that name the design."""
        size = self.size if isinstance(self.size, int) else ", ".join(map(str, self.size))
        effects = resolve_distribution(self.distribution).name
        name = effects
        if self.errors is not None:
            name = f"{effects} effects, {resolve_distribution(self.errors).name} errors"
        return {
            "clusters": self.clusters,
            "size": size,
            "icc": self.icc,
            "distribution": name,
            "d": self.d,
        }

    def data(self, rng: np.random.Generator) -> pd.DataFrame:
        """A data set: columns y, treatment (0 or 1) and cluster."""
        effects = resolve_distribution(self.distribution)
        errors = effects if self.errors is None else resolve_distribution(self.errors)
        cluster = np.repeat(np.arange(self.clusters), self.sizes)
        treatment = cluster % 2
        u = np.sqrt(self.icc) * effects.draw(rng, self.clusters)
        e = np.sqrt(1 - self.icc) * errors.draw(rng, len(cluster))
        y = self.d * treatment + u[cluster] + e
        return pd.DataFrame({"y": y, "treatment": treatment, "cluster": cluster})


def design_grid(
    *,
    clusters: Iterable[int],
    size: Iterable[int | tuple[int, ...]],
    icc: Iterable[float],
    distribution: Iterable[str | Distribution] = ("normal",),
    d: Iterable[float] = (0.5,),
) -> list[Design]:
    """All combinations of the values of a `Design`.

    Parameters
    ----------
    clusters, size, icc, distribution, d : iterable
        Values of each.

    Returns
    -------
    list of Design

    Raises
    ------
    ArgumentError
        A value lies outside its domain, or there is none.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> len(bm.design_grid(clusters=[10, 30], size=[5], icc=[0.1], distribution=["normal", "t"]))
    4
    """
    axes = {"clusters": clusters, "size": size, "distribution": distribution, "icc": icc, "d": d}
    listed: dict[str, list[Any]] = {}
    for name, values in axes.items():
        if isinstance(values, str) or not isinstance(values, Iterable) or not list(values):
            raise ArgumentError(f"`{name}` must be a list of values, at least one; got {values!r}.")
        listed[name] = list(values)
    return [
        Design(**dict(zip(listed, values, strict=True))) for values in product(*listed.values())
    ]
