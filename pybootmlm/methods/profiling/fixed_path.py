"""The deviance along a fixed effect: its column of X is moved to the other side."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.one_factor.block_criterion import evaluate
from pybootmlm.lmm.one_factor.moments import Moments, group_rows
from pybootmlm.lmm.one_factor.problem import OneFactorProblem
from pybootmlm.lmm.problem import Problem
from pybootmlm.lmm.several_factors.problem import SeveralFactorsProblem
from pybootmlm.lmm.standardise import Coordinates
from pybootmlm.methods.profiling.path import Place

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FixedPath:
    """A `Path` along a fixed effect.

    Attributes
    ----------
    fit : LmerFit
        By maximum likelihood.
    position : int
        Which fixed effect.
    """

    fit: "LmerFit"
    position: int

    lower = -np.inf
    upper = np.inf

    @property
    def estimate(self) -> float:
        """See `Path`."""
        return float(self.fit.beta[self.position])

    @property
    def scale(self) -> float:
        """See `Path`."""
        return 0.25 * float(self.fit.std_errors.iloc[self.position])

    @cached_property
    def start(self) -> Array:
        """See `Path`."""
        return self.fit.model.search.to_search(self.fit.theta)

    @cached_property
    def coordinates(self) -> Coordinates:
        """Coordinates of the other columns of X; the response in them is measured as in the fit's.

        Their `beta_ols` is zero: what is moved to the other side is y - X beta of the fit.
        """
        whole = self.fit.model.coordinates
        X = np.delete(self.fit.design.X, self.position, axis=1)
        Q, R = np.linalg.qr(whole.weigh(X))
        return Coordinates(Q, R, np.zeros(X.shape[1]), whole.scale, whole.root_weights, None)

    @cached_property
    def sides(self) -> tuple[Array, Array]:
        """Standardised y - X beta and x (n,), without their parts in the other columns."""
        design = self.fit.design
        mean = design.X @ self.fit.beta
        if design.offset is not None:
            mean = mean + design.offset
        nothing = np.zeros(len(mean))
        left = self.coordinates.residual(design.y - mean, nothing)
        return left, self.coordinates.residual(design.X[:, self.position], nothing)

    def fallback(self, value: float) -> Array:  # noqa: ARG002 (theta does not hang on it)
        """See `Path`: random effects of unit size, relative to sigma and to the data."""
        return self.fit.model.search.starts((1.0,))[0]

    def evaluate(self, values: Array, points: Array, order: int) -> Evaluation:
        """See `Path`."""
        search = self.fit.model.search
        phi, steps = search.phi(points), values - self.estimate
        problem = self._problem
        if isinstance(problem, OneFactorProblem):
            found = evaluate(self._moments(steps), problem.covariance, phi, False, order)
        else:
            parts = [
                self._several(s).evaluate(t[None], False, order)
                for s, t in zip(steps, phi, strict=True)
            ]
            found = Evaluation(
                np.concatenate([part.value for part in parts]),
                *(
                    None if order < k else np.concatenate([getattr(p, name) for p in parts])
                    for k, name in ((1, "gradient"), (2, "hessian"))
                ),
            )
        found = search.pull(points, found)
        whole = self.fit.model.coordinates
        constant = 2 * self.fit.nobs * np.log(whole.scale) - whole.log_weights
        return replace(found, value=found.value + constant)

    def place(self, value: float, point: Array) -> Place:
        """See `Path`."""
        search = self.fit.model.search
        step = value - self.estimate
        y = self.sides[0] - step * self.sides[1]
        state = self._with_response(y).state(search.phi(point))
        coordinates = self.coordinates
        sigma = float(np.sqrt(state.tail.r2[0] / self.fit.nobs)) * coordinates.scale
        # Both sides lack their parts in the other columns: what x had there comes back.
        x = coordinates.weigh(self.fit.design.X[:, self.position])
        moved = coordinates.beta(-step / coordinates.scale * coordinates.Q.T @ x)
        others = np.delete(self.fit.beta, self.position)
        others = others + self._ols + moved + coordinates.beta(state.tail.gamma[:, 0])
        beta = np.insert(others, self.position, value)
        matrices = self.fit.labels.covariance.term_matrices(search.theta(point))
        covariances = tuple(sigma**2 * L @ L.T for L in matrices)
        return Place(covariances, self.fit.labels.covariance.templates, sigma, beta)

    @cached_property
    def _ols(self) -> Array:
        """Least-squares coefficients (p - 1,) of y - X beta on the other columns."""
        design, coordinates = self.fit.design, self.coordinates
        mean = design.X @ self.fit.beta
        if design.offset is not None:
            mean = mean + design.offset
        rest = coordinates.Q.T @ coordinates.weigh(design.y - mean)
        return coordinates.beta(rest / coordinates.scale)

    @cached_property
    def _problem(self) -> Problem:
        return self._with_response(self.sides[0])

    def _with_response(self, y: Array) -> Problem:
        """In the parameters of the search."""
        model, Q = self.fit.model, self.coordinates.Q
        problem = model.problem.with_covariance(model.search.covariance)
        if isinstance(problem, OneFactorProblem):
            qr = problem.rows.qr
            rows = group_rows(problem.Z, qr.codes, qr.n_groups, Q)
            return replace(problem, rows=rows, Q=Q, y=y)
        assert isinstance(problem, SeveralFactorsProblem)
        tail = np.column_stack([Q, y])
        start = problem.start.with_tail(problem.Z.T @ tail, tail.T @ tail)
        return replace(problem, start=start, Q=Q)

    @cached_property
    def _both(self) -> tuple[Moments, float]:
        """Moments of the two sides as two responses, and what they share within groups."""
        problem = self._problem
        assert isinstance(problem, OneFactorProblem)
        columns = np.column_stack(self.sides)
        moments = problem.rows.moments(columns)
        within = problem.rows.qr.residual(columns, moments.fy)
        return moments, float(within[:, 0] @ within[:, 1])

    def _moments(self, steps: Array) -> Moments:
        """Moments of the responses y - step x (B,)."""
        both, shared = self._both

        def mixed(values: Array, axis: int) -> Array:
            one, other = (values.take([k], axis=axis) for k in range(2))
            shape = [1] * values.ndim
            shape[axis] = len(steps)
            return np.asarray(one - steps.reshape(shape) * other)

        return replace(
            both,
            fy=mixed(both.fy, 1),
            WXy=mixed(both.WXy, 1),
            Wyy=both.Wyy[0] - 2 * steps * shared + steps**2 * both.Wyy[1],
            n=np.full(len(steps), float(self.fit.nobs)),
        )

    def _several(self, step: float) -> SeveralFactorsProblem:
        """The problem of the response y - step x, from cross-products."""
        problem = self._problem
        assert isinstance(problem, SeveralFactorsProblem)
        Zt, tt = problem.start.Zt.copy(), problem.start.tt.copy()
        Zx, xx, xy = self._of_x
        Zt[:, -1] -= step * Zx
        tt[-1, -1] += step * (step * xx - 2 * xy)
        return replace(problem, start=problem.start.with_tail(Zt, tt))

    @cached_property
    def _of_x(self) -> tuple[Array, float, float]:
        problem = self._problem
        assert isinstance(problem, SeveralFactorsProblem)
        left, x = self.sides
        return problem.Z.T @ x, float(x @ x), float(x @ left)
