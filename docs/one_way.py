"""An implementation that parity can test: random intercepts, by textbook algebra."""

import numpy as np
from scipy.optimize import minimize_scalar

from parity.errors import NotProvidedError
from parity.implementations import ModelsOnly


class OneWay(ModelsOnly):
    """Fits ``y ~ 1 + (1 | g)``, and can be asked at any theta."""

    name = "one_way"

    def versions(self):
        """Say what the report should name."""
        return {"one_way": "1.0"}

    def fit(self, model, data):
        """Fit by REML or ML."""
        response, _, right = model.formula.partition(" ~ 1 + (1 | ")
        group = right.rstrip(")")
        if group not in data.columns or model.weights or model.offset:
            raise NotProvidedError("one_way fits y ~ 1 + (1 | g), without weights")
        same = data[group].to_numpy()[:, None] == data[group].to_numpy()
        return OneWayFit(data[response].to_numpy(dtype=float), same, model.reml)


class OneWayFit:
    """A fit: a theta, the criterion at any other, and quantities by name."""

    def __init__(self, y, same, reml):
        self.y, self.same, self.reml = y, same, reml
        found = minimize_scalar(
            lambda t: self.criterion([t]), bounds=(0, 9), options={"xatol": 1e-9}
        )
        self.theta = np.array([found.x])

    def criterion(self, theta):
        """Return the deviance or the REML criterion."""
        return self.solve(theta)[2]

    def quantity(self, name, theta=None, **_inputs):
        """Return what parity asks for, under lme4's names."""
        mean, sigma, criterion = self.solve(self.theta if theta is None else theta)
        known = {
            "fixef": {"(Intercept)": mean},
            "sigma": sigma,
            "criterion": criterion,
            "optimum": {"theta1": self.theta[0], "criterion": criterion},
        }
        if name not in known:
            raise NotProvidedError(f"one_way does not provide '{name}'")
        return known[name]

    def solve(self, theta):
        """Return mean, residual deviation and criterion at a theta."""
        n, ones = len(self.y), np.ones(len(self.y))
        V = np.eye(n) + theta[0] ** 2 * self.same
        weights = np.linalg.solve(V, ones)
        mean = weights @ self.y / weights.sum()
        df = n - self.reml
        r2 = (self.y - mean) @ np.linalg.solve(V, self.y - mean)
        logs = np.linalg.slogdet(V)[1] + self.reml * np.log(weights.sum())
        criterion = logs + df * (1 + np.log(2 * np.pi * r2 / df))
        return mean, np.sqrt(r2 / df), criterion
