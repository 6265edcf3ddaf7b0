"""The coordinates in which the criterion is computed and its minimum searched for.

Every term's columns are whitened: with T lower triangular and (ZT)'ZT = n I, rows enter as Z T, so
that no effect is badly scaled or nearly collinear with others, whatever its units and origin. An
unstructured term has Lambda = T Lambda~, and the search works with Lambda~; a structured one keeps
its parameters, and T only scales.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, solve_triangular

from pybootmlm.linalg.twice_precise import combine
from pybootmlm.lmm.covariance import Covariance
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.templates.template import Template

Array = NDArray[np.float64]

# Sizes of Lambda, relative to the data, from which the search starts.
STARTS = (0.3, 1.0, 3.0)
# Correlations, as sines, from which it also starts where a structure has one.
ANGLES = (-0.8, 0.8)
# With up to so many correlations each takes each of them; with more, all take the same.
MOST_COMBINED = 3
# A start nearer to zero than this would stand on the saddle at zero.
FLOOR = 0.05
# A start whose sine is nearer to a bound than this angle's would stand there.
WIDEST = 1.3
# What is left of a column is rounding when it is this small a part of it.
DEPENDENT = 1e-12


@dataclass(frozen=True)
class Bending:
    """phi, the criterion's parameters, from unbounded coordinates z: elementwise.

    Attributes
    ----------
    square, sine : (t,) arrays of bool
        Which are unit z^2, and which middle + unit sin z; the others are unit z.
    unit, middle : (t,) arrays
    """

    square: NDArray[np.bool_]
    sine: NDArray[np.bool_]
    unit: Array
    middle: Array

    @cached_property
    def trivial(self) -> bool:
        """Whether phi is z."""
        return not (self.square.any() or self.sine.any()) and bool((self.unit == 1).all())

    def value(self, z: Array) -> Array:
        """phi (..., t)."""
        if self.trivial:
            return z
        shape = np.where(self.square, z**2, np.where(self.sine, np.sin(z), z))
        return np.asarray(self.middle + self.unit * shape)

    def slope(self, z: Array) -> Array:
        """First derivative (..., t)."""
        return np.asarray(
            self.unit * np.where(self.square, 2 * z, np.where(self.sine, np.cos(z), 1.0))
        )

    def bend(self, z: Array) -> Array:
        """Second derivative (..., t)."""
        return np.asarray(
            self.unit * np.where(self.square, 2.0, np.where(self.sine, -np.sin(z), 0.0))
        )

    def inverse(self, phi: Array) -> Array:
        """One z of phi (t,)."""
        shape = (phi - self.middle) / self.unit
        angle = np.arcsin(np.clip(np.where(self.sine, shape, 0.0), -1.0, 1.0))
        root = np.sqrt(np.maximum(np.where(self.square, shape, 0.0), 0.0))
        return np.asarray(np.where(self.square, root, np.where(self.sine, angle, shape)))

    def take(self, positions: NDArray[np.intp]) -> "Bending":
        """The bending of some elements."""
        at = positions
        return Bending(self.square[at], self.sine[at], self.unit[at], self.middle[at])

    def after(self, plain: int) -> "Bending":
        """The same, with so many plain coordinates before it."""
        none = np.zeros(plain, bool)
        return Bending(
            np.append(none, self.square),
            np.append(none, self.sine),
            np.append(np.ones(plain), self.unit),
            np.append(np.zeros(plain), self.middle),
        )


@dataclass(frozen=True)
class SearchCoordinates:
    """How theta, the criterion's parameters phi, and the coordinates z of a search hang together.

    Attributes
    ----------
    T : tuple of (q, q) arrays
        One a term.
    A : (t, t) array
        theta = A phi.
    bending : Bending
        phi from z.
    covariance : Covariance
        S of whitened columns, from phi.
    """

    T: tuple[Array, ...]
    A: Array
    bending: Bending
    covariance: Covariance

    @property
    def correlated(self) -> bool:
        """Whether a structure has a correlation of its own."""
        return bool(self.bending.sine.any())

    def phi(self, z: Array) -> Array:
        """The criterion's parameters (..., t)."""
        return self.bending.value(z)

    def theta(self, z: Array) -> Array:
        """theta (..., t)."""
        return np.asarray(self.phi(z) @ self.A.T)

    def to_search(self, theta: Array) -> Array:
        """z from theta (t,)."""
        return self.bending.inverse(np.asarray(np.linalg.solve(self.A, theta)))

    def pull(self, z: Array, by_phi: Evaluation) -> Evaluation:
        """Derivatives by z (B, t) from those by phi."""
        if self.bending.trivial or by_phi.gradient is None:
            return by_phi
        slope = self.bending.slope(z)
        gradient = by_phi.gradient * slope
        if by_phi.hessian is None:
            return Evaluation(by_phi.value, gradient)
        hessian = by_phi.hessian * slope[:, :, None] * slope[:, None]
        k = np.arange(z.shape[1])
        hessian[:, k, k] += by_phi.gradient * self.bending.bend(z)
        return Evaluation(by_phi.value, gradient, hessian)

    def starts(self, sizes: tuple[float, ...]) -> list[Array]:
        """Where to start without any knowledge: effects of these sizes, relative to the data."""
        terms = len(self.covariance.templates)
        out = [self.start_of(np.full(terms, size)) for size in sizes]
        return out + self.angled(np.where(self.covariance.on_diagonal, 1.0, 0.0)) if sizes else out

    def angled(self, z: Array) -> list[Array]:
        """Starts z (t,) with other correlations; none where no structure has one."""
        sine, out = np.flatnonzero(self.bending.sine), []
        several = sine.size <= MOST_COMBINED
        each = product(ANGLES, repeat=sine.size) if several else ([a] * sine.size for a in ANGLES)
        for angles in each if sine.size else ():
            start = z.copy()
            start[sine] = angles
            out.append(start)
        return out

    def start_of(self, sizes: Array) -> Array:
        """z where the effects of each term have these sizes (terms,), relative to the data."""
        each = np.repeat(sizes, [template.n_theta for template in self.covariance.templates])
        roots = np.where(self.bending.square, np.sqrt(each), each)
        return np.asarray(roots * self.covariance.on_diagonal)

    def start_at(self, theta: Array) -> Array:
        """z of theta (t,), moved off the saddles that stand on the boundary."""
        z = self.to_search(theta)
        floor = np.where(self.bending.square, np.sqrt(FLOOR), FLOOR)
        z = np.where(self.covariance.on_diagonal & (np.abs(z) < floor), floor, z)
        return np.where(self.bending.sine, np.clip(z, -WIDEST, WIDEST), z)

    def starts_near(self, theta: Array, sizes: tuple[float, ...]) -> list[Array]:
        """Where to start for other data of a model that has its optimum at theta (t,).

        Where a structure has a correlation, theta alone does not do. Where its standard deviations
        vanish the correlation is free; with one sign of it zero is a minimum in them, with the
        other it is not. A search that comes there with the wrong sign ends there. So it starts
        where a fit without any knowledge does, too.
        """
        return [self.start_at(theta), *(self.starts(sizes) if self.correlated else [])]

    def tolerance(self, relative: float) -> Array:
        """A size (t,) in phi that is so small relative to the data."""
        return relative * np.where(self.bending.sine, 1.0, self.bending.unit)


def search_coordinates(
    covariance: Covariance, Zs: list[Array], weigh_root: Array | None
) -> SearchCoordinates:
    """Coordinates for terms with rows `Zs`, each (n, q), and roots of weights (n,)."""
    weighted = [Z if weigh_root is None else Z * weigh_root[:, None] for Z in Zs]
    Ts, blocks, units = [], [], []
    bases: list[Array | None] = []
    for template, Z in zip(covariance.templates, weighted, strict=True):
        T = whitening(Z) if template.whitens() else np.diag(1 / _sizes(Z))
        Ts.append(T)
        if template.whitens():
            blocks += [T[column:, column:] for column in range(len(T))]
            units.append(np.ones(template.n_theta))
            bases.append(None)
        else:
            blocks.append(np.eye(template.n_theta))
            units.append(_units(template, T))
            bases.append(np.diag(_sizes(Z)))
    sine = np.array([bend == "sine" for bend in covariance.bends])
    square = np.array([bend == "square" for bend in covariance.bends])
    middle, unit = np.zeros(sine.size), np.concatenate(units)
    middle[sine] = (covariance.upper[sine] + covariance.lower[sine]) / 2
    unit[sine] = (covariance.upper[sine] - covariance.lower[sine]) / 2
    return SearchCoordinates(
        tuple(Ts),
        block_diag(*blocks),
        Bending(square, sine, unit, middle),
        replace(covariance, bases=tuple(bases)),
    )


def of_data(covariance: Covariance, coordinates: SearchCoordinates) -> Covariance:
    """S of whitened columns, from theta."""
    inverses = tuple(solve_triangular(T, np.eye(len(T)), lower=True) for T in coordinates.T)
    return replace(covariance, bases=inverses)


def whitened(Z: Array, T: Array, root: Array | None) -> Array:
    """Weighted rows of Z T (n, q): the weights come last, so that what cancels does so exactly."""
    out = combine(Z, T)
    return out if root is None else out * root[:, None]


def whitening(Z: Array) -> Array:
    """Lower triangular T with (ZT)'ZT = n I, for weighted rows Z (n, q).

    A column that depends on the later ones is only scaled.
    """
    n, q = Z.shape
    size = _sizes(Z)
    if q == 1:
        return np.asarray(1 / size[:, None])
    # Triangular from the other end: the last column comes first.
    R = np.linalg.qr((Z / size)[:, ::-1], mode="r") / np.sqrt(n)
    if len(R) < q:
        R = np.vstack([R, np.zeros((q - len(R), q))])
    R = R * np.where(np.diag(R) < 0, -1.0, 1.0)[:, None]
    for k in np.flatnonzero(np.diag(R) < DEPENDENT):
        R[:, k] = R[k, :] = 0.0
        R[k, k] = 1.0
    T = solve_triangular(R, np.eye(q))[::-1, ::-1]
    return np.asarray(T / size[:, None])


def _sizes(Z: Array) -> Array:
    """Root mean squares of columns (q,); 1 for a column of zeros."""
    largest = np.abs(Z).max(axis=0, initial=0.0)
    largest[largest == 0] = 1.0
    size = largest * np.sqrt(np.mean((Z / largest) ** 2, axis=0))
    return np.asarray(np.where(size == 0, 1.0, size))


def _units(template: Template, T: Array) -> Array:
    """Standard deviations (t,) that matter as much as the residual's, and 1 for a correlation."""
    own = np.diag(T)
    if template.homogeneous:
        own = np.array([1 / np.sqrt(np.mean(1 / own**2))])
    return np.append(own, np.ones(template.n_theta - own.size))
