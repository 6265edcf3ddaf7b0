"""Responses simulated by the method of a fit, on R's own stream."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.new_rows import arguments_of
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    given = arguments_of(fit, inputs)
    given |= {name: inputs[name] for name in ("use_u", "cond_sim") if name in inputs}
    rng = bm.RStream(inputs["seed"])
    return Value.of(fit.simulate(inputs["nsim"], rng=rng, **given).to_numpy())


PROBE = Probe(
    name="simulated",
    what="simulated responses",
    package="lme4",
    r="set.seed(seed); simulate(m, nsim, use.u, re.form, newdata)",
    python="fit.simulate(nsim, use_u=..., re_form=..., newdata=..., rng=RStream(seed))",
    compute=_compute,
    record="methods",
)
