"""Variance components of the balanced random-intercept model, in closed form."""

from fractions import Fraction

from parity.independent.nist import AnovaTable


def variance_components(table: AnovaTable, reml: bool) -> dict[str, float]:
    r"""Return the REML or ML estimates for :math:`y_{ij} = \mu + b_i + e_{ij}`.

    With ``MSW = SSW / (J (n - 1))`` and ``B = SSB / (J - 1)`` (REML) or ``SSB / J`` (ML),
    the estimates are ``sigma^2 = MSW`` and ``tau^2 = (B - MSW) / n``; where that is
    negative, ``tau^2 = 0`` and ``sigma^2 = (SSB + SSW) / df`` with ``df = Jn - 1`` or ``Jn``.

    References
    ----------
    Searle, Casella and McCulloch (1992), *Variance Components*, sections 3.7 and 3.8.
    """
    J, n = table.treatments, table.replicates
    within = table.within / (J * (n - 1))
    between = table.between / (J - 1 if reml else J)
    tau2, sigma2 = (between - within) / n, within
    if tau2 < 0:
        tau2, sigma2 = Fraction(0), (table.between + table.within) / (J * n - (1 if reml else 0))
    return {"variance between": float(tau2), "variance within": float(sigma2)}
