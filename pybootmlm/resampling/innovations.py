r"""Cholesky factors of V = I + ZSZ' in the order of the rows, without ever forming V.

With V = R'R, the elements of R^-T r are r's one-step prediction errors in the order of the rows,
each divided by its standard deviation: for a Gaussian vector with covariance V, row i is predicted
from the rows before it. Because V is the identity plus a matrix of low rank, the prediction needs
only the mean and covariance of the d random effects given the rows so far (the Kalman filter):

    f_i = 1 + z_i' P z_i,  k_i = P z_i / f_i,  P <- P - f_i k_i k_i',  m <- m + k_i (r_i - z_i' m).

Time and memory are linear in the rows. All groups move on together, row by row. S may be
indefinite (it is when part of V is subtracted) as long as all f_i are positive, which is so exactly
when V is positive definite.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Innovations:
    """The Cholesky factor R of a V that is block-diagonal over groups.

    Attributes
    ----------
    steps : tuple of arrays of int
        Rows that are the first, second, ... of their group.
    codes : (n,) array of int
        Group of each row.
    z, gain : (n, d) arrays
        z_i and k_i.
    sd : (n,) array
        Square root of f_i; NaN from where a group's V is not positive definite.
    """

    steps: tuple[Indices, ...]
    codes: Indices
    z: Array
    gain: Array
    sd: Array

    @property
    def positive_definite(self) -> bool:
        """Whether there is such a factor."""
        return bool(np.isfinite(self.sd).all())

    def whiten(self, r: Array) -> Array:
        """R^-T r for r (n, B)."""
        out = np.empty_like(r)
        means = self._no_effects(r.shape[1])
        for rows in self.steps:
            group = self.codes[rows]
            error = r[rows] - np.einsum("gd,gdb->gb", self.z[rows], means[group])
            means[group] += self.gain[rows][:, :, None] * error[:, None]
            out[rows] = error / self.sd[rows, None]
        return out

    def colour(self, zeta: Array) -> Array:
        """R' zeta for zeta (n, B)."""
        out = np.empty_like(zeta)
        means = self._no_effects(zeta.shape[1])
        for rows in self.steps:
            group = self.codes[rows]
            error = zeta[rows] * self.sd[rows, None]
            out[rows] = error + np.einsum("gd,gdb->gb", self.z[rows], means[group])
            means[group] += self.gain[rows][:, :, None] * error[:, None]
        return out

    def _no_effects(self, columns: int) -> Array:
        return np.zeros((int(self.codes.max()) + 1, self.z.shape[1], columns))


def innovations(z: Array, codes: Indices, S: Array, least: float = 0.0) -> Innovations:
    """Factorise V, whose groups are I + z_j S z_j', for rows z (n, d) and S (d, d).

    Parameters
    ----------
    least : float
        Where S takes variance away: the part of a row's variance below which what is left is
        rounding, and V has no factor.
    """
    n, d = z.shape
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    position = np.empty(n, np.intp)
    position[order] = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    by_step = np.argsort(position, kind="stable")
    steps = tuple(np.split(by_step, np.cumsum(np.bincount(position))[:-1]))
    whole = 1 + np.abs(np.einsum("nd,de,ne->n", z, S, z))
    P = np.repeat(S[None], len(sizes), axis=0)
    gain, sd = np.empty((n, d)), np.empty(n)
    for rows in steps:
        group = codes[rows]
        Pz = np.einsum("gde,ge->gd", P[group], z[rows])
        f = 1 + np.einsum("gd,gd->g", z[rows], Pz)
        f = np.where(f > least * whole[rows], f, np.nan)
        gain[rows], sd[rows] = Pz / f[:, None], np.sqrt(f)
        P[group] -= gain[rows][:, :, None] * Pz[:, None]
    return Innovations(steps, codes, z, gain, sd)
