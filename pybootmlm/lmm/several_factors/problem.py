"""Models with several grouping factors, crossed or nested."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.linalg.twice_precise import combine
from pybootmlm.lmm.anatomy import Anatomy, Part
from pybootmlm.lmm.covariance import Covariance
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.problem import State
from pybootmlm.lmm.several_factors.block_stage import Reduced
from pybootmlm.lmm.several_factors.dense_criterion import CrossProducts, dense_parts, evaluate
from pybootmlm.lmm.several_factors.elimination import Elimination, elimination
from pybootmlm.lmm.several_factors.moment_start import moment_start
from pybootmlm.lmm.several_factors.quadratic_forms import quadratic_forms
from pybootmlm.lmm.several_factors.sweep import (
    Sweep,
    begin,
    by_S,
    eliminate,
    selected_inverse,
    solve,
)
from pybootmlm.lmm.tail import Tail, criterion_value, profile_out

Array = NDArray[np.float64]

# Forward differences of an exact gradient: the root of its rounding.
DIFFERENCE = 1e-6
# Fourth-order differences: truncation of 1e-12 meets rounding of 1e-9.
WIDE_DIFFERENCE = 1e-3
# Random effects up to which a search uses exact Hessians.
EXACT_UP_TO = 300
# Levels whose columns of V^-1 Z are held at a time.
LEVELS_AT_ONCE = 256


@dataclass(frozen=True)
class SeveralFactorsProblem:
    """A `Problem` whose factors are eliminated in turn; see `pybootmlm.lmm.several_factors.sweep`.

    Attributes
    ----------
    covariance : Covariance
    Z : (n, m) CSR array
        Weighted rows, factor by factor, level by level; their columns whitened by Ts.
    levels : tuple of int
        Numbers of levels of the factors.
    start : Reduced
        Cross-products.
    Q : (n, p) array
        Orthonormal basis of the weighted X.
    Ts : tuple of (q, q) arrays
        For each factor: effects on the data's Z are T times those on the whitened columns.
    known : Elimination or None
        What is known of one theta already; of the same Z, Q and weights, and any response.
    """

    covariance: Covariance
    Z: sp.csr_array
    levels: tuple[int, ...]
    start: Reduced
    Q: Array
    Ts: tuple[Array, ...]
    known: Elimination | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.Q)

    @property
    def dear(self) -> "SeveralFactorsProblem | None":
        """Itself, if exact Hessians cost too much to search with them."""
        return self if self.Z.shape[1] > EXACT_UP_TO else None

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.Q.shape[1])

    def with_covariance(self, covariance: Covariance) -> "SeveralFactorsProblem":
        """The same rows, with S from other parameters."""
        return replace(self, covariance=covariance)

    def with_response(self, y: Array) -> "SeveralFactorsProblem":
        """The same problem for another standardised response (n,)."""
        Zt, tt = self.start.Zt.copy(), self.start.tt.copy()
        Zt[:, -1] = self.Z.T @ y
        tt[:-1, -1] = tt[-1, :-1] = self.Q.T @ y
        tt[-1, -1] = y @ y
        return replace(self, start=self.start.with_tail(Zt, tt))

    @cached_property
    def few(self) -> CrossProducts:
        """The dense cross-products of a model with few random effects."""
        start, p = self.start, self.p
        return CrossProducts(
            ZZ=start.ZZ if isinstance(start.ZZ, np.ndarray) else start.ZZ.toarray(),
            ZX=start.Zt[:, :p],
            XX=start.tt[:p, :p],
            Zy=start.Zt[:, p:].T,
            Xy=start.tt[:p, p:].T,
            yy=start.tt[p:, p],
            levels=self.levels,
            n=self.n,
        )

    def few_of(self, responses: Array) -> CrossProducts:
        """The same for standardised `responses` (n, B)."""
        return replace(
            self.few,
            Zy=np.ascontiguousarray((self.Z.T @ responses).T),
            Xy=responses.T @ self.Q,
            yy=np.einsum("nb,nb->b", responses, responses),
        )

    def evaluate(self, theta: Array, reml: bool, order: int) -> Evaluation:
        """Criterion and exact gradient at `theta` (B, T), and the Hessian.

        Exact among few random effects; by differences of the gradient among many.
        """
        if self.dear is None:
            same = self.few.take(np.zeros(len(theta), np.intp))
            return evaluate(same, self.covariance, theta, reml, order)
        values = np.empty(len(theta))
        gradients = np.empty(theta.shape)
        hessians = np.empty(theta.shape + theta.shape[1:])
        for i, point in enumerate(theta):
            values[i], gradients[i] = self._at(point, reml, order)
            if order == 2:
                hessians[i] = self._hessian(point, gradients[i], reml)
        return Evaluation(
            values, gradients if order > 0 else None, hessians if order == 2 else None
        )

    def approximate(self, theta: Array, reml: bool) -> Evaluation:
        """Criterion, exact gradient and average information at `theta` (T,), as B = 1."""
        known = self.known
        if known is None or not known.is_of(self.covariance, theta, reml):
            known = self.at(theta, reml)
        return known.evaluate(self.start)

    def at(self, theta: Array, reml: bool) -> Elimination:
        """What depends on `theta` (T,) alone, and not on the response."""
        df = self.n - self.p if reml else self.n
        return elimination(self.start, self.covariance, self.levels, theta, reml, df)

    def moment_start(self) -> Array:
        """Sizes (terms,) of each term's effects on whitened columns to begin with."""
        term = []
        for f, J in enumerate(self.levels):
            own = [i for i, of in enumerate(self.covariance.term_factor) if of == f]
            sizes = [self.covariance.term_sizes[i] for i in own]
            term.append(np.tile(np.repeat(own, sizes), J))
        start, terms = self.start, len(self.covariance.term_sizes)
        yy = float(start.tt[-1, -1])
        ZZ = sp.csr_array(start.ZZ)
        return moment_start(ZZ, start.Zt[:, -1], yy, self.n, np.concatenate(term), terms)

    def anatomy(self, theta: Array, order: int) -> Anatomy:
        """log|V| and r2 at `theta` (B, T), exact gradients, Hessians as in `evaluate`."""
        if self.dear is None:
            same = self.few.take(np.zeros(len(theta), np.intp))
            dense = dense_parts(same, self.covariance, theta, order)
            return Anatomy(dense.log_det, dense.r2)
        found = [self._parts(point, order) for point in theta]
        values = np.array([value for value, _ in found]).reshape(-1, 2)
        if order == 0:
            return Anatomy(Part(values[:, 0]), Part(values[:, 1]))
        gradients = np.array([gradient for _, gradient in found])
        if order == 1:
            parts = [Part(values[:, k], gradients[:, k]) for k in range(2)]
            return Anatomy(*parts)
        hessians = np.empty((*gradients.shape, theta.shape[1]))
        for i, point in enumerate(theta):
            for k in range(point.size):
                step = np.zeros_like(point)
                step[k] = DIFFERENCE * (1 + abs(point[k]))
                hessians[i, :, :, k] = (self._parts(point + step, 1)[1] - gradients[i]) / step[k]
        hessians = (hessians + hessians.swapaxes(-1, -2)) / 2
        return Anatomy(*(Part(values[:, k], gradients[:, k], hessians[:, k]) for k in range(2)))

    def state(self, theta: Array) -> State:
        """Estimates at `theta` (T,)."""
        sweep = self._sweep(theta)
        tail = _profile(sweep.tt)
        us, bs = solve(sweep, self.start.Zt @ np.append(-tail.gamma[:, 0], 1.0))
        return State(tail, sweep.log_det_V, self._by_factor(us), self._on_data(bs))

    def hat_random(self, theta: Array) -> Array:
        """Diagonal of Z Lambda Omega^-1 Lambda' Z' (n,)."""
        inverse = selected_inverse(self._sweep(theta))
        # Every row has one level of every factor: equally many elements.
        index = self.Z.indices.reshape(self.n, -1).astype(np.intp)
        return quadratic_forms(inverse, index, self.Z.data.reshape(self.n, -1))[0]

    def effect_covariances(self, theta: Array) -> tuple[Array, ...]:
        """Diagonal blocks of the selected inverse (J, q, q)."""
        inverse = sp.coo_array(selected_inverse(self._sweep(theta)))
        row, column = inverse.coords
        out: list[Array] = []
        first = 0
        for J, factor in zip(self.levels, self.covariance.factors, strict=True):
            q = factor.size
            level, other = (row - first) // q, (column - first) // q
            own = (level == other) & (row >= first) & (row < first + J * q)
            block = np.empty((J, q, q))
            a, b = (row[own] - first) % q, (column[own] - first) % q
            block[level[own], a, b] = inverse.data[own]
            T = self.Ts[len(out)]
            out.append(T @ block @ T.T)
            first += J * q
        return tuple(out)

    def effects_of(self, theta: Array, rows: Array) -> tuple[Array, ...]:
        """Random effects (J, q, c) of each factor that `rows` (n, c) imply."""
        return self._on_data(solve(self._sweep(theta), self.Z.T @ rows)[1])

    def effect_variances(
        self, theta: Array, codes: tuple[NDArray[np.intp], ...], Z: tuple[Array, ...]
    ) -> Array:
        """By the selected inverse where it has all that a row needs, else by solving for it."""
        sweep = self._sweep(theta)
        whitened = tuple(combine(own, T) for own, T in zip(Z, self.Ts, strict=True))
        index, value = self._elements(codes, whitened)
        out, known = quadratic_forms(selected_inverse(sweep), index, value)
        unknown = np.flatnonzero(~known)
        for first in range(0, len(unknown), LEVELS_AT_ONCE):
            part = unknown[first : first + LEVELS_AT_ONCE]
            right = np.zeros((self.Z.shape[1], len(part)))
            right[index[part], np.arange(len(part))[:, None]] += value[part]
            out[part] = (right * solve(sweep, right)[1]).sum(axis=0)
        return out

    def hessian(self, theta: Array, reml: bool) -> Array:
        """Hessian (T, T): exact, or fourth-order central differences of the exact gradient."""
        if self.dear is None:
            found = self.evaluate(theta[None], reml, 2).hessian
            assert found is not None
            return np.asarray(found[0])
        H = np.empty((theta.size, theta.size))
        for k in range(theta.size):
            step = np.zeros_like(theta)
            step[k] = WIDE_DIFFERENCE * (1 + abs(theta[k]))
            near = self._at(theta + step, reml, 1)[1] - self._at(theta - step, reml, 1)[1]
            far = self._at(theta + 2 * step, reml, 1)[1] - self._at(theta - 2 * step, reml, 1)[1]
            H[k] = (8 * near - far) / (12 * step[k])
        symmetric: Array = (H + H.T) / 2
        return symmetric

    def v_inverse(self, theta: Array, rows: Array) -> Array:
        """V^-1 rows (n, c)."""
        sweep = self._sweep(theta)
        fitted: Array = self.Z @ solve(sweep, self.Z.T @ rows)[1]
        return rows - fitted

    def own_v_inverse_Z(self, theta: Array, factor: int) -> Array:
        """Rows of V^-1 Z_f at the row's own level (n, q), a few levels at a time."""
        sweep = self._sweep(theta)
        sizes = [f.size for f in self.covariance.factors]
        q, J = sizes[factor], self.levels[factor]
        first = sum(s * n for s, n in zip(sizes[:factor], self.levels[:factor], strict=True))
        columns = sp.csc_array(self.Z)[:, first : first + J * q]
        own = sp.csr_array(columns).indices.reshape(self.n, -1)[:, 0] // q
        out = np.empty((self.n, q))
        for start in range(0, J, LEVELS_AT_ONCE):
            stop = min(J, start + LEVELS_AT_ONCE)
            part = columns[:, start * q : stop * q].toarray()
            effects = solve(sweep, self.Z.T @ part)[1]
            rows = np.flatnonzero((own >= start) & (own < stop))
            full = (part[rows] - self.Z[rows] @ effects).reshape(len(rows), -1, q)
            out[rows] = full[np.arange(len(rows)), own[rows] - start]
        return np.asarray(np.linalg.solve(self.Ts[factor].T, out.T).T)

    def _sweep(self, theta: Array) -> Sweep:
        templates = [factor.Lambda(theta) for factor in self.covariance.factors]
        return eliminate(self.start, templates, list(self.levels))

    def _at(self, theta: Array, reml: bool, order: int) -> tuple[float, Array]:
        sweep = self._sweep(theta)
        tail = _profile(sweep.tt)
        df = self.n - self.p if reml else self.n
        log_det = np.array([sweep.log_det_V])
        value = float(criterion_value(log_det, tail, df, reml)[0])
        gradient = np.empty_like(theta)
        if order == 0:
            return value, gradient
        v = np.append(-tail.gamma[:, 0], 1.0)
        adjoint = df / tail.r2[0] * np.outer(v, v)
        if reml and self.p:
            root = np.linalg.inv(tail.C[..., 0])
            adjoint[: self.p, : self.p] += root.T @ root
        for factor, S_bar in zip(self.covariance.factors, by_S(sweep, adjoint), strict=True):
            gradient[factor.theta_index] = factor.gradient((S_bar + S_bar.T) / 2, theta)
        return value, gradient

    def _parts(self, theta: Array, order: int) -> tuple[tuple[float, float], Array]:
        """log|V| and r2 at one point, and their gradients (2, T)."""
        sweep = self._sweep(theta)
        tail = _profile(sweep.tt)
        gradients = np.zeros((2, theta.size))
        if order:
            v = np.append(-tail.gamma[:, 0], 1.0)
            nothing = by_S(sweep, np.zeros((v.size, v.size)))
            both = by_S(sweep, np.outer(v, v))
            for factor, one, sum_ in zip(self.covariance.factors, nothing, both, strict=True):
                for k, S_bar in enumerate((one, sum_ - one)):
                    K = (S_bar + S_bar.T) / 2
                    gradients[k, factor.theta_index] = factor.gradient(K, theta)
        return (sweep.log_det_V, float(tail.r2[0])), gradients

    def _hessian(self, theta: Array, gradient: Array, reml: bool) -> Array:
        H = np.empty((theta.size, theta.size))
        for k in range(theta.size):
            step = np.zeros_like(theta)
            step[k] = DIFFERENCE * (1 + abs(theta[k]))
            H[k] = (self._at(theta + step, reml, 1)[1] - gradient) / step[k]
        symmetric: Array = (H + H.T) / 2
        return symmetric

    def _by_factor(self, values: Array) -> tuple[Array, ...]:
        """Values (m, ...) of all levels, factor by factor: (J, q, ...)."""
        shapes = [(J, f.size) for J, f in zip(self.levels, self.covariance.factors, strict=True)]
        ends = np.cumsum([J * q for J, q in shapes])[:-1]
        return tuple(
            part.reshape(*shape, *values.shape[1:])
            for part, shape in zip(np.split(values, ends), shapes, strict=True)
        )

    def _on_data(self, values: Array) -> tuple[Array, ...]:
        """Effects (m, ...) on whitened columns as effects on the data's, factor by factor."""
        parts = zip(self.Ts, self._by_factor(values), strict=True)
        return tuple(np.asarray(np.einsum("ab,jb...->ja...", T, part)) for T, part in parts)

    def _elements(
        self, codes: tuple[NDArray[np.intp], ...], Z: tuple[Array, ...]
    ) -> tuple[NDArray[np.intp], Array]:
        """Elements of rows in the order of the eliminated effects: where (m, k) and what (m, k)."""
        index, value, first = [], [], 0
        for code, own, J in zip(codes, Z, self.levels, strict=True):
            q = own.shape[1]
            index.append(first + np.maximum(code, 0)[:, None] * q + np.arange(q))
            value.append(np.where(code[:, None] < 0, 0.0, own))
            first += J * q
        return np.concatenate(index, axis=1), np.concatenate(value, axis=1)


def several_factors(
    covariance: Covariance,
    Zs: list[Array],
    codes: list[NDArray[np.intp]],
    levels: tuple[int, ...],
    Q: Array,
    y: Array,
    Ts: list[Array] | None = None,
) -> SeveralFactorsProblem:
    """Take the cross-products of the factors' weighted rows `Zs` (n, q), of Q and of y.

    The rows' columns are whitened by `Ts`, one (q, q) a factor; None: they are the data's own.
    """
    factors = zip(Zs, codes, levels, strict=True)
    Z = sp.csr_array(sp.hstack([_indicator_rows(*factor) for factor in factors]))
    tail = np.column_stack([Q, y])
    start = cross_products(covariance, levels, Z, tail)
    whitened = tuple(Ts or [np.eye(Z.shape[1]) for Z in Zs])
    return SeveralFactorsProblem(covariance, Z, levels, start, Q, whitened)


def cross_products(
    covariance: Covariance, levels: tuple[int, ...], Z: sp.csr_array, tail: Array
) -> Reduced:
    """Cross-products of Z (n, m) and of the tail [X y] (n, p + 1)."""
    sizes = [factor.size for factor in covariance.factors]
    return begin(sp.csr_array(Z.T @ Z), Z.T @ tail, tail.T @ tail, sizes, list(levels))


def _indicator_rows(Z: Array, codes: NDArray[np.intp], levels: int) -> sp.csr_array:
    n, q = Z.shape
    columns = codes[:, None] * q + np.arange(q)
    starts = np.arange(0, n * q + 1, q)
    return sp.csr_array((Z.ravel(), columns.ravel(), starts), shape=(n, levels * q))


def _profile(tt: Array) -> Tail:
    return profile_out(tt[:-1, :-1, None], tt[:-1, -1:], tt[-1, -1:])
