"""What a worker does in a study: a data set, its fit, its bootstraps, their intervals."""

import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.bootstrap.bootstrap_mer import bootstrap_mer
from pybootmlm.bootstrap.intervals.boot_ci import boot_ci
from pybootmlm.bootstrap.result import BootResult
from pybootmlm.exceptions import IntervalWarning, PybootmlmError, PybootmlmWarning
from pybootmlm.execution.stopping import Stopped
from pybootmlm.inference.influence import empinf_merm
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.lmer import lmer
from pybootmlm.resampling.scheme import Scheme
from pybootmlm.study.design import StudyDesign
from pybootmlm.study.effect_size import VARIANCE

Array = NDArray[np.float64]
Problems = Counter[str]
NUMBERS = re.compile(r"(?<![\w.])-?\d+(\.\d+)?(e[+-]?\d+)?")


@dataclass(frozen=True)
class Settings:
    """What is done with every data set.

    Attributes
    ----------
    schemes : tuple of Scheme
    intervals : tuple of str
    nsim : int
    level : float
    reml : bool
    seed : int
    """

    schemes: tuple[Scheme, ...]
    intervals: tuple[str, ...]
    nsim: int
    level: float
    reml: bool
    seed: int


@dataclass(frozen=True)
class DataSets:
    """A task: data sets of one design, by their numbers."""

    design: int
    first: int
    count: int


@dataclass(frozen=True)
class Intervals:
    """What became of a task.

    Attributes
    ----------
    design, first : int
        The design, and the first of the data sets.
    limits : (K, schemes, intervals, estimands, 2) array
        Limits of each data set; NaN where there is no interval.
    problems : Counter of str
        Why not, and how often.
    interrupted : bool
    """

    design: int
    first: int
    limits: Array
    problems: Problems
    interrupted: bool = False


@dataclass(frozen=True)
class Coverage:
    """The work of a study.

    Attributes
    ----------
    designs : tuple of StudyDesign
    settings : Settings
    """

    designs: tuple[StudyDesign, ...]
    settings: Settings

    def prepared(self) -> Callable[[DataSets, Stopped], Intervals]:
        """The function of a task."""
        return self.run

    def run(self, task: DataSets, stopped: Stopped) -> Intervals:
        """Intervals of the data sets of a task."""
        design, problems = self.designs[task.design], Problems()
        limits = []
        try:
            for k in range(task.first, task.first + task.count):
                if stopped():
                    break
                limits.append(intervals_of(design, k, self.settings, problems))
        except KeyboardInterrupt:
            pass
        shape = shape_of(design, self.settings)
        found = np.array(limits).reshape(len(limits), *shape)
        return Intervals(task.design, task.first, found, problems, len(limits) < task.count)


def shape_of(design: StudyDesign, settings: Settings) -> tuple[int, int, int, int]:
    """Schemes, kinds of intervals, estimands, and 2."""
    return len(settings.schemes), len(settings.intervals), len(design.truth), 2


def intervals_of(design: StudyDesign, k: int, settings: Settings, problems: Problems) -> Array:
    """Limits (schemes, intervals, estimands, 2) of data set `k` of a design.

    The data set depends on the seed, the design and its number: neither on the other designs nor
    on how many data sets there are.
    """
    own = int.from_bytes(hashlib.sha256(repr(design).encode()).digest()[:8], "little")
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(own, k)))
    limits = np.full(shape_of(design, settings), np.nan)
    with warnings.catch_warnings():
        # Fits on the boundary are what is studied; intervals from few replicates too.
        warnings.simplefilter("ignore", PybootmlmWarning)
        warnings.simplefilter("ignore", IntervalWarning)
        try:
            fit = lmer(design.formula, design.data(rng), reml=settings.reml)
        except PybootmlmError as error:
            problems[f"fit: {_said(error)}"] += 1
            return limits
        L = _influence(fit, design, problems) if "bca" in settings.intervals else None
        for s, scheme in enumerate(settings.schemes):
            seed = int(rng.integers(2**63))
            try:
                boot = bootstrap_mer(
                    fit, design.statistic, settings.nsim, scheme, rng=seed, n_jobs=1
                )
            except PybootmlmError as error:
                problems[f"{scheme.name}: {_said(error)}"] += 1
                continue
            for i, kind in enumerate(settings.intervals):
                for e, estimand in enumerate(design.truth):
                    try:
                        limits[s, i, e] = _limits(boot, estimand, kind, settings.level, L)
                    except PybootmlmError as error:
                        problems[f"{scheme.name}, {kind}, {estimand}: {_said(error)}"] += 1
    return limits


def _influence(fit: LmerFit, design: StudyDesign, problems: Problems) -> Any:
    try:
        return empinf_merm(fit, design.statistic)
    except PybootmlmError as error:
        problems[f"influence values: {_said(error)}"] += 1
        return None


def _limits(
    boot: BootResult, estimand: str, kind: str, level: float, L: Any
) -> tuple[float, float]:
    if kind == "bca" and L is None:
        return np.nan, np.nan  # counted once, where the influence values failed
    index = (estimand, VARIANCE + estimand) if kind == "stud" else estimand
    found = boot_ci(boot, index, conf=level, type=kind, L=L if kind == "bca" else None)
    return found.intervals[0].lower, found.intervals[0].upper


def _said(error: Exception) -> str:
    """What an error says, without its numbers, so that equal troubles count as one."""
    return f"{type(error).__name__}: {NUMBERS.sub('#', str(error))}"


def tasks_of(done: NDArray[np.bool_], each: int) -> Iterator[DataSets]:
    """Tasks of at most `each` data sets, without those that are `done` (designs, datasets).

    The designs take turns, so that what is finished at any time says as much about each.
    """
    designs, datasets = done.shape
    for start in range(0, datasets, each):
        for d in range(designs):
            missing = start + np.flatnonzero(~done[d, start : start + each])
            for run in np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1):
                if len(run):
                    yield DataSets(d, int(run[0]), len(run))
