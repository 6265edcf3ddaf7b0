"""What the harness's own tests share: the catalogue, the recorded oracle, perturbed sides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from parity.cases import Case, Model, load_cases
from parity.deviations import load_deviations
from parity.implementation import Fitted
from parity.implementations import Native
from parity.oracles.independent import IndependentOracle
from parity.oracles.published import PublishedOracle
from parity.oracles.recorded import RecordedOracle
from parity.run import Runner
from parity.tolerances import load_tolerances
from parity.values import Value

Change = Callable[[str, Value], Value]


@dataclass
class PerturbedFit:
    """A fit whose quantities are changed on the way out."""

    fit: Fitted
    change: Change

    @property
    def theta(self) -> np.ndarray:
        return self.fit.theta

    def criterion(self, theta: np.ndarray) -> float:
        return self.fit.criterion(theta)

    def quantity(self, name: str, theta: np.ndarray | None = None, **inputs: Any) -> Value:
        return self.change(name, self.fit.quantity(name, theta, **inputs))


@dataclass
class Perturbed:
    """pybootmlm with an error put in."""

    change: Change
    name: str = "perturbed"
    reference: bool = True
    native: Native = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.native = Native()

    def versions(self) -> Mapping[str, str]:
        return self.native.versions()

    def fit(self, model: Model, data: pd.DataFrame) -> PerturbedFit:
        return PerturbedFit(self.native.fit(model, data), self.change)

    def compute(self, name: str, inputs: Mapping[str, Any]) -> Value:
        return self.change(name, self.native.compute(name, inputs))


def with_numbers(value: Value, numbers: np.ndarray) -> Value:
    return replace(value, numbers=numbers)


@pytest.fixture(scope="session")
def catalogue() -> tuple[Case, ...]:
    return load_cases()


@pytest.fixture(scope="session")
def case_of(catalogue: tuple[Case, ...]) -> Callable[[str], Case]:
    by_id = {case.id: case for case in catalogue}
    return by_id.__getitem__


@pytest.fixture(scope="session")
def recorded() -> RecordedOracle:
    return RecordedOracle()


@pytest.fixture(scope="session")
def make_runner(recorded: RecordedOracle) -> Callable[..., Runner]:
    def make(implementation=None, oracle=None, deviations=None) -> Runner:
        return Runner(
            implementation or Native(),
            oracle or IndependentOracle(PublishedOracle(recorded)),
            load_tolerances(),
            load_deviations() if deviations is None else deviations,
        )

    return make


@pytest.fixture(scope="session")
def perturbed() -> type[Perturbed]:
    return Perturbed
