"""pybootmlm, as the harness sees it."""

import warnings
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import pybootmlm as bm
from parity.cases import Model
from parity.probes import probe_of
from parity.values import Value
from pybootmlm.exceptions import SingularFitWarning


class NativeFit:
    """One model fitted by pybootmlm."""

    def __init__(self, fit: bm.LmerFit) -> None:
        self._fit = fit

    @property
    def fit(self) -> bm.LmerFit:
        """The fit itself, for proofs that change it."""
        return self._fit

    @property
    def theta(self) -> NDArray[np.float64]:
        """Estimate ``(t,)``."""
        return self._fit.theta

    def criterion(self, theta: NDArray[np.float64]) -> float:
        """Return the criterion at a theta."""
        return float(self._fit.at_theta(theta).criterion)

    def derivatives(
        self, theta: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return gradient ``(t,)`` and Hessian ``(t, t)`` of the criterion at a theta."""
        problem, reml = self._fit.model.problem, self._fit.reml
        gradient = problem.evaluate(theta[None], reml, 1).gradient
        assert gradient is not None
        return gradient[0], problem.hessian(theta, reml)

    def quantity(self, name: str, theta: NDArray[np.float64] | None = None, **inputs: Any) -> Value:
        """Compute a probe's Python side, at `theta` if one is given."""
        fit = self._fit if theta is None else self._fit.at_theta(theta)
        return probe_of(name).compute(fit, inputs)


class Native:
    """The library pybootmlm."""

    name = "pybootmlm"
    reference = True  # deviations.toml says where R and it differ; it stands in for R as a judge

    def versions(self) -> Mapping[str, str]:
        """Return the version of pybootmlm."""
        return {"pybootmlm": version("pybootmlm")}

    def fit(self, model: Model, data: pd.DataFrame) -> NativeFit:
        """Fit a model; a singular optimum is an answer, not a warning."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SingularFitWarning)
            return NativeFit(
                bm.lmer(
                    model.formula,
                    data,
                    reml=model.reml,
                    weights=model.weights,
                    offset=model.offset,
                    na_action=model.na_action or "omit",
                )
            )

    def compute(self, name: str, inputs: Mapping[str, Any]) -> Value:
        """Compute a quantity that needs no model."""
        return probe_of(name).compute(None, inputs)
