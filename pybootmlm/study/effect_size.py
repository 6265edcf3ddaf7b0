"""The estimands of a cluster-randomised trial, and their variances."""

from collections import Counter
from dataclasses import dataclass
from math import sqrt
from typing import Any

VARIANCE = "variance of "


@dataclass(frozen=True)
class EffectSize:
    r"""ICC and standardised mean difference of a two-level trial, with delta-method variances.

    For :math:`y_{ij} = \gamma_0 + \gamma_1 T_j + u_j + e_{ij}`, the ICC
    :math:`\rho = \tau^2/(\tau^2 + \sigma^2)` and :math:`d = \gamma_1/\sqrt{\tau^2 + \sigma^2}`, the
    difference in units of the total standard deviation. Their variances come from the expected
    information of :math:`(\tau^2, \sigma^2)` and from the covariance matrix of the fixed effects,
    which are independent of each other; studentised intervals use them.

    Parameters
    ----------
    sizes : tuple of int
        Rows of each cluster.

    References
    ----------
    Hedges, L. V. (2007). Effect sizes in cluster-randomized designs. Journal of Educational and
    Behavioral Statistics 32, 341-370. Searle, S. R., Casella, G. and McCulloch, C. E. (1992).
    Variance Components, section 3.8 (information). Lai, M. H. C. (2021). Bootstrap confidence
    intervals for multilevel standardized effect size. Multivariate Behavioral Research 56, 558-578.

    Examples
    --------
    >>> import numpy as np
    >>> import pybootmlm as bm
    >>> design = bm.Design(clusters=20, size=5, icc=0.3)
    >>> fit = bm.lmer(design.formula, design.data(np.random.default_rng(3)))
    >>> print(*(f"{name} {value:.3f}" for name, value in design.statistic(fit).items()), sep=", ")
    icc 0.373, d 0.327, variance of icc 0.012, variance of d 0.100
    """

    sizes: tuple[int, ...]

    def __call__(self, fit: Any) -> dict[str, float]:
        """Estimates and variances of a fit or a refit."""
        s2 = fit.sigma**2
        t2 = s2 * float(fit.theta[0]) ** 2
        total = t2 + s2
        # Information of (tau^2, sigma^2), times 2.
        tt = ts = 0.0
        ss = (sum(self.sizes) - len(self.sizes)) / s2**2
        for n, count in Counter(self.sizes).items():
            square = (s2 + n * t2) ** 2
            tt += count * n**2 / square
            ts += count * n / square
            ss += count / square
        scale = 2 / (tt * ss - ts**2)
        var_t, var_s, cov = scale * ss, scale * tt, -scale * ts
        icc = t2 / total
        d = float(fit.beta[1]) / sqrt(total)
        var_icc = (s2**2 * var_t + t2**2 * var_s - 2 * s2 * t2 * cov) / total**4
        var_total = var_t + var_s + 2 * cov
        root = fit.solution.RX_inverse[1]
        var_gamma = s2 * float(root @ root)
        var_d = var_gamma / total + d**2 * var_total / (4 * total**2)
        return {"icc": icc, "d": d, VARIANCE + "icc": var_icc, VARIANCE + "d": var_d}
