"""The bootstraps of bootmlm's vignette `compare`, run from nothing but the seed and the data."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value

# In one stream and in this order, as the vignette runs them.
_RUNS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("parametric", {"type": "parametric"}),
    ("residual", {"type": "residual"}),
    ("residual_cgr", {"type": "residual_cgr"}),
    ("residual_trans", {"type": "residual_trans"}),
    ("residual_trans_corrected", {"type": "residual_trans", "corrected_trans": True}),
    ("reb", {"type": "reb"}),
    ("reb_scale", {"type": "reb", "reb_scale": True}),
    ("case", {"type": "case"}),
    ("case_lv1_resample", {"type": "case", "lv1_resample": True}),
)
_NSIM = 999


def _compute(_fit: Any, inputs: Mapping[str, Any]) -> Value:
    fit, boots = vignette()
    if inputs["part"] == "fit":
        variances = fit.varcorr.to_frame(order="cov.last")["vcov"].to_numpy()
        names = ("rows", "criterion", "variance of schools", "residual variance", "intercept",
                 "standard error", "icc")  # fmt: skip
        numbers = [fit.nobs, fit.criterion, *variances, *fit.fixef, *fit.std_errors, icc(fit)]
        return Value.of(numbers, names)
    boot = boots[inputs["run"]]
    if inputs["part"] == "moments":
        return Value.of({"bias": boot.bias.iloc[0], "SE": boot.std_error.iloc[0]})
    limits: dict[str, float] = {}
    for kind in inputs["kinds"]:
        L = bm.empinf_mer(fit, icc) if kind == "bca" else None
        lower, upper = boot.confint(type=kind, L=L).iloc[0]
        limits |= {f"{kind} lower": lower, f"{kind} upper": upper}
    return Value.of(limits)


def icc(fit: Any) -> float:
    """Return the intraclass correlation as the vignette writes it."""
    return float(1 / (1 + fit.theta[0] ** -2)) if fit.theta[0] else 0.0


@cache
def vignette() -> tuple[Any, Mapping[str, bm.BootResult]]:
    """Sample the data, fit the model and run the nine bootstraps, all from ``set.seed(85957)``."""
    stream = bm.RStream(85957)
    data = subset(stream)
    fit = bm.lmer("popular ~ (1 | school)", data)
    boots = {name: bm.bootstrap_mer(fit, icc, _NSIM, rng=stream, **run) for name, run in _RUNS}
    return fit, boots


def subset(stream: bm.RStream) -> pd.DataFrame:
    """Sample 30 schools, then a quarter of each one's pupils."""
    pupils = bm.load_dataset("pop_syn")
    chosen = stream.sample(np.asarray(pd.unique(pupils["school"])), 30)
    pupils = pupils[pupils["school"].isin(chosen)].reset_index(drop=True)
    rows: list[int] = []
    for _, school in pupils.groupby("school", sort=True, observed=True):
        drawn = stream.sample_index(len(school), round(len(school) * 0.25))
        rows += school.index[drawn].tolist()
    return pupils.loc[rows].reset_index(drop=True)


PROBE = Probe(
    name="published",
    what="the table printed in bootmlm's vignette `compare`",
    package="published",
    r="the vignette: set.seed(85957), a sample of pop_syn, nine bootstraps of 999 replicates",
    python="the same from RStream(85957)",
    compute=_compute,
    judge="printed",
)
