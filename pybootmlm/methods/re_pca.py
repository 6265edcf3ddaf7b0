"""Principal components of the random effects."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import block_diag

from pybootmlm.lmm.checked import checked_fit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RandomComponents:
    """Principal components of the relative covariance matrix of one grouping factor.

    Attributes
    ----------
    names : tuple of str
        The random effects.
    sdev : (q,) array
        Standard deviations of the components relative to sigma, largest first: singular values of
        the template of Lambda.
    rotation : (q, q) array
        A column a component; its sign is arbitrary.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.re_pca()["Subject"].importance.round(4)
                               PC1     PC2
    Standard deviation      0.9669  0.2309
    Proportion of Variance  0.9461  0.0539
    Cumulative Proportion   0.9461  1.0000
    """

    names: tuple[str, ...]
    sdev: Array
    rotation: Array

    @property
    def importance(self) -> pd.DataFrame:
        """Standard deviation, share of the variance and cumulated share of each component.

        The shares are NaN where all variances are zero.
        """
        with np.errstate(invalid="ignore"):
            share = self.sdev**2 / (self.sdev**2).sum()
        return pd.DataFrame(
            [self.sdev, share, share.cumsum()],
            index=["Standard deviation", "Proportion of Variance", "Cumulative Proportion"],
            columns=[f"PC{k + 1}" for k in range(len(self.sdev))],
        )


def re_pca(fit: "LmerFit") -> dict[str, RandomComponents]:
    """Principal components of the random effects of each grouping factor, as lme4's ``rePCA``.

    A component whose standard deviation is (nearly) zero says that the random-effects structure
    is richer than the data support. All terms of a factor are taken together.

    Parameters
    ----------
    fit : LmerFit
        The fit.

    Returns
    -------
    dict of str to RandomComponents

    References
    ----------
    Bates, D., Kliegl, R., Vasishth, S. and Baayen, H. (2015). Parsimonious mixed models.
    arXiv:1506.04967.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.re_pca()["Subject"].sdev.round(4)
    array([0.9669, 0.2309])
    """
    fit = checked_fit(fit)
    matrices = fit.labels.covariance.term_matrices(fit.theta)
    out = {}
    for f, factor in enumerate(fit.design.factors):
        of_factor = [i for i, term in enumerate(fit.design.terms) if term.factor == f]
        rotation, sdev, _ = np.linalg.svd(block_diag(*(matrices[i] for i in of_factor)))
        names = tuple(name for i in of_factor for name in fit.design.terms[i].names)
        out[factor.name] = RandomComponents(names, sdev, rotation)
    return out
