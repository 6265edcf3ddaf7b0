"""A few results computed from nothing: ``python -m parity.validation.rerun 1 2`` prints them.

The arguments are numbers of workers of ours. What is computed is written as hexadecimal doubles,
so that two runs can be compared bit by bit.
"""

import json
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import pybootmlm as bm

MODELS = {
    "Dyestuff": "Yield ~ 1 + (1 | Batch)",
    "sleepstudy": "Reaction ~ Days + (Days | Subject)",
    "hsb": "mathach ~ meanses + ses + (ses | id)",
    "Penicillin": "diameter ~ 1 + (1 | plate) + (1 | sample)",
}
TYPES = ("parametric", "residual", "residual_cgr", "residual_trans", "reb", "case")
_NSIM = 300  # more than one batch, so that threads have something to share


def computed(n_jobs: int = 1) -> Mapping[str, list[float]]:
    """Return fits, bootstraps from R's streams and NumPy's, and intervals, as flat numbers."""
    warnings.simplefilter("ignore")
    found: dict[str, list[float]] = {}
    fits = {name: bm.lmer(formula, bm.load_dataset(name)) for name, formula in MODELS.items()}
    for name, fit in fits.items():
        found[f"fit of {name}"] = [*fit.theta, *fit.beta, fit.sigma, fit.criterion]
    slope = fits["sleepstudy"]
    for type_ in TYPES:
        for kind, rng in (("R", bm.RStream(85957)), ("NumPy", 85957)):
            boot = bm.bootstrap_mer(slope, _statistic, _NSIM, type=type_, rng=rng, n_jobs=n_jobs)
            found[f"{type_} bootstrap, {kind} stream"] = np.asarray(boot.t).ravel().tolist()
    boot = bm.bootstrap_mer(fits["Dyestuff"], "icc", 200, type="residual", rng=bm.RStream(1))
    found["intervals of the ICC"] = np.asarray(boot.confint(type="perc")).ravel().tolist()
    return found


def _statistic(fit: Any) -> Any:
    return np.r_[fit.beta, fit.sigma, fit.theta]


def main(threads: Sequence[str]) -> None:
    """Print one JSON line: by number of threads of ours, then by quantity."""
    lines = {n: computed(int(n)) for n in threads}
    document = {
        jobs: {key: [float(x).hex() for x in numbers] for key, numbers in found.items()}
        for jobs, found in lines.items()
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main(sys.argv[1:])
